"""Configurations whose effect is in Setup, laid on the running orgs and asked for over the wire."""

from __future__ import annotations

from typing import Any

from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server
from tests.rehearsal.laying import FULL, configure, take_away


def tooling(org: OrgClient, soql: str) -> list[dict[str, Any]]:
    answer = org.get("/tooling/query", q=soql)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def test_layouts_without_fields(server: Server, full: OrgClient) -> None:
    text = full.get("/sobjects/Lead/describe/layouts").text
    assert "UserGem__Persona__c" in text
    configure(server, FULL, "layouts-without-fields")
    assert "UserGem__" not in full.get("/sobjects/Lead/describe/layouts").text
    rows = tooling(full, "SELECT Id, Name FROM Layout WHERE EntityDefinitionId = 'Lead'")
    assert {row["Name"] for row in rows} == {"Lead Layout", "Lead (Sales) Layout"}
    for row in rows:
        soql = f"SELECT Metadata FROM Layout WHERE Id = '{row['Id']}'"
        assert "UserGem__" not in str(tooling(full, soql))


def test_lead_mapping_missing(server: Server, full: OrgClient) -> None:
    assert len(tooling(full, "SELECT Id, Metadata FROM LeadConvertSettings")) == 1
    configure(server, FULL, "lead-mapping-missing")
    assert tooling(full, "SELECT Id, Metadata FROM LeadConvertSettings") == []


def test_two_record_types(server: Server, full: OrgClient) -> None:
    configure(server, FULL, "two-record-types")
    answer = full.get("/sobjects/Contact/describe/layouts").json()
    assert answer["layouts"] is None
    assert len(answer["recordTypeMappings"]) == 3
    rows = full.query("SELECT Id FROM RecordType WHERE SobjectType = 'Contact'")
    assert len(rows) == 2
    take_away(server, FULL)
    assert full.query("SELECT Id FROM RecordType") == []


def test_a_low_rights_user(server: Server, full: OrgClient) -> None:
    configure(server, FULL, "low-rights-user")
    for name in ("InstalledSubscriberPackage", "Layout", "LeadConvertSettings"):
        answer = full.get("/tooling/query", q=f"SELECT Id FROM {name}")
        assert full.refusal(answer)[:2] == (400, "INVALID_TYPE")
    assert "DataStorageMB" not in full.get("/limits").json()
    assert full.query("SELECT Status FROM PackageLicense WHERE NamespacePrefix = 'UserGem'")


def test_a_validation_rule_is_listed_while_it_lies(server: Server, full: OrgClient) -> None:
    soql = "SELECT Id FROM ValidationRule WHERE EntityDefinition.QualifiedApiName = 'Account'"
    assert tooling(full, soql) == []
    configure(server, FULL, "validation-rule-account")
    assert len(tooling(full, soql)) == 1


def test_field_permissions_follow_a_hidden_field(server: Server, full: OrgClient) -> None:
    soql = (
        "SELECT Parent.Name FROM FieldPermissions WHERE SobjectType = 'Lead' "
        "AND Field = 'Lead.UserGem__PastCompany__c'"
    )
    before = {row["Parent"]["Name"] for row in full.query(soql)}
    configure(server, FULL, "field-hidden")
    after = {row["Parent"]["Name"] for row in full.query(soql)}
    assert "UserGems_Integration" in before - after
    assert len(after) == 1
