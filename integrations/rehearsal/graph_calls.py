"""Composite graph: many small transactions in one call, each all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.rehearsal.calls import Call, Reply, route, version_of
from integrations.rehearsal.composite_calls import (
    RollBack,
    halted,
    read_parts,
    references_in,
    run_part,
    shown,
)
from integrations.rehearsal.errors import SalesforceError, refuse

MOST_GRAPHS = 75
MOST_NODES = 500
MOST_DEPTH = 15
MOST_KINDS = 15
FAILURES_BEFORE_HALT = 14
RECORD_ADDRESS_PARTS = {"POST": (2, 2), "PATCH": (3, 4), "DELETE": (3, 4), "GET": (3, 4)}
# The platform documents the halt but not its text.
TOO_MANY_FAILED = "The graph wasn't processed since too many graphs in the same request failed."


@route("/composite/graph", "POST")
def graph(call: Call) -> Reply:
    """Every graph in turn; the answer is 200 as soon as the request itself is well-formed."""
    graphs = _read(call)
    failed = 0
    results = []
    fault = call.access.fault("halted_graphs")
    for place, item in enumerate(graphs):
        parts = item["compositeRequest"]
        if failed >= FAILURES_BEFORE_HALT or (fault and place >= fault.after):
            answers = [halted(part["referenceId"], TOO_MANY_FAILED) for part in parts]
            results.append(_result(item, answers, False))
            continue
        answers, good = _run(call, parts)
        failed += not good
        results.append(_result(item, answers, good))
    return Reply(200, {"graphs": results})


def _result(item: dict[str, Any], answers: list[dict[str, Any]], good: bool) -> dict[str, Any]:
    return {
        "graphId": item["graphId"],
        "graphResponse": {"compositeResponse": answers},
        "isSuccessful": good,
    }


def _run(call: Call, parts: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    try:
        with call.access.org.space.transaction():
            for part in parts:
                results.append(shown(part["referenceId"], run_part(call, part, answers)))
                # 300 (several records have the external id) saves nothing either.
                if results[-1]["httpStatusCode"] >= 300:
                    raise RollBack
    except RollBack:
        failed = results[-1]
        return [
            failed if part["referenceId"] == failed["referenceId"] else halted(part["referenceId"])
            for part in parts
        ], False
    return results, True


def _read(call: Call) -> list[dict[str, Any]]:
    """The graphs of a request, checked against the limits of one call."""
    graphs = call.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(item, dict) for item in graphs):
        raise refuse("JSON_PARSER_ERROR", "graphs must be a list of objects")
    if len(graphs) > MOST_GRAPHS:
        raise _limit("graphs", MOST_GRAPHS, len(graphs))
    seen: set[str] = set()
    kinds: set[tuple[str, str, str]] = set()
    nodes = 0
    offered = call.access.org.config.versions
    for item in graphs:
        name = item.get("graphId")
        if not isinstance(name, str) or not name or name in seen:
            raise refuse("INVALID_INPUT", "Each graph needs a graphId of its own")
        seen.add(name)
        parts = read_parts(item.get("compositeRequest"), MOST_NODES)
        nodes += len(parts)
        depth = _depth(parts)
        if depth > MOST_DEPTH:
            raise _limit("levels in a graph", MOST_DEPTH, depth)
        kinds.update(_kind(part, offered) for part in parts)
    if nodes > MOST_NODES:
        raise _limit("nodes", MOST_NODES, nodes)
    if len(kinds) > MOST_KINDS:
        raise _limit("different nodes", MOST_KINDS, len(kinds))
    return graphs


def _limit(what: str, most: int, found: int) -> SalesforceError:
    # The limits are documented, the wording of their errors is not.
    return refuse("LIMIT_EXCEEDED", f"The number of {what} exceeds the limit of {most}: {found}")


def _kind(part: dict[str, Any], offered: Sequence[str]) -> tuple[str, str, str]:
    """Method, object and version of a node; anything but a record address is refused."""
    method = part["method"].upper()
    try:
        version, tail = version_of(part["url"].split("?")[0], offered)
    except SalesforceError:
        version, tail = "", ""
    steps = [step for step in tail.split("/") if step]
    least, most = RECORD_ADDRESS_PARTS.get(method, (99, 99))
    is_record = steps[:1] == ["sobjects"] and least <= len(steps) and "describe" not in steps[2:3]
    if not version or not is_record or (len(steps) > most and most < 4):
        message = f"Composite graph supports record resources only: {method} {part['url'][:200]}"
        raise refuse("INVALID_INPUT", message)
    return method, steps[1].lower(), version


def _depth(parts: list[dict[str, Any]]) -> int:
    """The longest chain of nodes that refer to one another."""
    depths: dict[str, int] = {}
    for part in parts:
        used = references_in([part["url"], part.get("body"), part.get("httpHeaders")])
        names = {reference.split(".")[0].split("[")[0] for reference in used}
        deepest = max((depths.get(name, 0) for name in names), default=0)
        depths[part["referenceId"]] = deepest + 1
    return max(depths.values(), default=0)
