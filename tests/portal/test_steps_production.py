"""The production stage: which step opens when, and what each says, on both paths."""

import datetime

import pytest

from accounts.models import Path, Plan
from integrations.models import ConnectAttempt, Health
from jobchanges.models import Delivery, TestRun
from portal.models import PeopleSource
from portal.services import StepError, step_confirm, step_waive
from portal.steps import StepStatus, journey_for, step_find, steps_for
from portal.steps.people import PeopleStep
from tests.factories import (
    AllowanceFactory,
    ConfirmationFactory,
    ConnectAttemptFactory,
    CustomerFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
    PeopleSourceFactory,
    SignupLinkFactory,
    WaiverFactory,
)
from tests.portal.situations import (
    EARLIER,
    FOUR,
    LATER,
    connect,
    production_connect,
    production_ready,
    run_in,
    sandbox_approved,
    settings_chosen,
    shown,
)

pytestmark = pytest.mark.django_db

MIRROR = "production.mirror"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def harbor(manager):
    """A customer without a sandbox."""
    return CustomerFactory(
        name="Harbor Analytics",
        plan=Plan.GROWTH,
        path=Path.PRODUCTION_ONLY,
        implementation_manager=manager,
    )


def chips(customer, person=None):
    return {step.key: step.chip for step in journey_for(customer, person=person).stage.steps}


class TestBothPaths:
    def test_with_a_sandbox_the_worksheet_stands_for_layouts_and_conversion(self):
        keys = [step.key for step in steps_for(Path.SANDBOX_FIRST)[1].steps]
        assert keys == [
            "production.package",
            "production.connect",
            "production.permissions",
            "production.mirror",
            "production.settings",
            "production.people",
            "production.allow",
            "production.test",
        ]

    def test_without_a_sandbox_layouts_and_conversion_are_done_in_production(self):
        keys = [step.key for step in steps_for(Path.PRODUCTION_ONLY)[0].steps]
        assert keys == [
            "production.package",
            "production.connect",
            "production.permissions",
            "production.layouts",
            "production.lead_conversion",
            "production.settings",
            "production.people",
            "production.allow",
            "production.test",
        ]

    def test_nothing_of_production_opens_before_the_sandbox_test_is_approved(self, customer):
        connect(customer)
        production = journey_for(customer).stages[1]
        assert {step.status for step in production.steps} == {StepStatus.LOCKED}

    def test_after_the_sandbox_test_package_link_and_worksheet_are_open(
        self, customer, admin_person
    ):
        sandbox_approved(customer)
        assert chips(customer, admin_person) == {
            "production.package": "Your turn",
            "production.connect": "Maya’s turn",
            "production.permissions": "Opens after step 2",
            "production.mirror": "Next",
            "production.settings": "Opens after step 2",
            "production.people": "Opens after step 2",
            "production.allow": "Opens after step 5",
            "production.test": "Opens after step 7",
        }

    def test_without_a_sandbox_everything_starts_with_package_and_link(self, harbor):
        assert chips(harbor) == {
            "production.package": "Your turn",
            "production.connect": "Maya’s turn",
            "production.permissions": "Opens after step 2",
            "production.layouts": "Opens after step 2",
            "production.lead_conversion": "Opens after step 2",
            "production.settings": "Opens after step 2",
            "production.people": "Opens after step 2",
            "production.allow": "Opens after step 6",
            "production.test": "Opens after step 8",
        }

    def test_while_the_link_is_awaited_the_worksheet_is_the_next_thing(
        self, customer, admin_person
    ):
        sandbox_approved(customer)
        ConfirmationFactory(customer=customer, step="production.package")
        journey = journey_for(customer, person=admin_person)
        assert journey.next_step.key == MIRROR
        assert journey.whose_turn == "Your turn"

    def test_the_next_stage_waits_for_the_list_of_people_too(self, customer, admin_person):
        sandbox_approved(customer)
        production_ready(customer, people=False)
        journey = journey_for(customer, person=admin_person)
        assert journey.stage.key == "production"
        assert journey.next_step.key == "production.people"
        assert journey.step("go_live.sign_off").status == StepStatus.LOCKED

    @pytest.mark.parametrize("path", [Path.SANDBOX_FIRST, Path.PRODUCTION_ONLY])
    def test_with_everything_done_go_live_opens(self, customer, path):
        if path == Path.SANDBOX_FIRST:
            sandbox_approved(customer)
        customer.path = path
        customer.save()
        production_ready(customer)
        journey = journey_for(customer)
        assert journey.stage.key == "go_live"
        assert journey.next_step.key == "go_live.sign_off"

    def test_a_switch_of_the_path_keeps_what_was_done_and_said(self, customer, admin_person):
        sandbox = sandbox_approved(customer)
        production = production_connect(customer)
        for step, connection in (
            ("sandbox.permissions", sandbox),
            ("production.permissions", production),
        ):
            ConfirmationFactory(customer=customer, step=step, epoch=connection.epoch)
        customer.path = Path.PRODUCTION_ONLY
        journey = journey_for(customer, person=admin_person)
        assert journey.step("production.permissions").status == StepStatus.DONE
        assert journey.step("sandbox.permissions") is None
        customer.path = Path.SANDBOX_FIRST
        assert journey_for(customer).step("sandbox.permissions").status == StepStatus.DONE
        assert journey_for(customer).stage.key == "production"


class TestPackageAndConnect:
    def test_the_package_has_production_s_own_link(self, customer, settings):
        sandbox_approved(customer)
        step = shown(customer, "production.package")
        assert step.title == "Install the production package"
        assert step.detail["install_link"] == settings.PACKAGE_LINK_PRODUCTION
        assert step.detail["install_link"] != settings.PACKAGE_LINK_SANDBOX

    def test_an_admin_vouches_for_the_package_before_connecting(self, customer, admin_person):
        sandbox_approved(customer)
        step_confirm(customer=customer, step="production.package", by=admin_person)
        assert shown(customer, "production.package").sentence == (
            "Confirmed by Priya Shah, not checked, 19 Nov"
        )

    def test_nobody_vouches_for_it_before_the_sandbox_test(self, customer, admin_person):
        connect(customer)
        with pytest.raises(StepError, match="not open yet"):
            step_confirm(customer=customer, step="production.package", by=admin_person)

    def test_the_sandbox_s_link_says_nothing_about_production(self, customer):
        sandbox_approved(customer)
        SignupLinkFactory(customer=customer)
        assert shown(customer, "production.connect").sentence == (
            "Maya sends the sign-up link by e-mail"
        )

    def test_a_sandbox_or_developer_org_as_production_is_refused_and_said(self, customer):
        sandbox_approved(customer)
        SignupLinkFactory(customer=customer, environment="production")
        ConnectAttemptFactory(
            customer=customer,
            link=None,
            environment="production",
            state=ConnectAttempt.State.REFUSED,
            started_at=EARLIER,
            error_code="sandbox_in_production",
        )
        step = shown(customer, "production.connect")
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "The attempt of 18 Nov, 14:02 was refused"

    def test_connected_it_says_who_and_as_whom(self, customer):
        sandbox_approved(customer)
        production_connect(customer, username="usergems.integration@northwind.example")
        assert shown(customer, "production.connect").sentence == (
            "Connected by Priya Shah as usergems.integration@northwind.example, 18 Nov, 14:02"
        )

    def test_a_lost_connection_needs_attention_and_the_sandbox_does_not_care(self, customer):
        sandbox = sandbox_approved(customer)
        connection = production_connect(customer)
        type(connection).objects.filter(pk=connection.pk).update(health=Health.NEEDS_RECONNECTING)
        assert shown(customer, "production.connect").status == StepStatus.ATTENTION
        assert shown(customer, "sandbox.connect").status == StepStatus.DONE
        assert sandbox.is_live


class TestMirror:
    def test_before_connecting_the_worksheet_is_there_and_nothing_to_confirm(
        self, customer, admin_person
    ):
        sandbox_approved(customer)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == (
            "The worksheet is ready. Production is compared once it is connected"
        )
        assert step.since == EARLIER
        with pytest.raises(StepError, match="after the org is connected"):
            step_confirm(customer=customer, step=MIRROR, by=admin_person)

    def test_connected_an_admin_vouches_for_it(self, customer, admin_person):
        sandbox_approved(customer)
        production_connect(customer)
        assert "once production is connected" not in shown(customer, MIRROR).sentence
        step_confirm(customer=customer, step=MIRROR, by=admin_person)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.DONE
        assert step.sentence == "Confirmed by Priya Shah, not checked, 19 Nov"

    def test_the_manager_waives_it_with_a_reason(self, customer, manager):
        sandbox_approved(customer)
        production_connect(customer)
        step_waive(
            customer=customer, step=MIRROR, reason="Production was copied yesterday.", by=manager
        )
        assert shown(customer, MIRROR).sentence == (
            "Waived by Maya Rao, 19 Nov: Production was copied yesterday."
        )

    def test_a_waiver_of_another_org_does_not_count(self, customer):
        sandbox = sandbox_approved(customer)
        production_connect(customer)
        WaiverFactory(customer=customer, step=MIRROR, epoch=sandbox.epoch)
        assert shown(customer, MIRROR).status == StepStatus.CUSTOMER


class TestSettings:
    def test_it_says_what_comes_from_the_sandbox_and_what_is_chosen_here(self, customer):
        sandbox = sandbox_approved(customer)
        settings_chosen(customer, sandbox.epoch)
        production_connect(customer)
        step = shown(customer, "production.settings")
        assert step.title == "Choose the owner and the campaign of production"
        assert step.status == StepStatus.VENDOR
        assert step.sentence == "Everything else comes from the tested sandbox"
        assert ("Lead source", "UserGems") in step.detail["tested"]

    def test_the_sandbox_s_choices_are_not_production_s(self, customer):
        sandbox = sandbox_approved(customer)
        settings_chosen(customer, sandbox.epoch)
        production_connect(customer)
        assert not shown(customer, "production.settings").finished

    def test_done_it_names_owner_and_campaign(self, customer):
        sandbox_approved(customer)
        connection = production_connect(customer)
        OutputSettingsFactory(customer=customer)
        EnvironmentSettingsFactory(
            customer=customer,
            environment="production",
            campaign_name="Champion moves FY26",
            validated_org_id=connection.epoch.org_id,
            validated_at=EARLIER,
        )
        assert shown(customer, "production.settings").sentence == (
            "Olga Owner, Champion moves FY26 · valid in your org, asked 18 Nov, 14:02"
        )

    def test_without_a_sandbox_everything_is_chosen_there(self, harbor):
        production_connect(harbor)
        step = shown(harbor, "production.settings")
        assert step.title == "Choose where job changes go"
        assert step.detail["tested"] == []


class TestPeople:
    def test_locked_until_production_is_connected(self, customer):
        sandbox_approved(customer)
        assert shown(customer, "production.people").chip == "Opens after step 2"

    def test_runs_beside_the_other_steps(self, customer):
        sandbox_approved(customer)
        production_connect(customer)
        assert shown(customer, "production.people").status == StepStatus.CUSTOMER
        assert shown(customer, "production.permissions").status == StepStatus.CUSTOMER

    def test_nothing_but_go_live_waits_for_it(self):
        waiting = {
            step.key
            for plan in steps_for(Path.SANDBOX_FIRST)
            for step in plan.steps
            if "production.people" in step.requires
        }
        assert waiting == {"go_live.sign_off"}

    def test_done_says_what_was_chosen_and_by_whom(self, customer, admin_person):
        sandbox_approved(customer)
        production_connect(customer)
        PeopleSourceFactory(
            customer=customer,
            kind=PeopleSource.Kind.ENGINE,
            chosen_by=admin_person,
            chosen_at=EARLIER,
        )
        step = shown(customer, "production.people")
        assert step.status == StepStatus.DONE
        assert step.sentence == f"{PeopleSource.Kind.ENGINE.label}, chosen by Priya Shah, 18 Nov"

    @pytest.mark.parametrize("path", Path.values)
    def test_rule_5_no_path_asks_a_sandbox_for_people(self, path):
        assert step_find(path, "sandbox.people") is None
        with pytest.raises(ValueError, match="Nothing is read from a sandbox"):
            PeopleStep("sandbox")


class TestTest:
    def test_a_production_test_in_review_is_told_apart_from_the_sandbox_s(self, customer):
        sandbox_approved(customer)
        connection = production_connect(customer)
        run_in(
            customer,
            connection,
            environment="production",
            deliveries=[*FOUR, (Delivery.State.DELIVERED, None, None)],
        )
        assert shown(customer, "sandbox.test").status == StepStatus.DONE
        assert shown(customer, "production.test").sentence == "1 of 5 wait for your review"
        assert shown(customer, "production.test").title == "Review another 5 to 10 together"

    def test_without_a_sandbox_nothing_was_reviewed_before(self):
        titles = [step.title for step in steps_for(Path.PRODUCTION_ONLY)[0].steps]
        assert titles[-1] == "Review 5 to 10 test job changes together"

    def test_sent_ones_that_wait_are_being_sent(self, customer):
        sandbox_approved(customer)
        connection = production_connect(customer)
        run_in(
            customer,
            connection,
            environment="production",
            state=TestRun.State.SENDING,
            sent_at=LATER - datetime.timedelta(minutes=1),
            deliveries=[*FOUR, (Delivery.State.WAITING, None, None)],
        )
        assert shown(customer, "production.test").sentence == "Being sent: 4 of 5 done"


class TestTestInParts:
    """The production test before it is sent, and what is added to it afterwards."""

    NEW = "Maya is putting test 1 together; you allow it before it is sent"

    @pytest.fixture
    def ready(self, customer):
        sandbox_approved(customer)
        connection = production_ready(customer)
        TestRun.objects.filter(environment="production").update(
            state=TestRun.State.CLOSED, number=9
        )
        return connection

    @pytest.fixture
    def draft(self, customer, ready):
        run = run_in(
            customer, ready, environment="production", state=TestRun.State.DRAFT, sent_at=None
        )
        DeliveryFactory.create_batch(5, test_run=run, plan_hash="a" * 64)
        return run

    @pytest.fixture
    def reviewed(self, customer, ready, admin_person):
        """Sent, reviewed by the customer; a sixth was added since."""
        run = run_in(
            customer,
            ready,
            environment="production",
            deliveries=[*FOUR, (Delivery.State.DELIVERED, "right", None)],
        )
        sent = AllowanceFactory(test_run=run, by=admin_person)
        run.deliveries.update(allowance=sent)
        DeliveryFactory(test_run=run, plan_hash="a" * 64)
        return run

    def offer(self, run):
        TestRun.objects.filter(pk=run.pk).update(offered_at=EARLIER)

    def allow(self, run, person, **values):
        given = AllowanceFactory(test_run=run, by=person, at=LATER, **values)
        run.deliveries.filter(released_at=None).update(allowance=given)

    def both(self, customer):
        return [shown(customer, f"production.{name}") for name in ("allow", "test")]

    def test_planned_it_is_the_managers_turn_once(self, customer, draft):
        allow, test = self.both(customer)
        assert (allow.side, test.status) == ("vendor", StepStatus.LOCKED)
        assert test.sentence == self.NEW

    def test_offered_it_is_the_customers_turn_once(self, customer, draft):
        self.offer(draft)
        allow, test = self.both(customer)
        assert (allow.side, test.status) == ("customer", StepStatus.LOCKED)
        assert test.sentence == "Test 1 waits to be allowed; then Maya sends it"

    def test_allowed_from_a_later_time_it_is_nobodys_turn(self, customer, draft, admin_person):
        self.offer(draft)
        self.allow(draft, admin_person, starts_at=LATER + datetime.timedelta(hours=4))
        allow, test = self.both(customer)
        assert (allow.finished, test.side, test.chip) == (True, "", "Waits for its time")
        assert test.sentence.startswith("Allowed: Maya sends 5 job changes from 19 Nov, ")
        assert not journey_for(customer, person=None).checking

    def test_allowed_and_begun_the_manager_sends_it(self, customer, draft, admin_person):
        self.offer(draft)
        self.allow(draft, admin_person, starts_at=EARLIER)
        allow, test = self.both(customer)
        assert (allow.finished, test.side) == (True, "vendor")
        assert test.sentence == "Allowed: Maya sends 5 job changes"

    def test_what_was_added_is_planned_offered_allowed_and_sent(
        self, customer, reviewed, admin_person
    ):
        allow, test = self.both(customer)
        assert (allow.finished, test.side) == (True, "vendor")
        assert test.sentence == "1 more of test 1 is planned: Maya shows it to you, to be allowed"
        self.offer(reviewed)
        allow, test = self.both(customer)
        assert (allow.side, test.side, test.chip) == ("customer", "", "Waits for the allowance")
        assert test.sentence == "1 more of test 1 waits to be allowed; then Maya sends it"
        self.allow(reviewed, admin_person, starts_at=EARLIER)
        allow, test = self.both(customer)
        assert (allow.finished, test.side) == (True, "vendor")
        assert test.sentence == "Allowed: Maya sends 1 job change"

    def test_a_correction_that_waits_does_not_hide_what_is_being_sent(self, customer, reviewed):
        first = reviewed.deliveries.first()
        Delivery.objects.filter(pk=first.pk).update(
            released_at=None, correction_asked_at=LATER, allowance=None
        )
        last = reviewed.deliveries.last()
        Delivery.objects.filter(pk=last.pk).update(released_at=LATER)
        assert shown(customer, "production.test").status == StepStatus.CHECKING
        assert shown(customer, "production.test").sentence == "Being sent: 5 of 6 done"


class TestSince:
    def test_production_waits_since_the_sandbox_test_was_approved(self, customer):
        type(customer).objects.update(created_at=EARLIER - datetime.timedelta(days=60))
        customer.refresh_from_db()
        sandbox_approved(customer)
        journey = journey_for(customer)
        assert journey.step("production.package").since == EARLIER
        assert journey.step("production.connect").since == EARLIER
        assert not journey.stuck
