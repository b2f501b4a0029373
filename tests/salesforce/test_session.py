"""What leaves us: where to, how long, and never the token to anybody else."""

import time

import pytest
import requests
import structlog

from integrations.salesforce.client import Org
from integrations.salesforce.config import ApiUsage, ClientConfig
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.session import AddressRefused, OrgSession
from tests.salesforce.conftest import CONFIG, drip, rows, says, silence


def test_the_token_goes_to_the_org_in_a_header(org, server):
    server.then(says(200, rows({"Id": "1"})))
    org.query("SELECT Id FROM Lead")
    assert server.seen[0].headers["Authorization"] == "Bearer TOKEN-1"
    assert "TOKEN" not in server.seen[0].path
    assert server.seen[0].headers["User-Agent"].startswith("UserGems")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(org, server, elsewhere, status):
    server.then(says(status, None, Location=f"{elsewhere.url}/services/data/v66.0/limits"))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert caught.value.code == f"HTTP_{status}"
    assert "moved to another address" in caught.value.sentence
    assert elsewhere.seen == []


@pytest.mark.parametrize(
    "address",
    [
        "{elsewhere}/services/data/v66.0/query/01g-2000",
        "//{netloc}/services/data/v66.0/query/01g-2000",
        "/services/data/v66.0/query/../../../x",
        "/services/data/v66.0/query/01g?x=1",
        "@{netloc}/x",
        "",
        7,
    ],
)
def test_a_next_page_that_leads_elsewhere_is_not_asked_for(org, server, elsewhere, address):
    if isinstance(address, str):
        netloc = elsewhere.url.removeprefix("http://")
        address = address.format(elsewhere=elsewhere.url, netloc=netloc)
    answer = {**rows({"Id": "1"}), "done": False, "nextRecordsUrl": address}
    server.then(says(200, answer))
    with pytest.raises(SalesforceError, match="UNEXPECTED_ANSWER"):
        org.query("SELECT Id FROM Lead")
    assert len(server.seen) == 1
    assert elsewhere.seen == []


def test_the_orgs_session_refuses_every_other_host_before_sending(server, elsewhere):
    session = OrgSession(CONFIG, origin=server.url)
    for url in (
        elsewhere.url,
        f"http://{elsewhere.url[7:]}@{server.url[7:]}/",
        "file:///etc/passwd",
    ):
        with pytest.raises((AddressRefused, requests.exceptions.InvalidSchema)):
            session.get(url, headers={"Authorization": "Bearer TOKEN-1"})
    assert elsewhere.seen == []
    assert server.seen == []


@pytest.mark.parametrize(
    "instance_url",
    [
        "https://evil.example",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com/path",
        "https://acme.my.salesforce.com?x",
        "https://acme.my.salesforce.com@evil.example",
    ],
)
def test_an_org_at_a_forbidden_address_cannot_be_opened(tokens, instance_url):
    config = ClientConfig("66.0", (".salesforce.com",))
    with pytest.raises(ValueError, match=r"instance URL|The address"):
        Org(instance_url=instance_url, tokens=tokens, config=config)


@pytest.mark.parametrize("name", ["//evil.example/x", "Lead/../..", "Lead?x", "", "Lead__c/1"])
def test_a_malformed_object_name_is_refused_before_sending(org, server, name):
    with pytest.raises(ValueError, match="API name"):
        org.describe(name)
    assert server.seen == []


def test_malformed_record_ids_are_refused_before_sending(org, server):
    with pytest.raises(ValueError, match="record ID"):
        org.records_get([("Lead", ["//evil.example/x"], ["Email"])])
    with pytest.raises(ValueError, match="API name"):
        org.records_get([("Lead", ["00Q5g00000AbCdEAAV"], ["Email&x=1"])])
    assert server.seen == []


def test_proxies_and_netrc_of_the_environment_are_not_used(org, server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.then(says(200, {}))
    org.limits()
    assert server.seen[0].headers["Authorization"] == "Bearer TOKEN-1"


def test_silence_ends_with_the_read_time_out(server):
    server.then(silence)
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        OrgSession(CONFIG).get(server.url)
    assert time.monotonic() - started < 3


def test_an_answer_that_drips_for_ever_ends_with_the_read_time_out_too(server):
    server.then(drip)
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        OrgSession(CONFIG).get(server.url)
    assert time.monotonic() - started < 3


def test_usage_and_calls_are_counted(org, server):
    assert org.usage is None
    info = "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)"
    server.then(says(200, {}, Sforce_Limit_Info=info), says(200, {}))
    org.limits()
    org.limits()
    assert org.usage == ApiUsage(used=25, limit=5000)
    assert org.calls == 2


def test_the_log_says_what_was_called_without_query_and_token(org, server):
    server.then(says(200, rows()))
    with structlog.testing.capture_logs() as lines:
        org.query("SELECT Id FROM Lead WHERE Email = 'ann@example.com'")
    assert [line["event"] for line in lines] == ["salesforce_call"]
    assert (lines[0]["path"], lines[0]["status"]) == ("/services/data/v66.0/query/", 200)
    assert "ann" not in str(lines)
    assert "TOKEN" not in str(lines)


def test_an_error_carries_neither_token_nor_address_nor_body(org, server):
    server.then(says(400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}]))
    with pytest.raises(SalesforceError) as caught:
        org.query("SELECT Id FROM Lead WHERE Email = 'ann@example.com'")
    assert "ann@" not in f"{caught.value!s}{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
