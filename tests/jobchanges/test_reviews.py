"""Verdicts, set-asides, comments and approvals (identity-and-state, Test run; rule 9)."""

import pytest

from accounts.hashing import content_hash
from accounts.models import Event
from jobchanges.models import Attempt, Delivery, OutputSettings, Review, RunApproval, TestRun
from jobchanges.selectors import run_standing
from jobchanges.services import TestRunError as RunError
from jobchanges.services import comment_add, delivery_send_again, review_record
from jobchanges.services import test_run_approve as run_approve
from jobchanges.services import test_run_picks_change as picks_change
from jobchanges.signals import test_run_approved as approved
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    TestRunFactory,
    UserFactory,
)

State = Delivery.State


@pytest.fixture
def run(customer):
    """Six delivered job changes, in review."""
    connection = ConnectionFactory(customer=customer)
    run = TestRunFactory(customer=customer, epoch=connection.epoch, state=TestRun.State.REVIEW)
    for _ in range(6):
        delivery = DeliveryFactory(
            test_run=run, state=State.DELIVERED, attempts_made=1, released_at=run.created_at
        )
        RecordWriteFactory(attempt=AttemptFactory(delivery=delivery))
    return run


@pytest.fixture
def say(manager, admin_person):
    """Both sides say the same of a delivery, unless told otherwise."""

    def record(delivery, verdict="right", sides=("customer", "vendor"), **values):
        people = {"customer": admin_person, "vendor": manager}
        for side in sides:
            review_record(
                delivery=delivery,
                side=side,
                verdict=verdict,
                **{"by": people[side], "comment": "Because."} | values,
            )

    return record


@pytest.fixture
def agreed(run, say):
    """All six are right to both."""
    for delivery in run.deliveries.all():
        say(delivery)
    return run


def refuse(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state=State.REFUSED)
    delivery.attempts.update(outcome=Attempt.Outcome.REFUSED)
    delivery.attempts.get().writes.all().delete()


def test_five_right_and_one_set_aside_by_both_can_be_approved(run, say):
    first, *others = run.deliveries.all()
    refuse(first)
    say(first, "set_aside", comment="The customer will not change the rule.")
    for delivery in others:
        say(delivery)
    standing = run_standing(run)
    assert (standing.right, standing.set_aside, standing.approvable) == (5, 1, True)


def test_four_right_are_too_few(run, say):
    first, second, *others = run.deliveries.all()
    say(first, "set_aside")
    say(second, "set_aside")
    for delivery in others:
        say(delivery)
    standing = run_standing(run)
    assert not standing.approvable
    assert "at least 5" in standing.why_not


@pytest.mark.parametrize("sides", [["customer"], ["vendor"]])
def test_one_side_alone_does_not_agree(run, say, sides):
    for delivery in run.deliveries.all():
        say(delivery, sides=sides)
    assert run_standing(run).why_not.startswith("0 of 6 agreed")


def test_right_and_set_aside_do_not_agree(run, say):
    for delivery in run.deliveries.all():
        say(delivery, sides=["customer"])
        say(delivery, "set_aside", sides=["vendor"])
    assert run_standing(run).agreed == 0


def test_what_was_refused_cannot_be_right(run, say):
    delivery = run.deliveries.first()
    refuse(delivery)
    with pytest.raises(RunError, match="cannot be right"):
        say(delivery)


@pytest.mark.parametrize("verdict", ["set_aside", "off"])
def test_setting_aside_and_finding_fault_take_words(run, say, verdict):
    with pytest.raises(RunError):
        say(run.deliveries.first(), verdict, comment="  ")
    assert not Review.objects.exists()


@pytest.mark.parametrize("state", ["draft", "sending", "approved", "closed", "void"])
def test_verdicts_belong_to_the_review(run, say, state):
    TestRun.objects.update(state=state)
    with pytest.raises(RunError):
        say(run.deliveries.first())


def test_what_is_being_sent_again_waits_for_its_answer(run, say, manager):
    delivery = run.deliveries.first()
    say(delivery, "off", sides=["customer"])
    delivery_send_again(delivery=delivery, by=manager)
    with pytest.raises(RunError, match="still being sent"):
        say(delivery)
    assert "still being sent" in run_standing(run).why_not


def test_a_later_word_replaces_the_earlier_one(run, say):
    delivery = run.deliveries.first()
    say(delivery, "off", sides=["customer"])
    say(delivery, "right", sides=["customer"])
    assert [review.verdict for review in Review.objects.all()] == ["right"]
    assert Event.objects.filter(action="delivery.reviewed").count() == 2


def test_nobody_speaks_for_the_other_side(run, manager, admin_person, stranger, other_manager):
    delivery = run.deliveries.first()
    for side, by in [
        ("customer", manager),
        ("vendor", admin_person),
        ("customer", stranger),
        ("vendor", other_manager),
    ]:
        with pytest.raises(RunError, match="cannot speak"):
            review_record(delivery=delivery, side=side, verdict="right", by=by)
        with pytest.raises(RunError, match="cannot speak"):
            comment_add(delivery=delivery, side=side, text="Hello", by=by)


def test_a_comment_is_in_the_thread_and_its_hash_in_the_log(run, reviewer):
    delivery = run.deliveries.first()
    comment_add(delivery=delivery, side="customer", text="Is this the right account?", by=reviewer)
    assert [item.text for item in delivery.comments.all()] == ["Is this the right account?"]
    event = Event.objects.get(action="delivery.commented")
    assert event.data["comment_hash"] == content_hash("Is this the right account?")
    assert "right account" not in str(event.data)


def test_both_approvals_end_the_run_and_are_heard_of(agreed, manager, admin_person):
    heard = []
    approved.connect(lambda test_run, **_: heard.append(test_run), weak=False, dispatch_uid="t")
    try:
        run_approve(test_run=agreed, side="vendor", by=manager)
        agreed.refresh_from_db()
        assert (agreed.state, heard) == ("review", [])
        run_approve(test_run=agreed, side="customer", by=admin_person, seen_as_rep=True)
    finally:
        approved.disconnect(dispatch_uid="t")
    agreed.refresh_from_db()
    assert (agreed.state, heard) == ("approved", [agreed])
    first, second = RunApproval.objects.order_by("at")
    assert first.content_hash == second.content_hash == content_hash(second.content)
    event = Event.objects.get(action="test_run.approved")
    assert event.data["content_hash"] == first.content_hash


def test_what_is_approved_is_exactly_what_was_written(agreed, manager):
    approval = run_approve(test_run=agreed, side="vendor", by=manager)
    delivery = agreed.deliveries.select_related("job_change").first()
    content = approval.content["deliveries"][0]
    assert content["key"] == delivery.delivery_key
    assert content["attempts"][0]["records"][0]["sent"] == {"LastName": "Whitfield"}
    assert content["attempts"][0]["verdicts"]["customer"]["verdict"] == "right"


def test_a_reviewer_may_review_but_not_approve(agreed, reviewer, approver):
    review_record(delivery=agreed.deliveries.first(), side="customer", verdict="right", by=reviewer)
    with pytest.raises(RunError, match="admin or approver"):
        run_approve(test_run=agreed, side="customer", by=reviewer)
    assert run_approve(test_run=agreed, side="customer", by=approver)


def test_strangers_and_other_managers_cannot_approve(agreed, stranger, other_manager):
    for side, by in [
        ("customer", stranger),
        ("vendor", other_manager),
        ("customer", other_manager),
    ]:
        with pytest.raises(RunError):
            run_approve(test_run=agreed, side=side, by=by)


def test_a_member_who_left_cannot_approve(agreed, admin_person):
    admin_person.memberships.update(left_at=agreed.created_at)
    with pytest.raises(RunError, match="admin or approver"):
        run_approve(test_run=agreed, side="customer", by=admin_person)


def test_an_unfinished_review_cannot_be_approved(run, manager):
    with pytest.raises(RunError, match="0 of 6 agreed"):
        run_approve(test_run=run, side="vendor", by=manager)


def test_one_side_approves_once(agreed, manager, lead):
    run_approve(test_run=agreed, side="vendor", by=manager)
    with pytest.raises(RunError, match="already"):
        run_approve(test_run=agreed, side="vendor", by=lead)


def test_a_changed_verdict_withdraws_the_approval_given_before(agreed, say, manager):
    run_approve(test_run=agreed, side="vendor", by=manager)
    say(agreed.deliveries.first(), "off", sides=["customer"])
    assert not RunApproval.objects.exists()
    event = Event.objects.get(action="test_run.approval_withdrawn")
    assert event.data["of"] == "vendor"


def test_changed_settings_withdraw_the_first_approval_at_the_second(
    agreed, manager, admin_person, customer
):
    run_approve(test_run=agreed, side="vendor", by=manager)
    OutputSettings.objects.create(customer=customer, record_mode="always_lead")
    run_approve(test_run=agreed, side="customer", by=admin_person)
    agreed.refresh_from_db()
    assert agreed.state == "review"
    assert [item.side for item in RunApproval.objects.all()] == ["customer"]


def test_sending_again_takes_back_approvals_and_the_new_attempt_has_no_verdicts(
    agreed, say, manager
):
    run_approve(test_run=agreed, side="vendor", by=manager)
    delivery = agreed.deliveries.first()
    refuse(delivery)
    delivery_send_again(delivery=delivery, by=manager)
    assert not RunApproval.objects.exists()
    AttemptFactory(delivery=delivery, number=2)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.DELIVERED, attempts_made=2)
    assert run_standing(agreed).agreed == 5


def test_adding_job_changes_takes_back_approvals(agreed, manager, customer):
    run_approve(test_run=agreed, side="vendor", by=manager)
    more = JobChangeFactory(customer=customer)
    picked = [item.job_change for item in agreed.deliveries.all()]
    picks_change(test_run=agreed, job_changes=[*picked, more], by=manager)
    assert not RunApproval.objects.exists()
    assert "not sent yet" in run_standing(agreed).why_not


def test_a_delivered_one_is_sent_again_only_when_somebody_found_fault(run, manager):
    with pytest.raises(RunError, match="something is off"):
        delivery_send_again(delivery=run.deliveries.first(), by=manager)


def test_only_our_side_sends_again(run, admin_person):
    delivery = run.deliveries.first()
    refuse(delivery)
    with pytest.raises(RunError, match="implementation manager"):
        delivery_send_again(delivery=delivery, by=admin_person)


def test_the_same_person_never_approves_for_both_sides(agreed, customer, manager):
    run_approve(test_run=agreed, side="vendor", by=manager)
    RunApproval.objects.update(by=UserFactory())
    other = RunApproval.objects.get().by
    customer.memberships.create(user=other, role="admin")
    with pytest.raises(RunError, match="two different people"):
        run_approve(test_run=agreed, side="customer", by=other)
