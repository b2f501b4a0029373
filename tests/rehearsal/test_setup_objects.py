"""Set-up objects by query: they agree with what the org does, and ask for rights."""

from __future__ import annotations

import pytest

from integrations.rehearsal.config import (
    ADMIN_USER,
    DuplicateRule,
    Flow,
    RequiredField,
    Trigger,
    ValidationRule,
)
from tests.rehearsal.conftest import Server
from tests.rehearsal.laying import FULL, configure
from tests.rehearsal.local import Make, refusal
from tests.rehearsal.setup_queries import ask, low_rights, query

PACKAGE = {"package_version": "1.42"}


@pytest.mark.parametrize(
    "name",
    [
        "Layout", "ProfileLayout", "FlexiPage", "FieldDefinition", "EntityDefinition",
        "CustomField", "ValidationRule", "ApexTrigger", "Flow", "FlowDefinitionView",
        "LeadConvertSettings",
    ],
)  # fmt: skip
def test_without_view_setup_tooling_objects_are_not_known(local: Make, name: str) -> None:
    answer = ask(local(**low_rights("ViewSetup")), f"SELECT Id FROM {name}", tooling=True)
    assert refusal(answer)[:2] == (400, "INVALID_TYPE")
    assert f"sObject type '{name}' is not supported." in refusal(answer)[2]


def test_the_package_is_not_known_without_the_right_to_install_packages(local: Make) -> None:
    org = local(**PACKAGE, **low_rights("InstallPackaging"))
    answer = ask(org, "SELECT Id FROM InstalledSubscriberPackage", tooling=True)
    assert refusal(answer)[:2] == (400, "INVALID_TYPE")
    assert query(org, "SELECT Id FROM Layout LIMIT 1", tooling=True)


def test_an_installed_package_has_a_licence_row_anybody_may_read(local: Make) -> None:
    soql = (
        "SELECT NamespacePrefix, Status, AllowedLicenses, UsedLicenses, ExpirationDate "
        "FROM PackageLicense WHERE NamespacePrefix = 'UserGem'"
    )
    org = local(**PACKAGE, **low_rights("InstallPackaging", "ViewSetup"))
    assert [row["Status"] for row in query(org, soql)] == ["Active"]
    org.send("POST", "/rehearsal/package", json={"security": None})
    assert query(org, soql) == []


def test_layouts_are_listed_and_shown_whole_one_at_a_time(local: Make) -> None:
    org = local(**PACKAGE)
    rows = query(
        org,
        "SELECT Id, Name, EntityDefinitionId, LayoutType, TableEnumOrId FROM Layout "
        "WHERE EntityDefinitionId = 'Lead'",
        tooling=True,
    )
    assert [row["Name"] for row in rows] == ["Lead Layout"]
    [row] = query(
        org, f"SELECT FullName, Metadata FROM Layout WHERE Id = '{rows[0]['Id']}'", tooling=True
    )
    assert row["FullName"] == "Lead-Lead Layout"
    shown = {
        item["field"]
        for section in row["Metadata"]["layoutSections"]
        for column in section["layoutColumns"]
        for item in column["layoutItems"]
    }
    assert {"LeadSource", "UserGem__PastCompany__c"} <= shown
    names = [entry["relatedList"] for entry in row["Metadata"]["relatedLists"]]
    assert "UserGem__UserGem__c.UserGem__NewLead__c" in names


def test_metadata_of_many_rows_is_refused_with_the_platforms_words(local: Make) -> None:
    org = local()
    number = len(query(org, "SELECT Id FROM Layout", tooling=True))
    status, code, text = refusal(ask(org, "SELECT Id, Metadata FROM Layout", tooling=True))
    assert (status, code) == (400, "MALFORMED_QUERY")
    assert "no more than one row for retrieval" in text
    assert text.endswith(f"Result size: {number}")


def test_every_profile_has_a_layout_assigned(local: Make) -> None:
    rows = query(
        local(),
        "SELECT Layout.Name, Profile.Name, RecordTypeId FROM ProfileLayout "
        "WHERE TableEnumOrId = 'Contact'",
        tooling=True,
    )
    assert {row["Layout"]["Name"] for row in rows} == {"Contact Layout"}
    assert "System Administrator" in {row["Profile"]["Name"] for row in rows}


def test_a_record_page_tells_that_it_shows_the_page_layout(local: Make) -> None:
    org = local()
    soql = "SELECT Id FROM FlexiPage WHERE Type = 'RecordPage' AND EntityDefinitionId = 'Lead'"
    [page] = query(org, soql, tooling=True)
    [row] = query(org, f"SELECT Metadata FROM FlexiPage WHERE Id = '{page['Id']}'", tooling=True)
    components = [
        item["componentInstance"]["componentName"]
        for region in row["Metadata"]["flexiPageRegions"]
        for item in region["itemInstances"]
    ]
    assert "force:detailPanel" in components


def test_a_field_hidden_from_the_user_is_still_defined_in_setup(local: Make) -> None:
    org = local(**PACKAGE, hidden_fields=frozenset({"Lead.UserGem__Persona__c"}))
    assert "UserGem__Persona__c" not in org.describe("Lead")[1]
    soql = (
        "SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE "
        "EntityDefinition.QualifiedApiName = 'Lead' AND QualifiedApiName = 'UserGem__Persona__c'"
    )
    [row] = query(org, soql, tooling=True)
    assert row["DataType"] == "Text(255)"


def test_custom_fields_of_package_and_customer_are_listed(local: Make) -> None:
    org = local(**PACKAGE, required_fields=(RequiredField("Lead", "Region__c", "Region"),))
    rows = query(
        org,
        "SELECT DeveloperName, NamespacePrefix FROM CustomField WHERE TableEnumOrId = 'Lead'",
        tooling=True,
    )
    names = {(row["NamespacePrefix"], row["DeveloperName"]) for row in rows}
    assert {("UserGem", "PastCompany"), (None, "Region")} <= names


def test_validation_rules_are_those_that_refuse_records(local: Make) -> None:
    rule = ValidationRule("Account", "Website_needed", ("Website",), "Give a website.")
    org = local(validation_rules=(rule,))
    [row] = query(
        org,
        "SELECT ValidationName, Active, ErrorMessage FROM ValidationRule "
        "WHERE EntityDefinition.QualifiedApiName = 'Account' AND Active = true",
        tooling=True,
    )
    assert row["ValidationName"] == "Website_needed"
    refused = refusal(org.api("POST", "/sobjects/Account", json={"Name": "A"}))
    assert refused[2] == row["ErrorMessage"]


def test_triggers_and_flows_are_listed(local: Make) -> None:
    org = local(
        triggers=(Trigger("Lead", "LeadRouter", "System.DmlException: no"),),
        flows=(Flow("Lead", "Assign_by_region", "OwnerId", ADMIN_USER.user_id),),
    )
    soql = "SELECT Name, Status, UsageAfterInsert FROM ApexTrigger WHERE TableEnumOrId = 'Lead'"
    [trigger] = query(org, soql, tooling=True)
    assert (trigger["Name"], trigger["Status"]) == ("LeadRouter", "Active")
    soql = (
        "SELECT ApiName, IsActive, TriggerObjectOrEventLabel FROM FlowDefinitionView "
        "WHERE TriggerObjectOrEventLabel = 'Lead'"
    )
    [flow] = query(org, soql, tooling=True)
    assert (flow["ApiName"], flow["IsActive"]) == ("Assign_by_region", True)
    [version] = query(org, "SELECT Status, Definition.DeveloperName FROM Flow", tooling=True)
    assert version["Definition"]["DeveloperName"] == "Assign_by_region"


def test_duplicate_and_assignment_rules_are_listed(local: Make) -> None:
    org = local(duplicate_rules=(DuplicateRule("Contact", "block"),))
    [rule] = query(org, "SELECT DeveloperName, IsActive FROM DuplicateRule")
    assert rule["DeveloperName"] == "Standard_Contact_Duplicate_Rule"
    soql = "SELECT Id, Name, Active FROM AssignmentRule WHERE SobjectType = 'Lead'"
    [assignment] = query(org, soql)
    assert assignment["Active"] is False


def test_the_mapping_has_a_row_only_where_somebody_mapped(local: Make) -> None:
    soql = "SELECT Id, Metadata FROM LeadConvertSettings"
    [row] = query(local(**PACKAGE), soql, tooling=True)
    [mapping] = row["Metadata"]["objectMapping"]
    assert mapping["outputObject"] == "Contact"
    pair = {"inputField": "UserGem__Persona__c", "outputField": "UserGem__Persona__c"}
    assert pair in mapping["mappingFields"]


def test_an_unmapped_org_answers_no_row_and_no_error(local: Make) -> None:
    org = local(**PACKAGE, lead_mapping_done=False)
    assert query(org, "SELECT Id, Metadata FROM LeadConvertSettings", tooling=True) == []


def test_a_production_names_its_sandboxes_by_their_15_character_org_id(server: Server) -> None:
    production, full = server.production(), server.full_copy()
    soql = (
        "SELECT SandboxName, SandboxOrganization, LicenseType, Status, EndDate FROM SandboxProcess"
    )
    rows = production.get("/tooling/query", q=soql).json()["records"]
    found = {row["SandboxName"]: row for row in rows}
    [org] = full.query("SELECT Id FROM Organization")
    assert set(found) == {"full", "dev"}
    assert found["full"]["SandboxOrganization"] == org["Id"][:15]
    assert (found["full"]["LicenseType"], found["full"]["Status"]) == ("FULL", "Completed")
    infos = production.get("/tooling/query", q="SELECT SandboxName, LicenseType FROM SandboxInfo")
    assert {row["SandboxName"] for row in infos.json()["records"]} == {"full", "dev"}


def test_after_a_refresh_production_names_the_sandboxs_new_org_too(server: Server) -> None:
    soql = "SELECT SandboxOrganization FROM SandboxProcess WHERE SandboxName = 'full'"

    def named() -> set[str]:
        rows = server.production().get("/tooling/query", q=soql).json()["records"]
        return {row["SandboxOrganization"] for row in rows}

    before = named()
    configure(server, FULL, "refreshed-sandbox")
    [org] = server.full_copy().query("SELECT Id FROM Organization")
    assert named() == before | {org["Id"][:15]}
    assert org["Id"][:15] not in before


def test_a_sandbox_knows_of_no_sandboxes(local: Make) -> None:
    answer = ask(local(), "SELECT Id FROM SandboxProcess", tooling=True)
    assert refusal(answer)[:2] == (400, "INVALID_TYPE")
