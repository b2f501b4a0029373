"""The event log: one chain of hashes per customer (product.md, rule 9)."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Literal

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.hashing import JSON, canonical_json, content_hash
from accounts.models import Customer, Event, User

SideName = Literal["customer", "vendor", "system"]

# event=Event: one was recorded. Sent inside its transaction: listeners that leave the database, or
# that want to see the change as others see it, use `transaction.on_commit`.
event_recorded = Signal()


def event_record(
    *,
    customer: Customer,
    action: str,
    by: User | None,
    side: SideName,
    environment: str = "",
    org_id: str = "",
    data: Mapping[str, JSON] | None = None,
) -> Event:
    """Append one event to the customer's chain, in the transaction of the change it describes.

    `action` is a thing.verb name ("signup_link.created"); wording for people lives in templates.
    `data` holds identifiers and hashes, never personal data (identity-and-state, Events).

    Writers to one chain take turns on the customer's row, so that the chain never forks. Raises
    TransactionManagementError outside a transaction, TypeError when `data` is not plain JSON.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "event_record belongs into the transaction of the change it describes."
        )
    # NO KEY: rows that merely refer to the customer may be written meanwhile. SQLite has no row
    # locks; there BEGIN IMMEDIATE (settings) lets one writer in at a time.
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
    last = Event.objects.filter(customer=customer).order_by("-sequence").first()
    event = Event(
        customer=customer,
        sequence=last.sequence + 1 if last else 1,
        action=action,
        actor=by,
        side=side,
        environment=environment,
        org_id=org_id,
        # What is hashed is what the database gives back: plain JSON, once around.
        data=json.loads(canonical_json(dict(data or {}))),
        created_at=timezone.now(),
        previous_hash=last.hash if last else "",
    )
    event.hash = event_hash(event)
    event.save()
    event_recorded.send(sender=Event, event=event)
    return event


def event_hash(event: Event) -> str:
    """The hash that an event with these contents must carry."""
    return content_hash(event_content(event))


def event_content(event: Event) -> dict[str, Any]:
    """Exactly what an event's hash covers, as plain JSON."""
    return {
        "customer": event.customer_id,
        "sequence": event.sequence,
        "action": event.action,
        "actor": event.actor_id,
        "side": event.side,
        "environment": event.environment,
        "org_id": event.org_id,
        "data": event.data,
        "created_at": event.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous_hash": event.previous_hash,
    }
