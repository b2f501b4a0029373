"""What both sides approved stays as it was, whatever the org says later."""

import pytest
from django.utils import timezone

from integrations.models import CheckRun, Snapshot
from integrations.snapshots.taking import snapshot_store
from tests.factories import ConnectionFactory
from tests.integrations.checks.surveys import a_context, healthy

pytestmark = pytest.mark.django_db


def taken(epoch, snapshot, reference="", **answers):
    run = CheckRun.objects.create(
        epoch=epoch,
        reason=CheckRun.Reason.ASKED,
        snapshot=snapshot,
        reference=reference,
        ended_at=timezone.now(),
    )
    return snapshot_store(survey=healthy(**answers), context=a_context(), run=run)


def test_a_baseline_that_is_asked_for_again_keeps_its_content_and_its_moment():
    epoch = ConnectionFactory().epoch
    first = taken(epoch, "baseline", "test-run-1")
    taken(epoch, "baseline", "test-run-1", campaign=None)
    kept = Snapshot.objects.get()
    assert (kept.content_hash, kept.taken_at) == (first.content_hash, first.taken_at)
    assert kept.content == first.content


def test_there_is_one_current_snapshot_whatever_it_was_asked_for():
    epoch = ConnectionFactory().epoch
    taken(epoch, "current", "test-run-1")
    taken(epoch, "current")
    assert Snapshot.objects.get().reference == ""
