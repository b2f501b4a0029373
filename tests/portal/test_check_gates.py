"""Nothing is sent, allowed or signed before the org has answered for itself."""

import datetime

import pytest
from django.utils import timezone

from integrations.checks.base import Item
from integrations.models import CheckResult, CheckRun
from jobchanges.gates import gate_reason, org_gate
from jobchanges.models import RecordMode, TestRun
from jobchanges.services import TestRunError
from jobchanges.services import test_run_allow as run_allow
from jobchanges.services import test_run_send as run_send
from jobchanges.signals import settings_saved
from portal.checking.starting import org_check_freshen, org_check_start
from portal.services import point_waive, step_confirm
from portal.signoff import services
from portal.signoff.errors import SignOffError
from tests.factories import (
    CheckRunFactory,
    ConnectionFactory,
    DeliveryFactory,
    OutputSettingsFactory,
    TestRunFactory,
    WaiverFactory,
    org_checked,
)
from tests.portal.signing import frozen, production_done, sign, signed
from tests.portal.situations import LATER, settings_chosen, shown

pytestmark = pytest.mark.django_db

FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")
LONG_AFTER = LATER + datetime.timedelta(hours=25)


@pytest.fixture
def connection(customer, time_machine):
    time_machine.move_to(LATER, tick=False)
    return ConnectionFactory(customer=customer, epoch__name="Northwind (full copy)")


@pytest.fixture
def run(connection):
    """A test that is ready to be sent."""
    made = TestRunFactory(
        customer=connection.customer, epoch=connection.epoch, planned_at=timezone.now()
    )
    for _each in range(5):
        DeliveryFactory(test_run=made, plan={"writes": []}, plan_hash="a" * 64)
    return made


def reason(connection):
    """What is in the way, as the person who sends reads it."""
    place = {"customer": connection.customer, "environment": connection.environment}
    return gate_reason(org_gate, **place)


def asked(connection):
    """The rounds of questions that wait for a worker."""
    return CheckRun.objects.filter(epoch=connection.epoch, state=CheckRun.State.WAITING).count()


class TestSending:
    def test_to_an_org_that_was_never_asked_it_is_refused_and_the_org_is_asked(
        self, run, connection, manager
    ):
        with pytest.raises(TestRunError) as refused:
            run_send(test_run=run, by=manager)
        assert str(refused.value) == (
            "Northwind (full copy) is being checked now; try again in a minute."
        )
        assert asked(connection) == 1

    def test_to_an_org_that_answered_it_goes(self, run, connection, manager):
        org_checked(connection.epoch)
        assert run_send(test_run=run, by=manager).state == TestRun.State.SENDING

    def test_with_a_failing_check_it_is_refused_with_the_point(self, run, connection, manager):
        org_checked(connection.epoch, at=LATER - datetime.timedelta(hours=1), field_access=[FAILS])
        with pytest.raises(TestRunError) as refused:
            run_send(test_run=run, by=manager)
        assert str(refused.value) == "A check of the sandbox fails: Title on Contact is read-only."
        assert asked(connection) == 1, "it may have been put right meanwhile"

    def test_with_old_answers_it_is_refused_and_the_org_is_asked_again(
        self, run, connection, manager, time_machine
    ):
        org_checked(connection.epoch)
        time_machine.move_to(LONG_AFTER, tick=False)
        with pytest.raises(TestRunError, match=r"is of 19 Nov, 09:00\. It is being checked again"):
            run_send(test_run=run, by=manager)
        assert asked(connection) == 1

    def test_clicking_again_asks_the_org_once(self, run, connection, manager):
        for _click in range(3):
            with pytest.raises(TestRunError):
                run_send(test_run=run, by=manager)
        assert CheckRun.objects.count() == 1


class TestOpen:
    @pytest.mark.parametrize("name", ["api_headroom", "unmasked_emails", "sandbox_fitness"])
    def test_what_is_not_signed_holds_nothing(self, connection, name):
        org_checked(connection.epoch, **{name: "fail"})
        assert reason(connection) == ""

    def test_warnings_hold_nothing(self, connection):
        org_checked(connection.epoch, automation="warning", owners="warning")
        assert reason(connection) == ""

    def test_a_waived_fail_holds_nothing(self, connection, manager):
        org_checked(connection.epoch, field_access=[FAILS])
        point_waive(
            customer=connection.customer,
            environment="sandbox",
            check="field_access",
            key=FAILS.key,
            reason="We send no titles.",
            by=manager,
        )
        assert reason(connection) == ""

    def test_a_step_that_is_waived_as_a_whole_holds_nothing(self, connection):
        org_checked(connection.epoch, lead_conversion="fail")
        assert reason(connection)
        WaiverFactory(customer=connection.customer, epoch=connection.epoch)
        assert reason(connection) == ""

    def test_what_cannot_be_checked_waits_for_an_admin(self, connection, admin_person):
        customer = connection.customer
        settings_chosen(customer, connection.epoch)
        org_checked(connection.epoch, system_permissions="cannot")
        assert reason(connection) == (
            "Not everything of “Give the integration user its permissions” could be checked: an "
            "admin looks and confirms it."
        )
        step_confirm(customer=customer, step="sandbox.permissions", by=admin_person)
        assert reason(connection) == ""

    @pytest.mark.parametrize("outcome", ["cannot", "fail"])
    def test_a_step_that_falls_away_holds_nothing(self, connection, outcome):
        org_checked(connection.epoch, lead_conversion=outcome)
        assert reason(connection)
        settings_chosen(
            connection.customer, connection.epoch, record_mode=RecordMode.ALWAYS_CONTACT
        )
        assert shown(connection.customer, "sandbox.lead_conversion").chip == "Not needed"
        assert reason(connection) == ""

    def test_what_nobody_can_vouch_for_in_a_step_holds_nothing(self, connection):
        org_checked(connection.epoch, automation="cannot")
        assert reason(connection) == ""

    def test_an_error_beside_the_last_answer_holds_nothing(self, connection):
        org_checked(connection.epoch)
        CheckResult.objects.update(error="The org did not answer.", error_at=LATER)
        assert reason(connection) == ""

    def test_an_org_that_did_not_answer_says_why(self, connection):
        CheckRunFactory(
            epoch=connection.epoch, state=CheckRun.State.FAILED, error="The org did not answer."
        )
        assert reason(connection) == (
            "Northwind (full copy) could not be checked: The org did not answer. It is asked again."
        )

    def test_old_answers_of_an_org_that_answers_no_more_say_so_too(self, connection, time_machine):
        org_checked(connection.epoch)
        time_machine.move_to(LONG_AFTER, tick=False)
        CheckRunFactory(
            epoch=connection.epoch, state=CheckRun.State.FAILED, error="The org did not answer."
        )
        assert "could not be checked: The org did not answer." in reason(connection)

    def test_after_saving_settings_the_answers_are_waited_for(self, connection):
        org_checked(connection.epoch, at=LATER - datetime.timedelta(hours=1))
        settings_saved.send(sender=None, customer=connection.customer, environment="sandbox")
        assert "is being checked now" in reason(connection)

    def test_an_org_that_is_not_connected_is_said_by_others(self, connection):
        type(connection).objects.update(health="needs_reconnecting")
        assert reason(connection) == ""
        assert asked(connection) == 0


class TestAllowing:
    def test_an_org_that_did_not_answer_is_not_allowed_to_be_written_to(
        self, customer, admin_person
    ):
        production = ConnectionFactory(customer=customer, environment="production")
        run = TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
        with pytest.raises(TestRunError, match="is being checked now"):
            run_allow(test_run=run, starts_at=timezone.now(), by=admin_person, seen_hash="a" * 64)
        assert asked(production) == 1


class TestSigning:
    @pytest.fixture
    def production(self, customer, admin_person):
        production_done(customer, admin_person)
        return customer.connections.get(environment="production")

    def test_with_a_failing_check_nothing_is_frozen(self, customer, admin_person, production):
        hour_ago = timezone.now() - datetime.timedelta(hours=1)
        CheckRun.objects.update(asked_at=hour_ago)
        org_checked(production.epoch, at=hour_ago, owners=[FAILS])
        with pytest.raises(SignOffError, match="A check of production fails: Title on Contact"):
            services.summary_freeze(customer=customer, by=admin_person)
        assert asked(production) == 1, "the refusal does not take the question back"

    def test_with_old_answers_nothing_is_signed(
        self, customer, admin_person, production, time_machine
    ):
        summary = frozen(customer, admin_person)
        time_machine.move_to(timezone.now() + datetime.timedelta(hours=25))
        with pytest.raises(SignOffError, match="It is being checked again now"):
            sign(summary, "customer", admin_person)
        assert asked(production) == 1

    def test_with_old_answers_nothing_is_released(
        self, customer, admin_person, production, manager, time_machine
    ):
        summary = signed(customer, admin_person)
        time_machine.move_to(timezone.now() + datetime.timedelta(hours=25))
        with pytest.raises(SignOffError, match="It is being checked again now"):
            services.launch_release(summary=summary, by=manager)
        assert asked(production) == 1


class TestAsking:
    def test_a_page_asks_again_what_is_an_hour_old(self, customer, connection):
        org_checked(connection.epoch, at=LATER - datetime.timedelta(minutes=59))
        assert org_check_freshen(customer, "sandbox") is None
        CheckResult.objects.update(checked_at=LATER - datetime.timedelta(minutes=61))
        run = org_check_freshen(customer, "sandbox")
        assert run is not None
        assert (run.reason, run.asked_by) == (CheckRun.Reason.AGED, None)

    def test_saved_settings_are_looked_at(self, customer, connection):
        OutputSettingsFactory(customer=customer)
        settings_saved.send(sender=None, customer=customer, environment="sandbox")
        assert CheckRun.objects.get().reason == CheckRun.Reason.SETTINGS

    def test_production_also_says_how_it_is_set_up(self, customer):
        ConnectionFactory(customer=customer, environment="production")
        assert org_check_start(customer, "production").snapshot == CheckRun.Snapshot.CURRENT

    def test_a_sandbox_says_so_once_its_test_is_approved(self, customer, connection):
        assert org_check_start(customer, "sandbox").snapshot == CheckRun.Snapshot.NONE
        CheckRun.objects.all().delete()
        TestRunFactory(customer=customer, epoch=connection.epoch, state=TestRun.State.APPROVED)
        assert org_check_start(customer, "sandbox").snapshot == CheckRun.Snapshot.CURRENT

    def test_a_single_check_takes_no_snapshot(self, customer):
        ConnectionFactory(customer=customer, environment="production")
        run = org_check_start(customer, "production", names=["package"])
        assert (run.snapshot, run.names) == (CheckRun.Snapshot.NONE, ["package"])
