"""What ends an allowance or an offer, and what never goes by one (rule 1)."""

import pytest
from django.utils import timezone

from jobchanges import tasks
from jobchanges.delivery.covered import still_covered
from jobchanges.models import Allowance, Delivery, TestRun
from jobchanges.services import TestRunError as RunError
from jobchanges.services import delivery_send_again as send_again
from jobchanges.services import review_record
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_offer as run_offer
from jobchanges.services import test_run_offer_withdraw as offer_withdraw
from jobchanges.services import test_run_send as run_send
from tests.factories import AttemptFactory
from tests.jobchanges.test_allowance_flow import allow, allowed, other_owner

State = Delivery.State


@pytest.mark.parametrize("claimed", [False, True])
def test_closing_before_anything_was_begun_ends_the_allowance_of_what_was_released(
    production, admin_person, claimed
):
    run = production.send(allowed(production, admin_person))
    if claimed:
        Delivery.objects.update(state=State.CLAIMED, claimed_by="worker")
    run_close(test_run=run, reason="Wrong people", by=production.manager)
    assert Allowance.objects.get().withdrawn_reason == "Wrong people"
    assert still_covered(Delivery.objects.all()) == set()


def test_an_allowance_of_a_correction_ends_with_its_offer(production, admin_person):
    """What was written under the first allowance does not keep the second one standing."""
    run = production.send(allowed(production, admin_person))
    production.deliver()
    first = run.deliveries.first()
    review_record(
        delivery=first, side="customer", verdict="off", comment="Wrong owner", by=admin_person
    )
    other_owner(production)
    send_again(delivery=first, by=production.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    run_offer(test_run=run, by=production.manager)
    second = allow(run, admin_person)
    offer_withdraw(test_run=run, by=production.manager, reason="Another owner is meant.")
    second.refresh_from_db()
    assert second.withdrawn_reason == "Another owner is meant."
    first.refresh_from_db()
    assert (first.allowance, first.expected_plan_hash) == (None, "")
    used = Allowance.objects.exclude(pk=second.pk).get()
    assert used.withdrawn_at is None


def another_plan(run):
    first = run.deliveries.first()
    plan = dict(first.plan)
    plan["outcome"] = "past_only"
    Delivery.objects.filter(pk=first.pk).update(plan=plan)


def one_that_is_not_covered(run):
    Delivery.objects.filter(pk=run.deliveries.first().pk).update(allowance=None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (another_plan, "no longer what was allowed"),
        (one_that_is_not_covered, "has not allowed this test yet"),
        (
            lambda run: Allowance.objects.update(withdrawn_at=timezone.now()),
            "has not allowed this test yet",
        ),
    ],
    ids=["another plan", "not covered", "taken back"],
)
def test_rule_1_sending_looks_at_the_allowance_itself(production, admin_person, change, sentence):
    """However it came about: nothing relies on somebody having ended the allowance."""
    run = allowed(production, admin_person)
    change(run)
    with pytest.raises(RunError, match=sentence):
        production.send(run)
    assert not Delivery.objects.exclude(released_at=None).exists()


def test_nobody_allows_what_is_being_worked_out_again(production, admin_person):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    TestRun.objects.filter(pk=run.pk).update(plan_requested_at=timezone.now())
    with pytest.raises(RunError, match="being worked out again"):
        allow(run, admin_person)
    assert not Allowance.objects.exists()


@pytest.mark.parametrize("who", ["admin_person", "approver", "other_manager", "stranger"])
def test_rule_1_only_the_manager_sends_what_was_allowed(production, admin_person, request, who):
    run = allowed(production, admin_person)
    with pytest.raises(RunError, match="implementation manager"):
        run_send(test_run=run, by=request.getfixturevalue(who))
    assert not Delivery.objects.exclude(released_at=None).exists()


def test_what_was_off_before_the_correction_starts_no_other_one(production, admin_person):
    """A new attempt starts without verdicts: somebody has to say again that something is off."""
    run = production.send(allowed(production, admin_person))
    production.deliver()
    first = run.deliveries.first()
    review_record(
        delivery=first, side="customer", verdict="off", comment="Wrong owner", by=admin_person
    )
    AttemptFactory(delivery=first, number=2, is_correction=True)
    Delivery.objects.filter(pk=first.pk).update(attempts_made=2)
    with pytest.raises(RunError, match="somebody said that something is off"):
        send_again(delivery=first, by=production.manager)


def test_an_offer_ends_when_one_more_is_planned_again(production, admin_person):
    """The customer would allow a page that does not show the second one."""
    run = production.send(allowed(production, admin_person))
    production.deliver()
    other_owner(production)
    first, second, *_others = run.deliveries.all()
    for one in (first, second):
        review_record(
            delivery=one, side="customer", verdict="off", comment="Wrong owner", by=admin_person
        )
    send_again(delivery=first, by=production.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    run_offer(test_run=run, by=production.manager)
    allowance = allow(run, admin_person)
    send_again(delivery=second, by=production.manager)
    run.refresh_from_db()
    allowance.refresh_from_db()
    assert run.offered_at is None
    assert allowance.withdrawn_reason == "A job change of this test is planned again."
