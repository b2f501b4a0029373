"""Composite: up to 25 parts in one call, which may refer to the answers of earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from integrations.rehearsal.calls import Call, Reply, perform_part, route
from integrations.rehearsal.errors import SalesforceError, refuse

MOST_PARTS = 25
MOST_QUERIES = 5
HALTED = "The transaction was rolled back since another operation in the same transaction failed."


class RollBack(Exception):
    """Raised inside a transaction to undo it."""


def halted(reference: str, message: str = HALTED) -> dict[str, Any]:
    """The answer of a part that another part's failure took down."""
    body = [{"errorCode": "PROCESSING_HALTED", "message": message}]
    return {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": reference}


def shown(reference: str, reply: Reply) -> dict[str, Any]:
    """A part of the answer."""
    return {
        "body": reply.body,
        "httpHeaders": reply.headers,
        "httpStatusCode": reply.status,
        "referenceId": reference,
    }


def read_parts(value: Any, most: int) -> list[dict[str, Any]]:
    """The parts of a request, each with method, url and a reference of its own."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise refuse("JSON_PARSER_ERROR", "compositeRequest must be a list of objects")
    if len(value) > most:
        raise refuse(
            "INVALID_INPUT", f"The number of subrequests exceeds the limit of {most}: {len(value)}"
        )
    seen: set[str] = set()
    for part in value:
        for name in ("method", "url", "referenceId"):
            if not isinstance(part.get(name), str) or not part[name]:
                raise refuse("INVALID_INPUT", f"{name} is a required field of each subrequest")
        if part["referenceId"] in seen:
            message = f"ReferenceId {part['referenceId']} is used more than once"
            raise refuse("INVALID_INPUT", message)
        seen.add(part["referenceId"])
        if not isinstance(part.get("httpHeaders") or {}, dict):
            raise refuse("JSON_PARSER_ERROR", "httpHeaders must be an object")
    return value


def references_in(value: Any) -> Iterator[str]:
    """The `ref.path` of every `@{ref.path}` in texts, lists and objects."""
    if isinstance(value, dict):
        for item in value.values():
            yield from references_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from references_in(item)
    elif isinstance(value, str):
        position = value.find("@{")
        while position >= 0:
            end = value.find("}", position)
            if end < 0:
                return
            yield value[position + 2 : end]
            position = value.find("@{", end)


def fill_in(value: Any, answers: dict[str, Any]) -> Any:
    """The value with every reference replaced by what the earlier part answered."""
    if isinstance(value, dict):
        return {key: fill_in(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [fill_in(item, answers) for item in value]
    if not isinstance(value, str):
        return value
    for reference in list(references_in(value)):
        found = _look_up(reference, answers)
        if value == f"@{{{reference}}}":
            return found
        value = value.replace(f"@{{{reference}}}", str(found))
    return value


def _look_up(reference: str, answers: dict[str, Any]) -> Any:
    name, *steps = reference.replace("[", ".[").split(".")
    current: Any = answers.get(name)
    for step in steps:
        if step.startswith("[") and isinstance(current, list):
            place = step[1:].rstrip("]")
            known = place.isdecimal() and int(place[:9]) < len(current)
            current = current[int(place)] if known else None
        else:
            current = current.get(step) if isinstance(current, dict) else None
    if current is None:
        message = (
            f"Invalid reference specified. No value for {reference} found in {name or reference}"
        )
        raise refuse("PROCESSING_HALTED", message)
    return current


def run_part(call: Call, part: dict[str, Any], answers: dict[str, Any]) -> Reply:
    """One part, with its references filled in; its answer is kept for later parts."""
    try:
        url = fill_in(part["url"], answers)
        body = fill_in(part.get("body"), answers)
        headers = {
            str(name): str(value)
            for name, value in fill_in(part.get("httpHeaders") or {}, answers).items()
        }
    except SalesforceError as error:
        return Reply(error.status, error.body)
    reply = perform_part(call, part["method"].upper(), str(url), headers, body)
    if reply.status < 300:
        answers[part["referenceId"]] = reply.body
    return reply


def _is_bulk(part: dict[str, Any]) -> bool:
    tail = part["url"].split("?")[0].split("/services/data/", 1)[-1].partition("/")[2]
    return tail.startswith(("query", "queryAll", "composite/sobjects", "tooling/query"))


@route("/tooling/composite", "POST")
def tooling_composite(call: Call) -> Reply:
    """As `composite`, for resources of the Tooling API alone; that wording is not confirmed."""
    parts = read_parts(call.json_object().get("compositeRequest"), MOST_PARTS)
    if not all("/tooling/" in part["url"].partition("?")[0] for part in parts):
        raise refuse("INVALID_INPUT", "Only resources of the Tooling API can be asked here")
    return composite(call)


@route("/composite", "POST")
def composite(call: Call) -> Reply:
    """Run the parts in order; with allOrNone as one transaction."""
    body = call.json_object()
    parts = read_parts(body.get("compositeRequest"), MOST_PARTS)
    if sum(1 for part in parts if _is_bulk(part)) > MOST_QUERIES:
        message = f"No more than {MOST_QUERIES} queries or collections are allowed"
        raise refuse("INVALID_INPUT", message)
    all_or_none = body.get("allOrNone") is True
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    if not all_or_none:
        for part in parts:
            results.append(shown(part["referenceId"], _inner(call, part, answers)))
        return Reply(200, {"compositeResponse": results})
    try:
        with call.access.org.space.transaction():
            for part in parts:
                results.append(shown(part["referenceId"], _inner(call, part, answers)))
                if results[-1]["httpStatusCode"] >= 400:
                    raise RollBack
    except RollBack:
        failed = results[-1]
        results = [
            failed if part["referenceId"] == failed["referenceId"] else halted(part["referenceId"])
            for part in parts
        ]
    return Reply(200, {"compositeResponse": results})


def _inner(call: Call, part: dict[str, Any], answers: dict[str, Any]) -> Reply:
    tail = part["url"].split("?")[0].rstrip("/")
    if tail.endswith(("/composite", "/composite/graph", "/composite/batch")):
        fault = refuse("INVALID_INPUT", "Composite requests cannot be nested")
        return Reply(400, fault.body)
    return run_part(call, part, answers)
