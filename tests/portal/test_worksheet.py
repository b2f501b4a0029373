"""The worksheet: six parts, readable from the approved sandbox test on, with real names."""

import re

import pytest
from django.urls import reverse

from accounts.models import Path
from integrations.salesforce.manifest import USERGEM_1
from jobchanges.models import EnvironmentSettings, OutputSettings, RecordMode
from portal.steps import facts_load
from portal.worksheet import worksheet_for
from tests.portal.situations import (
    connect,
    production_connect,
    sandbox_approved,
    settings_chosen,
)

pytestmark = pytest.mark.django_db

# The seed guide's list ("This change set or reconfiguration may include").
SIX = [
    "Custom fields",
    "Dynamic page layouts",
    "Lead conversion mapping",
    "Campaign IDs",
    "Related lists",
    "User permissions",
]


@pytest.fixture
def read(client):
    """The page as somebody reads it."""

    def page(person):
        client.force_login(person)
        return client.get(reverse("worksheet"))

    return page


@pytest.fixture
def approved(customer):
    """The sandbox test is approved; owner and campaign are chosen there."""
    connection = sandbox_approved(customer)
    settings_chosen(
        customer,
        connection.epoch,
        campaign_id="701000000000001AAA",
        campaign_name="Champion moves FY26",
        campaign_status="Sent",
    )
    return connection


def parts_of(customer):
    worksheet = worksheet_for(facts_load([customer])[customer.pk])
    return {part.key: part for part in worksheet.parts}


def lines_of(part):
    return [line.sentence for line in part.by_hand]


def test_before_the_sandbox_test_is_approved_it_says_when_it_opens(read, customer, admin_person):
    connect(customer)
    text = read(admin_person).content.decode()
    assert "Opens with the approved sandbox test" in text
    assert "Custom fields" not in text


def test_it_opens_with_the_approved_test_before_production_is_connected(
    read, customer, approved, admin_person
):
    text = read(admin_person).content.decode()
    headings = re.findall(r"<h2>\d\. ([^<]+)</h2>", text)
    assert headings == SIX
    assert "production, not connected yet" in text


def test_it_says_that_names_come_once_the_sandbox_was_asked(read, customer, approved, admin_person):
    text = read(admin_person).content.decode()
    assert "The tested sandbox has not said how it is set up" in text
    assert reverse("worksheet_package_xml") not in text


def test_everybody_of_the_customer_reads_it(read, customer, approved, reviewer, approver):
    assert read(reviewer).status_code == 200
    assert read(approver).status_code == 200


def test_a_customer_without_a_sandbox_has_no_worksheet(read, customer, admin_person):
    customer.path = Path.PRODUCTION_ONLY
    customer.save()
    assert read(admin_person).status_code == 404


def test_each_part_says_what_goes_into_the_change_set_and_what_is_done_by_hand(customer, approved):
    parts = parts_of(customer)
    assert list(parts) == [
        "custom_fields",
        "page_layouts",
        "lead_conversion",
        "campaigns",
        "related_lists",
        "user_permissions",
    ]
    assert all(part.by_hand for part in parts.values())
    kinds = {key: [str(one.kind) for one in part.components] for key, part in parts.items()}
    assert kinds == {
        "custom_fields": ["Custom Field"],
        "page_layouts": ["Lightning Page", "Page Layout"],
        "lead_conversion": [],
        "campaigns": [],
        "related_lists": ["Page Layout"],
        "user_permissions": ["Permission Set"],
    }


def test_names_come_from_the_package_of_the_sandbox(customer, approved):
    parts = parts_of(customer)
    fields = parts["custom_fields"].names
    assert set(fields) == {
        f"{name}.{field}"
        for name in ("Lead", "Contact", "Account", USERGEM_1.object_name)
        for field in USERGEM_1.fields_on(name)
    }
    assert (
        "Lead.UserGem__PastCompany__c → Contact.UserGem__PastCompany__c"
        in parts["lead_conversion"].names
    )
    assert "Contact: UserGem__UserGem__c.UserGem__PastContact__c" in parts["related_lists"].names


def test_every_lead_field_of_the_package_is_to_be_mapped(customer, approved):
    mapped = parts_of(customer)["lead_conversion"].names
    assert len(mapped) == len(USERGEM_1.fields_on("Lead") & USERGEM_1.fields_on("Contact"))


def test_campaign_and_owner_are_named_and_their_ids_are_not(read, customer, approved, admin_person):
    text = read(admin_person).content.decode()
    assert "“Champion moves FY26” in production, with the member status “Sent”." in text
    assert "“Olga Owner” is the default owner in the sandbox" in text
    assert "701000000000001AAA" not in text


def test_without_a_campaign_there_is_nothing_to_make(customer):
    settings_chosen(customer, sandbox_approved(customer).epoch)
    assert "No campaign was chosen for the sandbox: nothing to do." in lines_of(
        parts_of(customer)["campaigns"]
    )


def test_without_leads_it_says_when_the_mapping_still_matters(customer):
    settings_chosen(
        customer, sandbox_approved(customer).epoch, record_mode=RecordMode.ALWAYS_CONTACT
    )
    assert "Your settings make no leads" in parts_of(customer)["lead_conversion"].about


def test_people_in_turn_and_the_customer_s_own_fields_are_named(customer):
    connection = sandbox_approved(customer)
    settings_chosen(customer, connection.epoch)
    OutputSettings.objects.update(
        contact_owner_rule="account_lookup",
        contact_owner_field="SDR__c",
        lead_owner_rule="round_robin",
        field_mapping=[
            {
                "target": "past_contact",
                "field": "Contact_Status__c",
                "source": "",
                "text": "Former customer",
                "replace": True,
            }
        ],
    )
    EnvironmentSettings.objects.update(
        round_robin=[{"id": "005000000000003AAA", "name": "Ben Ode"}]
    )
    parts = parts_of(customer)
    assert "In turn own new records in the sandbox: Ben Ode." in " ".join(
        lines_of(parts["campaigns"])
    )
    names = [one.name for one in parts["custom_fields"].components[0].names]
    assert names == ["Account.SDR__c", "Contact.Contact_Status__c"]


def test_the_permission_set_is_assigned_to_production_s_own_user(customer, approved):
    production_connect(customer, username="usergems.integration@northwind.example")
    lines = " ".join(lines_of(parts_of(customer)["user_permissions"]))
    assert "to usergems.integration@northwind.example: assignments do not travel" in lines
    assert "Marketing User" in lines


def test_the_permissions_are_those_of_the_customer_s_list(read, customer, approved, admin_person):
    assert "API Enabled" in read(admin_person).content.decode()


def test_the_step_leads_to_it_before_and_after_production_is_connected(
    client, customer, approved, admin_person
):
    client.force_login(admin_person)
    before = client.get(reverse("setup") + "?step=production.mirror").content.decode()
    assert reverse("worksheet") in before
    assert "Once it is, the portal compares both orgs by itself." in before
    assert "Confirm this step" not in before
    production_connect(customer)
    after = client.get(reverse("setup") + "?step=production.mirror").content.decode()
    assert reverse("worksheet") in after
    assert "Confirm this step" in after


def test_it_is_laid_out_without_tables(read, customer, approved, admin_person):
    assert "<table" not in read(admin_person).content.decode()
