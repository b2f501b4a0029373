"""Points set aside with a reason: warnings accepted by an admin, fails waived by the manager."""

import pytest
from django.http import Http404

from accounts.models import Event
from integrations.checks.base import Item
from portal.activity import event_page
from portal.checking.points import SUBJECT_LENGTH, subject_of
from portal.models import Waiver
from portal.services import StepError, point_accept, point_waive, point_withdraw, step_waive
from portal.steps import StepStatus, journey_for
from tests.factories import OrgEpochFactory, org_checked
from tests.portal.situations import connect, shown

pytestmark = pytest.mark.django_db

PERMISSIONS = "sandbox.permissions"
FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")
WARNS = Item("ModifyAllData", "warning", "It may modify all data", who="administrator")
CANNOT = Item("ViewSetup", "cannot", "Needs View Setup", who="administrator")


@pytest.fixture
def connection(customer):
    return connect(customer, facts_at=None)


@pytest.fixture
def checked(connection):
    org_checked(connection.epoch, field_access=[FAILS], excess_rights=[WARNS])
    return connection


def accept(customer, by, **values):
    point = {"check": "excess_rights", "key": WARNS.key, "reason": "It is a shared user."}
    return point_accept(customer=customer, environment="sandbox", by=by, **point | values)


def waive(customer, by, **values):
    point = {"check": "field_access", "key": FAILS.key, "reason": "We send no titles."}
    return point_waive(customer=customer, environment="sandbox", by=by, **point | values)


def withdraw(customer, by, item=FAILS, check="field_access"):
    return point_withdraw(
        customer=customer, environment="sandbox", check=check, key=item.key, by=by
    )


class TestWhoMay:
    def test_an_admin_of_the_customer_accepts_a_warning(self, customer, checked, admin_person):
        waiver = accept(customer, admin_person)
        assert (waiver.side, waiver.step, waiver.epoch) == ("customer", PERMISSIONS, checked.epoch)

    def test_the_manager_accepts_a_warning_too(self, customer, checked, manager):
        assert accept(customer, manager).side == "vendor"

    def test_colleagues_accept_nothing(self, customer, checked, reviewer, approver):
        for person in (reviewer, approver):
            with pytest.raises(StepError, match="An admin of your company decides"):
                accept(customer, person)

    def test_an_admin_of_the_customer_waives_no_fail(self, customer, checked, admin_person):
        with pytest.raises(StepError, match="The implementation manager waives"):
            waive(customer, admin_person)
        with pytest.raises(StepError, match="put right, or waived by UserGems"):
            accept(customer, admin_person, check="field_access", key=FAILS.key)

    def test_the_manager_waives_a_fail(self, customer, checked, manager):
        waive(customer, manager)
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_a_warning_is_accepted_and_not_waived(self, customer, checked, manager):
        with pytest.raises(StepError, match="accepted rather than waived"):
            waive(customer, manager, check="excess_rights", key=WARNS.key)

    @pytest.mark.parametrize("set_aside", [accept, waive, withdraw])
    def test_strangers_learn_nothing(self, customer, checked, stranger, other_manager, set_aside):
        for person in (stranger, other_manager):
            with pytest.raises(Http404):
                set_aside(customer, person)
        assert not Waiver.objects.exists()

    def test_what_cannot_be_checked_is_confirmed_and_not_set_aside(
        self, customer, connection, manager
    ):
        org_checked(connection.epoch, system_permissions=[CANNOT])
        with pytest.raises(StepError, match="look yourself and confirm the step"):
            waive(customer, manager, check="system_permissions", key=CANNOT.key)


class TestWhatItMeans:
    def test_a_reason_is_needed(self, customer, checked, manager):
        with pytest.raises(StepError, match="Say why"):
            waive(customer, manager, reason="  ")
        with pytest.raises(StepError, match="at most 300"):
            waive(customer, manager, reason="x" * 301)

    def test_the_page_says_who_waived_it_and_why(self, customer, checked, manager):
        waive(customer, manager)
        checks = shown(customer, PERMISSIONS).detail["checks"]
        (point,) = [item for check in checks.checks for item in check.set_aside]
        assert (str(point.waiver.by), point.waiver.reason) == ("Maya Rao", "We send no titles.")
        assert "1 set aside" in shown(customer, PERMISSIONS).sentence

    def test_waived_twice_the_first_one_counts(self, customer, checked, manager):
        assert waive(customer, manager) == waive(customer, manager, reason="Again.")
        assert Event.objects.filter(action="point.waived").count() == 1

    def test_a_point_that_changed_since_is_open_again(self, customer, checked, manager):
        accept(customer, manager)
        worse = Item(WARNS.key, "fail", "It may modify all data, and does")
        org_checked(checked.epoch, excess_rights=[worse])
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION

    def test_other_words_for_the_same_point_change_nothing(self, customer, checked, manager):
        waive(customer, manager)
        org_checked(checked.epoch, field_access=[Item(FAILS.key, "fail", "In other words")])
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_a_changed_point_is_set_aside_anew(self, customer, checked, manager):
        accept(customer, manager)
        org_checked(checked.epoch, excess_rights=[Item(WARNS.key, "fail", "Worse")])
        waive(customer, manager, check="excess_rights", key=WARNS.key)
        assert Waiver.objects.filter(withdrawn_at=None).count() == 1
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_a_point_that_is_gone_cannot_be_set_aside(self, customer, checked, manager):
        with pytest.raises(StepError, match="no longer there"):
            waive(customer, manager, key="Contact.edit.Phone")

    def test_another_org_is_looked_at_anew(self, customer, checked, manager):
        waive(customer, manager)
        old = checked.epoch
        type(old).objects.filter(pk=old.pk).update(ended_at=old.started_at)
        checked.epoch = OrgEpochFactory(connection=checked, number=2)
        checked.save()
        org_checked(checked.epoch, field_access=[FAILS])
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION

    def test_a_waived_point_waives_no_step(self, customer, connection, manager):
        org_checked(connection.epoch, lead_conversion=[FAILS])
        waive(customer, manager, check="lead_conversion")
        step = shown(customer, "sandbox.lead_conversion")
        assert (step.status, "waiver" in step.detail) == (StepStatus.DONE, False)

    def test_step_and_point_are_waived_side_by_side(self, customer, connection, manager):
        org_checked(connection.epoch, lead_conversion=[FAILS])
        waive(customer, manager, check="lead_conversion")
        key = "sandbox.lead_conversion"
        step_waive(customer=customer, step=key, reason="No leads in use.", by=manager)
        assert shown(customer, key).status == StepStatus.WAIVED

    def test_a_result_without_points_is_one_point(self, customer, connection, manager):
        org_checked(connection.epoch, field_access="fail")
        checks = shown(customer, PERMISSIONS, manager).detail["checks"]
        ((check, point),) = checks.open_points
        waive(customer, manager, check=check.name, key=point.key)
        assert shown(customer, PERMISSIONS).status == StepStatus.DONE

    def test_a_very_long_key_has_a_subject_of_its_own(self):
        long = ",".join(f"Field{number}__c" for number in range(60))
        assert len(subject_of("field_access", long)) <= SUBJECT_LENGTH
        assert subject_of("field_access", long) != subject_of("field_access", f"{long},X")


class TestTakenBack:
    def test_the_manager_takes_a_waiver_back(self, customer, checked, manager):
        waive(customer, manager)
        assert withdraw(customer, manager)
        assert not withdraw(customer, manager)
        assert shown(customer, PERMISSIONS).status == StepStatus.ATTENTION

    def test_an_admin_takes_no_waiver_back(self, customer, checked, manager, admin_person):
        waive(customer, manager)
        with pytest.raises(StepError, match="The implementation manager waives"):
            withdraw(customer, admin_person)

    def test_an_admin_takes_an_acceptance_back(self, customer, checked, manager, admin_person):
        accept(customer, manager)
        assert withdraw(customer, admin_person, WARNS, "excess_rights")


def test_each_of_these_is_in_the_log_without_its_words(customer, checked, manager, admin_person):
    accept(customer, admin_person)
    waive(customer, manager)
    withdraw(customer, admin_person, WARNS, "excess_rights")
    withdraw(customer, manager)
    events = list(Event.objects.order_by("sequence"))
    assert [event.action for event in events] == [
        "point.accepted",
        "point.waived",
        "point.acceptance_withdrawn",
        "point.waiver_withdrawn",
    ]
    assert "shared user" not in str([event.data for event in events])
    assert {event.org_id for event in events} == {checked.epoch.org_id}
    titles = {
        view.key: view.title for stage in journey_for(customer).stages for view in stage.steps
    }
    _page, lines = event_page(customer, page=1, steps=titles)
    assert lines[-1].what.startswith("Priya Shah accepted a warning in the sandbox: “")
