"""The step "Allow the production test", derived from the run and its allowances."""

import datetime

import pytest
from django.utils import timezone

from jobchanges.models import Allowance, Delivery, TestRun
from portal.steps import StepStatus
from portal.steps.allow import AllowStep
from portal.steps.facts import facts_load
from tests.factories import AllowanceFactory, ConnectionFactory, DeliveryFactory, TestRunFactory

pytestmark = pytest.mark.django_db
STARTS = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC))


@pytest.fixture
def draft(customer):
    connection = ConnectionFactory(customer=customer, environment="production")
    run = TestRunFactory(customer=customer, environment="production", epoch=connection.epoch)
    DeliveryFactory.create_batch(5, test_run=run, plan_hash="a" * 64)
    return run


def look(customer):
    return AllowStep("production").look(facts_load([customer])[customer.pk])


def offer(run):
    TestRun.objects.filter(pk=run.pk).update(offered_at=timezone.now())


def allow(run, person) -> Allowance:
    given = AllowanceFactory(
        test_run=run, by=person, starts_at=STARTS, content_hash="0123456789abcdef" * 4
    )
    run.deliveries.update(allowance=given, expected_plan_hash="b" * 64)
    return given


def end(run):
    Allowance.objects.update(
        withdrawn_at=timezone.now(), withdrawn_reason="What will be written has changed."
    )
    run.deliveries.update(allowance=None, expected_plan_hash="")
    TestRun.objects.filter(pk=run.pk).update(offered_at=None)


def test_without_a_run_it_is_the_managers_turn(customer):
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.VENDOR, "vendor")
    assert found.sentence.startswith("Maya picks 5 to 10 job changes")


def test_a_draft_is_the_managers_turn_until_it_is_offered(customer, draft):
    assert look(customer).status == StepStatus.VENDOR
    offer(draft)
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.CUSTOMER, "customer")
    assert found.sentence == "Maya shows you what 5 job changes would write"


def test_allowed_it_is_done_and_says_by_whom_and_from_when(customer, draft, admin_person):
    offer(draft)
    allow(draft, admin_person)
    found = look(customer)
    assert found.status == StepStatus.DONE
    assert found.sentence == ("Allowed by Priya Shah, 22 Nov, from 23 Nov, 18:00 on · 0123456789ab")


def test_an_allowance_that_ended_wants_attention_first_ours_then_the_customers(
    customer, draft, admin_person
):
    offer(draft)
    allow(draft, admin_person)
    end(draft)
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.ATTENTION, "vendor")
    offer(draft)
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.ATTENTION, "customer")
    assert found.sentence == "What Priya Shah allowed has changed: look at it again"


def test_taken_back_it_is_the_managers_turn_then_the_customers(
    customer, draft, admin_person, approver
):
    offer(draft)
    allow(draft, admin_person)
    end(draft)
    Allowance.objects.update(withdrawn_by=approver)
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.ATTENTION, "vendor")
    assert found.sentence == (
        "Ana Costa took the allowance back: Maya looks at it and shows it again"
    )
    offer(draft)
    found = look(customer)
    assert (found.status, found.side) == (StepStatus.CUSTOMER, "customer")
    assert found.sentence == "Ana Costa took the allowance back; Maya shows you the test again"


def test_once_the_test_was_sent_it_stays_done(customer, draft, admin_person):
    offer(draft)
    allow(draft, admin_person)
    TestRun.objects.update(state=TestRun.State.REVIEW, sent_at=timezone.now())
    draft.deliveries.update(state=Delivery.State.DELIVERED, released_at=timezone.now())
    assert look(customer).status == StepStatus.DONE
    held = draft.deliveries.first()
    Delivery.objects.filter(pk=held.pk).update(
        state=Delivery.State.WAITING, released_at=None, allowance=None
    )
    TestRun.objects.update(offered_at=None)
    assert look(customer).status == StepStatus.DONE


def test_what_was_added_and_offered_is_the_customers_turn_again(customer, draft, admin_person):
    offer(draft)
    allow(draft, admin_person)
    draft.deliveries.update(state=Delivery.State.DELIVERED, released_at=timezone.now())
    TestRun.objects.update(state=TestRun.State.REVIEW, sent_at=timezone.now())
    DeliveryFactory(test_run=draft, plan_hash="a" * 64)
    found = look(customer)
    assert (found.status, found.sentence) == (
        StepStatus.CUSTOMER,
        "1 more job change of the test waits for your allowance",
    )


def test_a_closed_test_needs_no_allowance_and_another_one_does(customer, draft):
    offer(draft)
    TestRun.objects.update(state=TestRun.State.CLOSED)
    assert look(customer).status == StepStatus.VENDOR
