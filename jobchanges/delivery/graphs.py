"""From plans to the graphs of one call: each all or nothing (write-protocol)."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from integrations.salesforce.client import Graph, Node
from integrations.salesforce.graphs import MAX_KINDS, MAX_NODES
from jobchanges.models import Delivery, WriteRole
from jobchanges.planning.types import Plan, Ref, Write

UNMODIFIED_SINCE = "If-Unmodified-Since"


def graph_make(delivery: Delivery, plan: Plan, *, conditions: bool = True) -> Graph:
    """One graph for one job change; nodes in the plan's order, headers on each of them.

    With `conditions` a record that was changed after it was read is not patched: the org refuses
    the graph with 412, where it honours that.
    """
    touched: set[str] = set()
    nodes = []
    for write in plan.writes:
        headers = dict(write.headers)
        # The package's record is ours; what this graph itself has changed is newer than our look.
        is_first = write.record_id not in touched and write.role != WriteRole.PACKAGE
        if conditions and is_first and (moment := condition_of(write)):
            headers[UNMODIFIED_SINCE] = moment
        if write.record_id:
            touched.add(write.record_id)
        nodes.append(
            Node(
                method=_method(write),
                object_name=write.object_name,
                record_id=write.record_id,
                reference=write.reference,
                body={name: _body_value(value) for name, value in write.fields.items()},
                headers=headers,
            )
        )
    return Graph(graph_id=graph_id(delivery), nodes=nodes)


def condition_of(write: Write) -> str:
    """Since when the record must not have been changed, as an HTTP date; "" without condition.

    An HTTP date has whole seconds: rounded up, so that the moment itself is no change.
    """
    if not write.record_id or not write.modified_at:
        return ""
    try:
        moment = datetime.fromisoformat(write.modified_at)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    second = datetime.fromtimestamp(math.ceil(moment.timestamp()), tz=UTC)
    return format_datetime(second, usegmt=True)


def graphs_fitting(plans: Sequence[Plan], size: int) -> int:
    """How many of the first plans go into one call of at most `size` graphs; at least one."""
    nodes = 0
    kinds: set[tuple[str, str]] = set()
    for count, plan in enumerate(plans):
        nodes += len(plan.writes)
        kinds |= {(_method(write), write.object_name) for write in plan.writes}
        if count and (count >= size or nodes > MAX_NODES or len(kinds) > MAX_KINDS):
            return count
    return len(plans)


def graph_id(delivery: Delivery) -> str:
    """The graph's name inside its call."""
    return f"delivery-{delivery.pk}"


def _method(write: Write) -> str:
    return "PATCH" if write.record_id else "POST"


def _body_value(value: Any) -> Any:
    return {"ref": value.reference} if isinstance(value, Ref) else value
