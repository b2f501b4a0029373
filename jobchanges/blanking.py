"""Stored plans, errors and approvals without what is personal in them. Pure.

What stays says what was done to which record: keys, roles, objects, ids, operations, hashes.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

JSONDict = dict[str, Any]
BLANKED = "blanked"


def plan_without_before(plan: Mapping[str, Any]) -> JSONDict:
    """A stored plan without before-images. They are no part of its hash.

    Where a filled field was replaced, an explanation names what stood there.
    """
    if not plan:
        return {}
    kept = {**plan, "writes": [{**write, "before": {}} for write in plan.get("writes", ())]}
    if any(write.get("replaces") for write in kept["writes"]):
        kept["explanations"] = []
    return kept


def plan_without_values(plan: Mapping[str, Any]) -> JSONDict:
    """A stored plan without any value and without the sentences that name people."""
    if not plan:
        return {}
    return {
        **plan,
        "writes": [{**write, "fields": {}, "before": {}} for write in plan.get("writes", ())],
        "explanations": [],
    }


def errors_without_values(errors: Collection[Mapping[str, Any]]) -> list[JSONDict]:
    """Salesforce's errors without its own text, which may repeat what was refused."""
    return [{**error, "message": ""} for error in errors]


def approval_without_before(content: Mapping[str, Any]) -> JSONDict:
    """The approved content of a run without before-images and stored values."""
    return _approval(content, lambda _delivery: True, _record_without_before)


def approval_without_values(content: Mapping[str, Any], keys: Collection[str]) -> JSONDict:
    """The approved content of a run without the values of these deliveries."""

    def blank(attempt: JSONDict) -> JSONDict:
        records = [
            {**record, "before": {}, "sent": {}, "stored": None}
            for record in attempt.get("records", ())
        ]
        verdicts = {
            side: {**verdict, "comment": ""}
            for side, verdict in attempt.get("verdicts", {}).items()
        }
        errors = errors_without_values(attempt.get("errors", ()))
        return {**attempt, "records": records, "verdicts": verdicts, "errors": errors}

    return _approval(content, lambda delivery: delivery.get("key") in keys, blank)


def _record_without_before(attempt: JSONDict) -> JSONDict:
    records = [{**record, "before": {}, "stored": None} for record in attempt.get("records", ())]
    return {**attempt, "records": records}


def _approval(
    content: Mapping[str, Any],
    wanted: Callable[[Mapping[str, Any]], bool],
    change: Callable[[JSONDict], JSONDict],
) -> JSONDict:
    """`blanked` says why the content no longer gives the hash that was approved."""
    if not any(wanted(delivery) for delivery in content.get("deliveries", ())):
        return dict(content)
    deliveries = [
        {**delivery, "attempts": [change(dict(one)) for one in delivery.get("attempts", ())]}
        if wanted(delivery)
        else delivery
        for delivery in content["deliveries"]
    ]
    return {**content, "deliveries": deliveries, BLANKED: True}
