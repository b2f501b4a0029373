"""Questions the client itself never asks: only to measure what an org does with them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import Any

from integrations.salesforce.client import Graph, GraphResult, Node, Org
from integrations.salesforce.composite import Part, composite_parts
from integrations.salesforce.errors import SalesforceError
from tests.org.records import Records

# Other people's calls raise the figure too: the lowest of a few looks is ours.
LOOKS = 3


def http_date(moment: dt.datetime) -> str:
    """A moment as headers have it."""
    return format_datetime(moment.astimezone(dt.UTC), usegmt=True)


def hours_from_now(hours: float) -> str:
    """A date for a conditional header."""
    return http_date(dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours))


def cost(org: Org, call: Callable[[], object]) -> int:
    """API calls that Salesforce counts for one HTTP call, by `Sforce-Limit-Info`."""
    found = []
    for _ in range(LOOKS):
        org.limits()
        before = org.usage.used if org.usage else 0
        call()
        found.append((org.usage.used if org.usage else 0) - before)
    return min(found)


def outcome(result: GraphResult) -> str:
    """What became of a graph, in one line."""
    if result.successful:
        return "written"
    said = [f"{node.status} {error.code}" for node in result.nodes for error in node.errors]
    return "refused: " + ", ".join(said)


def changed(record_id: str, headers: Mapping[str, str], **values: Any) -> Graph:
    """A graph that changes one lead, under these headers alone."""
    return Graph("change", [Node("PATCH", "Lead", record_id, "person", values, headers)])


def graph_under_outer_headers(
    org: Org, records: Records, headers: Mapping[str, str], **lead: Any
) -> str:
    """What becomes of a lead whose graph has headers on the call, and none on the node."""
    version = org._door.config.api_version
    part = {
        "method": "POST",
        "url": f"/services/data/v{version}/sobjects/Lead",
        "referenceId": "person",
        "body": records.lead(**lead),
    }
    body = {"graphs": [{"graphId": "outer", "compositeRequest": [part]}]}
    try:
        answer = org._door.write("composite/graph", body, headers=headers)
    except SalesforceError as error:
        return f"the whole call is refused: {error.code}"
    (graph,) = answer["graphs"]
    (result,) = graph["graphResponse"]["compositeResponse"]
    return "written" if graph["isSuccessful"] else f"refused: {result['body'][0]['errorCode']}"


def graph_with_an_inherited_header(org: Org, records: Records) -> str:
    """What becomes of a graph whose node names a header that it inherits."""
    version = org._door.config.api_version
    part = {
        "method": "POST",
        "url": f"/services/data/v{version}/sobjects/Lead",
        "referenceId": "person",
        "httpHeaders": {"Accept": "application/json"},
        "body": records.lead(),
    }
    body = {"graphs": [{"graphId": "inherited", "compositeRequest": [part]}]}
    try:
        answer = org._door.write("composite/graph", body)
    except SalesforceError as error:
        return f"the whole call is refused: {error.code}"
    return "written" if answer["graphs"][0]["isSuccessful"] else "the graph is refused"


def described(org: Org, name: str, headers: Mapping[str, str] | None = None) -> Part:
    """A describe with its headers, as a part of a composite call."""
    (part,) = composite_parts(org._door, [f"sobjects/{name}/describe"], headers)
    return part


def fingerprint(value: Any) -> str:
    """A short sum of JSON: the same for the same content."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
