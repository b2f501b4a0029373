"""Trouble on demand: each kind looks to a client like the real thing."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.rehearsal.client import TIMEOUT, OrgClient

LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}


def count(full: OrgClient) -> int:
    return len(full.query("SELECT Id FROM Lead WHERE LastName = 'Doe'"))


def test_a_dropped_answer_comes_after_the_record_is_kept(full: OrgClient) -> None:
    full.control("POST", "faults", {"kind": "drop_answer_after_commit", "match": {"path": "graph"}})
    with pytest.raises(requests.ConnectionError):
        full.graph({"g": [full.node("lead", "Lead", LEAD)]})
    assert count(full) == 1


def test_a_dropped_call_leaves_nothing(full: OrgClient) -> None:
    full.control("POST", "faults", {"kind": "drop_before", "match": {"path": "sobjects/Lead"}})
    with pytest.raises(requests.ConnectionError):
        full.post("/sobjects/Lead", LEAD)
    assert count(full) == 0


def test_maintenance_is_a_page_and_no_json(full: OrgClient) -> None:
    full.control("POST", "faults", {"kind": "http_503_html", "match": {"path": "/limits"}})
    answer = full.get("/limits")
    assert answer.status_code == 503
    assert answer.text.startswith("<!DOCTYPE html>")
    assert full.get("/limits").status_code == 200


def test_a_lock_clears_on_repeat(full: OrgClient) -> None:
    full.control("POST", "faults", {"kind": "lock_row", "match": {"sobject": "Lead"}})
    graph: dict[str, list[dict[str, Any]]] = {"g": [full.node("lead", "Lead", LEAD)]}
    locked = full.graph(graph)["g"]["graphResponse"]["compositeResponse"][0]
    assert locked["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert full.graph(graph)["g"]["isSuccessful"] is True


def test_a_hanging_org_answers_when_the_fault_is_cleared_and_others_answer_before(
    full: OrgClient,
) -> None:
    full.control("POST", "faults", {"kind": "hang", "match": {"org": "northwind-full"}})
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(full.get("/limits").status_code))
    thread.start()
    other = full.base.replace(f":{urlsplit(full.base).port}", f":{urlsplit(full.base).port - 1}")
    while not full.control("GET", "faults")[0]["held"]:
        pass
    assert requests.get(f"{other}/services/data/", timeout=TIMEOUT).status_code == 200
    assert (answers, thread.is_alive()) == ([], True)
    full.control("DELETE", "faults")
    thread.join(TIMEOUT)
    assert answers == [200]


def test_a_fault_that_makes_no_sense_is_refused_in_words(full: OrgClient) -> None:
    for fault in ({"kind": "earthquake"}, {"kind": "delay", "seconds": "long"}, "x", None):
        answer = requests.post(full.base + "/rehearsal/faults", json=fault, timeout=TIMEOUT)
        assert answer.status_code == 400
        assert "error" in answer.json()


def test_faults_can_be_seen_and_cleared(full: OrgClient) -> None:
    fault = {"kind": "lock_row", "match": {"sobject": "Lead"}, "times": 3}
    assert full.control("POST", "faults", fault)[0]["times"] == 3
    assert full.control("DELETE", "faults") == []
    full.create("Lead", **LEAD)


def test_all_records_can_be_compared(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD)
    rows = {row["Id"]: row for row in full.control("GET", "records/Lead")}
    assert rows[key]["Name"] == "Doe"
    assert len(rows) == 943


def test_calls_are_listed_and_counted(full: OrgClient) -> None:
    before = full.control("GET", "calls")["total"]
    full.get("/limits")
    full.get("/sobjects/Nope/describe")
    seen = full.control("GET", "calls")
    assert seen["total"] == before + 2
    assert seen["calls"][-1]["status"] == 404
    requests.get(full.base + "/services/data/", timeout=TIMEOUT)
    assert full.control("GET", "calls")["total"] == before + 2
