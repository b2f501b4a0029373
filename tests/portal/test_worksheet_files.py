"""The worksheet with what the tested sandbox holds: by name, as a table, and as package.xml."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

from accounts.models import Path
from integrations.snapshots.content import Content
from integrations.snapshots.taking import content_of
from portal.models import Comparison
from portal.steps import facts_load
from portal.worksheet import worksheet_for
from portal.worksheet.package_xml import package_xml
from tests.integrations.checks.surveys import a_context, healthy
from tests.portal.mirrors import baseline, difference, snapshot
from tests.portal.situations import EARLIER, connect, production_connect, sandbox_approved

pytestmark = pytest.mark.django_db

SPACE = "{http://soap.sforce.com/2006/04/metadata}"
OWN = {"there": True, "hidden": False, "label": "=HYPERLINK(1)", "origin": "own", "found": True,
       "written": True, "essential": False}  # fmt: skip


def approved_content(**unreadable):
    """A healthy sandbox with a field of the customer's own and a layout with signs in its name."""
    stored = content_of(healthy(), a_context("sandbox")).as_json()
    stored["kinds"]["custom_fields"]["fields"]["Lead.Region__c"] = OWN
    for kind in ("page_layouts", "related_lists"):
        layouts = stored["kinds"][kind]["layouts"]
        layouts["Lead.Lead (Sales) Layout"] = layouts.pop("Lead.Lead Layout")
    return Content.from_json(stored | {"unreadable": unreadable})


@pytest.fixture
def sandbox(customer):
    """The sandbox as it was approved."""
    connection = sandbox_approved(customer)
    baseline(connection.epoch, of=approved_content())
    return connection


def worksheet_of(customer):
    return worksheet_for(facts_load([customer])[customer.pk])


def part(customer, key):
    return next(one for one in worksheet_of(customer).parts if one.key == key)


def names(found, metadata):
    return [
        one.name for each in found.components if each.metadata == metadata for one in each.names
    ]


class TestPage:
    def test_components_are_those_of_the_tested_sandbox(self, customer, sandbox):
        assert names(part(customer, "custom_fields"), "CustomField") == ["Lead.Region__c"]
        pages = part(customer, "page_layouts")
        assert names(pages, "FlexiPage") == ["Lead_Record_Page", "Contact_Record_Page"]
        assert "Lead-Lead %28Sales%29 Layout" in names(pages, "Layout")
        sets = part(customer, "user_permissions")
        assert names(sets, "PermissionSet") == ["UserGems_Integration"]

    def test_the_lead_mapping_is_only_for_tools(self, customer, sandbox):
        (mapping,) = part(customer, "lead_conversion").components
        assert mapping.tool_only
        assert "a change set does not take it" in mapping.note

    def test_what_is_done_by_hand_leads_into_production_s_setup(
        self, client, customer, sandbox, admin_person
    ):
        production = production_connect(customer)
        client.force_login(admin_person)
        text = client.get(reverse("worksheet")).content.decode()
        assert "Activate the Lightning page “Lead Record Page”" in text
        host = production.epoch.instance_url
        assert f'href="{host}/lightning/setup/ObjectManager/Lead/LightningPages/view"' in text

    def test_what_everybody_is_told_stays_beside_it(self, customer, sandbox):
        said = [line.sentence for line in part(customer, "page_layouts").by_hand]
        assert "Open one lead and one contact as a sales rep and look." in said
        assert not any("Check which profile" in line for line in said)

    def test_what_the_sandbox_could_not_tell_keeps_the_hints(self, customer):
        baseline(
            sandbox_approved(customer).epoch,
            of=approved_content(**{"page_layouts.pages": "View Setup and Configuration"}),
        )
        said = [line.sentence for line in part(customer, "page_layouts").by_hand]
        assert "Check which profile has which page layout." in said

    def test_once_compared_it_says_what_production_has_already(self, customer, sandbox):
        production = production_connect(customer)
        Comparison.objects.create(
            customer=customer,
            baseline=sandbox.epoch.snapshots.get(),
            production=snapshot(production.epoch),
            differences=[difference().as_json()],
            compared_at=EARLIER,
        )
        (field,) = part(customer, "custom_fields").components[0].names
        assert (field.name, field.alike) == ("Lead.Region__c", False)
        assert all(one.alike for one in part(customer, "page_layouts").components[0].names)

    def test_a_mapping_that_differs_is_to_do(self, customer, sandbox):
        unmapped = difference("Contact:unmapped", kind="lead_conversion", change_set=())
        Comparison.objects.create(
            customer=customer,
            baseline=sandbox.epoch.snapshots.get(),
            production=snapshot(production_connect(customer).epoch),
            differences=[unmapped.as_json()],
        )
        assert part(customer, "lead_conversion").components[0].names[0].alike is False

    def test_before_that_it_claims_nothing(self, customer, sandbox):
        assert part(customer, "custom_fields").components[0].names[0].alike is None

    def test_the_page_offers_both_files_and_says_when_the_sandbox_was_asked(
        self, client, customer, sandbox, admin_person
    ):
        client.force_login(admin_person)
        text = client.get(reverse("worksheet")).content.decode()
        assert reverse("worksheet_csv") in text
        assert reverse("worksheet_package_xml") in text
        assert "As the sandbox was" in text


class TestTable:
    def rows(self, client, person):
        client.force_login(person)
        answer = client.get(reverse("worksheet_csv"))
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def test_a_line_for_each_component_and_each_thing_to_do(
        self, client, customer, sandbox, admin_person
    ):
        rows = self.rows(client, admin_person)
        field = next(row for row in rows if row["API name"] == "Lead.Region__c")
        assert (field["How"], field["Metadata type"]) == ("Into a change set", "CustomField")
        mapping = next(row for row in rows if row["Metadata type"] == "LeadConvertSettings")
        assert mapping["How"] == "package.xml only"
        assert any(
            row["How"] == "By hand" and "Marketing User" in row["What to do"] for row in rows
        )

    def test_it_works_without_a_snapshot(self, client, customer, admin_person):
        sandbox_approved(customer)
        assert len(self.rows(client, admin_person)) > 10

    def test_no_cell_is_a_formula(self, client, customer, admin_person):
        stored = approved_content().as_json()
        fields = stored["kinds"]["custom_fields"]["fields"]
        fields["=cmd|' /C calc'!A0"] = fields.pop("Lead.Region__c")
        baseline(sandbox_approved(customer).epoch, of=Content.from_json(stored))
        cells = [cell for row in self.rows(client, admin_person) for cell in row.values()]
        assert "'=cmd|' /C calc'!A0" in cells
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)

    def test_before_the_test_is_approved_there_is_none(self, client, customer, admin_person):
        connect(customer)
        client.force_login(admin_person)
        assert client.get(reverse("worksheet_csv")).url == reverse("worksheet")


class TestPackage:
    def read(self, text):
        """Type to names, and the version; as a tool reads the file."""
        root = ET.fromstring(text)
        assert root.tag == f"{SPACE}Package"
        types = {
            one.find(f"{SPACE}name").text: [each.text for each in one.findall(f"{SPACE}members")]
            for one in root.findall(f"{SPACE}types")
        }
        return types, root.find(f"{SPACE}version").text

    def test_it_names_the_components_with_the_api_version(
        self, client, customer, sandbox, admin_person, settings
    ):
        client.force_login(admin_person)
        answer = client.get(reverse("worksheet_package_xml"))
        assert 'filename="package.xml"' in answer["Content-Disposition"]
        types, version = self.read(answer.content.decode())
        assert version == settings.SALESFORCE_API_VERSION
        assert list(types) == sorted(types)
        assert types == {
            "CustomField": ["Lead.Region__c"],
            "FlexiPage": ["Contact_Record_Page", "Lead_Record_Page"],
            "Layout": [
                "Account-Account Layout",
                "Contact-Contact Layout",
                "Lead-Lead %28Sales%29 Layout",
            ],
            "LeadConvertSettings": ["LeadConvertSettings"],
            "PermissionSet": ["UserGems_Integration"],
        }

    def test_names_are_sorted_and_each_stands_once(self):
        pairs = [("Layout", "b"), ("CustomField", "A.x__c"), ("Layout", "a"), ("Layout", "b")]
        types, version = self.read(package_xml(pairs, version="66.0"))
        assert types == {"CustomField": ["A.x__c"], "Layout": ["a", "b"]}
        assert version == "66.0"

    def test_signs_of_xml_are_escaped(self):
        types, _version = self.read(package_xml([("Layout", "a<&b")], version="66.0"))
        assert types == {"Layout": ["a<&b"]}

    def test_what_the_package_brings_is_not_in_it(self, client, customer, sandbox, admin_person):
        client.force_login(admin_person)
        assert b"UserGem__" not in client.get(reverse("worksheet_package_xml")).content

    def test_without_a_snapshot_there_is_none(self, client, customer, admin_person):
        sandbox_approved(customer)
        client.force_login(admin_person)
        assert client.get(reverse("worksheet_package_xml")).url == reverse("worksheet")

    def test_a_customer_without_a_sandbox_has_neither_file(self, client, customer, admin_person):
        customer.path = Path.PRODUCTION_ONLY
        customer.save()
        client.force_login(admin_person)
        for name in ("worksheet_csv", "worksheet_package_xml"):
            assert client.get(reverse(name)).status_code == 404
