"""Rules of reading shapes that nothing else would miss: names, flags, filters, XML."""

import pytest

from integrations.salesforce.client import Record
from integrations.salesforce.describe import object_from
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.hosts import company_domain
from integrations.salesforce.soap import body_of, fault_in, xml_read
from tests.salesforce.conftest import says
from tests.salesforce.test_metadata import NOT_SUPPORTED, SOAP, answered, fault
from tests.salesforce.test_reports import PLAIN, REPORT, ran
from tests.salesforce.test_tooling import PAGE, tooling

LEAD = "00Q5g00000AbCdEEAV"


@pytest.mark.parametrize("field", ["Owner.Name&x=1", "Owner.", ".Name", "Owner.Na me", "Owner..Id"])
def test_each_part_of_a_field_is_looked_at_before_it_stands_in_an_address(org, server, field):
    for call in (
        lambda: org.record_get("Lead", LEAD, [field]),
        lambda: org.records_get([("Lead", [LEAD], [field])]),
    ):
        with pytest.raises(ValueError, match="API name"):
            call()
    assert server.seen == []


def described(**flags: object) -> object:
    field = {"name": "Industry", "type": "picklist", **flags}
    return object_from({"name": "Lead", "label": "Lead", "fields": [field]}).fields["Industry"]


def test_a_picklist_takes_its_active_values():
    values = [{"value": "A", "active": True}, {"value": "B", "active": False}, {"value": "C"}]
    assert described(picklistValues=values).picklist_values == ("A",)
    assert described(restrictedPicklist=True).restricted_picklist
    assert not described().restricted_picklist


@pytest.mark.parametrize(
    ("createable", "nillable", "defaulted", "required"),
    [
        (True, False, False, True),
        (True, False, True, False),
        (True, True, False, False),
        (False, False, False, False),
    ],
)
def test_a_field_is_required_unless_it_may_be_empty_or_fills_itself(
    createable, nillable, defaulted, required
):
    field = described(createable=createable, nillable=nillable, defaultedOnCreate=defaulted)
    assert field.required is required


def test_a_lightning_page_tells_fields_of_its_own_record_only(org, server):
    shown = [
        {"fieldInstance": {"fieldItem": name}}
        for name in ("Record.Title", "Other.Phone", "Record.Owner.Name")
    ]
    content = {"flexiPageRegions": [{"itemInstances": shown}]}
    server.then(tooling({"Id": PAGE, "FullName": "Lead_Page", "Metadata": content}))
    assert org.record_page(PAGE).fields == ("Title", "Owner.Name")


def test_no_filters_are_another_wish_than_the_reports_own(org, server):
    server.then(says(200, ran(PLAIN)), says(200, {"id": REPORT, "status": "New"}))
    org.report_run(REPORT, [])
    org.report_start(REPORT, [])
    assert [sent.method for sent in server.seen] == ["POST", "POST"]
    assert [sent.json for sent in server.seen] == [{"reportMetadata": {"reportFilters": []}}] * 2


@pytest.mark.parametrize("instance", ["../x", "", "00O/../..", "//evil.example/x"])
def test_the_run_of_a_report_is_asked_for_by_its_id(org, server, instance):
    with pytest.raises(ValueError, match="record ID"):
        org.report_instance(REPORT, instance)
    assert server.seen == []


@pytest.mark.parametrize("nil", ["true", "1"])
def test_nothing_in_xml_is_nothing(org, server, nil):
    pair = "<inputField>A__c</inputField><outputField>B__c</outputField>"
    mapped = (
        f"<objectMapping><mappingFields>{pair}</mappingFields>"
        "<outputObject>Contact</outputObject></objectMapping>"
    )
    records = f'<records xsi:nil="{nil}">{mapped}</records>'
    server.then(says(400, NOT_SUPPORTED), answered(records))
    assert org.lead_mapping().fields == ()


def test_a_fault_of_soap_itself_is_no_code_of_salesforces(org, server):
    server.then(says(400, NOT_SUPPORTED), *[fault("soapenv:Client")] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.lead_mapping()
    assert caught.value.code == "HTTP_500"


def test_xml_is_read_down_to_a_depth():
    assert xml_read(b"<a>" * 50 + b"</a>" * 50)
    with pytest.raises(ValueError, match="too deeply"):
        xml_read(b"<a>" * 100 + b"</a>" * 100)


def test_only_an_envelope_holds_an_answer():
    inside = "<Body><readMetadataResponse/></Body>"
    assert body_of(f"<Envelope>{inside}</Envelope>".encode(), "readMetadataResponse")
    with pytest.raises(ValueError, match="no SOAP"):
        body_of(f"<other>{inside}</other>".encode(), "readMetadataResponse")
    assert fault_in(SOAP.format(body="<other/>").encode()) is None


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("https://acme.my.salesforce.com", "acme"),
        ("https://acme--uat.sandbox.my.salesforce.com", "acme"),
        ("https://acme--uat.cs12.my.salesforce.com", "acme"),
        ("https://acme.my.salesforce.com.evil.example", ""),
        ("https://evil.example/acme.my.salesforce.com", ""),
        ("https://x.acme.my.salesforce.com", ""),
        ("https://acme--uat.other.my.salesforce.com", ""),
        ("https://login.salesforce.com", ""),
    ],
)
def test_a_company_is_known_by_its_own_my_domain_only(address, company):
    assert company_domain(address) == company


@pytest.mark.parametrize("code", ["SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"])
def test_salesforces_own_trouble_in_soap_is_asked_again(org, server, naps, code):
    server.then(says(400, NOT_SUPPORTED), fault(f"sf:{code}"), answered(""))
    assert org.lead_mapping().fields == ()
    assert len(naps) == 1


@pytest.mark.parametrize("name", ["Id", "id", "ID"])
def test_the_id_of_a_record_is_no_value_however_it_is_written(org, server, name):
    choices = {"Sforce-Auto-Assign": "FALSE", "Sforce-Duplicate-Rule-Header": "allowSave=false"}
    with pytest.raises(ValueError, match="beside its values"):
        org.records_update([Record("Lead", {name: LEAD}, LEAD)], headers=choices)
    assert server.seen == []
