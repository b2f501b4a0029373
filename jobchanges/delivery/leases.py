"""One writing group at a time per org (write-protocol, Groups): a lease in a row, not a lock.

Beside it stands what was seen of the org: how fast it writes, and until when it is left alone.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.graphs import MAX_GRAPHS
from jobchanges.models import OrgLease

# A call with several graphs should take about this long; the customer's automation is in it.
AIM_SECONDS = 10.0
LARGEST_GROUP = MAX_GRAPHS
# What is matched together is written within about this time: the matches stay fresh.
FRESH_SECONDS = 45.0
LARGEST_CLAIM = 300
# So many groups are claimed of an org that was never seen writing.
GROUPS_AT_FIRST = 4
LONGEST_PAUSE = 900


def lease_take(org_id: str, holder: str) -> bool:
    """Take the org for writing; False when somebody else has it, or the org is to be left alone."""
    OrgLease.objects.get_or_create(org_id=org_id)
    now = timezone.now()
    return bool(
        OrgLease.objects.filter(
            Q(until=None) | Q(until__lt=now) | Q(holder=holder),
            Q(paused_until=None) | Q(paused_until__lte=now),
            org_id=org_id,
        ).update(holder=holder, until=_end(now))
    )


def lease_extend(org_id: str, holder: str) -> bool:
    """Keep the org; False when the lease ran out and somebody else took it."""
    return bool(
        OrgLease.objects.filter(org_id=org_id, holder=holder).update(until=_end(timezone.now()))
    )


def lease_release(org_id: str, holder: str) -> None:
    """Give the org back."""
    OrgLease.objects.filter(org_id=org_id, holder=holder).update(holder="", until=None)


def org_pause(
    org_id: str, *, reason: str, setup: str = "", seconds: float | None = None, **known: Any
) -> datetime:
    """Leave an org alone that could not be asked: longer each time, or for `seconds`.

    `setup` is the path in the org's Setup at which somebody there can end it; `known` is what
    else is to be kept on the row about it.
    """
    lease = OrgLease.objects.get(org_id=org_id)
    # The exponent is bounded: an org that is down for weeks must not overflow the power.
    wait = min(15.0 * 2 ** min(lease.failures, 10), LONGEST_PAUSE) if seconds is None else seconds
    until = timezone.now() + timedelta(seconds=wait)
    kept = {"pause_kind": "", "calls_free_at": None} | known
    OrgLease.objects.filter(org_id=org_id).update(
        paused_until=until,
        pause_reason=reason[:500],
        pause_setup=setup,
        failures=F("failures") + 1,
        **kept,
    )
    return until


def is_resting(org_id: str) -> bool:
    """Whether the org is left alone at this moment."""
    return OrgLease.objects.filter(org_id=org_id, paused_until__gt=timezone.now()).exists()


def org_answered(org_id: str) -> None:
    """The org works again."""
    OrgLease.objects.filter(org_id=org_id).exclude(failures=0, paused_until=None).update(
        failures=0,
        paused_until=None,
        pause_reason="",
        pause_setup="",
        pause_kind="",
        calls_free_at=None,
        usage_seen=[],
    )


def connection_back(*, connection: Connection, **_signal: Any) -> None:
    """Somebody connected the org again: what waited for it may go at once."""
    if connection.epoch is not None:
        org_answered(connection.epoch.org_id)


def claim_size(org_id: str, *, seconds: float) -> int:
    """How many job changes are worth claiming and matching together, with `seconds` to write.

    As many as this org was seen to write in that time, and while the matches are fresh; a group
    at least. Of one that was never seen: a few groups.
    """
    lease = OrgLease.objects.get(org_id=org_id)
    if lease.seconds_each is None:
        groups = min(GROUPS_AT_FIRST, max(1, round(seconds / AIM_SECONDS)))
        return lease.group_size * groups
    fitting = int(min(seconds, FRESH_SECONDS) / max(lease.seconds_each, 0.001))
    return max(lease.group_size, min(fitting, LARGEST_CLAIM))


def group_size(org_id: str) -> int:
    """How many graphs the next call to this org takes."""
    return OrgLease.objects.get(org_id=org_id).group_size


def group_size_adapt(org_id: str, *, sent: int, seconds: float) -> None:
    """Move the size towards calls of about ten seconds; it at most doubles."""
    size = group_size_next(group_size(org_id), sent=sent, seconds=seconds)
    OrgLease.objects.filter(org_id=org_id).update(
        group_size=size, seconds_each=seconds / max(sent, 1)
    )


def group_size_next(current: int, *, sent: int, seconds: float) -> int:
    """The size after a call that wrote `sent` in so many seconds."""
    fitting = int(AIM_SECONDS / max(seconds / max(sent, 1), 0.001))
    if fitting > current and sent < current:
        return current  # a group that was not full says nothing about larger ones
    return max(1, min(fitting, current * 2, LARGEST_GROUP))


def group_size_set(org_id: str, size: int) -> None:
    """Set the size, for example to one, to find the record that makes a whole call fail."""
    OrgLease.objects.filter(org_id=org_id).update(group_size=size)


def group_size_halve(org_id: str) -> None:
    """After an unanswered call, or one of which Salesforce did not try everything."""
    size = max(1, group_size(org_id) // 2)
    OrgLease.objects.filter(org_id=org_id).update(group_size=size)


def _end(now: datetime) -> datetime:
    """Claims and leases outlast the call they cover."""
    return now + timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS)
