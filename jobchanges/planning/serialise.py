"""Plans as JSON, and their hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.hashing import content_hash
from jobchanges.planning.types import RECORD_HEADERS, Plan, PlanJSON, Ref, Value, Write

_AS_READ = frozenset({"before", "modified_at"})


def plan_to_json(plan: Plan) -> PlanJSON:
    """Write a plan the way `Delivery.plan` stores it. References become `{"ref": role}`."""
    return {
        "writes": [_write_to_json(write) for write in plan.writes],
        "outcome": plan.outcome,
        "held_reason": plan.held_reason,
        "held_code": plan.held_code,
        "explanations": list(plan.explanations),
        "branches": list(plan.branches),
    }


def plan_from_json(stored: Mapping[str, Any]) -> Plan:
    """Read a stored plan; an empty mapping is an empty plan."""
    return Plan(
        writes=tuple(_write_from_json(item) for item in stored.get("writes", ())),
        outcome=stored.get("outcome", ""),
        held_reason=stored.get("held_reason", ""),
        held_code=stored.get("held_code", ""),
        explanations=tuple(stored.get("explanations", ())),
        branches=tuple(stored.get("branches", ())),
    )


def plan_hash(plan: Plan) -> str:
    """Hash what would be written: writes, outcome and the reason to hold.

    Before-images, explanations and branches are left out: they describe, and an edit of a field
    next to ours must not look like another plan. The attempt number is part of what is written,
    and so is which filled fields are replaced (`replaces`, where there are any).
    """
    return content_hash(
        {
            "writes": [write_hashed(_write_to_json(write)) for write in plan.writes],
            "outcome": plan.outcome,
            "held_reason": plan.held_reason,
        }
    )


def write_hashed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored write without what describes the record as it was read."""
    return {name: value for name, value in stored.items() if name not in _AS_READ}


def _write_to_json(write: Write) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "role": write.role,
        "object_name": write.object_name,
        "operation": write.operation,
        "record_id": write.record_id,
        "reference": write.reference,
        "fields": {name: _value_to_json(value) for name, value in write.fields.items()},
        "before": dict(write.before),
        "headers": dict(write.headers),
    }
    # Only where there is something to say: plans made before these were kept read the same.
    if write.replaces:
        stored["replaces"] = list(write.replaces)
    if write.modified_at:
        stored["modified_at"] = write.modified_at
    return stored


def _write_from_json(stored: Mapping[str, Any]) -> Write:
    return Write(
        role=stored["role"],
        object_name=stored["object_name"],
        operation=stored["operation"],
        record_id=stored["record_id"],
        fields={name: _value_from_json(value) for name, value in stored["fields"].items()},
        before=dict(stored["before"]),
        headers=dict(stored.get("headers", RECORD_HEADERS)),
        replaces=tuple(stored.get("replaces", ())),
        modified_at=stored.get("modified_at", ""),
    )


def _value_to_json(value: Value | Ref) -> Value | dict[str, str]:
    return {"ref": value.reference} if isinstance(value, Ref) else value


def _value_from_json(value: Any) -> Value | Ref:
    if isinstance(value, Mapping):
        return Ref(value["ref"])
    plain: Value = value
    return plain
