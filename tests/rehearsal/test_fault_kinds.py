"""Every kind of trouble, by chance with a seed or for the next calls, for the calls it names."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from integrations.rehearsal.faults import KINDS, Faults
from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.local import LEAD, LocalOrg, Make, node, refusal


def test_an_expired_session_is_refused_and_the_next_call_is_not(local: Make) -> None:
    org = local()
    org.fault("expired_session")
    assert org.send("GET", "/services/data/").status_code == 200
    text = "Session expired or invalid"
    assert refusal(org.api("GET", "/limits")) == (401, "INVALID_SESSION_ID", text)
    assert org.api("GET", "/limits").status_code == 200


def test_too_many_calls_at_once_say_so_and_do_nothing(local: Make) -> None:
    org = local()
    org.fault("concurrent_limit", match={"method": "POST"})
    text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    refused = org.api("POST", "/sobjects/Lead", json=LEAD)
    assert refusal(refused) == (403, "REQUEST_LIMIT_EXCEEDED", text)
    assert org.org.space.rows("Lead") == []


def test_a_proxy_speaks_plain_text(local: Make) -> None:
    org = local()
    org.fault("proxy_text", match={"path": "/limits"})
    answer = org.api("GET", "/limits")
    assert (answer.status_code, answer.mimetype) == (502, "text/plain")
    assert "upstream connect error" in answer.text


def test_a_cut_off_answer_comes_after_the_record_is_kept(full: OrgClient) -> None:
    full.control("POST", "faults", {"kind": "cut_off_body", "match": {"method": "POST"}})
    lead = {"LastName": "Cutoff", "Company": "Acme", "Country": "France"}
    with requests.post(
        f"{full.base}/services/data/v68.0/sobjects/Lead",
        json=lead,
        headers=full.session.headers,
        stream=True,
        timeout=TIMEOUT,
    ) as answer:
        assert answer.status_code == 201
        assert int(answer.headers["Content-Length"]) > 40
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _ = answer.content
    assert len(full.query("SELECT Id FROM Lead WHERE LastName = 'Cutoff'")) == 1


def test_an_answer_without_a_body_cannot_be_cut_off(local: Make) -> None:
    org = local()
    key = org.create("Lead", **LEAD)
    org.fault("cut_off_body")
    assert org.api("PATCH", f"/sobjects/Lead/{key}", json={"Title": "x"}).status_code == 204
    assert len(org.send("GET", "/rehearsal/faults").get_json()) == 1


def graphs(org: LocalOrg, count: int) -> list[bool]:
    body = [
        {"graphId": f"g{n}", "compositeRequest": [node("lead", "POST", "/sobjects/Lead", LEAD)]}
        for n in range(count)
    ]
    answer = org.api("POST", "/composite/graph", json={"graphs": body}).get_json()["graphs"]
    for item in answer:
        part = item["graphResponse"]["compositeResponse"][0]
        code = "" if item["isSuccessful"] else part["body"][0]["errorCode"]
        assert code == ("" if item["isSuccessful"] else "PROCESSING_HALTED")
    return [item["isSuccessful"] for item in answer]


def test_graphs_after_the_first_few_are_halted(local: Make) -> None:
    org = local()
    org.fault("halted_graphs", after=2)
    assert graphs(org, 4) == [True, True, False, False]
    assert len(org.org.space.rows("Lead")) == 2
    assert graphs(org, 4) == [True] * 4


def test_a_lock_strikes_the_named_object_at_the_named_address_only(local: Make) -> None:
    org = local()
    org.fault("lock_row", match={"sobject": "lead", "path": "composite/graph"}, times=2)
    org.create("Account", Name="A")
    org.create("Lead", **LEAD)
    parts = [node("lead", "POST", "/sobjects/Lead", LEAD)]
    body = {"graphs": [{"graphId": "g", "compositeRequest": parts}]}
    for good in (False, False, True):
        answer = org.api("POST", "/composite/graph", json=body).get_json()["graphs"][0]
        assert answer["isSuccessful"] is good


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_lock_strikes_changes_and_deletions_and_clears(local: Make, method: str) -> None:
    org = local()
    key = org.create("Lead", **LEAD)
    org.fault("lock_row")
    body = {"Title": "x"} if method == "PATCH" else None
    refused = org.api(method, f"/sobjects/Lead/{key}", json=body)
    text = f"unable to obtain exclusive access to this record or 1 records: {key}"
    assert refusal(refused) == (400, "UNABLE_TO_LOCK_ROW", text)
    assert org.api(method, f"/sobjects/Lead/{key}", json=body).status_code == 204


def struck(seed: int, chance: float = 0.3, times: int = 1000, calls: int = 200) -> list[bool]:
    faults = Faults()
    faults.add({"kind": "http_503_html", "chance": chance, "seed": seed, "times": times})
    return [bool(faults.take(("http_503_html",), path="/x")) for _ in range(calls)]


def test_by_chance_the_same_seed_strikes_the_same_calls() -> None:
    assert struck(7) == struck(7)
    assert struck(7) != struck(8)
    assert 0.2 < sum(struck(7)) / 200 < 0.4
    assert sum(struck(7, times=5)) == 5


def test_calls_that_do_not_match_leave_the_dice_alone() -> None:
    faults = Faults()
    fault = {"kind": "drop_before", "chance": 0.5, "seed": 3, "times": 99, "match": {"path": "/a"}}
    faults.add(fault)
    taken = []
    for number in range(40):
        faults.take(("drop_before",), path="/b" if number % 2 else "/c")
        taken.append(bool(faults.take(("drop_before",), path="/a/b")))
    plain = Faults()
    plain.add({**fault, "match": {}})
    assert taken == [bool(plain.take(("drop_before",))) for _ in range(40)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_come_by_chance_and_has_a_sentence(kind: str) -> None:
    listed = Faults().add({"kind": kind, "chance": 0.2, "seed": 7, "times": 1000})
    assert (listed[0]["chance"], listed[0]["seed"], listed[0]["times"]) == (0.2, 7, 1000)
    assert KINDS[kind].endswith(".")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (None, "a fault is an object with a kind, or a list of such objects"),
        ({"kind": "earthquake"}, "kind must be one of drop_before, "),
        ({"kind": "delay", "seconds": "long"}, "seconds must be a number from 0 up"),
        ({"kind": "delay", "seconds": -1}, "seconds must be a number from 0 up"),
        ({"kind": "delay", "times": 0}, "times must be a whole number from 1 up"),
        ({"kind": "delay", "times": "3"}, "times must be a whole number from 1 up"),
        ({"kind": "delay", "chance": 0}, "chance must be above 0 and at most 1"),
        ({"kind": "delay", "chance": 1.5}, "chance must be above 0 and at most 1"),
        ({"kind": "delay", "seed": 0.5}, "seed must be a whole number"),
        ({"kind": "halted_graphs", "after": -1}, "after must be a whole number from 0 up"),
        ({"kind": "delay", "second": 3}, "a fault has no second"),
        ({"kind": "delay", "match": {"url": "/x"}}, "match is an object that may name path, "),
        (
            {"kind": "delay", "match": {"sobject": "Lead"}},
            "only lock_row can be matched by sobject",
        ),
        ({"kind": "delay", "match": "/x"}, "match is an object that may name path, "),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_words(
    local: Make, fault: Any, text: str
) -> None:
    org = local()
    answer = org.send("POST", "/rehearsal/faults", json=[{"kind": "delay"}, fault])
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(text)
    assert org.send("GET", "/rehearsal/faults").get_json() == []
