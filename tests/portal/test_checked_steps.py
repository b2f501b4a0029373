"""Steps follow from what the org answers: what was found, and what is then shown."""

import datetime

import pytest

from integrations.checks.base import Item
from integrations.models import CheckResult, CheckRun
from jobchanges.models import RecordMode
from portal.services import StepError, step_confirm
from portal.steps import StepStatus
from tests.factories import (
    CheckRunFactory,
    ConfirmationFactory,
    OrgEpochFactory,
    WaiverFactory,
    org_checked,
    result_of,
)
from tests.portal.situations import LATER, connect, settings_chosen, shown

pytestmark = pytest.mark.django_db

PERMISSIONS = "sandbox.permissions"
READ_ONLY = Item(
    "Contact.edit.Title",
    "fail",
    "Title on Contact is read-only for the integration user",
    fix="Permission Sets, UserGems Integration, Object Settings, Contacts: tick Edit Access.",
    who="administrator",
)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def connection(customer):
    return connect(customer, name="Northwind (full copy)")


class TestAnswers:
    def test_an_org_that_was_never_asked_is_the_customers_turn(self, customer, connection):
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == "Not checked yet: have your org asked"

    def test_all_right_says_how_many_when_and_at_what_cost(self, customer, connection):
        org_checked(connection.epoch)
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.DONE
        assert step.sentence == "8 of 8 checks right · checked 19 Nov, 09:00 with 12 API calls"

    def test_what_one_check_cost_is_not_said_of_all(self, customer, connection):
        org_checked(connection.epoch, at=LATER - datetime.timedelta(minutes=5))
        again = CheckRunFactory(epoch=connection.epoch, names=["field_access"], api_calls=1)
        CheckResult.objects.filter(name="field_access").update(run=again, checked_at=LATER)
        words = "8 of 8 checks right · checked 19 Nov, 08:55 with 12 API calls"
        assert shown(customer, PERMISSIONS).sentence == words
        CheckRunFactory(epoch=connection.epoch, names=["owners"], api_calls=1)
        words = words.partition(" with ")[0]
        assert shown(customer, PERMISSIONS).sentence == words

    def test_a_failing_check_holds_the_step_and_says_whose_it_is(self, customer, connection):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        step = shown(customer, PERMISSIONS)
        assert (step.status, step.side, step.chip) == (
            StepStatus.ATTENTION,
            "customer",
            "Needs attention",
        )
        assert step.sentence == (
            "Title on Contact is read-only for the integration user: your Salesforce "
            "administrator puts it right"
        )

    def test_several_failing_points_are_counted(self, customer, connection):
        more = Item("ViewSetup", "fail", "View Setup is missing", who="administrator")
        org_checked(connection.epoch, field_access=[READ_ONLY], system_permissions=[more])
        assert "and 1 more" in shown(customer, PERMISSIONS).sentence

    def test_what_only_the_manager_can_mend_is_the_managers_turn(self, customer, connection):
        ours = Item("list", "fail", "The list for this package is not known", who="manager")
        org_checked(connection.epoch, object_access=[ours])
        step = shown(customer, PERMISSIONS)
        assert (step.status, step.side) == (StepStatus.ATTENTION, "vendor")
        assert step.sentence.endswith("Maya puts it right")

    def test_what_waits_for_it_stays_locked(self, customer, connection):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        settings_chosen(customer, connection.epoch)
        assert shown(customer, "sandbox.test").status == StepStatus.LOCKED

    def test_a_warning_never_holds_and_is_counted(self, customer, connection):
        org_checked(connection.epoch, excess_rights="warning")
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.DONE
        assert "1 warning" in step.sentence

    def test_old_answers_leave_it_done_and_say_when(self, customer, connection, time_machine):
        org_checked(connection.epoch)
        time_machine.move_to(LATER + datetime.timedelta(days=3), tick=False)
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.DONE
        assert "checked 19 Nov, 09:00" in step.sentence
        assert step.detail["checks"].stale

    def test_answers_of_an_old_sandbox_count_for_nothing(self, customer, connection):
        org_checked(connection.epoch)
        old = connection.epoch
        type(old).objects.filter(pk=old.pk).update(ended_at=LATER)
        connection.epoch = OrgEpochFactory(connection=connection, number=2)
        connection.save()
        assert shown(customer, PERMISSIONS).status == StepStatus.CUSTOMER

    def test_a_check_that_is_new_here_is_asked_for(self, customer, connection):
        org_checked(connection.epoch, rep_access=None)
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == "1 check has no answer yet: have your org asked"


class TestBeforeThePackageIsThere:
    @pytest.mark.parametrize("name", ["permissions", "layouts", "lead_conversion"])
    @pytest.mark.parametrize(
        "package", [{"package_installed": False}, {"package_manifest": ""}], ids=str
    )
    def test_steps_that_look_into_it_wait_for_it(self, customer, connection, name, package):
        org_checked(connection.epoch)
        type(connection.epoch).objects.update(**package)
        step = shown(customer, f"sandbox.{name}")
        assert (step.status, step.chip) == (StepStatus.LOCKED, "Opens after step 1")

    def test_what_the_check_of_the_package_finds_holds_its_step_and_those_behind(
        self, customer, connection, admin_person
    ):
        old = Item("generation", "fail", "The package is of an older generation.")
        org_checked(connection.epoch, package=[old])
        step = shown(customer, "sandbox.package")
        assert (step.status, step.sentence) == (
            StepStatus.ATTENTION,
            "The package is of an older generation",
        )
        assert shown(customer, PERMISSIONS).chip == "Opens after step 1"
        settings_chosen(customer, connection.epoch)
        assert shown(customer, "sandbox.settings").status == StepStatus.DONE

    def test_a_package_found_just_now_is_being_asked_about(self, customer, connection):
        org_checked(connection.epoch, package="fail")
        CheckRunFactory(epoch=connection.epoch, state=CheckRun.State.WAITING)
        assert shown(customer, "sandbox.package").status == StepStatus.CHECKING

    def test_nobody_confirms_what_only_waits_for_the_package(
        self, customer, connection, admin_person
    ):
        org_checked(connection.epoch, rep_access="cannot")
        type(connection.epoch).objects.update(package_installed=False)
        with pytest.raises(StepError, match="not open yet"):
            step_confirm(customer=customer, step=PERMISSIONS, by=admin_person)

    def test_where_the_org_does_not_say_the_steps_go_on(self, customer, connection):
        org_checked(connection.epoch)
        type(connection.epoch).objects.update(package_installed=None, package_manifest="")
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE


class TestErrors:
    def test_no_answer_ever_needs_attention_and_opens_nothing(self, customer, connection):
        org_checked(connection.epoch, field_access="error")
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.ATTENTION
        assert step.sentence == "Northwind (full copy) could not be asked: try again"

    def test_an_error_beside_the_last_answer_changes_nothing(self, customer, connection):
        org_checked(connection.epoch)
        CheckResult.objects.update(error="The org did not answer.", error_at=LATER)
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_a_round_that_failed_says_why(self, customer, connection):
        CheckRunFactory(
            epoch=connection.epoch, state=CheckRun.State.FAILED, error="The org did not answer."
        )
        assert shown(customer, PERMISSIONS).sentence == "The org did not answer"


class TestAsking:
    def test_the_first_round_is_called_checking(self, customer, connection):
        CheckRunFactory(epoch=connection.epoch, state=CheckRun.State.RUNNING)
        assert shown(customer, PERMISSIONS).status == StepStatus.CHECKING

    def test_a_step_that_is_done_stays_so_while_the_org_is_asked_again(self, customer, connection):
        org_checked(connection.epoch)
        CheckRunFactory(epoch=connection.epoch, state=CheckRun.State.RUNNING)
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_one_to_be_put_right_is_checking_until_its_own_answers_are_there(
        self, customer, connection
    ):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        run = CheckRunFactory(
            epoch=connection.epoch, state=CheckRun.State.RUNNING, names=["field_access"]
        )
        assert shown(customer, PERMISSIONS).status == StepStatus.CHECKING
        CheckResult.objects.filter(name="field_access").update(run=run)
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION

    def test_a_round_of_other_checks_is_nothing_to_this_step(self, customer, connection):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        CheckRunFactory(epoch=connection.epoch, state=CheckRun.State.RUNNING, names=["package"])
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION


class TestByHand:
    def test_what_cannot_be_checked_names_the_right(self, customer, connection):
        org_checked(connection.epoch, rep_access="cannot")
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.CUSTOMER
        assert step.sentence == (
            "Cannot be checked without “View Setup and Configuration”: look yourself and confirm it"
        )
        assert step.detail["by_hand"]

    def test_an_admin_confirms_it_and_it_says_so(self, customer, connection, admin_person):
        org_checked(connection.epoch, rep_access="cannot")
        step_confirm(customer=customer, step=PERMISSIONS, by=admin_person)
        step = shown(customer, PERMISSIONS)
        assert step.status == StepStatus.DONE
        assert step.sentence.startswith(
            "7 of 8 checks right · Confirmed by Priya Shah, not checked, 19 Nov"
        )

    def test_what_fails_is_confirmed_by_nobody(self, customer, connection, admin_person):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        with pytest.raises(StepError, match="nobody confirms it by hand"):
            step_confirm(customer=customer, step=PERMISSIONS, by=admin_person)

    def test_nobody_confirms_before_the_org_was_asked(self, customer, connection, admin_person):
        with pytest.raises(StepError, match="Have your org asked first"):
            step_confirm(customer=customer, step=PERMISSIONS, by=admin_person)

    def test_a_confirmation_does_not_cover_what_fails_besides(self, customer, connection):
        org_checked(connection.epoch, rep_access="cannot", field_access=[READ_ONLY])
        ConfirmationFactory(customer=customer, step=PERMISSIONS, epoch=connection.epoch)
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION

    def test_what_was_confirmed_before_orgs_were_asked_stands_until_they_are(
        self, customer, connection
    ):
        ConfirmationFactory(customer=customer, step=PERMISSIONS, epoch=connection.epoch)
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE
        org_checked(connection.epoch, field_access=[READ_ONLY])
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION


class TestSettings:
    KEY = "sandbox.settings"
    INACTIVE = Item("owner", "fail", "Olga Owner is inactive", who="administrator")

    def test_valid_choices_are_right_before_the_org_was_asked_about_them(
        self, customer, connection
    ):
        settings_chosen(customer, connection.epoch)
        assert shown(customer, self.KEY).status == StepStatus.DONE

    def test_a_check_of_what_is_chosen_holds_the_step(self, customer, connection):
        settings_chosen(customer, connection.epoch)
        org_checked(connection.epoch, owners=[self.INACTIVE])
        step = shown(customer, self.KEY)
        assert step.status == StepStatus.ATTENTION
        assert step.sentence.startswith("Olga Owner is inactive")

    def test_choices_saved_just_now_are_being_looked_at(self, customer, connection):
        org_checked(connection.epoch)
        settings_chosen(
            customer, connection.epoch, updated_at=LATER + datetime.timedelta(minutes=1)
        )
        CheckRunFactory(
            epoch=connection.epoch,
            state=CheckRun.State.WAITING,
            reason=CheckRun.Reason.SETTINGS,
        )
        assert shown(customer, self.KEY).status == StepStatus.CHECKING

    def test_choices_of_another_org_come_first(self, customer, connection):
        org_checked(connection.epoch, owners=[self.INACTIVE])
        settings_chosen(customer, connection.epoch, validated_org_id="00D000000000009AAA")
        assert "Chosen for another org" in shown(customer, self.KEY).sentence


class TestLeadConversion:
    KEY = "sandbox.lead_conversion"

    def test_the_manager_waives_the_whole_step_although_its_check_fails(self, customer, connection):
        org_checked(connection.epoch, lead_conversion="fail")
        WaiverFactory(customer=customer, step=self.KEY, epoch=connection.epoch)
        assert shown(customer, self.KEY).status == StepStatus.WAIVED

    def test_it_falls_away_where_no_leads_are_made(self, customer, connection):
        settings_chosen(customer, connection.epoch, record_mode=RecordMode.ALWAYS_CONTACT)
        org_checked(connection.epoch, lead_conversion="fail")
        assert shown(customer, self.KEY).chip == "Not needed"


class TestOnThePage:
    def test_a_step_shows_its_own_checks_and_no_others(self, customer, connection):
        org_checked(connection.epoch)
        (group,) = shown(customer, PERMISSIONS).detail["checks"].groups
        assert group.step == PERMISSIONS
        assert {check.step for check in group.checks} == {"permissions"}

    def test_the_admin_may_accept_what_the_reviewer_may_not(
        self, customer, connection, admin_person, reviewer
    ):
        org_checked(connection.epoch, excess_rights="warning")
        may = []
        for person in (admin_person, reviewer, customer.implementation_manager):
            checks = shown(customer, PERMISSIONS, person).detail["checks"]
            ((_check, point),) = checks.open_points
            may.append((point.may_accept, point.may_waive))
        assert may == [(True, False), (False, False), (True, False)]

    def test_only_the_manager_may_waive_a_fail(self, customer, connection, admin_person):
        org_checked(connection.epoch, field_access=[READ_ONLY])
        may = []
        for person in (admin_person, customer.implementation_manager):
            checks = shown(customer, PERMISSIONS, person).detail["checks"]
            ((_check, point),) = checks.open_points
            may.append((point.may_accept, point.may_waive))
        assert may == [(False, False), (False, True)]

    def test_a_round_under_way_tells_how_far_it_is(self, customer, connection):
        run = CheckRunFactory(epoch=connection.epoch, state=CheckRun.State.RUNNING)
        result_of(connection.epoch, "field_access", "pass", run=run)
        found = shown(customer, PERMISSIONS).detail["checks"].run
        assert (found.done, found.total, found.is_open) == (1, 8, True)
