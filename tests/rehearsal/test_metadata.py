"""SOAP: reading metadata, and converting leads as the org has it mapped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from werkzeug.test import TestResponse

from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER, ValidationRule
from tests.rehearsal.local import LEAD, LocalOrg, Make

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"
PARTNER = "urn:partner.soap.sforce.com"
PACKAGE = {"package_version": "1.42"}
CONVERTS = {
    "users": (
        ADMIN_USER,
        replace(INTEGRATION_USER, permissions=(*INTEGRATION_USER.permissions, "ConvertLeads")),
    )
}
READ = (
    "<md:readMetadata><md:type>LeadConvertSettings</md:type>"
    "<md:fullNames>LeadConvertSettings</md:fullNames></md:readMetadata>"
)


def soap(
    org: LocalOrg, body: str, api: str = "m", token: str | None = None, **more: Any
) -> TestResponse:
    namespace = METADATA if api == "m" else PARTNER
    session = org.token if token is None else token
    text = (
        f'<?xml version="1.0"?>{more.pop("before", "")}<s:Envelope xmlns:s="{ENVELOPE}" '
        f'xmlns:md="{namespace}"><s:Header><md:SessionHeader><md:sessionId>{session}'
        f"</md:sessionId></md:SessionHeader></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    headers = more.pop("headers", {"SOAPAction": '""'})
    path = f"/services/Soap/{api}/{more.pop('version', '66.0')}"
    return org.send("POST", path, data=text, content_type="text/xml", headers=headers)


def tree(answer: TestResponse) -> Any:
    found = ElementTree.fromstring(answer.data)
    for element in found.iter():
        element.tag = element.tag.rpartition("}")[2]
    return found


def fault(answer: TestResponse) -> tuple[int, str, str]:
    found = tree(answer)
    return answer.status_code, found.findtext(".//faultcode"), found.findtext(".//faultstring")


def admin(local: Make, **changes: Any) -> LocalOrg:
    org = local(**changes)
    org.sign_in(ADMIN_USER.user_id)
    return org


def test_the_mapping_is_read_as_the_wsdl_has_it(local: Make) -> None:
    answer = soap(admin(local, **PACKAGE), READ)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    [record] = tree(answer).findall(".//readMetadataResponse/result/records")
    order = [child.tag for child in record]
    assert order == ["fullName", "allowOwnerChange", "objectMapping", "opportunityCreationOptions"]
    mapping = record.find("objectMapping")
    assert next(child.tag for child in mapping) == "inputObject"
    assert mapping.findtext("outputObject") == "Contact"
    inputs = [item.findtext("inputField") for item in mapping.findall("mappingFields")]
    assert "UserGem__Persona__c" in inputs


def test_an_unmapped_org_answers_settings_without_a_mapping(local: Make) -> None:
    answer = soap(admin(local, **PACKAGE, lead_mapping_done=False), READ)
    [record] = tree(answer).findall(".//records")
    assert record.findall("objectMapping") == []
    assert record.findtext("fullName") == "LeadConvertSettings"


def test_a_layout_and_a_custom_field_can_be_read_by_name(local: Make) -> None:
    org = admin(local, **PACKAGE)
    for kind, name, expected in (
        ("Layout", "Lead-Lead Layout", "UserGem__Persona__c"),
        ("CustomField", "Lead.UserGem__Persona__c", "UG - Persona"),
    ):
        body = f"<md:readMetadata><md:type>{kind}</md:type><md:fullNames>{name}</md:fullNames>"
        answer = soap(org, body + "</md:readMetadata>")
        assert expected in answer.text
        assert tree(answer).findtext(".//records/fullName") == name


def test_a_name_that_is_nothing_answers_an_empty_record(local: Make) -> None:
    body = "<md:readMetadata><md:type>Layout</md:type><md:fullNames>No-Such</md:fullNames>"
    answer = soap(admin(local), body + "</md:readMetadata>")
    [record] = tree(answer).findall(".//records")
    assert list(record.attrib.values()) == ["true"]
    assert list(record) == []


def test_an_integration_user_may_not_read_metadata(local: Make) -> None:
    status, code, text = fault(soap(local(), READ))
    assert (status, code) == (500, "sf:INSUFFICIENT_ACCESS")
    assert text.startswith("INSUFFICIENT_ACCESS: use of the Metadata API requires a user with")


@pytest.mark.parametrize("api", ["m", "u"])
def test_a_wrong_session_is_a_fault(local: Make, api: str) -> None:
    status, code, text = fault(soap(local(), READ, api=api, token="00Dwrong"))
    assert (status, code) == (500, "sf:INVALID_SESSION_ID")
    assert text.startswith("INVALID_SESSION_ID: Invalid Session ID found in SessionHeader")


def test_a_used_up_allowance_is_a_fault(local: Make) -> None:
    org = admin(local, daily_requests=5, requests_used=5)
    assert fault(soap(org, READ))[:2] == (500, "sf:REQUEST_LIMIT_EXCEEDED")


def test_soap_calls_are_counted_like_others(local: Make) -> None:
    org = admin(local)
    soap(org, READ)
    calls = org.send("GET", "/rehearsal/calls").get_json()
    assert calls["counts"]["POST /services/Soap/m/66.0"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"before": '<!DOCTYPE x [<!ENTITY a "b">]>'}, "soapenv:Client"),
        ({"headers": {}}, "soapenv:Client"),
        ({"version": "20.0"}, "sf:UNSUPPORTED_API_VERSION"),
        ({"version": "99.0"}, "sf:UNSUPPORTED_API_VERSION"),
    ],
)
def test_what_is_no_proper_soap_call_is_a_fault(
    local: Make, change: dict[str, Any], code: str
) -> None:
    assert fault(soap(local(), READ, **change))[:2] == (500, code)


def test_an_operation_nobody_knows_is_a_fault(local: Make) -> None:
    status, code, text = fault(soap(local(), "<md:dance/>"))
    assert (status, code) == (500, "soapenv:Client")
    assert text.startswith("No operation available for request")


# Converting leads


def convert(org: LocalOrg, lead: str, **more: str) -> Any:
    values = {
        "leadId": lead,
        "convertedStatus": "Closed - Converted",
        "doNotCreateOpportunity": "true",
    } | more
    inside = "".join(f"<md:{name}>{value}</md:{name}>" for name, value in values.items() if value)
    body = f"<md:convertLead><md:leadConverts>{inside}</md:leadConverts></md:convertLead>"
    answer = soap(org, body, api="u")
    assert answer.status_code == 200, answer.text
    return tree(answer).find(".//convertLeadResponse/result")


def code_of(result: Any) -> str | None:
    assert result.findtext("success") == "false"
    return result.findtext("errors/statusCode")


def test_a_converted_lead_is_a_contact_of_a_new_account(local: Make) -> None:
    org = local(**PACKAGE, **CONVERTS)
    lead = org.create("Lead", **LEAD, Title="VP", UserGem__Persona__c="Champion")
    result = convert(org, lead)
    assert (result.findtext("success"), result.findtext("leadId")) == ("true", lead)
    contact = org.record("Contact", result.findtext("contactId"))
    assert contact["AccountId"] == result.findtext("accountId")
    assert (contact["LastName"], contact["Title"]) == ("Doe", "VP")
    assert contact["UserGem__Persona__c"] == "Champion"
    assert org.record("Account", contact["AccountId"])["Name"] == "Acme"


def test_unmapped_fields_are_dropped_without_a_word(local: Make) -> None:
    org = local(**PACKAGE, **CONVERTS, lead_mapping_done=False)
    lead = org.create("Lead", **LEAD, UserGem__Persona__c="Champion")
    result = convert(org, lead)
    assert org.record("Contact", result.findtext("contactId"))["UserGem__Persona__c"] is None


def test_a_converted_lead_names_its_records_and_takes_no_more_changes(local: Make) -> None:
    org = local(**CONVERTS)
    lead = org.create("Lead", **LEAD)
    result = convert(org, lead)
    row = org.record("Lead", lead)
    assert (row["IsConverted"], row["Status"]) == (True, "Closed - Converted")
    assert row["ConvertedContactId"] == result.findtext("contactId")
    assert len(row["ConvertedDate"]) == len("2026-11-22")
    refused = org.api("PATCH", f"/sobjects/Lead/{lead}", json={"Title": "x"}).get_json()
    assert refused[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert code_of(convert(org, lead)) == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_existing_records_are_filled_only_where_they_are_empty(local: Make) -> None:
    org = local(**CONVERTS)
    account = org.create("Account", Name="Acme Inc", Website="https://acme.example")
    contact = org.create("Contact", LastName="Doe", Title="CEO", AccountId=account)
    lead = org.create("Lead", **LEAD, Title="VP", Phone="1")
    result = convert(org, lead, accountId=account, contactId=contact)
    assert result.findtext("contactId") == contact
    row = org.record("Contact", contact)
    assert (row["Title"], row["Phone"]) == ("CEO", "1")
    assert org.record("Account", account)["Name"] == "Acme Inc"


def test_campaign_memberships_move_to_the_contact(local: Make) -> None:
    org = local(**CONVERTS)
    campaign = org.create("Campaign", Name="Gems")
    lead = org.create("Lead", **LEAD)
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    result = convert(org, lead)
    assert org.record("CampaignMember", member)["ContactId"] == result.findtext("contactId")


def test_an_opportunity_is_made_unless_told_not_to(local: Make) -> None:
    org = local(**CONVERTS)
    lead = org.create("Lead", **LEAD)
    result = convert(org, lead, doNotCreateOpportunity="false", opportunityName="Big one")
    assert org.record("Opportunity", result.findtext("opportunityId"))["Name"] == "Big one"


def test_a_user_without_the_right_may_not_convert(local: Make) -> None:
    org = local()
    assert code_of(convert(org, org.create("Lead", **LEAD))) == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_rule_of_the_customers_refuses_the_conversion_and_nothing_is_left(local: Make) -> None:
    rule = ValidationRule("Contact", "Phone_needed", ("Phone",), "A phone, then.")
    org = local(**CONVERTS, validation_rules=(rule,))
    lead = org.create("Lead", **LEAD)
    assert code_of(convert(org, lead)) == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert org.record("Lead", lead)["IsConverted"] is False
    soql = "SELECT count() FROM Account WHERE Name = 'Acme'"
    assert org.api("GET", "/query", query_string={"q": soql}).get_json()["totalSize"] == 0


def test_the_status_has_to_be_one_for_converted_leads(local: Make) -> None:
    org = local(**CONVERTS)
    result = convert(org, org.create("Lead", **LEAD), convertedStatus="Open")
    assert code_of(result) == "INVALID_STATUS"


def test_a_lead_of_a_queue_needs_an_owner(local: Make) -> None:
    org = local(**CONVERTS)
    soql = "SELECT Id FROM Group WHERE Type = 'Queue'"
    queue = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"][0]["Id"]
    headers = {"Sforce-Auto-Assign": "FALSE"}
    lead = org.create("Lead", headers, **LEAD, OwnerId=queue)
    assert code_of(convert(org, lead)) == "REQUIRED_FIELD_MISSING"
    done = convert(org, lead, ownerId=ADMIN_USER.user_id)
    assert org.record("Contact", done.findtext("contactId"))["OwnerId"] == ADMIN_USER.user_id
