"""What an administrator made of pages, layouts, mappings, fields and campaigns."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from integrations.rehearsal.config import (
    ADMIN_USER,
    CampaignChange,
    CustomField,
    ExtraLayout,
    FieldChange,
)
from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server
from tests.rehearsal.laying import FULL, configure, take_away
from tests.rehearsal.local import BASE, LEAD, LocalOrg, Make, refusal
from tests.rehearsal.setup_queries import query

PACKAGE: dict[str, Any] = {"package_version": "1.42"}
GEM = "UserGem__UserGem__c"
COMPONENT = "UserGem:jobChange"


def metadata(org: LocalOrg, name: str, where: str) -> dict[str, Any]:
    """The Metadata of the one row of a Tooling object that a condition selects."""
    [row] = query(org, f"SELECT Id FROM {name} WHERE {where}", tooling=True)
    whole = org.api("GET", f"/tooling/sobjects/{name}/{row['Id']}").get_json()
    found: dict[str, Any] = whole["Metadata"]
    return found


def page(org: LocalOrg, name: str) -> tuple[list[str], list[str]]:
    """Components and fields of an object's record page."""
    found = metadata(org, "FlexiPage", f"EntityDefinitionId = '{name}' AND Type = 'RecordPage'")
    items = [item for region in found["flexiPageRegions"] for item in region["itemInstances"]]
    components = [one["componentInstance"]["componentName"] for one in items
                  if one["componentInstance"]]  # fmt: skip
    return components, [one["fieldInstance"]["fieldItem"] for one in items if one["fieldInstance"]]


def layout(org: LocalOrg, name: str) -> tuple[set[str], set[str]]:
    """Fields and related lists of a layout by its name."""
    found = metadata(org, "Layout", f"Name = '{name}'")
    fields = {
        item["field"]
        for section in found["layoutSections"]
        for column in section["layoutColumns"]
        for item in column["layoutItems"]
    }
    return fields, {entry["relatedList"] for entry in found["relatedLists"]}


def mapped(org: LocalOrg) -> dict[str, str]:
    found = metadata(org, "LeadConvertSettings", "Id != null")
    [contact] = found["objectMapping"]
    return {pair["inputField"]: pair["outputField"] for pair in contact["mappingFields"]}


def test_the_component_is_on_the_pages_it_is_made_for(local: Make) -> None:
    org = local(**PACKAGE)
    assert COMPONENT in page(org, "Lead")[0]
    assert COMPONENT in page(org, "Contact")[0]
    assert COMPONENT not in page(org, "Account")[0]
    org.send("POST", "/rehearsal/package", json={"security": None})
    assert COMPONENT not in page(org, "Lead")[0]


def test_a_page_without_the_component_and_one_that_is_not_active(local: Make) -> None:
    org = local(
        **PACKAGE, components_off=frozenset({"Lead"}), pages_inactive=frozenset({"Contact"})
    )
    assert COMPONENT not in page(org, "Lead")[0]
    assert COMPONENT in page(org, "Contact")[0]
    [override] = org.describe("Lead")[0]["actionOverrides"]
    [row] = query(org, "SELECT Id FROM FlexiPage WHERE EntityDefinitionId = 'Lead'", tooling=True)
    assert override == {
        "formFactor": "LARGE",
        "isAvailableInTouch": False,
        "name": "View",
        "pageId": row["Id"],
        "url": None,
    }
    assert org.describe("Contact")[0]["actionOverrides"] == []


def test_dynamic_forms_show_fields_instead_of_the_layout(local: Make) -> None:
    org = local(**PACKAGE, dynamic_forms={"Lead": ("UserGem__Persona__c",)})
    components, fields = page(org, "Lead")
    assert "force:detailPanel" not in components
    assert {"Record.LeadSource", "Record.UserGem__Persona__c"} <= set(fields)
    assert "Record.UserGem__PastCompany__c" not in fields
    assert "force:detailPanel" in page(org, "Contact")[0]


def test_fields_and_lists_can_be_left_off_the_layouts(local: Make) -> None:
    org = local(
        **PACKAGE,
        layout_fields_off=frozenset({"Contact.UserGem__PastCompany__c"}),
        related_lists_off=frozenset({"Contact.UserGem__NewContact__c"}),
    )
    fields, lists = layout(org, "Contact Layout")
    assert "UserGem__PastCompany__c" not in fields
    assert "UserGem__Persona__c" in fields
    assert f"{GEM}.UserGem__PastContact__c" in lists
    assert f"{GEM}.UserGem__NewContact__c" not in lists
    assert "UserGem__PastCompany__c" in layout(org, "Lead Layout")[0]


def test_a_profile_can_have_a_layout_of_its_own(local: Make) -> None:
    extra = ExtraLayout("Contact", "Reps' contacts", ("System Administrator",), with_package=False)
    org = local(**PACKAGE, extra_layouts=(extra,))
    assert not any(name.startswith("UserGem__") for name in layout(org, "Reps\\' contacts")[0])
    soql = "SELECT Id, Name FROM Layout WHERE TableEnumOrId = 'Contact'"
    names = {row["Id"]: row["Name"] for row in query(org, soql, tooling=True)}
    soql = "SELECT LayoutId, Profile.Name FROM ProfileLayout WHERE TableEnumOrId = 'Contact'"
    seen = {
        row["Profile"]["Name"]: names[row["LayoutId"]] for row in query(org, soql, tooling=True)
    }
    assert seen["System Administrator"] == "Reps' contacts"
    assert seen["Sales User"] == "Contact Layout"
    path = "/sobjects/Contact/describe/layouts"
    assert "UserGem__Persona__c" in org.api("GET", path).text
    org.sign_in(ADMIN_USER.user_id)
    assert "UserGem__Persona__c" not in org.api("GET", path).text


def test_the_mapping_can_be_incomplete_and_lead_elsewhere(local: Make) -> None:
    org = local(
        **PACKAGE,
        unmapped_fields=frozenset({"UserGem__Persona__c"}),
        mapped_elsewhere={"UserGem__PastTitle__c": "UserGem__PastCompany__c"},
    )
    found = mapped(org)
    assert "UserGem__Persona__c" not in found
    assert found["UserGem__PastTitle__c"] == found["UserGem__PastCompany__c"]
    assert found["UserGem__PastContact__c"] == "UserGem__PastContact__c"


def test_fields_of_the_customers_own_are_described_and_kept(local: Make) -> None:
    tier = CustomField("Lead", "Tier__c", "Tier", type="picklist", values=("A", "B"))
    org = local(**PACKAGE, custom_fields=(tier, CustomField("Lead", "Score__c", "Score", "double",
                                                            digits=3)))  # fmt: skip
    fields = org.describe("Lead")[1]
    assert [value["value"] for value in fields["Tier__c"]["picklistValues"]] == ["A", "B"]
    assert (fields["Score__c"]["type"], fields["Score__c"]["precision"]) == ("double", 3)
    key = org.create("Lead", **LEAD, Tier__c="A", Score__c=7)
    assert org.record("Lead", key)["Score__c"] == 7
    soql = "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = 'Lead'"
    assert "Tier__c" in {row["QualifiedApiName"] for row in query(org, soql, tooling=True)}
    assert "Tier__c" in layout(org, "Lead Layout")[0]


@pytest.mark.parametrize(
    ("change", "value", "code"),
    [
        (FieldChange(length=5), "Director", "STRING_TOO_LONG"),
        (FieldChange(required=True), None, "REQUIRED_FIELD_MISSING"),
        (FieldChange(missing=True), "Director", "INVALID_FIELD"),
        (FieldChange(type="picklist", values=("CEO",), restricted=True), "Director",
         "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ],
)  # fmt: skip
def test_a_changed_field_is_enforced_on_writes(
    local: Make, change: FieldChange, value: str | None, code: str
) -> None:
    org = local(field_changes={"Lead.Title": change})
    answer = org.api("POST", "/sobjects/Lead", json={**LEAD, "Title": value})
    assert refusal(answer)[:2] == (400, code)


def test_a_changed_campaign_is_itself_again_when_the_change_is_taken_away(
    server: Server, full: OrgClient
) -> None:
    soql = "SELECT Id, IsActive FROM Campaign WHERE Name = 'Champion moves FY26'"
    statuses = "SELECT Label FROM CampaignMemberStatus WHERE Campaign.Name = 'Champion moves FY26'"
    before, labels = full.query(soql), full.query(statuses)
    for name, rows in (("campaign-missing", 0), ("campaign-inactive", 1)):
        configure(server, FULL, name)
        assert len(full.query(soql)) == rows
        take_away(server, FULL, name)
        assert (full.query(soql), full.query(statuses)) == (before, labels)
    configure(server, FULL, "campaign-statuses", "developer-sandbox")
    assert full.query(soql) == []
    take_away(server, FULL, "developer-sandbox")
    assert {row["Label"] for row in full.query(statuses)} == {"Invited", "Attended"}
    take_away(server, FULL)
    assert full.query(soql) == before
    assert {row["Label"] for row in full.query(statuses)} == {"Sent", "Responded"}


def test_a_members_status_falls_back_to_the_campaigns_new_default(local: Make) -> None:
    changed = {"Champion moves FY26": CampaignChange(statuses=("Invited", "Attended"))}
    org = local(records="crm", campaigns_changed=changed)
    values = {"CampaignId": "7017z000000000AAAQ", "LeadId": org.create("Lead", **LEAD)}
    member = org.create("CampaignMember", **values, Status="Responded")
    assert org.record("CampaignMember", member)["Status"] == "Invited"


def tooling_part(reference: str, path: str) -> dict[str, Any]:
    return {"method": "GET", "url": f"{BASE}{path}", "referenceId": reference}


def test_the_tooling_api_has_a_composite_of_its_own(local: Make) -> None:
    org = local(**PACKAGE)
    soql = quote("SELECT Id FROM Layout WHERE TableEnumOrId = 'Lead'")
    parts = [
        tooling_part("found", f"/tooling/query?q={soql}"),
        tooling_part("whole", "/tooling/sobjects/Layout/@{found.records[0].Id}"),
        tooling_part("none", "/tooling/query?q=SELECT+Id+FROM+Nothing"),
    ]
    answer = org.api("POST", "/tooling/composite", json={"compositeRequest": parts}).get_json()
    found, whole, none = answer["compositeResponse"]
    assert found["body"]["entityTypeName"] == "Layout"
    assert whole["body"]["FullName"] == "Lead-Lead Layout"
    assert "layoutSections" in whole["body"]["Metadata"]
    assert (none["httpStatusCode"], none["body"][0]["errorCode"]) == (400, "INVALID_TYPE")
    other = [*parts, tooling_part("lead", "/sobjects/Lead/describe")]
    refused = org.api("POST", "/tooling/composite", json={"compositeRequest": other})
    assert refusal(refused)[1] == "INVALID_INPUT"
    queries = [tooling_part(f"q{n}", f"/tooling/query?q={soql}") for n in range(6)]
    refused = org.api("POST", "/tooling/composite", json={"compositeRequest": queries})
    assert refusal(refused)[1] == "INVALID_INPUT"
