"""Rules 1 and 9 for checks: what was taken back counts for nothing."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Event
from accounts.services.colleagues import ColleagueError, colleague_ensure
from integrations.checks.base import Item
from integrations.models import CheckResult, CheckRun, OrgEpoch, Snapshot, TrackingReport
from integrations.services.retention import customer_connections_forget
from jobchanges.gates import gate_reason, org_gate
from portal.checking.context import check_context
from portal.services import point_waive, point_withdraw, step_confirm, step_confirmation_withdraw
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OrgEpochFactory,
    OutputSettingsFactory,
    SnapshotFactory,
    TestRunFactory,
    TrackingReportFactory,
    org_checked,
    result_of,
)
from tests.portal.situations import settings_chosen, shown

pytestmark = pytest.mark.django_db

PERMISSIONS = "sandbox.permissions"
FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")


def reason(connection):
    """Why nothing is sent to the org, as the person who sends reads it."""
    return gate_reason(org_gate, customer=connection.customer, environment=connection.environment)


def test_a_waiver_that_was_taken_back_lets_nothing_be_sent(customer, manager):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, field_access=[FAILS])
    point = {
        "customer": customer,
        "environment": "sandbox",
        "check": "field_access",
        "key": FAILS.key,
        "by": manager,
    }
    point_waive(**point, reason="We send no titles.")
    assert reason(connection) == ""
    assert point_withdraw(**point)
    assert reason(connection) == "A check of the sandbox fails: Title on Contact is read-only."


def test_a_confirmation_that_was_taken_back_vouches_for_nothing(customer, admin_person):
    connection = ConnectionFactory(customer=customer)
    settings_chosen(customer, connection.epoch)
    org_checked(connection.epoch, system_permissions="cannot")
    step_confirm(customer=customer, step=PERMISSIONS, by=admin_person)
    assert reason(connection) == ""
    assert step_confirmation_withdraw(customer=customer, step=PERMISSIONS, by=admin_person)
    assert "an admin looks and confirms it" in reason(connection)


def test_a_failing_check_whose_points_are_all_right_is_one_point_itself(customer):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, owners=None)
    right = Item("owner", "pass", "The owner is an active user").as_json()
    result_of(connection.epoch, "owners", "fail", items=[right])
    assert reason(connection) == (
        "A check of the sandbox fails: Something that is needed is missing."
    )


def test_a_step_with_something_for_the_administrator_is_the_customers_turn(customer, manager):
    connection = ConnectionFactory(customer=customer)
    settings_chosen(customer, connection.epoch)
    ours = Item("list", "fail", "The list names no version", who="manager")
    org_checked(connection.epoch, field_access=[FAILS], object_access=[ours])
    assert shown(customer, PERMISSIONS).side == "customer"
    org_checked(connection.epoch, object_access=[ours])
    assert shown(customer, PERMISSIONS).side == "vendor"


def test_since_when_something_cannot_be_checked_is_told(customer):
    connection = ConnectionFactory(customer=customer)
    settings_chosen(customer, connection.epoch)
    days_ago = timezone.now() - datetime.timedelta(days=3)
    org_checked(connection.epoch, system_permissions="cannot")
    connection.epoch.check_results.filter(name="system_permissions").update(since=days_ago)
    assert shown(customer, PERMISSIONS).since == days_ago


class TestWhatChecksAreTold:
    def test_the_campaign_is_the_one_of_the_environment(self, customer):
        connection = ConnectionFactory(customer=customer)
        OutputSettingsFactory(customer=customer)
        EnvironmentSettingsFactory(customer=customer, campaign_id="701000000000001AAA")
        assert check_context(connection).campaign_id == "701000000000001AAA"

    def test_a_sandbox_whose_test_is_not_approved_was_not_tested(self, customer):
        sandbox = ConnectionFactory(customer=customer)
        TestRunFactory(customer=customer, epoch=sandbox.epoch)
        production = ConnectionFactory(customer=customer, environment="production")
        assert check_context(production).tested_org_id == ""

    def test_nothing_is_proven_by_a_connection_that_said_nothing(self, customer):
        sandbox = ConnectionFactory(customer=customer)
        TestRunFactory(customer=customer, epoch=sandbox.epoch, state="approved")
        production = ConnectionFactory(customer=customer, environment="production")
        context = check_context(production)
        assert context.tested_org_id == sandbox.epoch.org_id
        assert context.tested_parent == ""


def test_without_a_sandbox_on_the_path_there_are_no_checks_of_one(
    customer, admin_person, signed_in
):
    type(customer).objects.update(path="production_only")
    assert signed_in(admin_person).get("/checks/sandbox/").status_code == 404


@pytest.mark.parametrize("role", ["approver", "owner", ""])
def test_nobody_is_given_the_right_to_sign_with_a_list_of_points(customer, admin_person, role):
    type(customer).objects.update(email_domains=["northwind.example"])
    customer.refresh_from_db()
    with pytest.raises(ColleagueError, match="a reviewer or an admin"):
        colleague_ensure(
            customer=customer,
            email="new@northwind.example",
            full_name="New Person",
            role=role,
            by=admin_person,
        )
    assert not customer.memberships.filter(user__email="new@northwind.example").exists()


def test_the_log_holds_no_name_of_the_customers_own(customer, manager):
    connection = ConnectionFactory(customer=customer)
    named = Item("Contact.layout.Secret Partners", "fail", "The layout lacks a field")
    org_checked(connection.epoch, page_layouts=[named])
    point_waive(
        customer=customer,
        environment="sandbox",
        check="page_layouts",
        key=named.key,
        reason="Nobody looks at it.",
        by=manager,
    )
    data = str(Event.objects.get(action="point.waived").data)
    assert "Secret Partners" not in data
    assert "Nobody looks" not in data


def test_what_was_said_of_the_org_before_cannot_be_taken_back_for_this_one(customer, manager):
    connection = ConnectionFactory(customer=customer)
    org_checked(connection.epoch, field_access=[FAILS])
    point = {
        "customer": customer,
        "environment": "sandbox",
        "check": "field_access",
        "key": FAILS.key,
        "by": manager,
    }
    old = point_waive(**point, reason="We send no titles.")
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(ended_at=timezone.now())
    connection.epoch = OrgEpochFactory(connection=connection, number=2)
    connection.save()
    org_checked(connection.epoch, field_access=[FAILS])
    assert not point_withdraw(**point)
    assert point_waive(**point, reason="Nor here.").pk != old.pk
    old.refresh_from_db()
    assert old.withdrawn_at is None


def test_forgetting_a_customers_orgs_forgets_what_they_said(customer, admin_person):
    connection = ConnectionFactory(customer=customer, environment="production")
    org_checked(connection.epoch)
    SnapshotFactory(epoch=connection.epoch)
    TrackingReportFactory(customer=customer, epoch=connection.epoch, chosen_by=admin_person)
    customer_connections_forget(customer=customer)
    for said in (CheckResult, CheckRun, Snapshot, TrackingReport):
        assert not said.objects.exists(), said.__name__
