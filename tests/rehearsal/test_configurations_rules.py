"""Configurations of the customer's own rules: each refuses or changes what it says it does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import Server
from tests.rehearsal.laying import FULL, configure, take_away

LEAD = {
    "LastName": "Doe",
    "Company": "Quite New Company",
    "Country": "France",
    "Email": "doe@quite-new.example",
    "Title": "CEO",
    "LeadSource": "UserGems",
    "UserGem__PastCompany__c": "Old Company",
}
ACCOUNT = {"Name": "Quite New Company", "Website": "https://quite-new.example"}


@pytest.mark.parametrize(
    ("name", "sobject", "values", "code", "words"),
    [
        ("field-hidden", "Lead", LEAD, "INVALID_FIELD", "UserGem__PastCompany__c"),
        ("field-read-only", "Lead", LEAD, "INVALID_FIELD_FOR_INSERT_UPDATE", "Title"),
        ("object-no-create", "Lead", LEAD, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", ""),
        (
            "validation-rule-account",
            "Account",
            ACCOUNT,
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Choose an industry",
        ),
        (
            "restricted-picklist",
            "Lead",
            LEAD,
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "UserGems",
        ),
        ("required-field", "Lead", LEAD, "REQUIRED_FIELD_MISSING", "Region__c"),
        (
            "failing-trigger",
            "Lead",
            LEAD,
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "System.NullPointerException",
        ),
        ("storage-full", "Lead", LEAD, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"),
    ],
)
def test_a_new_record_is_refused_until_the_configuration_is_taken_away(
    full: OrgClient,
    server: Server,
    name: str,
    sobject: str,
    values: dict[str, Any],
    code: str,
    words: str,
) -> None:
    configure(server, FULL, name)
    refused = full.refusal(full.post(f"/sobjects/{sobject}", values))
    assert refused[1] == code
    assert words in refused[2]
    take_away(server, FULL)
    assert full.post(f"/sobjects/{sobject}", values).status_code == 201


@pytest.mark.parametrize(("name", "status"), [("duplicate-alert", 201), ("duplicate-block", 400)])
def test_an_alert_can_be_saved_past_and_a_block_cannot(
    full: OrgClient, server: Server, name: str, status: int
) -> None:
    full.create("Lead", **LEAD)
    configure(server, FULL, name)
    other = {**LEAD, "Email": "other@quite-new.example", "LastName": "Other"}
    refused = full.refusal(full.post("/sobjects/Lead", other))
    assert refused[:2] == (400, "DUPLICATES_DETECTED")
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert full.post("/sobjects/Lead", other, **headers).status_code == status


def test_two_record_types_are_in_the_describe_and_new_records_get_the_default(
    full: OrgClient, server: Server
) -> None:
    configure(server, FULL, "two-record-types")
    infos = full.get("/sobjects/Lead/describe").json()["recordTypeInfos"]
    assert {info["developerName"] for info in infos} == {"Sales_lead", "Partner_lead", "Master"}
    key = full.create("Lead", **LEAD)
    row = full.query(f"SELECT RecordType.DeveloperName FROM Lead WHERE Id = '{key}'")[0]
    assert row["RecordType"]["DeveloperName"] == "Sales_lead"


def test_a_required_field_is_wanted_of_old_leads_too_once_they_change(
    full: OrgClient, server: Server
) -> None:
    key = full.create("Lead", **LEAD)
    configure(server, FULL, "required-field")
    answer = full.patch(f"/sobjects/Lead/{key}", {"Title": "CTO"})
    assert full.refusal(answer)[1:] == (
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Region__c]",
    )
    both = {"Title": "CTO", "Region__c": "Europe"}
    assert full.patch(f"/sobjects/Lead/{key}", both).status_code == 204
