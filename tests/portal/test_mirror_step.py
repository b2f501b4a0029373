"""The mirror's step: what it says in each situation, and what opens it again."""

import datetime

import pytest

from accounts.models import Path
from integrations.models import Health, OrgEpoch
from integrations.snapshots.difference import Grade
from portal.managers.next_levers import lever_for
from portal.mirror.facts import mirror_load
from portal.mirror.standing import subject_of
from portal.models import Waiver
from portal.services import step_confirm, step_waive
from portal.steps import StepStatus
from tests.factories import (
    CheckRunFactory,
    ConfirmationFactory,
    EnvironmentSettingsFactory,
    OrgEpochFactory,
)
from tests.portal.mirrors import BLOCKING, COSMETIC, baseline, compared, difference
from tests.portal.situations import LATER, production_connect, sandbox_approved, shown

pytestmark = pytest.mark.django_db

MIRROR = "production.mirror"
RIGHT = "The integration user lacks “View Setup and Configuration” in production."


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


def set_aside(comparison, found, by, *, drift=False, **values):
    """A person let a difference be, with the values it has."""
    about = comparison.baseline if drift else comparison.production
    said = {
        "customer": comparison.customer,
        "step": MIRROR,
        "epoch": about.epoch,
        "by": by,
        "reason": "We know.",
        "subject": f"{'drift' if drift else 'difference'}:{found.kind}:{found.key}",
        "subject_hash": found.hash,
    }
    return Waiver.objects.create(**(said | values))


class TestBeforeItIsCompared:
    def test_without_production_the_worksheet_is_ready(self, customer):
        sandbox_approved(customer)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == (
            "The worksheet is ready. Production is compared once it is connected"
        )

    def test_while_the_sandbox_is_asked_it_is_being_checked(self, customer):
        sandbox = sandbox_approved(customer)
        production_connect(customer)
        CheckRunFactory(epoch=sandbox.epoch, state="running", snapshot="baseline")
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CHECKING
        assert step.sentence == "The tested sandbox is being asked how it is set up"

    def test_while_production_is_asked_it_is_being_checked(self, customer):
        baseline(sandbox_approved(customer).epoch)
        CheckRunFactory(epoch=production_connect(customer).epoch, state="waiting")
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CHECKING
        assert step.sentence == "Production is being compared with the tested sandbox"

    def test_an_org_that_did_not_answer_is_said_with_its_reason(self, customer):
        baseline(sandbox_approved(customer).epoch)
        CheckRunFactory(
            epoch=production_connect(customer).epoch,
            state="failed",
            error="Salesforce did not answer for a minute. Press Check again.",
        )
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "Salesforce did not answer for a minute. Press Check again"

    def test_not_asked_yet_it_says_that_it_is_asked_by_itself(self, customer):
        sandbox_approved(customer)
        production_connect(customer)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == (
            "The tested sandbox has not said yet how it is set up. It is asked by itself"
        )

    def test_a_refreshed_sandbox_that_nobody_asked_cannot_be_compared(self, customer):
        sandbox = sandbox_approved(customer)
        production_connect(customer)
        OrgEpoch.objects.filter(pk=sandbox.epoch_id).update(ended_at=LATER)
        sandbox.epoch = OrgEpochFactory(connection=sandbox, number=2)
        sandbox.save()
        step = shown(customer, MIRROR)
        assert "no longer connected" in step.sentence
        assert step.detail["by_hand"]

    def test_an_admin_vouches_for_what_nobody_could_compare(self, customer, admin_person):
        sandbox_approved(customer)
        production_connect(customer)
        step_confirm(customer=customer, step=MIRROR, by=admin_person)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.DONE
        assert step.sentence == "Confirmed by Priya Shah, not checked, 19 Nov"

    def test_a_lost_production_says_to_connect_it_again(self, customer):
        baseline(sandbox_approved(customer).epoch)
        connection = production_connect(customer)
        type(connection).objects.filter(pk=connection.pk).update(health=Health.NEEDS_RECONNECTING)
        assert "Connect it again first" in shown(customer, MIRROR).sentence

    def test_without_a_sandbox_stage_there_is_no_such_step(self, customer):
        from portal.steps import step_find

        assert step_find(Path.PRODUCTION_ONLY, MIRROR) is None


class TestCompared:
    def test_nothing_above_cosmetic_is_done_with_its_evidence(self, customer):
        compared(customer, COSMETIC)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.DONE
        assert step.sentence == "Nothing that matters differs · compared 18 Nov, 14:02"

    def test_what_differs_needs_attention_by_what_it_does(self, customer):
        compared(customer, BLOCKING, difference(), difference("Lead.Tier__c:missing"))
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.ATTENTION
        assert step.side == "customer"
        assert step.sentence == ("1 difference blocks delivery · 2 differences change the result")

    def test_while_production_is_asked_again_an_open_step_is_being_checked(self, customer):
        comparison = compared(customer, BLOCKING)
        CheckRunFactory(epoch=comparison.production.epoch, state="running")
        assert shown(customer, MIRROR).status == StepStatus.CHECKING

    def test_while_production_is_asked_again_a_done_step_stays_done(self, customer):
        comparison = compared(customer)
        CheckRunFactory(epoch=comparison.production.epoch, state="running")
        assert shown(customer, MIRROR).status == StepStatus.DONE

    def test_what_cannot_be_compared_is_vouched_for(self, customer, admin_person):
        comparison = compared(customer, unknown={"page_layouts": RIGHT})
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == (
            "Cannot be compared: Dynamic page layouts. Look yourself and confirm it"
        )
        ConfirmationFactory(
            customer=customer, step=MIRROR, epoch=comparison.production.epoch, by=admin_person
        )
        assert shown(customer, MIRROR).sentence == (
            "Nothing that matters differs · Confirmed by Priya Shah, not checked, 19 Nov · "
            "compared 18 Nov, 14:02"
        )

    def test_a_confirmation_does_not_hide_what_differs(self, customer, admin_person):
        comparison = compared(customer, BLOCKING)
        ConfirmationFactory(customer=customer, step=MIRROR, epoch=comparison.production.epoch)
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION

    def test_the_whole_step_may_be_waived_all_the_same(self, customer, manager):
        compared(customer, BLOCKING)
        step_waive(customer=customer, step=MIRROR, reason="Deployed by hand.", by=manager)
        assert shown(customer, MIRROR).sentence == "Waived by Maya Rao, 19 Nov: Deployed by hand."

    def test_a_comparison_of_another_production_org_does_not_count(self, customer):
        comparison = compared(customer)
        connection = comparison.production.epoch.connection
        OrgEpoch.objects.filter(pk=comparison.production.epoch_id).update(ended_at=LATER)
        connection.epoch = OrgEpochFactory(connection=connection, number=2)
        connection.save()
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CUSTOMER
        assert "has not said yet" in step.sentence

    def test_a_refreshed_sandbox_keeps_what_was_tested(self, customer):
        comparison = compared(customer)
        connection = comparison.baseline.epoch.connection
        OrgEpoch.objects.filter(pk=comparison.baseline.epoch_id).update(ended_at=LATER)
        connection.epoch = OrgEpochFactory(connection=connection, number=2)
        connection.save()
        assert shown(customer, MIRROR).status == StepStatus.DONE


class TestChoices:
    """What UserGems chooses for production is a difference until it is chosen."""

    CHOICE = difference("campaign:choice:missing", kind="campaigns", who="manager", change_set=())

    def test_before_it_is_chosen_it_is_the_manager_s_turn(self, customer):
        compared(customer, self.CHOICE)
        step = shown(customer, MIRROR)
        assert (step.status, step.side) == (StepStatus.VENDOR, "vendor")
        assert step.sentence == (
            "Owner and campaign of production are compared once they are chosen"
        )

    def test_what_the_customer_mends_comes_first(self, customer):
        compared(customer, self.CHOICE, difference())
        step = shown(customer, MIRROR)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "customer")
        assert step.sentence == "1 difference changes the result"

    def test_chosen_otherwise_it_is_for_the_manager_to_mend(self, customer, manager):
        compared(customer, self.CHOICE)
        EnvironmentSettingsFactory(customer=customer, environment="production")
        step = shown(customer, MIRROR)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "vendor")
        words, address = lever_for(customer, step, None, manager)
        assert words == "Choose settings"
        assert address.endswith("/settings/production/")


class TestSetAside:
    def test_what_a_person_let_be_is_done_and_counted(self, customer, manager):
        comparison = compared(customer, BLOCKING, difference())
        set_aside(comparison, BLOCKING, manager)
        assert shown(customer, MIRROR).sentence == "1 difference changes the result"
        set_aside(comparison, difference(), manager)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.DONE
        assert step.sentence == "2 differences may stay as they are · compared 18 Nov, 14:02"

    def test_a_difference_that_changed_is_open_again(self, customer, manager):
        comparison = compared(customer, difference(now="text 255"))
        set_aside(comparison, difference(now="text 80"), manager)
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION

    def test_a_difference_that_got_worse_is_open_again(self, customer, manager):
        comparison = compared(customer, difference(grade=Grade.BLOCKS))
        set_aside(comparison, difference(), manager)
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION

    def test_words_about_another_org_do_not_count(self, customer, manager):
        comparison = compared(customer, difference())
        set_aside(comparison, difference(), manager, epoch=comparison.baseline.epoch)
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION


class TestDrift:
    def test_a_change_in_the_sandbox_since_its_test_opens_the_step(self, customer):
        compared(customer, drift=[difference()])
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "1 thing changed in the sandbox since its test"

    def test_it_may_be_accepted_apart_from_the_same_difference_of_production(
        self, customer, manager
    ):
        comparison = compared(customer, difference(), drift=[difference()])
        set_aside(comparison, difference(), manager, drift=True)
        assert shown(customer, MIRROR).sentence == "1 difference changes the result"

    def test_what_came_up_after_it_was_done_is_told_apart(self, customer):
        old = LATER - datetime.timedelta(days=2)
        comparison = compared(customer, BLOCKING, difference(), since=old, settled_at=old)
        comparison.differences[1]["since"] = LATER.isoformat()
        comparison.save()
        new = shown(customer, MIRROR).detail["new"]
        assert [point.difference.key for point in new] == [difference().key]


class TestNames:
    def test_a_key_of_any_length_has_a_name_of_its_own(self):
        long = "Lead." + "Very_long__c" * 40
        first, second = subject_of(difference(long + "a")), subject_of(difference(long + "b"))
        assert first != second
        assert max(len(first), len(second)) <= 300
        assert first.startswith("difference:custom_fields:Lead.")

    def test_loading_asks_as_often_for_many_customers_as_for_one(
        self, customer, other_customer, django_assert_num_queries
    ):
        compared(customer)
        compared(other_customer)
        with django_assert_num_queries(2):
            found = mirror_load([customer, other_customer])
        assert found[customer.pk].comparison.customer_id == customer.pk
        assert found[other_customer.pk].baseline is not None
