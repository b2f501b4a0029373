"""Reads: repeated when no proper answer came, renewed once, paged, put together."""

from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.salesforce.errors import (
    ConnectionLost,
    Family,
    LimitReached,
    SalesforceError,
)
from tests.salesforce.conftest import (
    EXPIRED,
    NOT_FOUND,
    cut,
    hangs_up,
    page,
    plain_text,
    rows,
    says,
    silence,
)

LEAD = "00Q5g00000AbCdEAAV"
CONTACT = "0035g00000AbCdEAAV"


@pytest.mark.parametrize(
    "trouble",
    [silence, hangs_up, cut({"a": 1}), page(503), page(502), page(420), page(200)],
    ids=["silence", "hang-up", "cut", "503 page", "502 page", "420 page", "200 page"],
)
def test_a_read_is_repeated_when_no_proper_answer_comes(org, server, naps, trouble):
    server.then(trouble, trouble, says(200, {"DailyApiRequests": {"Max": 5}}))
    assert org.limits() == {"DailyApiRequests": {"Max": 5}}
    assert len(server.seen) == 3
    assert 0.25 <= naps[0] <= 0.75 <= 0.5 + naps[1]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(silence, "NO_ANSWER"), (page(503), "HTTP_503"), (page(200), "NOT_JSON")],
    ids=["silence", "503 page", "200 page"],
)
def test_a_read_gives_up_after_two_repeats(org, server, trouble, code):
    server.then(trouble, trouble, trouble, says(200, {}))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert caught.value.code == code
    assert caught.value.family is Family.TRY_AGAIN
    assert "html" not in caught.value.sentence
    assert len(server.seen) == 3


def test_an_org_that_cannot_be_reached_is_told(org, server, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *a: (_ for _ in ()).throw(OSError("down")))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert caught.value.family is Family.TRY_AGAIN


def test_a_refused_question_is_not_repeated(org, server):
    server.then(says(400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}]))
    with pytest.raises(SalesforceError) as caught:
        org.query("SELECT")
    assert caught.value.family is Family.WE_MUST_ACT
    assert len(server.seen) == 1


def test_an_expired_token_is_renewed_once_and_the_call_repeated(org, server, tokens):
    server.then(says(401, EXPIRED), says(200, {"ok": 1}), says(200, {"ok": 2}))
    assert org.limits() == {"ok": 1}
    assert tokens.rejected == ["TOKEN-1"]
    assert org.limits() == {"ok": 2}
    assert [request.headers["Authorization"] for request in server.seen] == [
        "Bearer TOKEN-1",
        "Bearer TOKEN-2",
        "Bearer TOKEN-2",
    ]


def test_a_new_token_that_is_refused_as_well_means_the_connection_is_lost(org, server, tokens):
    server.then(says(401, EXPIRED), says(401, EXPIRED))
    with pytest.raises(ConnectionLost) as caught:
        org.limits()
    assert tokens.rejected == ["TOKEN-1"]
    assert caught.value.family is Family.CUSTOMER_MUST_ACT
    assert "Connect the org again" in caught.value.sentence


@pytest.mark.parametrize(
    "message",
    [
        "This session is not valid for use with the REST API",
        "Connected app is not attached to Agent",
    ],
)
def test_a_session_without_api_rights_is_not_renewed(org, server, tokens, message):
    server.then(says(401, [{"message": message, "errorCode": "INVALID_SESSION_ID"}]))
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    assert not isinstance(caught.value, ConnectionLost)
    assert caught.value.family is Family.CUSTOMER_MUST_ACT
    assert tokens.rejected == []


def test_a_401_that_is_no_list_does_not_break_the_client(org, server, tokens):
    server.then(says(401, {"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}))
    server.then(says(200, {"ok": 1}))
    assert org.limits() == {"ok": 1}


def test_a_bad_token_at_userinfo_is_renewed_too(org, server, tokens):
    server.then(plain_text(403, "Bad_OAuth_Token"), plain_text(403, "Bad_OAuth_Token"))
    with pytest.raises(ConnectionLost):
        org.running_user()
    assert tokens.rejected == ["TOKEN-1"]


def test_the_daily_limit_is_told_from_too_many_calls_at_once(org, server):
    day, moment = "TotalRequests Limit exceeded.", "ConcurrentRequests (…) Limit exceeded."
    # Too many at once is asked again, as a read may be; the limit of the day is not.
    for text in (day, moment, moment, moment):
        server.then(says(403, [{"message": text, "errorCode": "REQUEST_LIMIT_EXCEEDED"}]))
    with pytest.raises(LimitReached) as daily:
        org.limits()
    with pytest.raises(LimitReached) as concurrent:
        org.limits()
    assert (daily.value.daily, concurrent.value.daily) == (True, False)
    assert daily.value.sentence != concurrent.value.sentence
    assert daily.value.family is concurrent.value.family is Family.TRY_AGAIN


def test_all_pages_of_a_query_are_read_without_attributes(org, server):
    server.then(
        says(200, rows({"Id": "1", "Owner": {"attributes": {}, "Name": "Ann"}}, more=next_page(1))),
        says(200, rows({"Id": "2"}, more=next_page(2))),
        says(200, rows({"Id": "3", "Contacts": rows({"Id": "4"}), "Cases": None})),
    )
    assert org.query("SELECT Id FROM Lead") == [
        {"Id": "1", "Owner": {"Name": "Ann"}},
        {"Id": "2"},
        {"Id": "3", "Contacts": [{"Id": "4"}], "Cases": None},
    ]
    assert server.paths[1:] == [next_page(1), next_page(2)]


def next_page(number: int) -> str:
    return f"/services/data/v66.0/query/0r8xx{number}-2000"


def test_pages_that_go_round_in_a_circle_end(org, server):
    server.then(*[says(200, rows({"Id": "1"}, more=next_page(1)))] * 5)
    with pytest.raises(SalesforceError, match="do not go on"):
        org.query("SELECT Id FROM Lead")
    assert len(server.seen) == 2


def test_a_nested_list_that_is_not_whole_is_not_taken_for_whole(org, server):
    part = rows({"Id": "4"}, more=next_page(9))
    server.then(says(200, rows({"Id": "3", "Contacts": part})))
    with pytest.raises(SalesforceError, match="nested"):
        org.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account")


def test_a_count_comes_back_as_a_row(org, server):
    server.then(says(200, {"totalSize": 17, "done": True, "records": []}))
    assert org.query("SELECT count() FROM Lead") == [{"totalSize": 17}]


def composite(*bodies: object, status: int = 200) -> object:
    parts = [
        {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": f"r{number}"}
        for number, body in enumerate(bodies)
    ]
    # The order of the answer is no promise.
    return says(200, {"compositeResponse": parts[::-1]})


def test_seven_queries_take_two_calls_and_keep_their_order(org, server):
    asked = [f"SELECT Id FROM Lead WHERE Email = '{number}+&?#%'" for number in range(7)]
    server.then(
        composite(*[rows({"Id": str(number)}) for number in range(5)]),
        composite(*[rows({"Id": str(number)}) for number in range(5, 7)]),
    )
    assert org.queries(asked) == [[{"Id": str(number)}] for number in range(7)]
    sent = [part["url"] for request in server.seen for part in request.json["compositeRequest"]]
    assert [parse_qs(urlsplit(url).query)["q"][0] for url in sent] == asked
    assert org.calls == 2


def test_a_long_query_is_posted(org, server):
    server.then(composite(rows({"Id": "1"})))
    soql = f"SELECT Id FROM Lead WHERE Email IN ('{'x' * 15_000}')"
    assert org.query(soql) == [{"Id": "1"}]
    assert server.seen[0].method == "POST"
    assert len(server.seen[0].path) < 100


def test_a_query_beyond_20_000_signs_is_refused_before_sending(org, server):
    with pytest.raises(ValueError, match="chunked_in"):
        org.query("x" * 20_001)
    assert server.seen == []


def test_one_refused_query_of_several_is_told(org, server):
    refused = [{"message": "sObject type 'X' is not supported.", "errorCode": "INVALID_TYPE"}]
    parts = [
        {"body": rows(), "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "r0"},
        {"body": refused, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": "r1"},
    ]
    server.then(says(200, {"compositeResponse": parts}))
    with pytest.raises(SalesforceError) as caught:
        org.queries(["SELECT Id FROM Lead", "SELECT Id FROM X"])
    assert caught.value.code == "INVALID_TYPE"


def test_records_of_several_objects_are_read_in_one_call(org, server):
    server.then(
        composite([{"Id": LEAD, "attributes": {}, "Email": "a@b.c"}, None], [{"Id": CONTACT}])
    )
    found = org.records_get(
        [("Lead", [LEAD[:15], "00Q5g00000AbCdFAAV"], ["Email"]), ("Contact", [CONTACT], ["Name"])]
    )
    assert found == {LEAD: {"Id": LEAD, "Email": "a@b.c"}, CONTACT: {"Id": CONTACT}}
    assert len(server.seen) == 1
    urls = [part["url"] for part in server.seen[0].json["compositeRequest"]]
    assert urls[0] == (
        "/services/data/v66.0/composite/sobjects/Lead"
        f"?ids={LEAD[:15]},00Q5g00000AbCdFAAV&fields=Id,Email"
    )


def test_a_thousand_records_take_one_call(org, server):
    ids = [f"0035g0000{number:06d}" for number in range(1001)]
    server.then(composite([], [], [], [], []), composite([]))
    assert org.records_get([("Contact", ids, ["Name"])]) == {}
    assert [len(request.json["compositeRequest"]) for request in server.seen] == [5, 1]


def test_nothing_wanted_is_no_call(org, server):
    assert org.records_get([]) == {}
    assert org.queries([]) == []
    assert server.seen == []


def test_versions_are_asked_without_a_token(org, server):
    server.then(says(200, [{"label": "x", "url": "/services/data/v66.0", "version": "66.0"}]))
    assert org.versions() == ["66.0"]
    assert "Authorization" not in server.seen[0].headers


def test_an_object_that_is_missing_or_hidden_is_told(org, server):
    server.then(says(404, NOT_FOUND))
    with pytest.raises(SalesforceError) as caught:
        org.describe("UserGem__UserGem__c")
    assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)
