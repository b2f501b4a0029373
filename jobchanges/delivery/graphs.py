"""From a plan to the graph that writes it: all or nothing (write-protocol)."""

from typing import Any

from integrations.salesforce.client import Graph, Node
from jobchanges.models import Delivery
from jobchanges.planning.types import Plan, Ref


def graph_make(delivery: Delivery, plan: Plan) -> Graph:
    """One graph for one job change; nodes in the plan's order, headers on each of them."""
    return Graph(
        graph_id=graph_id(delivery),
        nodes=[
            Node(
                method="PATCH" if write.record_id else "POST",
                object_name=write.object_name,
                record_id=write.record_id,
                reference=write.reference,
                body={name: _body_value(value) for name, value in write.fields.items()},
                headers=write.headers,
            )
            for write in plan.writes
        ],
    )


def graph_id(delivery: Delivery) -> str:
    """The graph's name inside its call."""
    return f"delivery-{delivery.pk}"


def _body_value(value: Any) -> Any:
    return {"ref": value.reference} if isinstance(value, Ref) else value
