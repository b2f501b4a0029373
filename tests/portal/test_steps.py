"""Each step's state follows from facts: what is known, and what is then shown."""

import pytest

from integrations.models import ConnectAttempt, Health
from jobchanges.models import RecordMode
from portal.steps import StepStatus
from tests.factories import (
    CheckRunFactory,
    ConfirmationFactory,
    ConnectAttemptFactory,
    OrgEpochFactory,
    SignupLinkFactory,
    WaiverFactory,
    org_checked,
)
from tests.portal.situations import (
    CONFIRMED,
    EARLIER,
    LATER,
    connect,
    settings_chosen,
    shown,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


class TestPackage:
    def test_before_connecting_it_is_the_customers_turn(self, customer, admin_person):
        step = shown(customer, "sandbox.package", admin_person)
        assert (step.status, step.chip) == (StepStatus.CUSTOMER, "Your turn")

    def test_before_connecting_the_admin_vouches_for_it(self, customer):
        ConfirmationFactory(customer=customer, by__full_name="Priya Shah", at=LATER)
        step = shown(customer, "sandbox.package")
        assert step.status == StepStatus.DONE
        assert step.sentence == "Confirmed by Priya Shah, not checked, 19 Nov"

    def test_after_connecting_the_org_says_so_with_its_version(self, customer):
        connect(customer, package_version="1.42")
        step = shown(customer, "sandbox.package")
        assert step.sentence == "Version 1.42 found in your org · asked 18 Nov, 14:02"

    def test_what_the_org_says_outweighs_what_a_person_said(self, customer):
        ConfirmationFactory(customer=customer)
        connect(customer, package_installed=False, package_version="", package_manifest="")
        step = shown(customer, "sandbox.package")
        assert (step.status, step.chip) == (StepStatus.ATTENTION, "Needs attention")
        assert "Not found in Northwind Traders" in step.sentence

    def test_installed_for_admins_only_needs_attention(self, customer):
        connect(customer, package_manifest="")
        step = shown(customer, "sandbox.package")
        assert step.status == StepStatus.ATTENTION
        assert "sees none of its objects" in step.sentence

    def test_a_package_that_is_too_old_names_both_versions_and_the_upgrade(
        self, client, customer, admin_person
    ):
        connect(customer, package_version="1.38")
        step = shown(customer, "sandbox.package")
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "Version 1.38 found in your org; 1.40 or newer is needed"
        client.force_login(admin_person)
        page = client.get("/?step=sandbox.package").content.decode()
        assert "Salesforce upgrades the package and keeps its records" in page
        assert "Nothing is sent to this org before that" in page
        assert "is installed in our sandbox, for all users" not in page, "the org says otherwise"

    def test_right_after_connecting_the_org_is_being_asked(self, customer):
        connect(customer, package_installed=None, facts_at=None, started_at=LATER)
        assert shown(customer, "sandbox.package").status == StepStatus.CHECKING

    def test_an_org_that_has_not_answered_for_minutes_is_not_called_checking(self, customer):
        connect(customer, package_installed=None, facts_at=None)
        step = shown(customer, "sandbox.package")
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == "Your org could not be asked, so its package is not known"

    def test_an_org_that_cannot_be_asked_leaves_it_to_a_person(self, customer):
        connect(customer, package_installed=None, facts_error="May not read it.")
        ConfirmationFactory(customer=customer)
        assert "not checked" in shown(customer, "sandbox.package").sentence

    def test_asked_again_it_is_checking_until_the_org_answered(self, customer):
        connection = connect(customer, package_installed=False, package_manifest="")
        org_checked(connection.epoch)
        run = CheckRunFactory(epoch=connection.epoch, state="running")
        assert shown(customer, "sandbox.package").status == StepStatus.CHECKING
        connection.epoch.check_results.filter(name="package").update(run=run)
        assert shown(customer, "sandbox.package").status == StepStatus.CUSTOMER

    def test_a_package_that_was_found_stays_found_while_the_org_is_asked(self, customer):
        connection = connect(customer)
        CheckRunFactory(epoch=connection.epoch, state="running")
        assert shown(customer, "sandbox.package").status == StepStatus.DONE


class TestConnect:
    def test_without_a_link_it_is_the_managers_turn(self, customer):
        step = shown(customer, "sandbox.connect")
        assert (step.status, step.chip) == (StepStatus.VENDOR, "Maya’s turn")
        assert step.sentence == "Maya sends the sign-up link by e-mail"

    def test_a_link_that_waits_is_the_customers_turn(self, customer):
        SignupLinkFactory(customer=customer)
        step = shown(customer, "sandbox.connect")
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == "The sign-up link for Priya Shah waits, until 3 Dec"

    def test_an_expired_link_is_the_managers_turn(self, customer):
        SignupLinkFactory(customer=customer, expires_at=EARLIER)
        step = shown(customer, "sandbox.connect")
        assert step.status == StepStatus.VENDOR
        assert step.sentence == "The sign-up link ended 18 Nov. Maya sends a new one"

    def test_a_production_link_says_nothing_about_the_sandbox(self, customer):
        SignupLinkFactory(customer=customer, environment="production")
        assert shown(customer, "sandbox.connect").status == StepStatus.VENDOR

    def test_an_attempt_that_did_not_come_back_is_said(self, customer):
        SignupLinkFactory(customer=customer)
        ConnectAttemptFactory(customer=customer, link=None, started_at=EARLIER)
        step = shown(customer, "sandbox.connect")
        assert step.status == StepStatus.ATTENTION
        assert "did not come back from Salesforce" in step.sentence

    def test_an_attempt_that_was_given_up_did_not_come_back_either(self, customer):
        SignupLinkFactory(customer=customer)
        ConnectAttemptFactory(
            customer=customer, link=None, state=ConnectAttempt.State.ABANDONED, started_at=EARLIER
        )
        assert "did not come back" in shown(customer, "sandbox.connect").sentence

    def test_a_refused_attempt_says_why(self, customer):
        SignupLinkFactory(customer=customer)
        ConnectAttemptFactory(
            customer=customer,
            link=None,
            state=ConnectAttempt.State.REFUSED,
            started_at=EARLIER,
            error_code="access_denied",
        )
        step = shown(customer, "sandbox.connect")
        assert step.sentence == "The attempt of 18 Nov, 14:02 was refused"
        assert step.detail["refused"]

    def test_an_answer_that_waits_for_confirmation_is_said(self, customer):
        ConnectAttemptFactory(
            customer=customer, link=None, state=ConnectAttempt.State.RETURNED, started_at=LATER
        )
        assert "confirm the org and the user" in shown(customer, "sandbox.connect").sentence

    def test_connected_names_the_person_and_the_salesforce_user(self, customer):
        connect(customer, username="usergems.integration@northwind.example.full")
        assert shown(customer, "sandbox.connect").sentence == (
            "Connected by Priya Shah as usergems.integration@northwind.example.full, 18 Nov, 14:02"
        )

    @pytest.mark.parametrize(
        ("health", "words"),
        [
            (Health.NEEDS_RECONNECTING, "Needs reconnecting since 18 Nov, 14:02"),
            (Health.DISCONNECTED, "Disconnected 18 Nov, 14:02"),
        ],
    )
    def test_a_dead_connection_needs_attention(self, customer, health, words):
        connection = connect(customer)
        type(connection).objects.update(health=health)
        step = shown(customer, "sandbox.connect")
        assert (step.status, step.sentence) == (StepStatus.ATTENTION, words)

    @pytest.mark.parametrize(
        ("health", "words"),
        [
            (Health.NEEDS_RECONNECTING, "your Salesforce administrator puts it right first"),
            (Health.DISCONNECTED, "nothing is read from it or written to it"),
        ],
    )
    def test_the_page_says_what_a_dead_connection_means(
        self, client, customer, admin_person, health, words
    ):
        connection = connect(customer)
        type(connection).objects.update(health=health)
        client.force_login(admin_person)
        page = client.get("/?step=sandbox.connect").content.decode()
        assert words in page
        assert "Reconnect with Salesforce" in page

    def test_an_app_that_is_not_installed_needs_attention_and_blocks_nothing(self, customer):
        connect(customer, app_installed=False)
        assert shown(customer, "sandbox.connect").status == StepStatus.ATTENTION
        assert shown(customer, "sandbox.permissions").status == StepStatus.CUSTOMER


class TestStepsOfAnOrgNeverAsked:
    @pytest.mark.parametrize("key", CONFIRMED)
    def test_locked_until_connected(self, customer, key):
        step = shown(customer, key)
        assert (step.status, step.chip) == (StepStatus.LOCKED, "Opens after step 2")

    @pytest.mark.parametrize("key", CONFIRMED)
    def test_the_customers_turn_once_connected(self, customer, key):
        connect(customer)
        assert shown(customer, key).status == StepStatus.CUSTOMER

    @pytest.mark.parametrize("key", CONFIRMED)
    def test_done_when_somebody_vouched_for_this_org(self, customer, key):
        connection = connect(customer)
        ConfirmationFactory(
            customer=customer, step=key, epoch=connection.epoch, by__full_name="Priya Shah"
        )
        step = shown(customer, key)
        assert step.status == StepStatus.DONE
        assert step.sentence == "Confirmed by Priya Shah, not checked, 19 Nov"

    @pytest.mark.parametrize("key", [*CONFIRMED, "sandbox.package"])
    def test_a_refreshed_sandbox_voids_what_was_said_of_the_old_one(self, customer, key):
        connection = connect(customer)
        old = connection.epoch
        ConfirmationFactory(customer=customer, step=key, epoch=old)
        ConfirmationFactory(customer=customer, step="sandbox.package")
        type(old).objects.filter(pk=old.pk).update(ended_at=LATER)
        connection.epoch = OrgEpochFactory(
            connection=connection, number=2, package_installed=None, facts_error="Not readable."
        )
        connection.save()
        assert not shown(customer, key).finished

    def test_a_confirmation_that_was_withdrawn_does_not_count(self, customer):
        connection = connect(customer)
        ConfirmationFactory(
            customer=customer, step=CONFIRMED[0], epoch=connection.epoch, withdrawn_at=LATER
        )
        assert shown(customer, CONFIRMED[0]).status == StepStatus.CUSTOMER

    def test_a_lost_connection_does_not_undo_them(self, customer):
        connection = connect(customer)
        ConfirmationFactory(customer=customer, step=CONFIRMED[0], epoch=connection.epoch)
        type(connection).objects.update(health=Health.NEEDS_RECONNECTING)
        assert shown(customer, CONFIRMED[0]).status == StepStatus.DONE
        assert shown(customer, CONFIRMED[1]).status == StepStatus.LOCKED


class TestLeadConversion:
    def test_falls_away_when_the_settings_make_no_leads(self, customer):
        connection = connect(customer)
        settings_chosen(customer, connection.epoch, record_mode=RecordMode.ALWAYS_CONTACT)
        step = shown(customer, "sandbox.lead_conversion")
        assert (step.status, step.chip) == (StepStatus.WAIVED, "Not needed")

    def test_waived_by_the_manager_with_a_reason(self, customer):
        connection = connect(customer)
        WaiverFactory(customer=customer, epoch=connection.epoch, by__full_name="Maya Rao")
        step = shown(customer, "sandbox.lead_conversion")
        assert (step.status, step.chip) == (StepStatus.WAIVED, "Waived")
        assert step.sentence == "Waived by Maya Rao, 19 Nov: No leads in use."

    def test_a_waiver_on_a_step_that_may_not_be_waived_counts_for_nothing(self, customer):
        connection = connect(customer)
        WaiverFactory(customer=customer, step="sandbox.permissions", epoch=connection.epoch)
        assert shown(customer, "sandbox.permissions").status == StepStatus.CUSTOMER


class TestSettings:
    def test_the_managers_turn_until_something_is_saved(self, customer):
        connect(customer)
        step = shown(customer, "sandbox.settings")
        assert (step.status, step.chip) == (StepStatus.VENDOR, "Maya’s turn")

    def test_done_when_saved_and_valid_in_this_org(self, customer):
        settings_chosen(customer, connect(customer).epoch)
        step = shown(customer, "sandbox.settings")
        assert step.status == StepStatus.DONE
        assert step.sentence == (
            "Contact if the account exists, otherwise a lead · valid in your org, asked "
            "18 Nov, 14:02"
        )

    def test_choices_of_another_org_do_not_count(self, customer):
        settings_chosen(customer, connect(customer).epoch, validated_org_id="00D000000000009AAA")
        step = shown(customer, "sandbox.settings")
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "Chosen for another org: choose again for Northwind Traders"

    def test_problems_need_attention(self, customer):
        settings_chosen(customer, connect(customer).epoch, problems=["The campaign is gone."])
        assert shown(customer, "sandbox.settings").status == StepStatus.ATTENTION
