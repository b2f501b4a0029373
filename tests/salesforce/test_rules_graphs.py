"""Graphs whose answers contradict themselves: what was written is asked for, not guessed."""

import pytest

from integrations.salesforce.client import Graph, Node
from integrations.salesforce.errors import OutcomeUnknown
from tests.salesforce.conftest import says
from tests.salesforce.test_graphs import HALTED, LEAD, answered, graph, made, part, written

RULE = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Nope"}
OTHER = "00Q5g00000AbCdFEAV"


@pytest.mark.parametrize(
    "parts",
    [
        (True, part("person", 201, made(LEAD)), part("package", 400, [RULE])),
        (True, part("person", 400, [HALTED]), part("package", 400, [HALTED])),
        (False, part("person", 201, made(LEAD)), part("package", 201, made(LEAD))),
    ],
    ids=["written with an error", "written and halted", "refused without an error"],
)
def test_a_graph_and_nodes_that_say_different_things_are_not_known(org, server, parts):
    server.then(says(200, {"graphs": [answered("g1", *parts)]}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([graph()])
    assert len(server.seen) == 1


def test_a_change_answered_with_the_id_of_another_record_is_not_known(org, server):
    server.then(says(200, {"graphs": [answered("g1", True, part("person", 200, made(OTHER)))]}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([Graph("g1", [Node("PATCH", "Lead", LEAD, "person", {"Title": "x"})])])


def test_a_change_answered_with_its_own_id_is_known(org, server):
    server.then(says(200, {"graphs": [answered("g1", True, part("person", 200, made(LEAD)))]}))
    node = Node("PATCH", "Lead", LEAD[:15], "person", {"Title": "x"})
    (result,) = org.graphs([Graph("g1", [node])])
    assert result.nodes[0].record_id == LEAD


def test_a_graph_that_lacks_its_nodes_was_not_tried(org, server):
    server.then(says(200, {"graphs": [answered("g1", False), written("g2")]}))
    first, second = org.graphs([graph("g1"), graph("g2")])
    assert first.not_attempted
    assert second.successful


def test_results_of_refused_texts_and_sent_graphs_stay_in_their_places(org, server):
    server.then(says(200, {"graphs": [written("g3"), written("g1")]}))
    found = org.graphs([graph("g1"), graph("g2", Company="@{x}"), graph("g3")])
    assert [(one.graph_id, one.successful) for one in found] == [
        ("g1", True),
        ("g2", False),
        ("g3", True),
    ]


@pytest.mark.parametrize("body", [None, {}, {"success": True}, {"id": "x"}, {"id": None}, []])
def test_a_record_that_was_made_without_an_id_is_not_known(org, server, body):
    parts = (part("person", 201, body), part("package", 201, made(LEAD)))
    server.then(says(200, {"graphs": [answered("g1", True, *parts)]}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([graph()])


@pytest.mark.parametrize("said", [None, 0, 1, "true", "false", []])
def test_whether_a_graph_was_written_has_to_be_said_in_so_many_words(org, server, said):
    server.then(says(200, {"graphs": [{**written(), "isSuccessful": said}]}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([graph()])


@pytest.mark.parametrize("status", [300, 302, 304])
def test_a_node_that_was_neither_written_nor_refused_is_not_written(org, server, status):
    server.then(says(200, {"graphs": [answered("g1", True, part("person", status, None))]}))
    with pytest.raises(OutcomeUnknown):
        org.graphs([Graph("g1", [Node("PATCH", "Lead", LEAD, "person", {"Title": "x"})])])


def test_creating_and_changing_an_object_are_two_kinds_of_node(org, server):
    nodes = [
        Node(method, f"Thing{number}__c", LEAD if method == "PATCH" else None, ref, {})
        for number in range(8)
        for method, ref in (("POST", f"made{number}"), ("PATCH", f"changed{number}"))
    ]
    with pytest.raises(ValueError, match="kinds"):
        org.graphs([Graph("g1", nodes)])
    assert server.seen == []
