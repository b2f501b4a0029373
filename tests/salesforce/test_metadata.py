"""The lead conversion mapping: Tooling, then the Metadata API, else unknown (reference, 4.7)."""

from typing import Any
from xml.etree import ElementTree

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost, Family, SalesforceError
from integrations.salesforce.soap import envelope, xml_read
from tests.salesforce.conftest import CONFIG, Tokens, hangs_up, page, rows, says

NOT_SUPPORTED = [
    {"errorCode": "INVALID_TYPE", "message": "sObject type 'LeadConvertSettings' is not supported."}
]
SOAP = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns="http://soap.sforce.com/2006/04/metadata" '
    'xmlns:sf="http://soap.sforce.com/2006/04/metadata" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
READ = "<readMetadataResponse><result>{records}</result></readMetadataResponse>"
RECORDS = (
    '<records xsi:type="LeadConvertSettings"><fullName>LeadConvertSettings</fullName>'
    "<allowOwnerChange>true</allowOwnerChange>"
    "<objectMapping><inputObject>Lead</inputObject>"
    "<mappingFields><inputField>UserGem__A__c</inputField>"
    "<outputField>UserGem__B__c</outputField></mappingFields>"
    "<mappingFields><inputField>Region__c</inputField>"
    "<outputField>Region__c</outputField></mappingFields>"
    "<outputObject>Contact</outputObject></objectMapping>"
    "<objectMapping><inputObject>Lead</inputObject>"
    "<mappingFields><inputField>UserGem__A__c</inputField>"
    "<outputField>Source__c</outputField></mappingFields>"
    "<outputObject>Opportunity</outputObject></objectMapping>"
    "<opportunityCreationOptions>VisibleOptional</opportunityCreationOptions></records>"
)


def xml(status: int, text: str) -> Any:
    headers = {"Content-Type": "text/xml;charset=UTF-8"}
    return lambda handler: handler.whole(status, text.encode(), headers)


def answered(records: str) -> Any:
    return xml(200, SOAP.format(body=READ.format(records=records)))


def fault(code: str, text: str = "said so") -> Any:
    body = (
        f"<soapenv:Fault><faultcode>{code}</faultcode>"
        f"<faultstring>{code.partition(':')[2]}: {text}</faultstring></soapenv:Fault>"
    )
    return xml(500, SOAP.format(body=body))


def tooling(*records: dict[str, Any]) -> Any:
    return says(200, {"size": len(records), "entityTypeName": "X", **rows(*records)})


def settings(*mapped: dict[str, Any]) -> dict[str, Any]:
    return {
        "Id": "04R5g00000AbCdEAAV",
        "Metadata": {
            "allowOwnerChange": True,
            "objectMapping": list(mapped),
            "opportunityCreationOptions": "NotVisible",
        },
    }


def test_the_mapping_is_read_by_the_tooling_api(org, server):
    pair = {"inputField": "UserGem__A__c", "outputField": "UserGem__B__c"}
    mapped = {"inputObject": "Lead", "outputObject": "Contact", "mappingFields": [pair]}
    server.then(tooling(settings(mapped)))
    found = org.lead_mapping()
    assert found.target("UserGem__A__c", "Contact") == "UserGem__B__c"
    assert found.target("UserGem__A__c", "Account") == ""
    assert found.opportunity == "NotVisible"
    assert len(server.seen) == 1


def test_one_field_may_go_to_several_objects(org, server):
    pairs = {"Contact": ("A__c", "B__c"), "Account": ("A__c", "C__c"), "Opportunity": ("D__c", "E")}
    mapped = [
        {"outputObject": name, "mappingFields": [{"inputField": one, "outputField": other}]}
        for name, (one, other) in pairs.items()
    ]
    server.then(tooling(settings(*mapped)))
    found = org.lead_mapping()
    for name, (one, other) in pairs.items():
        assert found.target(one, name) == other
    assert found.target("D__c", "Contact") == ""


def test_an_org_without_rows_has_no_mapping_of_its_own(org, server):
    server.then(tooling())
    found = org.lead_mapping()
    assert found is not None
    assert found.fields == ()


@pytest.mark.parametrize("code", ["INVALID_TYPE", "INSUFFICIENT_ACCESS", "INVALID_FIELD"])
def test_where_tooling_does_not_say_the_metadata_api_is_asked(org, server, code):
    server.then(says(400, [{"errorCode": code, "message": "No such column"}]), answered(RECORDS))
    found = org.lead_mapping()
    assert [(one.lead_field, one.object_name, one.field) for one in found.fields] == [
        ("UserGem__A__c", "Contact", "UserGem__B__c"),
        ("Region__c", "Contact", "Region__c"),
        ("UserGem__A__c", "Opportunity", "Source__c"),
    ]
    assert found.opportunity == "VisibleOptional"


def test_the_question_carries_the_token_as_session_id(org, server):
    server.then(says(400, NOT_SUPPORTED), answered(RECORDS))
    org.lead_mapping()
    sent = server.seen[1]
    assert (sent.method, sent.path) == ("POST", "/services/Soap/m/66.0")
    assert sent.headers["Content-Type"].startswith("text/xml")
    assert sent.headers["SOAPAction"] == '""'
    assert "Authorization" not in sent.headers
    met = "{http://soap.sforce.com/2006/04/metadata}"
    root = ElementTree.fromstring(sent.body)
    assert [element.text for element in root.iter(f"{met}sessionId")] == ["TOKEN-1"]
    (call,) = root.iter(f"{met}readMetadata")
    assert [(part.tag.removeprefix(met), part.text) for part in call] == [
        ("type", "LeadConvertSettings"),
        ("fullNames", "LeadConvertSettings"),
    ]


@pytest.mark.parametrize("records", ["", '<records xsi:nil="true"/>'], ids=["none", "nil"])
def test_an_org_without_settings_has_an_empty_mapping(org, server, records):
    server.then(says(400, NOT_SUPPORTED), answered(records))
    found = org.lead_mapping()
    assert found is not None
    assert found.fields == ()


@pytest.mark.parametrize("code", ["sf:INSUFFICIENT_ACCESS", "sf:INVALID_TYPE"])
def test_who_may_ask_neither_way_does_not_know(org, server, code):
    server.then(says(400, NOT_SUPPORTED), fault(code))
    assert org.lead_mapping() is None
    assert len(server.seen) == 2


def test_an_expired_session_is_renewed_in_soap_too(org, server, tokens):
    server.then(says(400, NOT_SUPPORTED), fault("sf:INVALID_SESSION_ID"), answered(RECORDS))
    assert len(org.lead_mapping().fields) == 3
    assert tokens.rejected == ["TOKEN-1"]
    assert "TOKEN-2" in server.seen[2].body


def test_a_renewed_session_that_is_refused_as_well_is_a_lost_connection(org, server):
    server.then(says(400, NOT_SUPPORTED), *[fault("sf:INVALID_SESSION_ID")] * 2)
    with pytest.raises(ConnectionLost):
        org.lead_mapping()


def test_salesforces_own_trouble_is_asked_again(org, server):
    server.then(says(400, NOT_SUPPORTED))
    server.then(fault("sf:UNKNOWN_EXCEPTION"), page(503), answered(RECORDS))
    assert len(org.lead_mapping().fields) == 3


def test_a_line_that_closes_is_asked_again(org, server):
    server.then(says(400, NOT_SUPPORTED), hangs_up, answered(RECORDS))
    assert len(org.lead_mapping().fields) == 3


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("sf:API_CURRENTLY_DISABLED", Family.CUSTOMER_MUST_ACT),
        ("sf:REQUEST_LIMIT_EXCEEDED", Family.TRY_AGAIN),
        ("sf:NEVER_HEARD_OF", Family.WE_MUST_ACT),
    ],
)
def test_other_faults_have_their_family_and_their_text(org, server, code, family):
    server.then(says(400, NOT_SUPPORTED), fault(code, "as it came"))
    with pytest.raises(SalesforceError) as caught:
        org.lead_mapping()
    assert caught.value.code == code.removeprefix("sf:")
    assert caught.value.message == "as it came"
    assert caught.value.family is family
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "text",
    [
        "<html>no</html>",
        "not xml",
        "",
        SOAP.format(body="<other/>"),
        SOAP.format(body=READ.format(records=RECORDS))[:-40],
        SOAP.format(body=READ.format(records=RECORDS.replace("Region__c", "", 1))),
        "<?xml version='1.0' encoding='utf-99'?><a/>",
        "<!DOCTYPE a [<!ENTITY x 'boom'>]>"
        + SOAP.format(body=READ.format(records=RECORDS)).partition("?>")[2],
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>"
        + SOAP.format(body=READ.format(records=RECORDS)).partition("?>")[2],
        SOAP.format(body="<a>" * 100 + "</a>" * 100),
    ],
    ids=[
        "page",
        "text",
        "empty",
        "another call",
        "cut",
        "no field",
        "encoding",
        "entities",
        "external",
        "deep",
    ],
)
def test_an_answer_that_is_no_plain_soap_is_not_believed(org, server, text):
    server.then(says(400, NOT_SUPPORTED), xml(200, text))
    with pytest.raises(SalesforceError) as caught:
        org.lead_mapping()
    assert caught.value.code == "UNEXPECTED_ANSWER"


@pytest.mark.parametrize(
    "row",
    [
        {"Id": "1"},
        {"Id": "1", "Metadata": []},
        settings({"mappingFields": [{"inputField": "A__c", "outputField": "B__c"}]}),
        settings({"outputObject": "Contact", "mappingFields": [{"inputField": "A__c"}]}),
        settings({"outputObject": 7, "mappingFields": [{"inputField": "A", "outputField": "B"}]}),
    ],
    ids=str,
)
def test_settings_of_odd_form_are_not_believed(org, server, row):
    server.then(tooling(row))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.lead_mapping()


def test_what_goes_out_is_escaped():
    sent = envelope("a<b>&\"'", "readMetadata", [("type", "</x><y>")])
    root = xml_read(sent)
    assert root.value("Header", "SessionHeader", "sessionId") == "a<b>&\"'"
    assert root.value("Body", "readMetadata", "type") == "</x><y>"


def test_the_token_goes_to_no_other_host(server, elsewhere):
    """Not even when the answer says so."""
    moved = says(307, None, Location=f"{elsewhere.url}/services/Soap/m/66.0")
    server.then(says(400, NOT_SUPPORTED), moved)
    client = Org(instance_url=server.url, tokens=Tokens(), config=CONFIG, sleep=lambda _: None)
    with pytest.raises(SalesforceError):
        client.lead_mapping()
    client.close()
    assert elsewhere.seen == []
