"""Composite graph: one transaction a graph (platform reference, 2.4; write protocol)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import (
    ApiError,
    Family,
    OutcomeUnknown,
    errors_in,
    parse_errors,
)
from integrations.salesforce.ids import (
    checked_graph_id,
    checked_id,
    checked_name,
    checked_reference,
    id18,
    is_id,
)

MAX_GRAPHS = 75
MAX_NODES = 500
MAX_KINDS = 15
# Subrequests inherit these; one that names them makes the whole call fail.
INHERITED_HEADERS = frozenset({"accept", "authorization", "content-type"})

_REFERENCE_SIGN = re.compile(r"@\{")


@dataclass(frozen=True)
class Node:
    """One record to write. `POST` creates, `PATCH` changes the record `record_id`.

    A value `{"ref": "person"}` stands for the id of an earlier node of the same graph.
    """

    method: str
    object_name: str
    record_id: str | None
    reference: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Nodes that are written all or not at all."""

    graph_id: str
    nodes: Sequence[Node]


@dataclass(frozen=True)
class NodeResult:
    """What became of one node; `status` is its own HTTP status."""

    reference: str
    status: int
    record_id: str | None
    errors: list[ApiError]


@dataclass(frozen=True)
class GraphResult:
    """What became of one graph."""

    graph_id: str
    successful: bool
    nodes: list[NodeResult]

    @property
    def errors(self) -> list[ApiError]:
        """The real errors of all nodes, without those that only echo another one."""
        return [error for node in self.nodes for error in node.errors if not error.is_neighbour]

    @property
    def not_attempted(self) -> bool:
        """Whether Salesforce never tried it, after too many other graphs failed."""
        return not self.successful and not self.errors

    @property
    def transient(self) -> bool:
        """Whether it was not written for passing reasons only (a lock, a limit)."""
        return (
            not self.successful
            and bool(self.errors)
            and all(error.family is Family.TRY_AGAIN for error in self.errors)
        )


def graphs(door: Door, wanted: Sequence[Graph]) -> list[GraphResult]:
    """Write the graphs in one call; results in the order given.

    A graph with text that Salesforce would take for a reference (`@{`) is not sent: its result
    is refused with `UNSENDABLE_TEXT`, the others go. Raises ValueError before sending for what
    the limits or the form of ids and names forbid, OutcomeUnknown when all of it may or may not
    have been written, SalesforceError when none was.
    """
    _check(wanted)
    refused = {graph.graph_id: _unsendable(graph) for graph in wanted}
    sendable = [graph for graph in wanted if refused[graph.graph_id] is None]
    results: dict[str, GraphResult] = {
        graph_id: result for graph_id, result in refused.items() if result is not None
    }
    if sendable:
        body = {"graphs": [_graph_body(graph, door.config.api_version) for graph in sendable]}
        results.update(_results(sendable, door.write("composite/graph", body)))
    return [results[graph.graph_id] for graph in wanted]


def _check(wanted: Sequence[Graph]) -> None:
    """The limits of one payload and the form of everything that becomes an address."""
    nodes = [node for graph in wanted for node in graph.nodes]
    kinds = {(node.method, node.object_name) for node in nodes}
    if len(wanted) > MAX_GRAPHS or len(nodes) > MAX_NODES or len(kinds) > MAX_KINDS:
        raise ValueError(
            f"One call takes {MAX_GRAPHS} graphs, {MAX_NODES} nodes and {MAX_KINDS} kinds of "
            f"node; these are {len(wanted)}, {len(nodes)} and {len(kinds)}."
        )
    if len({graph.graph_id for graph in wanted}) != len(wanted):
        raise ValueError("Two graphs of one call have the same id.")
    for graph in wanted:
        checked_graph_id(graph.graph_id)
        earlier: set[str] = set()
        for node in graph.nodes:
            _check_node(node, earlier)
            earlier.add(node.reference)
        if not graph.nodes or len(earlier) != len(graph.nodes):
            raise ValueError("A graph needs nodes, each with a reference of its own.")


def _check_node(node: Node, earlier: set[str]) -> None:
    checked_reference(node.reference)
    checked_name(node.object_name)
    if node.method == "PATCH":
        checked_id(node.record_id or "")
    elif node.method != "POST" or node.record_id is not None:
        raise ValueError("A node creates (POST, no id) or changes one record (PATCH with its id).")
    if INHERITED_HEADERS & {name.lower() for name in node.headers}:
        raise ValueError("A node may not name the headers that it inherits from the call.")
    for name, value in node.body.items():
        checked_name(name)
        if isinstance(value, Mapping) and (set(value) != {"ref"} or value["ref"] not in earlier):
            raise ValueError(f"{name} refers to no earlier node of its graph.")
        json.dumps(dict(value) if isinstance(value, Mapping) else value, allow_nan=False)


def _unsendable(graph: Graph) -> GraphResult | None:
    """The refusal of a graph whose data would be read as a reference; None if there is none."""
    nodes = []
    for node in graph.nodes:
        names = tuple(
            name
            for name, value in node.body.items()
            if isinstance(value, str) and _REFERENCE_SIGN.search(value)
        )
        errors = [ApiError("UNSENDABLE_TEXT", "", names)] if names else []
        nodes.append(NodeResult(node.reference, 0, node.record_id, errors))
    if not any(node.errors for node in nodes):
        return None
    return GraphResult(graph.graph_id, successful=False, nodes=nodes)


def _graph_body(graph: Graph, version: str) -> dict[str, Any]:
    requests = []
    for node in graph.nodes:
        address = f"/services/data/v{version}/sobjects/{node.object_name}"
        request: dict[str, Any] = {
            "method": node.method,
            "url": f"{address}/{node.record_id}" if node.record_id else address,
            "referenceId": node.reference,
            "body": {name: _value(value) for name, value in node.body.items()},
        }
        # On each subrequest: the outer request's own headers are not passed on.
        if node.headers:
            request["httpHeaders"] = dict(node.headers)
        requests.append(request)
    return {"graphId": graph.graph_id, "compositeRequest": requests}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return f"@{{{value['ref']}.id}}"
    return value


def _results(sent: Sequence[Graph], answer: Any) -> dict[str, GraphResult]:
    """The answer by graph id. What cannot be read may still have been written."""
    try:
        found = {item["graphId"]: item for item in answer["graphs"]}
        return {graph.graph_id: _result(graph, found[graph.graph_id]) for graph in sent}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise OutcomeUnknown("the answer to the graphs has an odd form", status=200) from None


def _result(graph: Graph, item: Mapping[str, Any]) -> GraphResult:
    successful = item["isSuccessful"]
    if not isinstance(successful, bool):
        raise ValueError
    answers = {part["referenceId"]: part for part in item["graphResponse"]["compositeResponse"]}
    nodes = []
    for node in graph.nodes:
        part = answers.get(node.reference)
        if part is not None:
            nodes.append(_node_result(node, part))
        elif successful:
            raise ValueError
    if nodes and successful == any(node.errors for node in nodes):
        # All or not at all: the graph says the one and its nodes the other.
        raise ValueError
    return GraphResult(graph.graph_id, successful, nodes)


def _node_result(node: Node, part: Mapping[str, Any]) -> NodeResult:
    status = int(part["httpStatusCode"])
    body = part.get("body")
    if status >= 300:
        return NodeResult(node.reference, status, None, parse_errors(status, "", body))
    record_id = node.record_id
    if isinstance(body, Mapping) and is_id(body.get("id")):
        record_id = body["id"]
    if record_id is None or (node.record_id and record_id[:15] != node.record_id[:15]):
        raise ValueError
    return NodeResult(node.reference, status, id18(record_id), errors_in(body))
