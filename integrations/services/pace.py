"""How much of an org we use: so many calls at a time, and never the last of its day.

Calls at a time are slots, one row each (`OrgCallSlot`), taken by one conditional UPDATE that is
committed before the call. A client keeps its slot until it is closed; one that died gives it back
by time. The reserve is what bulk work leaves of the org's rolling day to everybody else: people,
other integrations, and our own pages. Source: platform reference, 2.8; product.md, rule 10.
"""

import datetime
import random
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.models import Connection, OrgCallSlot
from integrations.salesforce.config import ApiUsage
from integrations.salesforce.errors import LimitReached, SalesforceError
from integrations.salesforce.families import Family

log = structlog.get_logger(__name__)

WAIT_STEP_SECONDS = 0.25
# A slot outlasts the call it covers by this much; so long a client needs no renewal, either.
SLOT_MARGIN_SECONDS = 30
# What an org says of its usage is written down when it moved by a hundredth of the day, or after
# this time: not after each of a thousand calls.
STORE_SECONDS = 60

Clock = Callable[[], datetime.datetime]
Sleep = Callable[[float], None]


class OrgPace:
    """The pace of one client (`integrations.salesforce.config.Pace`). Not for several threads.

    `connection` is None while nobody confirmed the org: then there is no usage to remember.
    `bulk` is work that stops at the reserve. `before` is called before each call.
    """

    def __init__(
        self,
        *,
        org_id: str,
        connection: Connection | None = None,
        bulk: bool = False,
        before: Callable[[], None] | None = None,
        clock: Clock = timezone.now,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.org_id = org_id
        self.connection = connection
        self.bulk = bulk
        self._before = before
        self._clock = clock
        self._sleep = sleep
        self._holder = uuid.uuid4().hex
        self._slot: int | None = None
        self._until: datetime.datetime | None = None
        self._told: ApiUsage | None = None
        self._told_at: datetime.datetime | None = None

    def call_begins(self, *, seconds: float) -> None:
        """Hold a slot that outlasts a call of so many seconds; waits `ORG_CALL_WAIT_SECONDS`.

        Raises LimitReached `API_RESERVE` for bulk work when the org's day is used up to the
        reserve, SalesforceError `TOO_MANY_CALLS` when no slot got free in time. Never called in
        an open transaction: the others would not see the slot (RuntimeError).
        """
        if self._before is not None:
            self._before()
        if self.bulk and reserve_reached(self._usage()):
            raise LimitReached("API_RESERVE", family=Family.TRY_AGAIN)
        if not self.org_id:
            return
        give_up_at = self._clock() + datetime.timedelta(seconds=settings.ORG_CALL_WAIT_SECONDS)
        while not self._slot_hold(seconds):
            if self._clock() >= give_up_at:
                log.warning("org_calls_at_once", org_id=self.org_id)
                raise SalesforceError("TOO_MANY_CALLS", family=Family.TRY_AGAIN)
            self._sleep(WAIT_STEP_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)

    def call_ended(self, usage: ApiUsage | None) -> None:
        """Remember what the answer said of the org's day."""
        if usage is not None:
            self._told, self._told_at = usage, self._clock()

    def close(self) -> None:
        """Give the slot back, and write down what the org said last."""
        if self._slot is not None:
            OrgCallSlot.objects.filter(pk=self._slot, holder=self._holder).update(
                holder="", until=None
            )
            self._slot = self._until = None
        if self.connection is not None and self._told is not None and self._told_at is not None:
            if _worth_storing(self.connection, self._told, self._told_at):
                usage_store(self.connection, self._told, self._told_at)
            self._told = self._told_at = None

    # --- inside -------------------------------------------------------------------------------

    def _usage(self) -> ApiUsage | None:
        """The newest that is known: from this client's answers, else stored and still fresh."""
        if self._told is not None or self.connection is None:
            return self._told
        return usage_known(self.connection, self._clock())

    def _slot_hold(self, seconds: float) -> bool:
        now = self._clock()
        needed = now + datetime.timedelta(seconds=seconds)
        if self._until is not None and self._until >= needed:
            return True
        until = needed + datetime.timedelta(seconds=SLOT_MARGIN_SECONDS)
        # durable: inside somebody's open transaction the slot would look free to the others.
        with transaction.atomic(durable=True):
            taken = self._slot_renew(until) or self._slot_take(now, until)
        self._slot, self._until = (taken, until) if taken is not None else (None, None)
        return taken is not None

    def _slot_renew(self, until: datetime.datetime) -> int | None:
        """The slot held so far; None when there is none, or it ran out and somebody took it."""
        if self._slot is None:
            return None
        mine = OrgCallSlot.objects.filter(pk=self._slot, holder=self._holder)
        return self._slot if mine.update(until=until) else None

    def _slot_take(self, now: datetime.datetime, until: datetime.datetime) -> int | None:
        """Any free slot; None when all are held."""
        free = Q(until=None) | Q(until__lte=now)
        rows = list(
            OrgCallSlot.objects.filter(
                org_id=self.org_id, number__lte=settings.ORG_CALLS_AT_ONCE
            ).values_list("pk", "number", "until")
        )
        if len(rows) < settings.ORG_CALLS_AT_ONCE:
            rows += _slots_add(self.org_id, {number for _pk, number, _until in rows})
        candidates = [pk for pk, _number, held in rows if held is None or held <= now]
        # Not all workers try the same one first.
        random.shuffle(candidates)
        for pk in candidates:
            if OrgCallSlot.objects.filter(free, pk=pk).update(holder=self._holder, until=until):
                return pk
        return None


def _slots_add(org_id: str, there: set[int]) -> list[tuple[int, int, None]]:
    """Rows for the numbers that an org has none of yet; somebody else may add them meanwhile."""
    wanted = set(range(1, settings.ORG_CALLS_AT_ONCE + 1)) - there
    OrgCallSlot.objects.bulk_create(
        [OrgCallSlot(org_id=org_id, number=number) for number in sorted(wanted)],
        ignore_conflicts=True,
    )
    added = OrgCallSlot.objects.filter(org_id=org_id, number__in=wanted)
    return [(pk, number, None) for pk, number in added.values_list("pk", "number")]


def reserve_reached(usage: ApiUsage | None) -> bool:
    """Whether so much of the org's day is used that the rest is left to others."""
    if usage is None or usage.limit <= 0:
        return False
    return usage.used >= usage.limit * settings.API_RESERVE_SHARE


def usage_known(connection: Connection, now: datetime.datetime) -> ApiUsage | None:
    """What is stored of the org's day, unless it is older than `API_USAGE_FRESH_SECONDS`."""
    used, limit, at = (
        connection.api_calls_used,
        connection.api_calls_limit,
        connection.api_calls_at,
    )
    if used is None or limit is None or at is None:
        return None
    if at < now - datetime.timedelta(seconds=settings.API_USAGE_FRESH_SECONDS):
        return None
    return ApiUsage(used=used, limit=limit)


def usage_store(connection: Connection, usage: ApiUsage, at: datetime.datetime) -> None:
    """Write down what the org said; an answer that came later than this one stays."""
    Connection.objects.filter(pk=connection.pk).filter(
        Q(api_calls_at=None) | Q(api_calls_at__lte=at)
    ).update(
        api_calls_used=usage.used, api_calls_limit=usage.limit, api_calls_at=at, answered_at=at
    )


def connection_usage_store(*, connection: Connection, usage: ApiUsage) -> None:
    """Write down now what the org's last answer said of its API calls in the last 24 hours."""
    usage_store(connection, usage, timezone.now())


def _worth_storing(connection: Connection, usage: ApiUsage, at: datetime.datetime) -> bool:
    """Whether it says something new beside what was stored when the client was opened."""
    before = connection.api_calls_used
    if before is None or connection.api_calls_at is None or connection.answered_at is None:
        return True
    if connection.api_calls_limit != usage.limit:
        return True
    if at >= connection.api_calls_at + datetime.timedelta(seconds=STORE_SECONDS):
        return True
    known = ApiUsage(used=before, limit=usage.limit)
    if reserve_reached(known) != reserve_reached(usage):
        return True
    return abs(usage.used - before) * 100 >= usage.limit
