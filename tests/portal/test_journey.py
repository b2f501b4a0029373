"""The journey as a reader sees it: stages, the next thing, whose turn, since when, stuck."""

import datetime

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer, Path, Plan, Role
from portal.steps import StepStatus, journey_for, journeys_for
from tests.factories import (
    ConfirmationFactory,
    CustomerFactory,
    MembershipFactory,
    RunApprovalFactory,
    SignatureFactory,
    SignupLinkFactory,
    SummaryFactory,
    WaiverFactory,
    org_checked,
)
from tests.portal.situations import (
    CONFIRMED,
    DELIVERED,
    EARLIER,
    LATER,
    REFUSED,
    RIGHT,
    batch_in,
    connect,
    production_ready,
    run_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


class TestJourney:
    def test_a_new_customer_has_one_thing_to_do(self, customer, admin_person):
        journey = journey_for(customer, person=admin_person)
        assert [stage.name for stage in journey.stages] == ["Sandbox", "Production", "Go live"]
        assert [stage.note for stage in journey.stages] == [
            "0 of 7 steps done",
            "Opens when the sandbox test is approved",
            "First batch of job changes",
        ]
        assert journey.next_step.key == "sandbox.package"
        assert journey.whose_turn == "Your turn"

    def test_without_a_sandbox_there_are_two_stages_and_no_sandbox_step(self):
        customer = CustomerFactory(path=Path.PRODUCTION_ONLY, plan=Plan.GROWTH)
        journey = journey_for(customer)
        assert [stage.key for stage in journey.stages] == ["production", "go_live"]
        assert journey.step("production.package").status == StepStatus.CUSTOMER
        assert journey.step("production.mirror") is None
        assert journey.step("production.layouts").chip == "Opens after step 2"
        assert journey.step("sandbox.package") is None

    def test_later_steps_of_the_customer_wait_their_turn(self, customer, admin_person):
        connect(customer)
        journey = journey_for(customer, person=admin_person)
        chips = {step.key: step.chip for step in journey.stage.steps}
        assert chips == {
            "sandbox.package": "Done",
            "sandbox.connect": "Done",
            "sandbox.permissions": "Your turn",
            "sandbox.settings": "Maya’s turn",
            "sandbox.layouts": "Next",
            "sandbox.lead_conversion": "Next",
            "sandbox.test": "Opens after step 4",
        }
        assert journey.manager_next == (
            "Next: Maya chooses owners and the campaign with you, then sends 5 to 10 test job "
            "changes."
        )

    def test_the_manager_sees_their_own_turn_first(self, customer, manager, admin_person):
        connect(customer)
        journey = journey_for(customer, person=manager)
        assert (journey.next_step.key, journey.whose_turn) == ("sandbox.settings", "Your turn")
        assert journey.step("sandbox.permissions").chip == "Next"

    def test_a_lead_reads_whose_turn_it_is_by_name(self, customer, lead):
        connect(customer)
        assert journey_for(customer, person=lead).whose_turn == "Maya’s turn"

    def test_the_manager_reads_the_customers_name(self, customer, manager, admin_person):
        SignupLinkFactory(customer=customer)
        journey = journey_for(customer, person=manager)
        assert journey.whose_turn == "Priya’s turn"

    def test_a_reviewer_reads_that_it_is_the_admins_turn(self, customer, admin_person, reviewer):
        assert journey_for(customer, person=reviewer).whose_turn == "Priya’s turn"

    def test_it_knows_since_when(self, customer):
        ConfirmationFactory(customer=customer)
        SignupLinkFactory(customer=customer, mailed_at=EARLIER)
        assert journey_for(customer).since == EARLIER

    def test_stuck_after_a_week_of_silence(self, customer):
        type(customer).objects.update(created_at=LATER - datetime.timedelta(days=8))
        customer.refresh_from_db()
        journey = journey_for(customer)
        assert journey.stuck
        assert journey.stuck_reason == "Nothing has happened for 8 days"

    def test_not_stuck_on_the_first_day(self, customer):
        assert not journey_for(customer).stuck

    def test_a_customer_on_hold_is_stuck_with_the_reason(self, customer):
        customer.hold_reason = "Merger until March"
        assert journey_for(customer).stuck_reason == "On hold: Merger until March"


def _busy_customer(number):
    customer = CustomerFactory(slug=f"busy-{number}")
    MembershipFactory(customer=customer, role=Role.ADMIN)
    connection = connect(customer, facts_at=timezone.now())
    ConfirmationFactory(customer=customer, step=CONFIRMED[0], epoch=connection.epoch)
    WaiverFactory(customer=customer, epoch=connection.epoch)
    SignupLinkFactory(customer=customer)
    run = run_in(customer, connection, deliveries=[(DELIVERED, RIGHT, None)] * 2)
    RunApprovalFactory(test_run=run)
    org_checked(connection.epoch)
    production = production_ready(customer)
    batch_in(production, {DELIVERED: 2, REFUSED: 1})
    SignatureFactory(summary=SummaryFactory(customer=customer, content={}, shown={}))
    return customer


def test_journeys_take_the_same_queries_for_1_and_for_25_customers(
    manager, django_assert_num_queries
):
    made = [_busy_customer(number) for number in range(26)]
    customers = list(Customer.objects.filter(pk__in=[customer.pk for customer in made]))
    with CaptureQueriesContext(database) as for_one:
        journeys_for(customers[:1], person=manager)
    with django_assert_num_queries(len(for_one)):
        journeys_for(customers[1:], person=manager)
    assert len(for_one) <= 26
