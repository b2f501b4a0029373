"""Rule 9 for what is signed: everything that was set aside or vouched for, by whom and why."""

from dataclasses import replace

import pytest
from django.utils import timezone

from integrations.checks.base import Item
from integrations.snapshots.difference import Change, Difference, Grade
from portal.models import Comparison, Waiver
from portal.services import point_accept, point_waive, point_withdraw, step_confirmation_withdraw
from portal.signoff import services
from portal.signoff.content import content_of, facts_of
from tests.factories import PeopleSourceFactory, SnapshotFactory, TrackingReportFactory, org_checked
from tests.portal.signing import PRODUCTION, production_done, signed

pytestmark = pytest.mark.django_db

FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")
WARNS = Item("rule.Industry", "warning", "A rule asks for the industry", who="administrator")
CHANGES = Difference(
    kind="custom_fields",
    key="Lead.Region__c:length",
    grade=Grade.CHANGES,
    change=Change.DIFFERENT,
    sentence="Region holds 40 characters in production, 80 in the sandbox.",
    then="80",
    now="40",
)
BY_HAND = {"system_permissions": "cannot"}


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


def epoch_of(customer, environment=PRODUCTION):
    return customer.connections.get(environment=environment).epoch


def content(customer):
    return content_of(customer, facts_of(customer))


def point(customer, item, by, check="automation"):
    return {
        "customer": customer,
        "environment": "production",
        "check": check,
        "key": item.key,
        "by": by,
    }


def compared(customer, *found, drift=(), unknown=None):
    return Comparison.objects.create(
        customer=customer,
        baseline=SnapshotFactory(epoch=epoch_of(customer, "sandbox"), purpose="baseline"),
        production=SnapshotFactory(epoch=epoch_of(customer)),
        differences=[one.as_json() for one in found],
        drift=[one.as_json() for one in drift],
        unknown=unknown or {},
    )


def accepted(customer, epoch, difference, *, of="difference", reason="We know."):
    """The manager lets a difference be exactly as it is."""
    return Waiver.objects.create(
        customer=customer,
        step="production.mirror",
        epoch=epoch,
        subject=f"{of}:{difference.kind}:{difference.key}",
        subject_hash=difference.hash,
        reason=reason,
        by=customer.implementation_manager,
    )


def test_one_more_thing_that_cannot_be_checked_voids_the_signatures(northwind, admin_person):
    first = Item("ViewSetup", "cannot", "Needs View Setup")
    org_checked(epoch_of(northwind), system_permissions=[first])
    signed(northwind, admin_person)
    second = Item("ViewRoles", "cannot", "Needs View Roles")
    org_checked(epoch_of(northwind), system_permissions=[first, second])
    assert services.summary_check(northwind) is None


def test_an_accepted_warning_is_signed_and_taking_it_back_voids(northwind, admin_person):
    org_checked(epoch_of(northwind), **BY_HAND, automation=[WARNS])
    point_accept(**point(northwind, WARNS, admin_person), reason="It is for other records.")
    summary = signed(northwind, admin_person)
    ((one,),) = [summary.content["answers"]["automation"]["points"]]
    assert (one["outcome"], one["by"]) == ("warning", admin_person.pk)
    point_withdraw(**point(northwind, WARNS, admin_person))
    assert services.summary_check(northwind) is None


def test_the_same_waiver_for_another_reason_voids_the_signatures(northwind, admin_person, manager):
    org_checked(epoch_of(northwind), **BY_HAND, automation=[FAILS])
    point_waive(**point(northwind, FAILS, manager), reason="We send no titles.")
    signed(northwind, admin_person)
    point_withdraw(**point(northwind, FAILS, manager))
    point_waive(**point(northwind, FAILS, manager), reason="It is mended next week.")
    assert services.summary_check(northwind) is None


def test_a_difference_is_signed_with_its_values(northwind):
    comparison = compared(northwind, CHANGES)
    accepted(northwind, comparison.production.epoch, CHANGES)
    before = content(northwind)
    worse = replace(CHANGES, now="10")
    Comparison.objects.update(differences=[worse.as_json()])
    Waiver.objects.update(subject_hash=worse.hash)
    assert content(northwind)["differences"] != before["differences"]


def test_what_changed_in_the_sandbox_and_was_let_be_is_signed_too(northwind):
    comparison = compared(northwind, drift=[CHANGES])
    accepted(northwind, comparison.baseline.epoch, CHANGES, of="drift")
    (one,) = content(northwind)["differences"]
    assert one["point"] == f"drift:{CHANGES.kind}:{CHANGES.key}"
    assert one["by"] == northwind.implementation_manager.pk


def test_what_could_not_be_compared_is_signed(northwind, admin_person):
    compared(northwind, unknown={"lead_conversion": "The right is missing."})
    summary = signed(northwind, admin_person)
    assert summary.content["not_compared"] == ["lead_conversion"]
    more = {"lead_conversion": "The right is missing.", "campaigns": "It is missing, too."}
    Comparison.objects.update(unknown=more)
    assert services.summary_check(northwind) is None


def test_a_step_that_nobody_vouches_for_any_more_is_open(northwind, admin_person):
    key = "production.permissions"
    assert content(northwind)["checks"][key] == {"state": "confirmed", "by": admin_person.pk}
    assert step_confirmation_withdraw(customer=northwind, step=key, by=admin_person)
    assert content(northwind)["checks"][key] == {"state": "open"}


class TestReports:
    @pytest.fixture
    def report(self, northwind, admin_person):
        return TrackingReportFactory(
            customer=northwind, epoch=epoch_of(northwind), chosen_by=admin_person
        )

    def test_they_are_signed_only_where_the_list_comes_from_them(self, northwind, report):
        assert content(northwind)["reports"] == []
        northwind.people_source.delete()
        PeopleSourceFactory(customer=northwind, kind="reports")
        northwind.refresh_from_db()
        assert [one["id"] for one in content(northwind)["reports"]] == [report.report_id]

    def test_one_that_was_removed_is_not_signed(self, northwind, report):
        northwind.people_source.delete()
        PeopleSourceFactory(customer=northwind, kind="reports")
        type(report).objects.update(removed_at=timezone.now())
        assert content(northwind)["reports"] == []
