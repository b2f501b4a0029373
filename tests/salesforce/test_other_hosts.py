"""Whatever an answer or an argument names, nothing is sent to another host than the org's own."""

import pytest

from integrations.salesforce import oauth
from integrations.salesforce.client import Graph, Node
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from integrations.salesforce.oauth import OAuthError
from integrations.salesforce.session import OrgSession
from tests.salesforce.conftest import CONFIG, rows, says
from tests.salesforce.test_wild_answers import CASES, SIGN_IN, WRITES

LEAD = "00Q5g00000AbCdEEAV"
REDIRECTS = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_method_follows_a_redirect(org, server, elsewhere, case):
    for status in REDIRECTS:
        server.then(says(status, None, Location=f"{elsewhere.url}/services/data/v66.0/x"))
        server.seen.clear()
        with pytest.raises(SalesforceError):
            case.call(org)
        assert len(server.seen) == 1
    assert elsewhere.seen == []


@pytest.mark.parametrize("case", WRITES, ids=str)
def test_a_redirected_write_was_not_carried_out_unless_it_says_so(org, server, case):
    for status in REDIRECTS:
        server.then(says(status, None, Location="/somewhere/else"))
        with pytest.raises(SalesforceError) as caught:
            case.call(org)
        assert isinstance(caught.value, OutcomeUnknown) is (status == 303)


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_token_inside_a_soap_request_follows_no_redirect(org, server, elsewhere, status):
    refused = [{"errorCode": "INVALID_TYPE", "message": "not supported"}]
    address = f"{elsewhere.url}/services/Soap/m/66.0"
    server.then(says(400, refused), says(status, None, Location=address))
    with pytest.raises(SalesforceError) as caught:
        org.lead_mapping()
    assert caught.value.code == f"HTTP_{status}"
    assert "TOKEN-1" in server.seen[1].body
    assert elsewhere.seen == []


@pytest.mark.parametrize("name", SIGN_IN)
def test_no_call_of_the_sign_in_follows_a_redirect(server, elsewhere, name):
    for status in REDIRECTS:
        server.then(says(status, None, Location=f"{elsewhere.url}/services/oauth2/token"))
        with pytest.raises(OAuthError):
            SIGN_IN[name][0](server.url)
    assert len(server.seen) == len(REDIRECTS)
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda org: org.query("SELECT Id FROM Lead"),
        lambda org: org.query_all("SELECT Id FROM Lead", deleted=True),
        lambda org: org.tooling_query("SELECT Id FROM Layout"),
        lambda org: org.organization(),
        lambda org: org.reports(),
    ],
)
@pytest.mark.parametrize(
    "address",
    [
        "{elsewhere}/services/data/v66.0/query/01g-2000",
        "//{netloc}/services/data/v66.0/query/01g-2000",
        "@{netloc}/services/data/v66.0/query/01g-2000",
        "\\\\{netloc}\\query",
        "/services/data/v66.0/query/01g-2000#@{netloc}",
        "/services/data/v66.0/sobjects/Lead",
        "/services/data/v20.0/query/01g-2000",
        "/services/data/v66.0/query/01g-2000\r\nHost: {netloc}",
        "/services/oauth2/revoke?token=x",
    ],
)
def test_no_next_page_leads_elsewhere(org, server, elsewhere, ask, address):
    address = address.format(elsewhere=elsewhere.url, netloc=elsewhere.url.removeprefix("http://"))
    server.then(says(200, {**rows({"Id": "1"}), "done": False, "nextRecordsUrl": address}))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        ask(org)
    assert len(server.seen) == 1
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "record_id",
    [
        "//evil.example/x",
        "00Q5g00000AbCdE/../..",
        "00Q5g00000AbCdE@evil.ex",
        "00Q5g00000AbCd\n",
        "",
    ],
)
def test_no_record_id_becomes_another_address(org, server, record_id):
    for call in (
        lambda: org.records_get([("Lead", [record_id], ["Email"])]),
        lambda: org.record_get("Lead", record_id, ["Email"]),
        lambda: org.records_delete([record_id]),
        lambda: org.page_layout(record_id),
        lambda: org.report_run(record_id),
        lambda: org.report_start(record_id),
        lambda: org.graphs([Graph("g1", [Node("PATCH", "Lead", record_id, "person", {})])]),
    ):
        with pytest.raises(ValueError, match="record ID"):
            call()
    assert server.seen == []


@pytest.mark.parametrize(
    "name", ["Lead/../../x", "//evil.example", "Lead?x=1", "Lead#", "Léad", ""]
)
def test_no_object_name_becomes_another_address(org, server, name):
    for call in (
        lambda: org.describe(name),
        lambda: org.describes([name]),
        lambda: org.layouts(name),
        lambda: org.record_get(name, LEAD, ["Email"]),
        lambda: org.record_counts([name]),
        lambda: org.graphs([Graph("g1", [Node("POST", name, None, "person", {})])]),
    ):
        with pytest.raises(ValueError, match="API name"):
            call()
    assert server.seen == []


def test_an_address_inside_a_record_is_not_looked_at(org, server, elsewhere):
    record = {"Id": LEAD, "attributes": {"type": "Lead", "url": f"{elsewhere.url}/x"}}
    server.then(says(200, record))
    assert org.record_get("Lead", LEAD, ["Email"]) == {"Id": LEAD}
    assert elsewhere.seen == []


def test_the_instance_of_a_token_answer_has_to_be_an_allowed_host(server):
    answer = {
        "access_token": "x",
        "id": "https://test.salesforce.com/id/00D5g000008AbCdEAK/0055g00000AbCdEEAV",
    }
    for instance in ("https://evil.example", "https://x.my.salesforce.com.evil.example", "//x"):
        server.then(says(200, {**answer, "instance_url": instance}))
        with pytest.raises(OAuthError, match="host_not_allowed"):
            SIGN_IN["exchange"][0](server.url)


def test_what_an_answer_wants_remembered_is_not_sent_back(org, server):
    server.then(says(200, {}, Set_Cookie="BrowserId=abc; Path=/"), says(200, {}))
    org.limits()
    org.limits()
    assert "Cookie" not in server.seen[1].headers


def test_a_session_of_the_sign_in_goes_to_no_host_beside_the_list(server):
    session = OrgSession(CONFIG)
    for url in ("http://localhost:9/", "https://login.salesforce.com.evil.example/", "http://0/"):
        with pytest.raises(Exception, match="not one of Salesforce"):
            session.post(url, data={"client_secret": "s"})
    with pytest.raises(OAuthError, match="host_not_allowed"):
        oauth.token_revoke(login_url="https://evil.example", token="x", config=CONFIG)
