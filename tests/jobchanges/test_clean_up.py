"""Cleaning up a sandbox test over HTTP; what counts is what the org holds afterwards."""

from django.utils import timezone

from accounts.models import Event
from jobchanges.delivery import preview, settle
from jobchanges.models import Attempt, RecordWrite, TestRun
from jobchanges.selectors import run_standing
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.selectors.candidates import candidates, tried_in_sandbox
from jobchanges.services import review_record
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_send as run_send
from tests.factories import ReviewFactory
from tests.jobchanges import clean_up_world
from tests.jobchanges.clean_up_world import (
    cleaned,
    look,
    may_delete,
    outcomes,
    state,
)
from tests.jobchanges.conftest import ORG

# Fixtures of the world.
people = clean_up_world.people
run = clean_up_world.run


def test_a_clean_up_leaves_the_org_as_it_was_before_the_test(sandbox, people):
    may_delete(sandbox)
    before = sandbox.count()
    run = sandbox.delivered_run(people)
    assert sandbox.count() != before
    clean_up = cleaned(sandbox, run)
    assert clean_up.state == "done"
    assert sandbox.count() == before
    assert outcomes(clean_up) == {"done": 15}
    assert sandbox.states(run) == ["waiting"] * 5


def test_looking_writes_nothing(sandbox, run):
    before = sandbox.count()
    clean_up = look(sandbox, run)
    assert sandbox.count() == before
    assert outcomes(clean_up) == {"": 15}
    assert sandbox.states(run) == ["delivered"] * 5


def test_what_was_cleaned_up_is_sent_anew_by_the_same_run(sandbox, run, people):
    cleaned(sandbox, run)
    run.refresh_from_db()
    assert run.state == "review"
    assert not run_standing(run).approvable
    preview.run_plan(run.pk)
    run_send(test_run=run, by=sandbox.manager)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 5
    first, second = Attempt.objects.filter(delivery__job_change=people[0]).order_by("number")
    assert not second.is_correction
    ids = {write.record_id for write in first.writes.all()}
    assert ids.isdisjoint(write.record_id for write in second.writes.all())


def test_one_job_change_is_cleaned_up_and_the_others_stay(sandbox, run, people):
    clean_up = cleaned(sandbox, run, people[2].key)
    assert outcomes(clean_up) == {"done": 3}
    assert len(sandbox.delivery_keys()) == 4
    assert [state(one) for one in people] == [
        *("delivered", "delivered", "waiting", "delivered", "delivered")
    ]


def test_verdicts_of_what_was_removed_stay_as_history_and_no_longer_count(sandbox, run, people):
    for side, by in (("vendor", sandbox.manager),):
        review_record(delivery=sandbox.delivery(people[0]), side=side, verdict="right", by=by)
    cleaned(sandbox, run, people[0].key)
    assert Attempt.objects.get(delivery__job_change=people[0]).reviews.count() == 1
    assert run_standing(run).right == 0


def test_a_closed_run_is_cleaned_up_and_its_people_are_free_for_the_next(sandbox, run, people):
    run_close(test_run=run, reason="Enough seen.", by=sandbox.manager)
    cleaned(sandbox, run)
    again = run_create(
        customer=sandbox.customer, environment="sandbox", job_changes=people, by=sandbox.manager
    )
    assert again.deliveries.count() == 5


def test_an_approved_run_reads_as_it_was_approved(sandbox, run, people):
    TestRun.objects.filter(pk=run.pk).update(state="approved", ended_at=timezone.now())
    delivery = sandbox.delivery(people[0])
    for side in ("customer", "vendor"):
        ReviewFactory(attempt=delivery.attempts.get(), side=side)
    run.refresh_from_db()
    cleaned(sandbox, run)
    run.refresh_from_db()
    view = run_deliveries(run)[0]
    assert (run.state, view.state, view.agreed) == ("approved", "delivered", True)
    assert (view.outcome_label, view.in_flight) == ("Record created", False)
    assert run_standing(run).right == 1
    free = candidates(sandbox.customer, "sandbox")
    assert not free.filter(pk__in=[one.pk for one in people]).exists(), "they stay in this test"


def test_it_still_counts_as_tried_in_the_sandbox(sandbox, run, people):
    cleaned(sandbox, run)
    tried = tried_in_sandbox(one.pk for one in people)
    assert tried == {one.pk for one in people}


def test_the_ledger_says_what_was_removed_and_it_is_not_read_again(sandbox, run, people):
    cleaned(sandbox, run)
    writes = RecordWrite.objects.filter(attempt__delivery__test_run=run)
    assert all(write.removed_at and write.settled_at for write in writes)
    before = len(sandbox.rehearsal.calls(ORG))
    settle.org_settle(run.epoch_id)
    assert len(sandbox.rehearsal.calls(ORG)) <= before + 1
    assert not RecordWrite.objects.filter(pk__in=writes, gone=True).exists()


def test_the_log_says_who_let_what_be_removed(sandbox, run):
    clean_up = cleaned(sandbox, run)
    told = {event.action: event for event in Event.objects.filter(customer=sandbox.customer)}
    assert told["test_run.clean_up_asked"].actor == sandbox.manager
    assert told["test_run.clean_up_confirmed"].actor == sandbox.manager
    data = told["test_run.cleaned_up"].data
    assert data["clean_up"] == clean_up.pk
    assert len(data["deliveries"]) == 5
    assert {row["outcome"] for row in data["records"]} == {"done"}
