"""What the customer made: required fields, picklists, triggers, rules, and a full storage."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.rehearsal.config import (
    DuplicateRule,
    RequiredField,
    Trigger,
    ValidationRule,
)
from tests.rehearsal.local import LEAD, LocalOrg, Make, node, refusal, row

REQUIRED = {"required_fields": (RequiredField("Lead", "Region__c", "Region"),)}
PICKLIST = {"restricted_picklists": {"Lead.LeadSource": ("Web", "Event")}}
INNER = "System.NullPointerException: Attempt to de-reference a null object"
TRIGGER = {"triggers": (Trigger("Lead", "LeadRouting", INNER),)}
ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}


def test_a_required_field_shows_in_the_describe_and_is_asked_for(local: Make) -> None:
    org = local(**REQUIRED)
    region = org.describe("Lead")[1]["Region__c"]
    assert (region["custom"], region["createable"]) == (True, True)
    assert (region["nillable"], region["defaultedOnCreate"]) == (False, False)
    refused = org.api("POST", "/sobjects/Lead", json=LEAD)
    text = "Required fields are missing: [Region__c]"
    assert refusal(refused) == (400, "REQUIRED_FIELD_MISSING", text)
    assert refused.get_json()[0]["fields"] == ["Region__c"]
    key = org.create("Lead", **LEAD, Region__c="EMEA")
    assert org.record("Lead", key)["Region__c"] == "EMEA"
    soql = "SELECT Id FROM Lead WHERE Region__c = 'EMEA'"
    assert org.api("GET", "/query", query_string={"q": soql}).get_json()["totalSize"] == 1


def test_a_required_field_is_there_without_and_with_the_package(local: Make) -> None:
    org = local(**REQUIRED)
    org.send("POST", "/rehearsal/package", json={"security": "all"})
    fields = org.describe("Lead")[1]
    assert {"Region__c", "UserGem__PastCompany__c"} <= set(fields)
    assert "Region__c" not in org.describe("Contact")[1]


def test_orgs_with_other_fields_do_not_change_each_other(local: Make) -> None:
    assert local(**REQUIRED).org.schema["lead"].field("Region__c") is not None
    assert local().org.schema["lead"].field("Region__c") is None


def test_a_restricted_picklist_names_its_values_and_takes_no_other(local: Make) -> None:
    org = local(**PICKLIST)
    source = org.describe("Lead")[1]["LeadSource"]
    assert source["restrictedPicklist"] is True
    assert [entry["value"] for entry in source["picklistValues"]] == ["Web", "Event"]
    refused = org.api("POST", "/sobjects/Lead", json={**LEAD, "LeadSource": "UserGems"})
    text = "Lead Source: bad value for restricted picklist field: UserGems"
    assert refusal(refused) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text)
    assert refused.get_json()[0]["fields"] == ["LeadSource"]
    org.create("Lead", **LEAD, LeadSource="Event")


def test_a_failing_trigger_says_where_and_why_and_keeps_nothing(local: Make) -> None:
    org = local(**TRIGGER)
    refused = org.api("POST", "/sobjects/Lead", json=LEAD)
    status, code, text = refusal(refused)
    assert (status, code) == (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    assert text.startswith(f"LeadRouting: execution of AfterInsert\n\ncaused by: {INNER}")
    soql = "SELECT count() FROM Lead"
    assert org.api("GET", "/query", query_string={"q": soql}).get_json()["totalSize"] == 0


@pytest.mark.parametrize(("moment", "method"), [("update", "PATCH"), ("delete", "DELETE")])
def test_a_trigger_on_other_moments_lets_new_records_pass(
    local: Make, moment: str, method: str
) -> None:
    org = local(triggers=(Trigger("Lead", "Guard", INNER, on=(moment,)),))
    key = org.create("Lead", **LEAD)
    refused = org.api(method, f"/sobjects/Lead/{key}", json={"Title": "x"})
    assert refusal(refused)[2].startswith(f"Guard: execution of After{moment.capitalize()}")
    assert org.record("Lead", key)["Title"] is None


def test_a_validation_rule_on_accounts_stops_accounts(local: Make) -> None:
    rule = ValidationRule("Account", "Industry_needed", ("Industry",), "Choose an industry.")
    org = local(validation_rules=(rule,))
    refused = org.api("POST", "/sobjects/Account", json={"Name": "A"})
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert refusal(refused) == (400, code, "Choose an industry.")
    org.create("Account", Name="A", Industry="Media")


def test_a_full_storage_takes_no_new_record_but_changes(local: Make) -> None:
    org = local(storage_full=True)
    refused = org.api("POST", "/sobjects/Account", json={"Name": "A"})
    assert refusal(refused) == (400, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    key = org.org.space.rows("Account")[0]["Id"]
    assert org.api("PATCH", f"/sobjects/Account/{key}", json={"Site": "B"}).status_code == 204


# Duplicate rules: on the e-mail of people, on the name of accounts.

PEOPLE: dict[str, dict[str, Any]] = {
    "Lead": LEAD,
    "Contact": {"LastName": "Doe", "Email": "doe@b.example"},
    "Account": {"Name": "Same Inc."},
}


def with_rule(local: Make, name: str, action: str) -> tuple[LocalOrg, str]:
    """An org with one such rule and the first of two records."""
    match_on = "Name" if name == "Account" else "Email"
    org = local(duplicate_rules=(DuplicateRule(name, action, match_on),))
    return org, org.create(name, **PEOPLE[name])


@pytest.mark.parametrize("name", list(PEOPLE))
def test_an_alert_shows_the_match_and_is_passed_with_the_header(local: Make, name: str) -> None:
    org, key = with_rule(local, name, "alert")
    refused = org.api("POST", f"/sobjects/{name}", json=PEOPLE[name])
    assert refusal(refused) == (400, "DUPLICATES_DETECTED", "Use one of these records?")
    result = refused.get_json()[0]["duplicateResult"]
    assert result["allowSave"] is True
    assert result["duplicateRule"] == f"Standard_{name}_Duplicate_Rule"
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == key
    org.create(name, headers=ALLOW, **PEOPLE[name])


@pytest.mark.parametrize("name", list(PEOPLE))
def test_a_block_stands_whatever_the_header_says(local: Make, name: str) -> None:
    org, _ = with_rule(local, name, "block")
    refused = org.api("POST", f"/sobjects/{name}", json=PEOPLE[name], headers=ALLOW)
    assert refusal(refused)[1] == "DUPLICATES_DETECTED"
    assert refused.get_json()[0]["duplicateResult"]["allowSave"] is False


def test_the_header_is_not_known_before_version_52(local: Make) -> None:
    org, _ = with_rule(local, "Lead", "alert")
    for version, status in (("51.0", 400), ("52.0", 201)):
        answer = org.api("POST", "/sobjects/Lead", version, json=LEAD, headers=ALLOW)
        assert answer.status_code == status


def test_in_a_collection_the_match_is_not_told_and_the_header_counts_for_all(local: Make) -> None:
    org, _ = with_rule(local, "Lead", "alert")
    body = {"records": [row("Lead", **LEAD), row("Lead", LastName="Other", Company="B")]}
    dup, good = org.api("POST", "/composite/sobjects", json=body).get_json()
    text = "Use one of these records?"
    fault = {"statusCode": "DUPLICATES_DETECTED", "message": text, "fields": []}
    assert dup == {"success": False, "errors": [fault]}
    assert good["success"] is True
    saved = org.api("POST", "/composite/sobjects", json=body, headers=ALLOW).get_json()
    assert [item["success"] for item in saved] == [True, True]


def test_in_a_graph_only_the_nodes_own_header_counts(local: Make) -> None:
    org, _ = with_rule(local, "Lead", "alert")
    plain = node("lead", "POST", "/sobjects/Lead", LEAD)
    graphs = [
        {"graphId": "plain", "compositeRequest": [plain]},
        {"graphId": "allowed", "compositeRequest": [{**plain, "httpHeaders": ALLOW}]},
    ]
    answer = org.api("POST", "/composite/graph", json={"graphs": graphs}, headers=ALLOW)
    assert [item["isSuccessful"] for item in answer.get_json()["graphs"]] == [False, True]


def test_a_change_of_something_else_meets_no_duplicate_rule(local: Make) -> None:
    org, key = with_rule(local, "Lead", "alert")
    twin = org.create("Lead", headers=ALLOW, **LEAD)
    for change, status in (({"Title": "x"}, 204), ({"Email": "c@d.example"}, 204)):
        assert org.api("PATCH", f"/sobjects/Lead/{twin}", json=change).status_code == status
    back = org.api("PATCH", f"/sobjects/Lead/{twin}", json={"Email": LEAD["Email"]})
    assert back.get_json()[0]["errorCode"] == "DUPLICATES_DETECTED"
    matches = back.get_json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"]
    assert [match["record"]["Id"] for match in matches] == [key]
