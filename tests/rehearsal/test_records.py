"""Single records: what is kept, and what is refused with which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.rehearsal.client import OrgClient

LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}
ACCOUNT = "0017z00000000G8AAI"
INACTIVE = "0057z000000001oAAA"
GONE = "0017z00000000ZZAAY"


def test_a_new_lead_gets_what_the_platform_fills_in(full: OrgClient) -> None:
    response = full.post("/sobjects/Lead", {**LEAD, "FirstName": "  Jane ", "Title": ""})
    body = response.json()
    assert response.headers["Location"] == f"/services/data/v68.0/sobjects/Lead/{body['id']}"
    assert body == {"id": body["id"], "success": True, "errors": []}
    lead = full.get(f"/sobjects/lead/{body['id'][:15]}").json()
    assert lead["Id"] == body["id"]
    assert lead["Name"] == "Jane Doe"
    assert lead["Status"] == "Open - Not Contacted"
    assert lead["Title"] is None
    assert lead["OwnerId"] == lead["CreatedById"] == full.tokens["id"].rsplit("/", 1)[1]
    assert lead["CreatedDate"].endswith("+0000")
    assert lead["Address"]["country"] == "France"
    assert lead["UserGem__CreatedByUG__c"] is False


@pytest.mark.parametrize(
    ("name", "values", "code", "text", "fields"),
    [
        (
            "Lead",
            {"FirstName": "A", "Country": "France"},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LastName, Company]",
            ["LastName", "Company"],
        ),
        (
            "Lead",
            {**LEAD, "FirstName": "x" * 41},
            "STRING_TOO_LONG",
            f"First Name: data value too large: {'x' * 41} (max length=40)",
            ["FirstName"],
        ),
        (
            "Lead",
            {**LEAD, "Email": "badone"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: badone",
            ["Email"],
        ),
        (
            "Lead",
            {**LEAD, "Nope__c": 1},
            "INVALID_FIELD",
            "No such column 'Nope__c' on sobject of type Lead",
            None,
        ),
        (
            "Lead",
            {**LEAD, "CreatedDate": "2026-01-01T00:00:00Z"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate. Please check the security settings of "
            "this field and verify that it is read/write for your profile or permission set.",
            ["CreatedDate"],
        ),
        (
            "Lead",
            {"LastName": "Doe", "Company": "Acme"},
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "Country is required on new leads.",
            [],
        ),
        (
            "Lead",
            {**LEAD, "OwnerId": INACTIVE},
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{INACTIVE}] as owner of lead",
            [],
        ),
        (
            "Contact",
            {"LastName": "A", "AccountId": "0037z00000001IeAAI"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: 0037z00000001IeAAI",
            ["AccountId"],
        ),
        (
            "Contact",
            {"LastName": "A", "AccountId": GONE},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            [],
        ),
        (
            "Lead",
            {**LEAD, "CleanStatus": "Spotless"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Clean Status: bad value for restricted picklist field: Spotless",
            ["CleanStatus"],
        ),
    ],
)
def test_refusals_have_the_platforms_code_text_and_fields(
    full: OrgClient, name: str, values: dict[str, Any], code: str, text: str, fields: Any
) -> None:
    response = full.post(f"/sobjects/{name}", values)
    expected = {"message": text, "errorCode": code}
    if fields is not None:
        expected["fields"] = fields
    assert (response.status_code, response.json()) == (400, [expected])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("UserGem__JobStartedDate__c", "2026-13-40"),
        ("UserGem__CreatedByUG__c", "perhaps"),
        ("NumberOfEmployees", "many"),
        ("LastName", ["list"]),
        ("LastName", 5),
        ("NumberOfEmployees", "Infinity"),
        ("NumberOfEmployees", "NaN"),
    ],
)
def test_values_of_the_wrong_kind_are_the_parsers_to_refuse(
    full: OrgClient, field: str, value: Any
) -> None:
    answer = full.post("/sobjects/Lead", {**LEAD, field: value})
    assert full.refusal(answer)[:2] == (400, "JSON_PARSER_ERROR")


def test_a_new_lead_in_germany_has_to_be_reachable(full: OrgClient) -> None:
    german = {**LEAD, "Country": "Germany"}
    refused = full.post("/sobjects/Lead", german)
    text = "New leads in Germany need an e-mail address or a phone number."
    assert full.refusal(refused) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", text)
    full.create("Lead", **german, Phone="1")


def test_half_a_character_is_no_text(full: OrgClient) -> None:
    data = b'{"LastName": "\\ud800", "Company": "A", "Country": "B"}'
    answer = full.call("POST", "/sobjects/Lead", data=data)
    assert full.refusal(answer)[:2] == (400, "JSON_PARSER_ERROR")
    emoji = {"LastName": "Doe \U0001f600", "Company": "A", "Country": "B"}
    assert full.post("/sobjects/Lead", emoji).status_code == 201


def test_numbers_may_come_as_text_and_dates_as_times(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD, NumberOfEmployees="10000",
                      UserGem__JobStartedDate__c="2026-03-01T00:00:00Z")  # fmt: skip
    lead = full.get(f"/sobjects/Lead/{key}", fields="NumberOfEmployees,UserGem__JobStartedDate__c")
    assert lead.json()["NumberOfEmployees"] == 10000
    assert lead.json()["UserGem__JobStartedDate__c"] == "2026-03-01"


def test_lead_source_takes_any_value_and_offers_usergems(full: OrgClient) -> None:
    full.create("Lead", **LEAD, LeadSource="Something new")
    fields = full.get("/sobjects/Lead/describe").json()["fields"]
    source = next(field for field in fields if field["name"] == "LeadSource")
    assert "UserGems" in [entry["value"] for entry in source["picklistValues"]]
    assert source["restrictedPicklist"] is False


def test_a_lead_may_belong_to_a_queue_but_a_contact_may_not(full: OrgClient) -> None:
    queue = full.query("SELECT Id FROM Group WHERE Type = 'Queue'")[0]["Id"]
    key = full.create("Lead", **LEAD, OwnerId=queue)
    owner = full.query(f"SELECT Owner.Name FROM Lead WHERE Id = '{key}'")[0]["Owner"]
    assert owner["attributes"]["type"] == "Group"
    refused = full.post("/sobjects/Contact", {"LastName": "A", "OwnerId": queue})
    assert full.refusal(refused)[1] == "MALFORMED_ID"


def test_changing_a_record_leaves_other_fields_alone(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD, Title="CTO")
    response = full.patch(f"/sobjects/Lead/{key}", {"Title": None, "Phone": "1"})
    assert (response.status_code, response.content) == (204, b"")
    lead = full.get(f"/sobjects/Lead/{key}").json()
    assert (lead["Title"], lead["Phone"], lead["Company"]) == (None, "1", "Acme")


def test_a_required_field_cannot_be_emptied(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD)
    answer = full.patch(f"/sobjects/Lead/{key}", {"Company": " "})
    assert full.refusal(answer)[1] == "REQUIRED_FIELD_MISSING"


def test_the_validation_rule_looks_at_new_leads_only(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD)
    assert full.patch(f"/sobjects/Lead/{key}", {"Country": None}).status_code == 204


def test_a_converted_lead_is_closed_to_changes(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD, IsConverted=True)
    answer = full.patch(f"/sobjects/Lead/{key}", {"Title": "x"})
    assert full.refusal(answer) == (
        400,
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "cannot reference converted lead",
    )


def test_deleted_records_vanish_and_say_so_when_written_to(full: OrgClient) -> None:
    full.may_delete()
    key = full.create("Account", Name="Short-lived")
    contact = full.create("Contact", LastName="A", AccountId=key)
    assert full.call("DELETE", f"/sobjects/Account/{key}").status_code == 204
    assert full.refusal(full.get(f"/sobjects/Account/{key}"))[:2] == (404, "NOT_FOUND")
    again = full.call("DELETE", f"/sobjects/Account/{key}")
    assert full.refusal(again)[:2] == (404, "ENTITY_IS_DELETED")
    assert full.query(f"SELECT Id FROM Contact WHERE Id = '{contact}'") == []
    bin_ = full.get("/queryAll", q=f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{contact}'")
    assert bin_.json()["records"][0]["IsDeleted"] is True
    refused = full.post("/sobjects/Contact", {"LastName": "B", "AccountId": key})
    assert full.refusal(refused)[1:] == ("ENTITY_IS_DELETED", "entity is deleted")


def test_an_unmodified_since_header_guards_a_change(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD)
    now = datetime.now(UTC)
    early = format_datetime(now - timedelta(hours=1), usegmt=True)
    late = format_datetime(now + timedelta(minutes=1), usegmt=True)
    path = f"/sobjects/Lead/{key}"
    answer = full.patch(path, {"Title": "x"}, **{"If-Unmodified-Since": early})
    assert full.refusal(answer)[:2] == (412, "PRECONDITION_FAILED")
    assert full.patch(path, {"Title": "x"}, **{"If-Unmodified-Since": late}).status_code == 204


def test_upsert_creates_changes_and_tells_which(full: OrgClient) -> None:
    path = "/sobjects/UserGem__UserGem__c/UserGem__DeliveryKey__c/jc-1%2F%C3%A4%3A00D.x"
    first = full.patch(path, {"UserGem__PersonName__c": "A"})
    assert first.status_code == 201
    assert first.json()["created"] is True
    second = full.patch(path, {"UserGem__PersonName__c": "B"})
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert full.get(path).json()["UserGem__DeliveryKey__c"] == "jc-1/ä:00D.x"
    absent = full.patch(path + "y?updateOnly=true", {"UserGem__PersonName__c": "B"})
    assert absent.status_code == 404
    wrong = full.patch("/sobjects/Lead/Nope__c/x", {"LastName": "A"})
    assert full.refusal(wrong) == (
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: Nope__c",
    )


def test_the_delivery_key_is_unique_and_case_sensitive(full: OrgClient) -> None:
    first = full.create("UserGem__UserGem__c", UserGem__DeliveryKey__c="jc-1:A")
    refused = full.post("/sobjects/UserGem__UserGem__c", {"UserGem__DeliveryKey__c": "jc-1:A"})
    assert full.refusal(refused)[1:] == (
        "DUPLICATE_VALUE",
        "duplicate value found: UserGem__DeliveryKey__c duplicates value on record with id: "
        f"{first}",
    )
    assert first.startswith("a0X")
    full.create("UserGem__UserGem__c", UserGem__DeliveryKey__c="jc-1:a")
    where = "WHERE UserGem__DeliveryKey__c = 'jc-1:A'"
    found = full.query(f"SELECT Id, Name FROM UserGem__UserGem__c {where}")
    assert [row["Id"] for row in found] == [first]
    assert found[0]["Name"] == "UG-00001"


def test_a_person_joins_a_campaign_once_with_one_of_its_statuses(full: OrgClient) -> None:
    lead = full.create("Lead", **LEAD)
    campaign = full.query("SELECT Id FROM Campaign WHERE IsActive = true LIMIT 1")[0]["Id"]
    values = {"CampaignId": campaign, "LeadId": lead, "Status": "No such status"}
    key = full.create("CampaignMember", **values)
    member = full.get(f"/sobjects/CampaignMember/{key}").json()
    assert (member["Status"], member["HasResponded"], member["Type"]) == ("Sent", False, "Lead")
    assert key.startswith("00v")
    again = full.post("/sobjects/CampaignMember", values)
    assert full.refusal(again)[1:] == ("DUPLICATE_VALUE", "Already a campaign member.")
    counted = full.query(f"SELECT NumberOfLeads FROM Campaign WHERE Id = '{campaign}'")
    assert counted[0]["NumberOfLeads"] == 1


@pytest.mark.parametrize("value", ["a/b", "50% ä.b", "..", "a?b#c"])
def test_odd_external_ids_arrive_over_the_wire(full: OrgClient, value: str) -> None:
    gem, field = "UserGem__UserGem__c", "UserGem__DeliveryKey__c"
    answer = full.patch(f"/sobjects/{gem}/{field}/{quote(value, safe='').replace('.', '%2E')}", {})
    assert answer.status_code == 201, answer.text
    assert full.query(f"SELECT {field} FROM {gem}")[0][field] == value
