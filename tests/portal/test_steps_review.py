"""The review step: whose word is missing, from the run's deliveries, verdicts and approvals."""

import pytest

from jobchanges.models import Delivery, TestRun
from portal.steps import StepStatus, journey_for
from tests.factories import (
    ConfirmationFactory,
    OrgEpochFactory,
    RunApprovalFactory,
)
from tests.portal.situations import (
    ASIDE,
    CONFIRMED,
    DELIVERED,
    EARLIER,
    FOUR,
    LATER,
    OFF,
    REFUSED,
    RIGHT,
    connect,
    run_in,
    settings_chosen,
    shown,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


class TestReview:
    def test_locked_until_the_settings_are_chosen(self, customer):
        connect(customer)
        step = shown(customer, "sandbox.test")
        assert (step.status, step.chip) == (StepStatus.LOCKED, "Opens after step 4")

    def test_the_managers_turn_to_pick_and_send(self, customer):
        connection = connect(customer)
        settings_chosen(customer, connection.epoch)
        ConfirmationFactory(customer=customer, step=CONFIRMED[0], epoch=connection.epoch)
        step = shown(customer, "sandbox.test")
        assert (step.status, step.chip) == (StepStatus.VENDOR, "Maya’s turn")

    @pytest.mark.parametrize(
        ("deliveries", "status", "side", "words"),
        [
            (
                [*FOUR, (DELIVERED, None, None)],
                StepStatus.CUSTOMER,
                "customer",
                "1 of 5 wait for your review",
            ),
            (
                [*FOUR, (REFUSED, None, None)],
                StepStatus.ATTENTION,
                "customer",
                "Salesforce refused 1 of 5: the test says why and who fixes it",
            ),
            (
                [*FOUR, (REFUSED, ASIDE, None)],
                StepStatus.VENDOR,
                "vendor",
                "Northwind Traders reviewed all 5; Maya reviews them too",
            ),
            (
                [*FOUR, (DELIVERED, OFF, RIGHT)],
                StepStatus.ATTENTION,
                "vendor",
                "Something is off with 1 of 5: Maya looks at it",
            ),
            (
                [*FOUR, (DELIVERED, RIGHT, None)],
                StepStatus.VENDOR,
                "vendor",
                "Northwind Traders reviewed all 5; Maya reviews them too",
            ),
            (
                [*FOUR, (DELIVERED, ASIDE, RIGHT)],
                StepStatus.ATTENTION,
                "vendor",
                "Northwind Traders and Maya do not say the same of 1 of 5",
            ),
            (
                [*FOUR, (DELIVERED, RIGHT, RIGHT)],
                StepStatus.CUSTOMER,
                "customer",
                "All 5 are reviewed: approve the test",
            ),
            (
                [*FOUR, (DELIVERED, RIGHT, RIGHT), (REFUSED, ASIDE, ASIDE)],
                StepStatus.CUSTOMER,
                "customer",
                "All 6 are reviewed: approve the test",
            ),
            (
                [*FOUR, (DELIVERED, ASIDE, ASIDE)],
                StepStatus.VENDOR,
                "vendor",
                "Only 4 look right; a test needs 5. Maya adds more",
            ),
        ],
    )
    def test_in_review_it_says_whose_word_is_missing(
        self, customer, deliveries, status, side, words
    ):
        run_in(customer, connect(customer), deliveries=deliveries)
        step = shown(customer, "sandbox.test")
        assert (step.status, step.side, step.sentence) == (status, side, words)

    def test_after_the_customers_approval_the_manager_approves(self, customer):
        run = run_in(customer, connect(customer), deliveries=[*FOUR, (DELIVERED, RIGHT, RIGHT)])
        RunApprovalFactory(test_run=run, side="customer")
        step = shown(customer, "sandbox.test")
        assert (step.side, step.sentence) == (
            "vendor",
            "Northwind Traders approved; Maya approves too",
        )

    def test_a_verdict_on_an_earlier_attempt_does_not_count(self, customer):
        run = run_in(customer, connect(customer), deliveries=[*FOUR, (DELIVERED, RIGHT, RIGHT)])
        delivery = run.deliveries.last()
        type(delivery).objects.filter(pk=delivery.pk).update(attempts_made=2)
        assert shown(customer, "sandbox.test").sentence == "1 of 5 wait for your review"

    def test_while_it_is_sent_it_counts_what_is_done(self, customer):
        run_in(
            customer,
            connect(customer),
            state=TestRun.State.SENDING,
            deliveries=[*FOUR, (Delivery.State.CLAIMED, None, None)],
        )
        step = shown(customer, "sandbox.test")
        assert (step.status, step.sentence) == (
            StepStatus.CHECKING,
            "Being sent: 4 of 5 done",
        )

    def test_a_draft_is_the_managers_turn(self, customer):
        run_in(customer, connect(customer), state=TestRun.State.DRAFT, sent_at=None)
        step = shown(customer, "sandbox.test")
        assert (step.status, step.sentence) == (
            StepStatus.VENDOR,
            "Maya is putting test 1 together",
        )

    def test_approved_by_both_opens_production(self, customer):
        run = run_in(
            customer,
            connect(customer),
            state=TestRun.State.APPROVED,
            deliveries=[*FOUR, (DELIVERED, RIGHT, RIGHT)],
        )
        RunApprovalFactory(test_run=run, side="customer", by__full_name="Priya Shah", at=EARLIER)
        RunApprovalFactory(test_run=run, side="vendor", by__full_name="Maya Rao", at=LATER)
        journey = journey_for(customer)
        assert journey.step("sandbox.test").sentence == (
            "5 job changes approved by Priya Shah and Maya Rao, 19 Nov"
        )
        assert journey.stage.key == "production"
        assert journey.step("production.package").status == StepStatus.CUSTOMER

    def test_an_approval_stands_after_the_sandbox_was_refreshed(self, customer):
        connection = connect(customer)
        run_in(customer, connection, state=TestRun.State.APPROVED, deliveries=FOUR)
        connection.epoch = OrgEpochFactory(connection=connection, number=2)
        connection.save()
        assert shown(customer, "sandbox.test").status == StepStatus.DONE

    def test_a_closed_run_says_why_and_who_goes_on(self, customer):
        run_in(
            customer, connect(customer), state=TestRun.State.CLOSED, close_reason="Wrong campaign"
        )
        ConfirmationFactory(customer=customer)
        assert shown(customer, "sandbox.test").sentence == (
            "Test 1 was closed: Wrong campaign. Maya sends another"
        )
