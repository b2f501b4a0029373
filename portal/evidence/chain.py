"""The customer's chain of events, as it is hashed."""

from typing import Any

from accounts.models import Customer, Event
from accounts.services.events import event_content


def chain_head(customer: Customer) -> tuple[int, str]:
    """(number, hash) of the newest event; (0, "") where there is none."""
    newest = Event.objects.filter(customer=customer).order_by("-sequence")
    return newest.values_list("sequence", "hash").first() or (0, "")


def chain_of(customer: Customer) -> list[dict[str, Any]]:
    """Every event with exactly what its hash covers, in order."""
    rows = Event.objects.filter(customer=customer).order_by("sequence")
    return [event_content(event) | {"hash": event.hash} for event in rows.iterator(chunk_size=500)]
