"""Which snapshots are kept: the current one of an org, and baselines."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import CheckRun, OrgEpoch, Snapshot
from integrations.salesforce.errors import SalesforceError
from integrations.snapshots.content import Content
from integrations.snapshots.taking import NEEDS, content_of, snapshot_store
from tests.factories import ConnectionFactory
from tests.integrations.checks.surveys import CAMPAIGN, a_context, healthy

pytestmark = pytest.mark.django_db


@pytest.fixture
def epoch() -> OrgEpoch:
    """The org of a connection."""
    return ConnectionFactory().epoch


def a_run(epoch: OrgEpoch, snapshot: str, reference: str = "") -> CheckRun:
    """A run that asked for a snapshot, and has ended."""
    return CheckRun.objects.create(
        epoch=epoch,
        reason=CheckRun.Reason.ASKED,
        snapshot=snapshot,
        reference=reference,
        ended_at=timezone.now(),
    )


def taken(run: CheckRun, **answers) -> Snapshot | None:
    """What the run stores of an org that answers so."""
    return snapshot_store(survey=healthy(**answers), context=a_context(), run=run)


def test_it_reads_what_it_says_it_needs():
    survey = healthy()
    content_of(survey, a_context(turns=[("005000000000001AAA", "Ada")]))
    assert survey.read == set(NEEDS)


def test_the_current_snapshot_of_an_org_is_replaced_by_the_next(epoch):
    with time_machine.travel(datetime(2026, 11, 18, 14, 31, tzinfo=UTC), tick=False):
        first = taken(a_run(epoch, "current"))
    with time_machine.travel(datetime(2026, 11, 19, 9, 0, tzinfo=UTC), tick=False):
        second = taken(a_run(epoch, "current"), campaign=None)
    stored = Snapshot.objects.get()
    assert stored.pk == first.pk == second.pk
    assert stored.taken_at == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert stored.content_hash == Content.from_json(stored.content).hash != first.content_hash


def test_an_unchanged_org_has_the_same_hash(epoch):
    assert taken(a_run(epoch, "current")).content_hash == (
        taken(a_run(epoch, "baseline", "test-run-1")).content_hash
    )


def test_a_baseline_is_kept_for_each_reference_as_it_was_first(epoch):
    taken(a_run(epoch, "baseline", "test-run-1"))
    taken(a_run(epoch, "baseline", "test-run-2"), campaign=None)
    taken(a_run(epoch, "baseline", "test-run-1"), campaign=None)
    kept = {one.reference: Content.from_json(one.content) for one in Snapshot.objects.all()}
    assert set(kept) == {"test-run-1", "test-run-2"}
    assert kept["test-run-1"].part("campaigns", "campaign")["campaign"]["name"] == CAMPAIGN.name
    assert not kept["test-run-2"].part("campaigns", "campaign")["campaign"]["found"]


def test_a_run_that_asked_for_none_stores_none(epoch):
    assert taken(a_run(epoch, "")) is None
    assert not Snapshot.objects.exists()


def test_an_org_that_was_left_meanwhile_gets_none(epoch):
    run = a_run(epoch, "current")
    OrgEpoch.objects.filter(pk=epoch.pk).update(ended_at=timezone.now())
    assert taken(run) is None
    assert not Snapshot.objects.exists()


def test_an_org_that_did_not_answer_keeps_the_snapshot_it_had(epoch):
    taken(a_run(epoch, "current"))
    with pytest.raises(SalesforceError):
        taken(a_run(epoch, "current"), layouts=SalesforceError("SERVER_UNAVAILABLE"))
    assert Content.from_json(Snapshot.objects.get().content).part("page_layouts", "layouts")
