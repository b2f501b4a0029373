"""How often and how fast: the pace is asked and told, usage is read, repeats are bounded."""

from collections.abc import Iterator

import pytest

from integrations.salesforce.client import Graph, Node, Org
from integrations.salesforce.config import ApiUsage
from integrations.salesforce.door import READ_REPEATS
from integrations.salesforce.errors import (
    ConnectionLost,
    Family,
    LimitReached,
    OutcomeUnknown,
    SalesforceError,
)
from tests.salesforce.conftest import CONFIG, EXPIRED, cut, hangs_up, page, rows, says

USAGE = "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)"
BUSY = says(
    403,
    [
        {
            "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            "errorCode": "REQUEST_LIMIT_EXCEEDED",
        }
    ],
)
GRAPH = Graph("g1", [Node("POST", "Lead", None, "person", {"LastName": "Doe"})])


class Notes:
    """A pace that writes down what it is asked and told, and may refuse."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.refuses: SalesforceError | None = None

    def call_begins(self, *, seconds: float) -> None:
        self.said.append(("begins", seconds))
        if self.refuses:
            raise self.refuses

    def call_ended(self, usage: ApiUsage | None) -> None:
        self.said.append(("ended", usage))

    def close(self) -> None:
        self.said.append("closed")


@pytest.fixture
def pace() -> Notes:
    return Notes()


@pytest.fixture
def paced(server, tokens, naps, pace) -> Iterator[Org]:
    client = Org(
        instance_url=server.url, tokens=tokens, config=CONFIG, pace=pace, sleep=naps.append
    )
    yield client
    client.close()


BEGINS = ("begins", pytest.approx(CONFIG.connect_timeout + CONFIG.read_timeout))


def test_each_call_is_announced_with_its_time_out_and_reported_with_the_usage(paced, server, pace):
    server.then(says(200, {}, Sforce_Limit_Info=USAGE), says(200, {}))
    paced.limits()
    paced.limits()
    used = ApiUsage(25, 5000)
    assert pace.said == [BEGINS, ("ended", used), BEGINS, ("ended", None)]
    assert paced.usage == used


def test_repeats_and_a_renewed_token_are_calls_of_their_own(paced, server, pace):
    server.then(page(503), says(401, EXPIRED), says(200, {}))
    paced.limits()
    assert pace.said == [BEGINS, ("ended", None)] * 3


@pytest.mark.parametrize(
    "answer",
    [
        says(403, [{"errorCode": "API_DISABLED_FOR_ORG"}], Sforce_Limit_Info=USAGE),
        says(404, None, Sforce_Limit_Info=USAGE),
        says(302, None, Sforce_Limit_Info=USAGE, Location="/x"),
        says(300, ["/x"], Sforce_Limit_Info=USAGE),
    ],
)
def test_a_refused_answer_tells_the_usage_too(paced, server, pace, answer):
    server.then(answer)
    with pytest.raises(SalesforceError):
        paced.limits()
    assert pace.said == [BEGINS, ("ended", ApiUsage(25, 5000))]


def test_an_answer_without_its_body_has_told_the_usage_in_its_head(paced, server, pace):
    def half(handler):
        handler.send_response(200)
        handler.send_header("Sforce-Limit-Info", USAGE)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.wfile.flush()
        handler.close_connection = True

    server.then(half)
    with pytest.raises(OutcomeUnknown):
        paced.graphs([GRAPH])
    assert pace.said[-1] == ("ended", ApiUsage(25, 5000))


@pytest.mark.parametrize(
    "garbage",
    [
        "api-usage=x/y",
        "api-usage=-1/5",
        f"api-usage={'9' * 5000}/1",
        f"api-usage=1/{'9' * 30}",
        "api-usage=1/0",
        "api-usage=1.5/10",
        "per-app-api-usage=17/250(appName=x)",
        "api-usage",
        "",
        "api-usage=¹/²",
    ],
)
def test_a_usage_that_makes_no_sense_is_not_believed(paced, server, pace, garbage):
    server.then(says(200, {"ok": 1}, Sforce_Limit_Info=garbage))
    assert paced.limits() == {"ok": 1}
    assert pace.said == [BEGINS, ("ended", None)]


def test_a_write_is_announced_with_its_longer_time_out(paced, server, pace):
    server.then(says(200, {"graphs": []}))
    with pytest.raises(OutcomeUnknown):
        paced.graphs([GRAPH])
    wait = CONFIG.connect_timeout + CONFIG.write_timeout
    assert pace.said[0] == ("begins", pytest.approx(wait))


@pytest.mark.parametrize(
    "refusal", [SalesforceError("TOO_MANY_CALLS"), LimitReached("API_RESERVE")]
)
def test_a_call_that_the_pace_refuses_is_not_sent(paced, server, pace, refusal):
    pace.refuses = refusal
    for call in (paced.limits, lambda: paced.graphs([GRAPH])):
        with pytest.raises(SalesforceError) as caught:
            call()
        assert caught.value is refusal
    assert caught.value.family is Family.TRY_AGAIN
    assert server.seen == []
    assert [said[0] for said in pace.said] == ["begins", "begins"]


def test_what_the_pace_holds_is_given_back_at_the_end(server, tokens, pace):
    Org(instance_url=server.url, tokens=tokens, config=CONFIG, pace=pace).close()
    assert pace.said == ["closed"]


def test_the_reserve_is_a_matter_of_hours_and_too_many_calls_of_seconds():
    assert LimitReached("API_RESERVE").daily
    assert not LimitReached("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests …").daily


def test_a_read_refused_for_too_many_calls_at_once_is_asked_again_later(org, server, naps):
    server.then(BUSY, BUSY, says(200, rows({"Id": "1"})))
    assert org.query("SELECT Id FROM Lead") == [{"Id": "1"}]
    # Half to one and a half of 2 s, then of 4 s.
    assert 1 <= naps[0] <= 3
    assert 2 <= naps[1] <= 6


def test_it_is_not_asked_for_ever(org, server, naps):
    server.then(*[BUSY] * 10)
    with pytest.raises(LimitReached) as caught:
        org.limits()
    assert not caught.value.daily
    assert "few seconds" in caught.value.sentence
    assert len(server.seen) == 1 + READ_REPEATS


def test_a_write_refused_for_too_many_calls_at_once_is_not_sent_again_by_itself(org, server, naps):
    server.then(BUSY, says(200, {}))
    with pytest.raises(LimitReached) as caught:
        org.graphs([GRAPH])
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(server.seen) == 1
    assert naps == []


def test_the_used_up_day_is_not_asked_again(org, server, naps):
    text = "TotalRequests Limit exceeded."
    server.then(says(403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]))
    with pytest.raises(LimitReached) as caught:
        org.limits()
    assert caught.value.daily
    assert len(server.seen) == 1
    assert naps == []


def test_waits_are_spread_so_that_clients_do_not_come_back_together(server, tokens):
    seen = set()
    for _ in range(5):
        naps: list[float] = []
        client = Org(instance_url=server.url, tokens=tokens, config=CONFIG, sleep=naps.append)
        server.then(hangs_up, cut({"a": 1}), says(200, {}))
        client.limits()
        client.close()
        seen.add(tuple(naps))
    assert len(seen) == 5


def test_the_token_is_renewed_once_however_the_repeats_go(org, server, tokens):
    server.then(page(503), says(401, EXPIRED), page(502), says(401, EXPIRED))
    with pytest.raises(ConnectionLost):
        org.limits()
    assert tokens.rejected == ["TOKEN-1"]


@pytest.mark.parametrize(
    "code", ["QUERY_TIMEOUT", "MALFORMED_QUERY", "SOMETHING_NEW", "STORAGE_LIMIT_EXCEEDED"]
)
def test_a_server_status_with_a_code_that_repeating_cannot_help_is_not_repeated(
    org, server, naps, code
):
    server.then(says(500, [{"errorCode": code, "message": "x"}]), says(200, {}))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert caught.value.code == code
    assert len(server.seen) == 1
    assert naps == []


@pytest.mark.parametrize("status", [408, 420, 429, 500, 502, 503, 504, 507, 599])
def test_a_bare_status_that_passes_is_asked_again(org, server, naps, status):
    server.then(page(status), says(200, {"ok": 1}))
    assert org.limits() == {"ok": 1}
    assert len(naps) == 1


LOCATOR = says(400, [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}])
NEXT = "/services/data/v66.0/query/01g5g00000AbCdE-2000"


@pytest.mark.parametrize(
    "ask",
    [
        lambda org: org.query("SELECT Id FROM Lead"),
        lambda org: org.query_all("SELECT Id FROM Lead", deleted=True),
        lambda org: org.tooling_query("SELECT Id FROM Layout"),
    ],
)
def test_a_list_whose_cursor_died_is_begun_again_from_its_start(org, server, ask):
    server.then(
        says(200, rows({"Id": "1"}, more=NEXT)),
        LOCATOR,
        says(200, rows({"Id": "1"}, more=NEXT)),
        says(200, rows({"Id": "2"})),
    )
    assert ask(org) == [{"Id": "1"}, {"Id": "2"}]
    assert server.paths[0] == server.paths[2]


def test_a_list_whose_cursor_dies_again_is_not_begun_for_ever(org, server):
    server.then(*[says(200, rows({"Id": "1"}, more=NEXT)), LOCATOR] * 5)
    with pytest.raises(SalesforceError) as caught:
        org.query("SELECT Id FROM Lead")
    assert (caught.value.code, caught.value.family) == ("INVALID_QUERY_LOCATOR", Family.TRY_AGAIN)
    assert len(server.seen) == 4
