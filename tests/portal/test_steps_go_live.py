"""The launch on the setup page: sign-off and first batch, each state in its words."""

import datetime

import pytest
from django.urls import reverse

from jobchanges.models import Batch, Delivery
from portal.steps import StepStatus, journey_for
from tests.factories import SignatureFactory, SummaryFactory
from tests.portal.situations import (
    EARLIER,
    LATER,
    batch_in,
    production_ready,
    sandbox_approved,
    shown,
)

pytestmark = pytest.mark.django_db

SIGN, BATCH = "go_live.sign_off", "go_live.first_batch"
HOUR = datetime.timedelta(hours=1)
S = Delivery.State


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def production(customer):
    """Everything before go-live is done."""
    sandbox_approved(customer)
    return production_ready(customer)


def summary_of(customer, **values):
    return SummaryFactory(
        customer=customer,
        **{"content": {}, "shown": {}, "content_hash": "c" * 64, "frozen_at": EARLIER} | values,
    )


def sign(summary, customer_person=None, manager=None, **window):
    if customer_person is not None:
        SignatureFactory(
            summary=summary,
            by=customer_person,
            at=EARLIER,
            **{"starts_at": LATER - HOUR, "ends_at": LATER + HOUR} | window,
        )
    if manager is not None:
        SignatureFactory(summary=summary, side="vendor", by=manager, at=LATER)


class TestSignOff:
    def test_not_frozen_it_is_the_managers_turn(self, customer, production):
        step = shown(customer, SIGN)
        assert (step.status, step.chip) == (StepStatus.VENDOR, "Maya’s turn")
        assert step.sentence == "Maya prepares the summary; then both sides read and sign it"
        assert shown(customer, BATCH).chip == "Opens after step 1"

    def test_the_forecast_is_being_made(self, customer, production):
        summary_of(customer, signed_hash="", forecast={}, forecast_at=None)
        step = shown(customer, SIGN)
        assert (step.status, step.chip) == (StepStatus.CHECKING, "Being prepared")
        assert step.sentence == (
            "Begun 18 Nov, 14:02: your org is asked what the first batch would do"
        )

    def test_a_forecast_that_failed_is_ours_to_mend(self, customer, production):
        summary_of(customer, signed_hash="", forecast={}, forecast_error="The org did not answer.")
        step = shown(customer, SIGN)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "vendor")
        assert step.sentence == "The forecast could not be made. Maya tries again"
        assert step.detail["error"] == "The org did not answer."

    def test_ready_the_customer_reads_and_signs(self, customer, production, admin_person):
        summary_of(customer)
        step = shown(customer, SIGN, admin_person)
        assert (step.status, step.chip) == (StepStatus.CUSTOMER, "Your turn")
        assert step.sentence == "Prepared 18 Nov, 14:02: read it and sign it"

    def test_an_approver_may_sign_and_a_reviewer_reads_whose_turn_it_is(
        self, customer, production, admin_person, approver, reviewer
    ):
        summary_of(customer)
        assert shown(customer, SIGN, approver).yours
        assert not shown(customer, SIGN, reviewer).yours
        assert shown(customer, SIGN, reviewer).chip == "Priya’s turn"

    def test_signed_by_the_customer_it_waits_for_us_by_name(
        self, customer, production, admin_person
    ):
        sign(summary_of(customer), admin_person)
        step = shown(customer, SIGN)
        assert (step.status, step.side) == (StepStatus.VENDOR, "vendor")
        assert step.sentence == "Priya Shah signed for Northwind Traders; Maya signs too"
        assert step.since == EARLIER

    def test_signed_by_us_it_waits_for_the_customer_by_name(
        self, customer, production, manager, admin_person
    ):
        sign(summary_of(customer), manager=manager)
        step = shown(customer, SIGN, admin_person)
        assert (step.status, step.chip) == (StepStatus.CUSTOMER, "Your turn")
        assert step.sentence == "Maya Rao signed; Northwind Traders signs too"

    def test_a_change_voids_it_and_is_said(self, customer, production):
        summary_of(
            customer,
            voided_at=LATER,
            differences=[
                {"what": "Lead source", "before": "UserGems", "after": "Gems"},
                {"what": "Default owner", "before": "Olga Owner", "after": "Ola Other"},
            ],
        )
        step = shown(customer, SIGN)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "vendor")
        assert step.sentence == (
            "Changed since it was prepared: Lead source and 1 more. Maya prepares a new one to sign"
        )
        assert step.since == LATER

    def test_withdrawn_by_a_person_it_is_our_turn_again(self, customer, production, manager):
        summary_of(customer, voided_at=LATER, voided_by=manager)
        step = shown(customer, SIGN)
        assert (step.status, step.sentence) == (
            StepStatus.VENDOR,
            "Maya Rao withdrew the summary. Maya prepares a new one",
        )

    def test_the_newest_summary_speaks(self, customer, production):
        summary_of(customer, voided_at=LATER, frozen_at=EARLIER)
        summary_of(customer, frozen_at=EARLIER + HOUR)
        assert shown(customer, SIGN).sentence == "Prepared 18 Nov, 15:02: read it and sign it"

    def test_signed_by_both_it_is_done_with_names_and_window(
        self, customer, production, admin_person, manager
    ):
        sign(summary_of(customer), admin_person, manager)
        step = shown(customer, SIGN)
        assert step.status == StepStatus.DONE
        assert step.sentence == (
            "Signed by Priya Shah and Maya Rao, 19 Nov · starts between 19 Nov, 08:00 and "
            "19 Nov, 10:00"
        )
        assert [side for side, _line in step.detail["signatures"]] == ["Customer", "UserGems"]


class TestFirstBatch:
    @pytest.fixture
    def signed(self, customer, production, admin_person, manager):
        """Both sides signed; `signed(starts_at=…)` sets the window."""

        def make(**window):
            summary = summary_of(customer)
            sign(summary, admin_person, manager, **window)
            return summary

        return make

    def test_inside_the_window_the_manager_releases_it(self, customer, signed):
        signed()
        step = shown(customer, BATCH)
        assert (step.status, step.chip) == (StepStatus.VENDOR, "Maya’s turn")
        assert step.sentence == "Signed by both sides: Maya releases it before 19 Nov, 10:00"

    def test_before_the_window_it_says_when_it_starts(self, customer, signed, admin_person):
        signed(starts_at=LATER + HOUR, ends_at=LATER + 2 * HOUR)
        journey = journey_for(customer, person=admin_person)
        step = journey.step(BATCH)
        assert step.chip == "Waits for its time"
        assert step.sentence == "Starts 19 Nov, 10:00 at the earliest: Maya releases it then"
        assert not journey.checking

    def test_after_the_window_a_new_summary_is_needed(self, customer, signed):
        signed(starts_at=EARLIER, ends_at=LATER - HOUR)
        step = shown(customer, BATCH)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "vendor")
        assert step.sentence == (
            "The start window ended 19 Nov, 08:00. Maya prepares a new summary to sign"
        )

    def test_while_it_is_sent_it_counts_truly(self, customer, production, signed):
        signed()
        batch_in(production, {S.DELIVERED: 3, S.REFUSED: 1, S.WAITING: 4, S.CLAIMED: 1})
        journey = journey_for(customer)
        step = journey.step(BATCH)
        assert (step.status, step.chip) == (StepStatus.CHECKING, "Being sent")
        assert step.sentence == "4 of 9 have an answer · 1 refused or held"
        assert journey.checking

    @pytest.mark.parametrize(
        ("values", "side", "words"),
        [
            (
                {"state": Batch.State.PAUSED, "halted_side": "system"},
                "vendor",
                "Paused by itself 18 Nov, 14:02: 5 of 20 were refused",
            ),
            (
                {"state": Batch.State.PAUSED, "halted_side": "customer", "by": "admin"},
                "customer",
                "Paused by Priya Shah 18 Nov, 14:02: 5 of 20 were refused",
            ),
            (
                {"state": Batch.State.STOPPED, "halted_side": "customer", "by": "admin"},
                "customer",
                "Stopped by Priya Shah 18 Nov, 14:02: 5 of 20 were refused",
            ),
            (
                {"state": Batch.State.STOPPED, "halted_side": "vendor", "by": "manager"},
                "vendor",
                "Stopped by Maya Rao 18 Nov, 14:02: 5 of 20 were refused",
            ),
        ],
    )
    def test_halted_it_needs_attention_with_reason_and_side(
        self, customer, production, admin_person, manager, values, side, words
    ):
        by = {"admin": admin_person, "manager": manager}.get(values.pop("by", ""))
        batch_in(
            production,
            {S.DELIVERED: 15, S.REFUSED: 5, S.WAITING: 1},
            halted_at=EARLIER,
            halted_by=by,
            halt_reason="5 of 20 were refused",
            **values,
        )
        step = shown(customer, BATCH)
        assert (step.status, step.side, step.sentence) == (StepStatus.ATTENTION, side, words)

    def test_ended_its_numbers_add_up_and_the_customer_is_live(
        self, customer, production, signed, admin_person
    ):
        signed()
        batch_in(
            production,
            {S.DELIVERED: 5, S.REFUSED: 1, S.HELD: 1},
            state=Batch.State.ENDED,
            ended_at=LATER,
        )
        journey = journey_for(customer, person=admin_person)
        assert journey.live
        assert journey.next_step is None
        assert journey.step(BATCH).sentence == (
            "5 of 7 in production, 2 refused or held, each with its reason"
        )
        assert journey.step(SIGN).status == StepStatus.DONE

    def test_what_is_sent_again_afterwards_is_counted_and_it_stays_live(self, customer, production):
        batch_in(
            production, {S.DELIVERED: 5, S.WAITING: 1}, state=Batch.State.ENDED, ended_at=LATER
        )
        assert shown(customer, BATCH).sentence == "5 of 6 in production, 1 being sent again"
        assert journey_for(customer).live

    def test_a_batch_that_was_halted_by_a_change_goes_on_under_a_summary_signed_anew(
        self, customer, production, signed
    ):
        summary = signed()
        batch = batch_in(
            production,
            {S.DELIVERED: 1, S.WAITING: 1},
            state=Batch.State.PAUSED,
            halted_side="system",
            halted_at=LATER,
            halt_reason="What was signed has changed.",
        )
        type(summary).objects.filter(pk=summary.pk).update(
            batch=batch,
            voided_at=LATER,
            differences=[{"what": "Lead source", "before": "UserGems", "after": "Gems"}],
        )
        journey = journey_for(customer)
        assert journey.stage.key == "go_live"
        assert journey.step(SIGN).status == StepStatus.ATTENTION
        assert journey.step(BATCH).status == StepStatus.ATTENTION

    def test_a_connection_lost_in_the_middle_does_not_send_the_customer_back(
        self, customer, production, signed
    ):
        signed()
        batch_in(production, {S.WAITING: 1})
        type(production).objects.filter(pk=production.pk).update(health="needs_reconnecting")
        assert journey_for(customer).stage.key == "go_live"


class TestOnTheSetupPage:
    def read(self, client, person, query=""):
        client.force_login(person)
        return client.get(reverse("setup") + query).content.decode()

    def test_the_summary_is_linked_to_read_and_sign(
        self, client, customer, production, admin_person
    ):
        summary_of(customer)
        text = self.read(client, admin_person)
        assert "Read and sign the summary" in text
        assert reverse("go_live") in text

    def test_what_changed_is_read_on_the_page(self, client, customer, production, admin_person):
        summary_of(
            customer,
            voided_at=LATER,
            differences=[{"what": "Lead source", "before": "UserGems", "after": "<b>Gems</b>"}],
        )
        text = self.read(client, admin_person)
        assert "UserGems became &lt;b&gt;Gems&lt;/b&gt;" in text
        assert "Signatures on the earlier summary no longer count" in text

    def test_while_it_is_sent_the_steps_are_asked_for_again(
        self, client, customer, production, admin_person
    ):
        batch_in(production, {S.DELIVERED: 1, S.WAITING: 1})
        text = self.read(client, admin_person)
        assert 'hx-trigger="every 3s"' in text
        assert "Follow the first batch" in text

    def test_live_the_home_says_so_with_numbers_and_links(
        self, client, customer, production, admin_person
    ):
        batch_in(
            production,
            {S.DELIVERED: 6, S.REFUSED: 1},
            state=Batch.State.ENDED,
            ended_at=LATER,
        )
        text = self.read(client, admin_person)
        assert "Northwind Traders is live" in text
        assert "<dt>In production</dt><dd>6</dd>" in text
        assert "<dt>Refused or held, with the reason</dt><dd>1</dd>" in text
        assert reverse("go_live") in text
        assert "hx-trigger" not in text.split('id="steps"')[1].split("</section>")[0]

    def test_the_org_named_in_the_last_stage_is_production(
        self, client, customer, production, admin_person
    ):
        assert "Northwind (production)" in self.read(client, admin_person)
