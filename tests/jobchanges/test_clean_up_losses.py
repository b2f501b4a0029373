"""Lost answers and killed workers of a clean-up: asked for and repeated, nothing done by halves."""

import datetime
import itertools
from types import SimpleNamespace

import pytest
from django.utils import timezone

from integrations.salesforce.client import Org
from jobchanges import tasks
from jobchanges.models import (
    CleanUp,
    OrgLease,
)
from jobchanges.services import cleaning_work
from jobchanges.services.cleaning_work import clean_ups_left
from tests.jobchanges import clean_up_world
from tests.jobchanges.clean_up_world import (
    COLLECTIONS,
    confirm,
    look,
    may_delete,
    outcomes,
    past_contact,
    work,
)

# Fixtures of the world.
people = clean_up_world.people
run = clean_up_world.run


@pytest.mark.parametrize("kind", ["drop_before", "drop_answer_after_commit", "cut_off_body"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_lost_answer_is_asked_for_and_repeated(sandbox, people, kind, method):
    may_delete(sandbox)
    before = sandbox.count()
    contact = past_contact(sandbox)
    people[0] = sandbox.job_change(
        kind="left", past_email=contact["Email"], first_name=contact["FirstName"],
        last_name=contact["LastName"],
    )  # fmt: skip
    run = sandbox.delivered_run(people)
    clean_up = confirm(sandbox, look(sandbox, run))
    sandbox.rehearsal.fault(kind, path=COLLECTIONS, method=method)
    work(clean_up)
    assert clean_up.state == "done"
    assert sandbox.count() == before
    assert set(outcomes(clean_up)) == {"done"}


def test_an_org_that_stays_silent_is_asked_again_by_the_sweep(sandbox, run):
    clean_up = confirm(sandbox, look(sandbox, run))
    sandbox.rehearsal.fault("drop_before", path=COLLECTIONS, method="DELETE", times=3)
    work(clean_up)
    assert (clean_up.state, bool(clean_up.error)) == ("removing", True)
    assert sandbox.states(run) == ["delivered"] * 5
    assert clean_ups_left(timezone.now()) == [clean_up.pk]
    assert (work(clean_up).state, clean_up.error) == ("done", "")


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_at_any_call_is_followed_by_another(
    sandbox, people, monkeypatch, nth, moment, settings
):
    may_delete(sandbox)
    before = sandbox.count()
    run = sandbox.delivered_run(people)
    clean_up = confirm(sandbox, look(sandbox, run))
    real, calls = Org.records_delete, []

    def dying(self, *rest, **named):
        calls.append(1)
        if len(calls) == nth and moment == "before":
            raise Killed
        answer = real(self, *rest, **named)
        if len(calls) == nth:
            raise Killed
        return answer

    monkeypatch.setattr(Org, "records_delete", dying)
    try:
        work(clean_up)
    except Killed:
        # A killed process gives nothing back: the claim and the org's lease run out.
        CleanUp.objects.filter(pk=clean_up.pk).update(
            lease_until=timezone.now() + datetime.timedelta(seconds=60)
        )
        assert clean_ups_left(timezone.now()) == []
        CleanUp.objects.filter(pk=clean_up.pk).update(lease_until=timezone.now())
    OrgLease.objects.update(until=None, holder="")
    for pk in clean_ups_left(timezone.now()):
        tasks.clean_up_run(pk)
    clean_up.refresh_from_db()
    assert clean_up.state == "done"
    assert sandbox.count() == before
    assert sandbox.states(run) == ["waiting"] * 5
    assert outcomes(clean_up) == {"done": 15}


def test_it_waits_while_somebody_else_has_the_org(sandbox, run):
    clean_up = confirm(sandbox, look(sandbox, run))
    OrgLease.objects.update(holder="another", until=timezone.now() + datetime.timedelta(minutes=3))
    work(clean_up)
    assert clean_up.state == "removing"
    assert clean_up.error
    assert len(sandbox.delivery_keys()) == 5
    OrgLease.objects.update(holder="", until=None)
    assert work(clean_up).state == "done"


def test_a_slow_org_does_not_cost_the_worker_its_clean_up(sandbox, run, monkeypatch):
    """A look takes many calls; together they may take longer than a claim holds."""
    clock = itertools.count(0, 100)
    monkeypatch.setattr(
        cleaning_work, "time", SimpleNamespace(monotonic=lambda: float(next(clock)))
    )
    seen = []

    def slow(really):
        def ask(*args, **kwargs):
            seen.append(CleanUp.objects.values_list("lease_until", flat=True).get())
            return really(*args, **kwargs)

        return ask

    for name in ("records_get", "read_together", "query_all"):
        monkeypatch.setattr(Org, name, slow(getattr(Org, name)))
    look(sandbox, run)
    assert len(seen) > 2
    assert seen == sorted(set(seen))


def test_one_that_breaks_off_by_our_mistake_is_an_event(sandbox, run, monkeypatch):
    clean_up = confirm(sandbox, look(sandbox, run))
    monkeypatch.setattr(cleaning_work.cleanup, "remove", lambda *_args: {}["a mistake"])
    assert work(clean_up).state == "failed"
    event = sandbox.customer.events.latest("sequence")
    assert event.action == "test_run.clean_up_failed"
    assert (event.data["clean_up"], event.data["why"]) == (clean_up.pk, "ours")
