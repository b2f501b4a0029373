"""The states of a delivery and the one way from one to another (identity-and-state)."""

from collections.abc import Iterable
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from jobchanges.models import Delivery

State = Delivery.State

# Delivered → claimed is a correction: a new attempt patches what the first one wrote.
# Delivered → waiting belongs to the clean-up of a sandbox test.
MOVES: Final[frozenset[tuple[str, str]]] = frozenset(
    {
        (State.WAITING, State.CLAIMED),
        (State.WAITING, State.HELD),
        (State.WAITING, State.ORG_GONE),
        (State.CLAIMED, State.DELIVERED),
        (State.CLAIMED, State.REFUSED),
        (State.CLAIMED, State.HELD),
        (State.CLAIMED, State.UNKNOWN),
        (State.CLAIMED, State.WAITING),
        (State.CLAIMED, State.ORG_GONE),
        (State.UNKNOWN, State.DELIVERED),
        (State.UNKNOWN, State.REFUSED),
        (State.UNKNOWN, State.HELD),
        (State.UNKNOWN, State.WAITING),
        (State.UNKNOWN, State.ORG_GONE),
        (State.REFUSED, State.WAITING),
        (State.HELD, State.WAITING),
        (State.ORG_GONE, State.WAITING),
        (State.DELIVERED, State.CLAIMED),
        (State.DELIVERED, State.WAITING),
    }
)
# Something may be written, or may have been: its company, person and past record are taken.
IN_FLIGHT: Final = (State.CLAIMED, State.UNKNOWN)
# An answer is there; only a person starts anything further.
ENDED: Final = (State.DELIVERED, State.REFUSED, State.HELD, State.ORG_GONE)


class MoveNotAllowed(Exception):
    """A programming mistake: this move is not in the table."""


class OpenTransaction(Exception):
    """A programming mistake: Salesforce was about to be asked inside a transaction."""


def delivery_move(
    deliveries: Iterable[int] | QuerySet[Delivery], from_: Iterable[str], to: str, **fields: Any
) -> int:
    """Move deliveries that stand in one of `from_`, set `fields`, and say how many moved.

    A conditional update: of two workers or two clicks exactly one gets the row, the other gets 0.
    Whoever leaves *claimed* gives the claim up. Raises MoveNotAllowed for a move that is not in
    the table. Conditions in `deliveries` have to be on the delivery's own columns: a join would
    become a subquery, and PostgreSQL does not look at that again after another writer.
    """
    sources = tuple(from_)
    for source in sources:
        if (source, to) not in MOVES:
            raise MoveNotAllowed(f"{source} → {to}")
    if to not in IN_FLIGHT:
        fields = {"claimed_by": "", "claimed_until": None, "unknown_since": None} | fields
    rows = (
        deliveries
        if isinstance(deliveries, QuerySet)
        else Delivery.objects.filter(pk__in=list(deliveries))
    )
    return rows.filter(state__in=sources).update(state=to, **fields)


def call_may_start() -> None:
    """Refuse to talk to Salesforce while a transaction is open (style examples, 9).

    An open transaction would hold locks for the length of a slow call, and a rollback after a
    successful call would forget what happened. Raises OpenTransaction. The transaction that a
    test case wraps around itself does not count, as with Django's own durable blocks.
    """
    blocks = connection.atomic_blocks
    if blocks and not getattr(blocks[-1], "_from_testcase", False):
        raise OpenTransaction("A call to Salesforce inside a transaction.")
