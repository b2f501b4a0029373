"""Rules of sending that nothing else would miss: time left, order of the pace, what is closed."""

from dataclasses import replace

import pytest
import requests
import structlog

from integrations.salesforce.client import Graph, Node, Org, Record
from integrations.salesforce.errors import Family, OutcomeUnknown, SalesforceError
from integrations.salesforce.session import AddressRefused, OrgSession
from tests.salesforce.conftest import CONFIG, EXPIRED, cut, hangs_up, page, says

GRAPH = Graph("g1", [Node("POST", "Lead", None, "person", {"LastName": "Doe"})])
LEAD = "00Q5g00000AbCdEEAV"
CHOICES = {"Sforce-Auto-Assign": "FALSE", "Sforce-Duplicate-Rule-Header": "allowSave=false"}
NEW = Record("Lead", {"LastName": "Doe", "Key__c": "1"})


class Clock:
    """The door's clock: it moves only when a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Notes:
    """A pace that writes down what it is asked and told."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def call_begins(self, *, seconds: float) -> None:
        self.said.append(seconds)

    def call_ended(self, usage: object) -> None:
        self.said.append("ended")

    def close(self) -> None:
        self.said.append("closed")


@pytest.fixture
def pace():
    return Notes()


@pytest.fixture
def paced(server, tokens, naps, pace):
    client = Org(
        instance_url=server.url, tokens=tokens, config=CONFIG, pace=pace, sleep=naps.append
    )
    yield client
    client.close()


@pytest.fixture
def renewal(tokens, monkeypatch):
    """Renewing the token takes so many seconds of the write's time."""
    clock = Clock()
    monkeypatch.setattr("integrations.salesforce.door.time", clock)
    renew = tokens.renew

    def takes(seconds: float) -> None:
        def slowly(rejected: str) -> str:
            clock.now += seconds
            return renew(rejected)

        monkeypatch.setattr(tokens, "renew", slowly)

    return takes


def test_a_write_with_a_new_token_has_only_the_time_that_is_left(paced, server, pace, renewal):
    renewal(0.15)
    server.then(says(401, EXPIRED), says(403, [{"errorCode": "API_DISABLED_FOR_ORG"}]))
    with pytest.raises(SalesforceError, match="API_DISABLED_FOR_ORG"):
        paced.graphs([GRAPH])
    left = CONFIG.connect_timeout + CONFIG.write_timeout - 0.15
    assert pace.said[2] == pytest.approx(left)


def test_a_write_whose_claim_ran_on_during_the_renewal_is_not_sent_again(paced, server, renewal):
    renewal(CONFIG.write_timeout * 0.6)
    server.then(says(401, EXPIRED), says(200, {"graphs": []}))
    with pytest.raises(SalesforceError) as caught:
        paced.graphs([GRAPH])
    assert not isinstance(caught.value, OutcomeUnknown)
    assert (caught.value.code, caught.value.family) == ("NO_ANSWER", Family.TRY_AGAIN)
    assert len(server.seen) == 1


def test_an_address_that_leads_away_is_ours_to_mend_and_asked_once(org, server, elsewhere, naps):
    # No method makes such an address; whatever did would stop here.
    netloc = elsewhere.url.removeprefix("http:")
    org._door.origin = elsewhere.url
    for call in (
        lambda: org._door.plain("/services/data/", with_token=True),
        lambda: org._door.get("limits"),
        lambda: org._door.write(f"{netloc}/x", {}),
    ):
        with pytest.raises(SalesforceError) as caught:
            call()
        assert (caught.value.code, caught.value.family) == ("ADDRESS_REFUSED", Family.WE_MUST_ACT)
    assert (server.seen, elsewhere.seen, naps) == ([], [], [])


def test_a_closed_client_keeps_no_connection_open(server, tokens, monkeypatch):
    closed = []
    monkeypatch.setattr(OrgSession, "close", lambda session: closed.append(session.origin))
    Org(instance_url=server.url, tokens=tokens, config=CONFIG).close()
    assert closed == [server.url]


def test_what_cannot_be_sent_is_ours_and_has_not_happened(org, server):
    with pytest.raises(SalesforceError) as caught:
        org._door.write("composite/sobjects", {"records": [float("nan")]})
    assert (caught.value.code, caught.value.family) == ("UNSENDABLE", Family.WE_MUST_ACT)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert server.seen == []


@pytest.mark.parametrize("status", [500, 503])
def test_an_ended_session_with_a_server_status_proves_nothing_of_a_write(
    org, server, tokens, status
):
    server.then(says(status, EXPIRED), says(200, {"graphs": []}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([GRAPH])
    assert len(server.seen) == 1
    assert tokens.rejected == []


def test_a_time_out_while_connecting_cannot_have_written(org, server, monkeypatch):
    def never(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("socket.socket.connect", never)
    with pytest.raises(SalesforceError) as caught:
        org.graphs([GRAPH])
    assert not isinstance(caught.value, OutcomeUnknown)
    assert (caught.value.code, caught.value.family) == ("NO_ANSWER", Family.TRY_AGAIN)


def test_the_word_concurrent_decides_nothing_beside_another_code(org, server, naps):
    text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    server.then(says(403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": text}]))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert (caught.value.code, caught.value.family) == (
        "INSUFFICIENT_ACCESS",
        Family.CUSTOMER_MUST_ACT,
    )
    assert len(server.seen) == 1
    assert naps == []


@pytest.mark.parametrize(
    ("asked", "used_timeout"),
    [
        (None, (CONFIG.connect_timeout, CONFIG.read_timeout)),
        (5, (CONFIG.connect_timeout, 5.0)),
        ((1, 2), (1.0, 2.0)),
    ],
)
def test_no_caller_loosens_the_habits_of_the_session(server, monkeypatch, asked, used_timeout):
    used = {}

    def sends(session: requests.Session, request: object, **kwargs: object) -> None:
        used.update(kwargs)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "send", sends)
    session = OrgSession(CONFIG, origin=server.url)
    with pytest.raises(requests.ConnectionError):
        session.get(
            server.url,
            verify=False,
            proxies={"http": "http://127.0.0.1:9"},
            allow_redirects=True,
            timeout=asked,
        )
    assert used == {
        "allow_redirects": False,
        "stream": True,
        "timeout": used_timeout,
        "proxies": {},
        "verify": True,
        "cert": None,
    }


def test_an_address_that_only_begins_like_the_orgs_own_is_another_one(server):
    port = server.url.rpartition(":")[2]
    session = OrgSession(CONFIG, origin=server.url.removesuffix(port[-1]))
    with pytest.raises(AddressRefused):
        session.get(server.url)
    assert server.seen == []


@pytest.mark.parametrize("status", [408, 420, 429, 500, 502, 503, 504])
def test_a_bare_status_that_does_not_pass_is_to_be_tried_again(org, server, status):
    server.then(*[says(status)] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert (caught.value.status, caught.value.family) == (status, Family.TRY_AGAIN)


def test_salesforces_words_stay_out_of_the_exceptions_own_text(org, server):
    """Rules and triggers quote records; what is logged of an exception is its code."""
    server.then(says(400, [{"errorCode": "A_B", "message": "ann@example.com is taken"}]))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert str(caught.value) == "A_B (HTTP 400) refused"
    assert "ann@" not in repr(caught.value)
    assert caught.value.message == "ann@example.com is taken"


@pytest.mark.parametrize("trouble", [hangs_up, cut([{"success": True}]), page(503), page(429)])
@pytest.mark.parametrize(
    "write",
    [
        lambda org: org.graphs([GRAPH]),
        lambda org: org.records_create([NEW], headers=CHOICES),
        lambda org: org.records_update([Record("Lead", {}, LEAD)], headers=CHOICES),
        lambda org: org.records_upsert([NEW], external_id="Key__c", headers=CHOICES),
        lambda org: org.records_delete([LEAD]),
    ],
    ids=["graphs", "create", "update", "upsert", "delete"],
)
def test_no_write_is_repeated_or_taken_for_undone_without_an_answer(
    org, server, naps, write, trouble
):
    server.then(trouble, says(200, [{"id": LEAD, "success": True, "errors": []}]))
    with pytest.raises(OutcomeUnknown):
        write(org)
    assert len(server.seen) == 1
    assert naps == []


@pytest.mark.parametrize("all_or_none", [True, False])
def test_whether_all_or_none_is_deleted_is_said(org, server, all_or_none):
    server.then(says(200, [{"id": LEAD, "success": True, "errors": []}]))
    org.records_delete([LEAD], all_or_none=all_or_none)
    assert f"allOrNone={str(all_or_none).lower()}" in server.paths[0]


def test_reads_and_writes_have_their_own_time(server, tokens, pace):
    config = replace(CONFIG, read_timeout=0.3, write_timeout=0.7)
    client = Org(instance_url=server.url, tokens=tokens, config=config, pace=pace)
    server.then(says(200, {}), says(400, [{"errorCode": "A_B"}]))
    client.limits()
    with pytest.raises(SalesforceError):
        client.graphs([GRAPH])
    client.close()
    waits = [said - CONFIG.connect_timeout for said in pace.said if isinstance(said, float)]
    assert waits == [pytest.approx(0.3), pytest.approx(0.7)]


@pytest.mark.parametrize("trouble", [hangs_up, cut([1, 2, 3]), None])
def test_the_log_of_a_call_that_failed_names_neither_query_nor_token(
    org, server, monkeypatch, trouble
):
    if trouble is None:
        monkeypatch.setattr("socket.socket.connect", lambda *_: (_ for _ in ()).throw(OSError("x")))
    else:
        server.then(*[trouble] * 3)
    with structlog.testing.capture_logs() as lines, pytest.raises(SalesforceError) as caught:
        org.query("SELECT Id FROM Lead WHERE Email = 'ann@example.com'")
    assert len(lines) == 3
    for shown in (str(lines), str(caught.value), caught.value.detail, caught.value.message):
        assert "ann" not in shown
        assert "SELECT" not in shown
        assert "TOKEN" not in shown
