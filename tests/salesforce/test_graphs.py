"""Writing: one call, each graph all or nothing, and never a guess about what happened."""

import pytest

from integrations.salesforce.client import Graph, Node
from integrations.salesforce.errors import (
    ConnectionLost,
    Family,
    LimitReached,
    OutcomeUnknown,
    SalesforceError,
)
from tests.salesforce.conftest import (
    EXPIRED,
    cut,
    hangs_up,
    page,
    plain_text,
    says,
    silence,
)

LEAD = "00Q5g00000AbCdEEAV"
PACKAGE = "a0X5g00000AbCdEAAV"
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction "
    "failed.",
}


def graph(graph_id: str = "g1", **changes: object) -> Graph:
    body = {"LastName": "Doe", "Company": "Acme", **changes}
    return Graph(
        graph_id,
        [
            Node("POST", "Lead", None, "person", body, {"Sforce-Auto-Assign": "FALSE"}),
            Node(
                "POST",
                "UserGem__UserGem__c",
                None,
                "package",
                {"UserGem__NewLead__c": {"ref": "person"}},
            ),
        ],
    )


def part(reference: str, status: int, body: object) -> dict[str, object]:
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}


def made(record_id: str) -> dict[str, object]:
    return {"id": record_id, "success": True, "errors": []}


def answered(graph_id: str, successful: bool, *parts: dict[str, object]) -> dict[str, object]:
    response = {"compositeResponse": list(parts)}
    return {"graphId": graph_id, "graphResponse": response, "isSuccessful": successful}


def written(graph_id: str = "g1") -> dict[str, object]:
    return answered(
        graph_id, True, part("person", 201, made(LEAD)), part("package", 201, made(PACKAGE))
    )


def refused(graph_id: str, *errors: dict[str, object]) -> dict[str, object]:
    return answered(
        graph_id, False, part("person", 400, [HALTED]), part("package", 400, list(errors))
    )


def test_a_graph_goes_out_with_headers_on_each_node_and_references(org, server):
    server.then(says(200, {"graphs": [written()]}))
    org.graphs([graph()])
    assert server.seen[0].path == "/services/data/v66.0/composite/graph"
    assert server.seen[0].json == {
        "graphs": [
            {
                "graphId": "g1",
                "compositeRequest": [
                    {
                        "method": "POST",
                        "url": "/services/data/v66.0/sobjects/Lead",
                        "referenceId": "person",
                        "body": {"LastName": "Doe", "Company": "Acme"},
                        "httpHeaders": {"Sforce-Auto-Assign": "FALSE"},
                    },
                    {
                        "method": "POST",
                        "url": "/services/data/v66.0/sobjects/UserGem__UserGem__c",
                        "referenceId": "package",
                        "body": {"UserGem__NewLead__c": "@{person.id}"},
                    },
                ],
            }
        ]
    }


def test_a_written_graph_gives_the_record_ids(org, server):
    server.then(says(200, {"graphs": [written()]}))
    (result,) = org.graphs([graph()])
    assert result.successful
    assert [(node.reference, node.status, node.record_id) for node in result.nodes] == [
        ("person", 201, LEAD),
        ("package", 201, PACKAGE),
    ]
    assert result.errors == []
    assert not result.not_attempted


def test_a_changed_record_keeps_its_id_though_the_answer_is_empty(org, server):
    server.then(says(200, {"graphs": [answered("g1", True, part("person", 204, None))]}))
    node = Node("PATCH", "Lead", LEAD[:15], "person", {"Title": None})
    (result,) = org.graphs([Graph("g1", [node])])
    assert result.nodes[0].record_id == LEAD
    sent = server.seen[0].json["graphs"][0]["compositeRequest"][0]
    assert sent["url"].endswith(f"/sobjects/Lead/{LEAD[:15]}")
    assert sent["body"] == {"Title": None}


def test_results_come_in_the_order_sent(org, server):
    server.then(says(200, {"graphs": [written("g2"), written("g1")]}))
    assert [one.graph_id for one in org.graphs([graph("g1"), graph("g2")])] == ["g1", "g2"]


def test_a_refused_graph_shows_real_errors_only(org, server):
    missing = {
        "errorCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [Industry]",
        "fields": ["Industry"],
    }
    rule = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Nope", "fields": []}
    server.then(says(200, {"graphs": [refused("g1", missing, rule)]}))
    (result,) = org.graphs([graph()])
    assert not result.successful
    assert [error.code for error in result.errors] == [
        "REQUIRED_FIELD_MISSING",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    ]
    assert result.errors[0].fields == ("Industry",)
    assert "requires Industry" in result.errors[0].explanation.sentence
    assert not result.transient
    assert not result.not_attempted


def test_a_lock_is_transient_and_a_lock_beside_a_rule_is_not(org, server):
    lock = {"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"}
    rule = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Nope"}
    server.then(says(200, {"graphs": [refused("g1", lock), refused("g2", lock, rule)]}))
    first, second = org.graphs([graph("g1"), graph("g2")])
    assert first.transient
    assert not second.transient


def test_a_graph_that_was_never_tried_is_told_apart(org, server):
    server.then(says(200, {"graphs": [refused("g1", HALTED)]}))
    (result,) = org.graphs([graph()])
    assert result.not_attempted
    assert not result.transient


def test_a_second_delivery_shows_the_key_that_is_taken(org, server):
    taken = {
        "errorCode": "DUPLICATE_VALUE",
        "message": f"duplicate value found: UserGem__DeliveryKey__c duplicates value on record "
        f"with id: {PACKAGE}",
        "fields": [],
    }
    server.then(says(200, {"graphs": [refused("g1", taken)]}))
    (result,) = org.graphs([graph()])
    assert result.errors[0].code == "DUPLICATE_VALUE"
    assert "UserGem__DeliveryKey__c" in result.errors[0].message


@pytest.mark.parametrize(
    "trouble",
    [
        silence,
        hangs_up,
        cut({"graphs": [written()]}),
        page(503),
        page(500),
        page(200),
        page(404),
        says(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "x"}]),
        says(500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}]),
        says(400, {"oops": True}),
        says(200, {"graphs": []}),
        says(200, {"graphs": [answered("g1", True, part("person", 201, made(LEAD)))]}),
        says(200, ["graphs"]),
        says(200, None),
        plain_text(502, "Bad gateway"),
    ],
)
def test_a_write_without_a_proper_answer_is_unknown_and_not_repeated(org, server, naps, trouble):
    server.then(trouble, says(200, {"graphs": [written()]}))
    with pytest.raises(OutcomeUnknown) as caught:
        org.graphs([graph()])
    assert "before anything is sent again" in caught.value.sentence
    assert len(server.seen) == 1
    assert naps == []


@pytest.mark.parametrize(
    ("status", "code", "kind", "family"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", LimitReached, Family.TRY_AGAIN),
        (400, "JSON_PARSER_ERROR", SalesforceError, Family.WE_MUST_ACT),
        (403, "API_DISABLED_FOR_ORG", SalesforceError, Family.CUSTOMER_MUST_ACT),
    ],
)
def test_a_write_that_salesforce_refuses_did_not_happen(org, server, status, code, kind, family):
    server.then(says(status, [{"errorCode": code, "message": "no"}]))
    with pytest.raises(kind) as caught:
        org.graphs([graph()])
    assert not isinstance(caught.value, OutcomeUnknown)
    assert (caught.value.code, caught.value.family) == (code, family)


def test_a_write_that_never_left_did_not_happen(org, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *a: (_ for _ in ()).throw(OSError("down")))
    with pytest.raises(SalesforceError) as caught:
        org.graphs([graph()])
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.family is Family.TRY_AGAIN


def test_a_write_is_sent_again_once_with_a_new_token(org, server, tokens):
    server.then(says(401, EXPIRED), says(200, {"graphs": [written()]}))
    assert org.graphs([graph()])[0].successful
    assert tokens.rejected == ["TOKEN-1"]
    assert server.seen[1].headers["Authorization"] == "Bearer TOKEN-2"


def test_a_write_refused_with_a_new_token_means_the_connection_is_lost(org, server):
    server.then(says(401, EXPIRED), says(401, EXPIRED))
    with pytest.raises(ConnectionLost):
        org.graphs([graph()])
    assert len(server.seen) == 2


def test_no_answer_to_the_second_sending_is_unknown_too(org, server):
    server.then(says(401, EXPIRED), hangs_up)
    with pytest.raises(OutcomeUnknown):
        org.graphs([graph()])


def test_text_that_salesforce_would_take_for_a_reference_is_not_sent(org, server):
    server.then(says(200, {"graphs": [written("g2")]}))
    bad, good = org.graphs([graph("g1", Company="@{person.id}"), graph("g2")])
    assert [error.code for error in bad.errors] == ["UNSENDABLE_TEXT"]
    assert bad.errors[0].family is Family.WE_MUST_ACT
    assert not bad.transient
    assert good.successful
    assert [one["graphId"] for one in server.seen[0].json["graphs"]] == ["g2"]


def test_a_group_of_unsendable_texts_is_no_call(org, server):
    (result,) = org.graphs([graph(Company="x @{y}")])
    assert not result.successful
    assert server.seen == []


NODE = Node("POST", "Lead", None, "person", {})


@pytest.mark.parametrize(
    "wanted",
    [
        [graph(f"g{number}") for number in range(76)],
        [Graph("g1", [Node("POST", "Lead", None, f"n{number}", {}) for number in range(501)])],
        [
            Graph(
                "g1",
                [Node("POST", f"O{number}__c", None, f"n{number}", {}) for number in range(16)],
            )
        ],
        [graph("g1"), graph("g1")],
        [Graph("g1", [])],
        [Graph("g1", [NODE, NODE])],
        [Graph("g 1", [NODE])],
        [Graph("g1", [Node("POST", "Lead/x", None, "person", {})])],
        [Graph("g1", [Node("POST", "Lead", None, "a.b", {})])],
        [Graph("g1", [Node("POST", "Lead", LEAD, "person", {})])],
        [Graph("g1", [Node("PATCH", "Lead", None, "person", {})])],
        [Graph("g1", [Node("PATCH", "Lead", "//evil.example/x", "person", {})])],
        [Graph("g1", [Node("PATCH", "Lead", "../00Q5g00000AbCdE", "person", {})])],
        [Graph("g1", [Node("DELETE", "Lead", LEAD, "person", {})])],
        [Graph("g1", [Node("POST", "Lead", None, "person", {"X": {"ref": "person"}})])],
        [Graph("g1", [Node("POST", "Lead", None, "person", {"X": {"a": "b"}})])],
        [Graph("g1", [Node("POST", "Lead", None, "person", {"X y": 1})])],
        [Graph("g1", [Node("POST", "Lead", None, "person", {}, {"Authorization": "Bearer x"})])],
        [Graph("g1", [Node("POST", "Lead", None, "person", {"X": float("nan")})])],
    ],
)
def test_what_breaks_a_limit_or_a_form_is_refused_before_sending(org, server, wanted):
    with pytest.raises(ValueError, match=r"."):
        org.graphs(wanted)
    assert server.seen == []


def test_as_many_as_the_limits_allow_are_sent(org, server):
    server.then(says(200, {"graphs": [written(f"g{number}") for number in range(75)]}))
    results = org.graphs([graph(f"g{number}") for number in range(75)])
    assert all(result.successful for result in results)
    assert org.calls == 1
