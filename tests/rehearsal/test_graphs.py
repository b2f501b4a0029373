"""Composite graph: one transaction a graph."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.rehearsal.client import OrgClient

LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}
GEM = "UserGem__UserGem__c"


def delivery(full: OrgClient, key: str, **lead: Any) -> list[dict[str, Any]]:
    """Account, lead with it as past account, and the package's record with the key."""
    gem = {
        "UserGem__DeliveryKey__c": key,
        "UserGem__NewLead__c": "@{lead.id}",
        "UserGem__NewAccount__c": "@{account.id}",
    }
    return [
        full.node("account", "Account", {"Name": f"New {key}"}),
        full.node("lead", "Lead", {**LEAD, "UserGem__PastAccount__c": "@{account.id}", **lead}),
        full.node("gem", GEM, gem),
    ]


def codes(result: dict[str, Any]) -> list[str]:
    parts = result["graphResponse"]["compositeResponse"]
    return [part["body"][0]["errorCode"] if part["httpStatusCode"] >= 400 else "" for part in parts]


def counted(full: OrgClient, name: str) -> int:
    return int(full.get("/query", q=f"SELECT count() FROM {name}").json()["totalSize"])


def test_a_graph_writes_all_its_records_and_links_them(full: OrgClient) -> None:
    result = full.graph({"g1": delivery(full, "jc-1")})["g1"]
    assert result["isSuccessful"] is True
    parts = {part["referenceId"]: part for part in result["graphResponse"]["compositeResponse"]}
    assert [part["httpStatusCode"] for part in parts.values()] == [201, 201, 201]
    lead = parts["lead"]["body"]["id"]
    assert parts["lead"]["httpHeaders"] == {
        "Location": f"/services/data/v68.0/sobjects/Lead/{lead}"
    }
    gem = full.query(
        f"SELECT UserGem__NewLead__c, UserGem__NewLead__r.UserGem__PastAccount__c FROM {GEM}"
    )[0]
    assert gem["UserGem__NewLead__c"] == lead
    account = parts["account"]["body"]["id"]
    assert gem["UserGem__NewLead__r"]["UserGem__PastAccount__c"] == account


def test_a_failed_graph_leaves_nothing_and_its_neighbours_say_halted(full: OrgClient) -> None:
    before = counted(full, "Account")
    results = full.graph(
        {"bad": delivery(full, "jc-1", Email="badone"), "good": delivery(full, "jc-2")}
    )
    assert codes(results["bad"]) == [
        "PROCESSING_HALTED",
        "INVALID_EMAIL_ADDRESS",
        "PROCESSING_HALTED",
    ]
    assert results["bad"]["isSuccessful"] is False
    assert results["good"]["isSuccessful"] is True
    assert counted(full, "Account") == before + 1


def test_a_repeated_delivery_is_refused_as_a_whole_with_the_first_ones_id(
    full: OrgClient,
) -> None:
    first = full.graph({"g": delivery(full, "jc-1")})["g"]
    before = counted(full, "Lead")
    again = full.graph({"g": delivery(full, "jc-1")})["g"]
    assert codes(again) == ["PROCESSING_HALTED", "PROCESSING_HALTED", "DUPLICATE_VALUE"]
    gem = first["graphResponse"]["compositeResponse"][2]["body"]["id"]
    text = again["graphResponse"]["compositeResponse"][2]["body"][0]["message"]
    assert text.endswith(f"duplicates value on record with id: {gem}")
    assert counted(full, "Lead") == before


def test_headers_of_a_node_count_for_that_node_only(full: OrgClient) -> None:
    key = full.create("Lead", **LEAD)
    old = {"If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    guarded = [full.node("lead", "Lead", {"Title": "x"}, key, httpHeaders=old)]
    free = [full.node("lead", "Lead", {"Title": "y"}, key)]
    results = full.graph({"guarded": guarded, "free": free})
    assert codes(results["guarded"]) == ["PRECONDITION_FAILED"]
    assert results["free"]["isSuccessful"] is True
    assert results["free"]["graphResponse"]["compositeResponse"][0]["body"] is None


def test_after_fourteen_failed_graphs_the_rest_is_not_tried(full: OrgClient) -> None:
    graphs = {f"bad{n}": delivery(full, f"b{n}", Email="badone") for n in range(15)}
    graphs["good"] = delivery(full, "good")
    results = full.graph(graphs)
    assert "INVALID_EMAIL_ADDRESS" in codes(results["bad13"])
    assert set(codes(results["bad14"])) == {"PROCESSING_HALTED"}
    assert set(codes(results["good"])) == {"PROCESSING_HALTED"}
    assert counted(full, GEM) == 0


@pytest.mark.parametrize(
    "url",
    [
        "/services/data/v68.0/query?q=SELECT+Id+FROM+Lead",
        "/services/data/v68.0/composite/sobjects",
        "/services/data/v68.0/sobjects/Lead/describe",
        "/services/data/v5.0/sobjects/Lead",
        "/elsewhere",
    ],
)
def test_nodes_are_record_addresses_only(full: OrgClient, url: str) -> None:
    part = {"method": "GET", "url": url, "referenceId": "a"}
    answer = full.post(
        "/composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": [part]}]}
    )
    assert full.refusal(answer)[:2] == (400, "INVALID_INPUT")


def test_the_limits_of_one_call_hold(full: OrgClient) -> None:
    def send(graphs: list[list[dict[str, Any]]]) -> tuple[int, str, str]:
        body = {
            "graphs": [
                {"graphId": f"g{place}", "compositeRequest": parts}
                for place, parts in enumerate(graphs)
            ]
        }
        return full.refusal(full.post("/composite/graph", body))

    lead = [full.node("lead", "Lead", LEAD)]
    assert send([lead] * 76)[1] == "LIMIT_EXCEEDED"
    many = [[full.node(f"l{n}", "Lead", LEAD) for n in range(251)]] * 2
    assert send(many)[1] == "LIMIT_EXCEEDED"
    chain = [full.node("a0", "Account", {"Name": "A"})]
    for n in range(1, 16):
        parent = {"Name": "A", "ParentId": f"@{{a{n - 1}.id}}"}
        chain.append(full.node(f"a{n}", "Account", parent))
    assert send([chain])[1] == "LIMIT_EXCEEDED"
    kinds = [[full.node(f"n{n}", f"Kind{n}__c", {})] for n in range(16)]
    assert send(kinds)[1] == "LIMIT_EXCEEDED"


def test_a_reference_to_nowhere_fails_its_graph(full: OrgClient) -> None:
    parts = [full.node("lead", "Lead", {**LEAD, "OwnerId": "@{nobody.id}"})]
    result = full.graph({"g": parts})["g"]
    assert result["isSuccessful"] is False
    text = result["graphResponse"]["compositeResponse"][0]["body"][0]["message"]
    assert text.startswith("Invalid reference specified. No value for nobody.id found")


def test_a_call_with_many_graphs_counts_once(full: OrgClient) -> None:
    def used() -> int:
        header = full.get("/limits").headers["Sforce-Limit-Info"]
        return int(header.removeprefix("api-usage=").split("/")[0])

    before = used()
    full.graph({f"g{n}": delivery(full, f"jc-{n}") for n in range(5)})
    assert used() == before + 2


def test_of_calls_at_the_same_time_with_one_key_exactly_one_wins(full: OrgClient) -> None:
    clients = [OrgClient(full.tokens) for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        results = list(pool.map(lambda one: one.graph({"g": delivery(one, "jc-1")})["g"], clients))
    assert sorted(result["isSuccessful"] for result in results) == [False] * 5 + [True]
    assert counted(full, GEM) == 1
    assert len(full.query("SELECT Id FROM Account WHERE Name = 'New jc-1'")) == 1
