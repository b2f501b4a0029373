"""Where each customer stands, kept in rows: what a list of ten thousand sorts and filters by.

The truth stays in the facts. A row is made stale when something happens (`standing_touch`), looked
at again by the sweep or by whoever opens the desk, and says since when it is whose turn.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import Customer
from portal.models import Standing
from portal.steps import Journey, journeys_for
from portal.steps.base import CUSTOMER, VENDOR

# customer_id=int, before=TurnFacts | None, after=TurnFacts: another step of a side is open now than
# before, or the customer went live. Sent after the commit, once. `before` is None at the first look
# at a customer (a new one, or the first start with this table): nothing changed then.
turn_changed = Signal()

# At most so many at a time: a look loads every fact of each.
ROUND = 200
# Facts that only time changes (a start window, an attempt grown old) are looked at this often.
LOOK_AGAIN = timedelta(minutes=10)
LOOK_AGAIN_LIVE = timedelta(hours=1)


@dataclass(frozen=True)
class TurnFacts:
    """Whose turn it is at one customer: the first open step of each side, "" where it has none."""

    stage: str = ""
    live: bool = False
    live_since: datetime | None = None
    vendor_step: str = ""
    vendor_since: datetime | None = None
    customer_step: str = ""
    customer_since: datetime | None = None
    attention: bool = False
    stuck_from: datetime | None = None

    def moved_from(self, before: "TurnFacts") -> bool:
        """Whether another step is open on a side, or the customer went live; times aside."""
        now = (self.live, self.vendor_step, self.customer_step)
        return now != (before.live, before.vendor_step, before.customer_step)


_COPIED = [field.name for field in fields(TurnFacts)]


def turn_facts(journey: Journey) -> TurnFacts:
    """What a journey says of both sides' turns."""
    vendors, customers = journey.turns.get(VENDOR), journey.turns.get(CUSTOMER)
    return TurnFacts(
        stage=journey.stage.key,
        live=journey.live,
        live_since=journey.live_since,
        vendor_step=vendors.key if vendors else "",
        vendor_since=vendors.since if vendors else None,
        customer_step=customers.key if customers else "",
        customer_since=customers.since if customers else None,
        attention=journey.attention,
        # What is wrong is stuck whatever the time: the moment it was looked at says nothing.
        stuck_from=None if journey.attention else journey.stuck_from,
    )


def standing_touch(customer_id: int) -> None:
    """Something happened: the row is to be looked at again. Cheap; call it after the commit."""
    Standing.objects.filter(customer=customer_id, stale=False).update(stale=True)


def standings_refresh(customers: Iterable[Customer]) -> int:
    """Look at these customers again; returns how many stand differently than before.

    Whoever begins last wins, and begins before reading the facts: what is written is never older
    than the newest touch. The number of queries does not grow with the customers.
    """
    listed = list(customers)
    if not listed:
        return 0
    keys = [customer.pk for customer in listed]
    look = _begin(keys)
    journeys = journeys_for(listed)
    return _write(look, {pk: turn_facts(journey) for pk, journey in journeys.items()})


def standings_correct(journeys: Mapping[int, Journey]) -> None:
    """Make rows stale that say something else than these journeys, derived just now for a page."""
    rows = Standing.objects.filter(pk__in=list(journeys), stale=False)
    other = [row.pk for row in rows if _facts_of(row) != turn_facts(journeys[row.pk])]
    if not other:
        return
    with transaction.atomic():
        # In the order of `_begin`, so that a page and a look never wait for each other.
        held = Standing.objects.select_for_update().filter(pk__in=other).order_by("pk")
        Standing.objects.filter(pk__in=list(held.values_list("pk", flat=True))).update(stale=True)


def _facts_of(row: Standing) -> TurnFacts:
    """What a row says."""
    return TurnFacts(**{name: getattr(row, name) for name in _COPIED})


def _begin(keys: list[int]) -> str:
    """Mark the rows as being looked at, making those that are missing. Returns the look's name."""
    look = secrets.token_hex(16)
    there = set(Standing.objects.filter(pk__in=keys).values_list("pk", flat=True))
    Standing.objects.bulk_create(
        [Standing(customer_id=pk) for pk in keys if pk not in there], ignore_conflicts=True
    )
    with transaction.atomic():
        # In one order everywhere, so that two looks never wait for each other.
        rows = Standing.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        held = list(rows.values_list("pk", flat=True))
        Standing.objects.filter(pk__in=held).update(
            stale=False, looked_at=timezone.now(), look=look
        )
    return look


def _write(look: str, found: dict[int, TurnFacts]) -> int:
    """Keep what changed in the rows that nobody else began to look at meanwhile."""
    with transaction.atomic():
        changed: list[Standing] = []
        for row in Standing.objects.select_for_update().filter(look=look).order_by("pk"):
            after = found.get(row.pk)
            before = _facts_of(row)
            first = not row.stage
            if after is None or (before == after and not first):
                continue
            for name in _COPIED:
                setattr(row, name, getattr(after, name))
            changed.append(row)
            if first or after.moved_from(before):
                _tell(row.pk, None if first else before, after)
        Standing.objects.bulk_update(changed, _COPIED)
    return len(changed)


def _tell(pk: int, before: TurnFacts | None, after: TurnFacts) -> None:
    """Send the signal once the row is written. What goes wrong in a listener stays there."""

    def send() -> None:
        turn_changed.send_robust(sender=Standing, customer_id=pk, before=before, after=after)

    transaction.on_commit(send, robust=True)


def standings_to_look_at(*, limit: int = ROUND) -> list[Customer]:
    """Customers without a row, then the stale ones, then those not looked at for long."""
    customers = Customer.objects.select_related("implementation_manager").order_by()
    listed = list(customers.filter(standing=None)[:limit])
    if len(listed) < limit:
        stale = customers.filter(standing__stale=True).order_by("standing__looked_at")
        listed += stale[: limit - len(listed)]
    if len(listed) < limit:
        now = timezone.now()
        # Of the live ones nothing is expected, but for those that wait for somebody.
        quiet = Q(standing__live=True, standing__vendor_step="", standing__customer_step="")
        old = customers.filter(
            Q(~quiet, standing__looked_at__lt=now - LOOK_AGAIN)
            | Q(quiet, standing__looked_at__lt=now - LOOK_AGAIN_LIVE),
            standing__stale=False,
        ).order_by("standing__looked_at")
        listed += old[: limit - len(listed)]
    return listed


def standings_look() -> int:
    """One round of the sweep. Returns how many were looked at."""
    customers = standings_to_look_at()
    standings_refresh(customers)
    return len(customers)
