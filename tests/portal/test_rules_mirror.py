"""Rule 9 for the mirror: what may be set aside, and for which orgs it was said."""

from xml.etree import ElementTree

import pytest

from integrations.models import OrgEpoch
from integrations.snapshots.taking import content_of
from portal.mirror.asking import MirrorError
from portal.mirror.comparing import comparison_make, comparison_settle
from portal.mirror.waiving import difference_accept, difference_withdraw
from portal.models import Comparison, Waiver
from portal.steps import StepStatus, facts_load
from portal.worksheet import worksheet_for
from portal.worksheet.package_xml import package_xml
from tests.factories import OrgEpochFactory
from tests.integrations.checks.surveys import a_context, healthy
from tests.portal.mirrors import baseline, compared, content, difference, snapshot
from tests.portal.situations import (
    EARLIER,
    LATER,
    production_connect,
    sandbox_approved,
    shown,
)

pytestmark = pytest.mark.django_db

CHANGED = difference()


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


def accept(customer, by):
    return difference_accept(
        customer=customer,
        subject=f"difference:{CHANGED.kind}:{CHANGED.key}",
        seen=CHANGED.hash,
        reason="We do not use it.",
        by=by,
    )


def test_nothing_is_accepted_of_an_org_that_another_one_replaced(customer, admin_person):
    comparison = compared(customer, CHANGED)
    connection = comparison.production.epoch.connection
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(ended_at=LATER)
    connection.epoch = OrgEpochFactory(connection=connection, number=2)
    connection.save()
    with pytest.raises(MirrorError, match="were not compared yet"):
        accept(customer, admin_person)
    assert not Waiver.objects.exists()


def test_what_the_sandbox_said_before_its_approval_is_no_drift(customer):
    sandbox = sandbox_approved(customer)
    mapped = {"lead_conversion": {"pairs": {"UserGem__Persona__c>Contact": {"to": "Persona__c"}}}}
    snapshot(sandbox.epoch, at=EARLIER)
    baseline(sandbox.epoch, at=LATER, of=content(kinds=mapped))
    snapshot(production_connect(customer).epoch, of=content("production", mapped), at=LATER)
    comparison = comparison_make(customer=customer)
    assert (comparison.differences, comparison.drift, comparison.sandbox) == ([], [], None)


def test_another_production_is_not_compared_by_what_the_one_before_said(customer):
    comparison = compared(customer, CHANGED)
    connection = comparison.production.epoch.connection
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(ended_at=LATER)
    connection.epoch = OrgEpochFactory(connection=connection, number=2)
    connection.save()
    assert comparison_make(customer=customer) is None


def test_what_could_not_be_compared_is_kept_and_waits_for_a_person(customer):
    sandbox = sandbox_approved(customer)
    baseline(sandbox.epoch)
    unread = {"lead_conversion.pairs": "View Setup and Configuration"}
    snapshot(production_connect(customer).epoch, of=content("production", unreadable=unread))
    comparison = comparison_make(customer=customer)
    assert "View Setup and Configuration" in comparison.unknown["lead_conversion"]
    assert shown(customer, "production.mirror").status == StepStatus.CUSTOMER


def test_what_was_taken_back_is_accepted_anew_and_settles_nothing(customer, admin_person):
    comparison = compared(customer, CHANGED)
    first = accept(customer, admin_person)
    assert difference_withdraw(customer=customer, subject=first.subject, by=admin_person)
    comparison.settled_at = None
    comparison.save()
    comparison_settle(comparison)
    assert comparison.settled_at is None, "it is open again"
    second = accept(customer, admin_person)
    assert second.pk != first.pk
    assert second.withdrawn_at is None


def test_where_it_could_not_be_compared_the_worksheet_claims_nothing(customer):
    stored = content_of(healthy(), a_context("sandbox"))
    sandbox = sandbox_approved(customer)
    Comparison.objects.create(
        customer=customer,
        baseline=baseline(sandbox.epoch, of=stored),
        production=snapshot(production_connect(customer).epoch),
        unknown={"page_layouts": "The right is missing."},
    )
    worksheet = worksheet_for(facts_load([customer])[customer.pk])
    (part,) = [one for one in worksheet.parts if one.key == "page_layouts"]
    assert {name.alike for each in part.components for name in each.names} == {None}


def test_a_name_with_signs_that_xml_has_no_way_to_write_spoils_no_package_xml():
    text = package_xml([("Layout", "Lead-Lead\x0b\x00 Layout")], version="66.0")
    assert "Lead-Lead Layout" in "".join(ElementTree.fromstring(text).itertext())
