"""An org that cannot be asked gets a rest; a long one when the calls of its day are used up.

The day is a rolling window of 24 hours (platform reference, 2.8): what was called a day ago
becomes free again. When that will be enough is estimated from what the org said of its usage.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.client import ApiUsage, Org
from integrations.salesforce.errors import LimitReached, SalesforceError
from jobchanges.delivery import leases
from jobchanges.models import OrgLease

DAY, RESERVE = "day", "reserve"
WINDOW = timedelta(hours=24)
# A used-up day is looked at again when it is probably over, within these limits: each look is one
# call. An estimate can be wrong either way.
SOONEST, LATEST = timedelta(seconds=leases.LONGEST_PAUSE), timedelta(minutes=30)
LOOKS_KEPT = 12


def org_rest(connection: Connection, org: Org | None, error: SalesforceError) -> None:
    """Leave the org alone for a while, after it could not be asked."""
    epoch = connection.epoch
    if epoch is None:
        return
    if not (isinstance(error, LimitReached) and error.daily):
        leases.org_pause(epoch.org_id, reason=error.sentence, setup=error.setup_path)
        return
    now = timezone.now()
    looks = _looks(epoch.org_id)
    usage = _usage(connection, org)
    if usage is not None:
        looks = [*looks, (now, usage.used)][-LOOKS_KEPT:]
    free_at = calls_free_at(looks, usage.limit, now) if usage is not None else None
    wait = min(max(free_at - now, SOONEST), LATEST) if free_at else SOONEST
    leases.org_pause(
        epoch.org_id,
        reason=error.sentence,
        setup=error.setup_path,
        seconds=wait.total_seconds(),
        pause_kind=RESERVE if error.code == "API_RESERVE" else DAY,
        calls_free_at=free_at,
        usage_seen=[[moment.isoformat(), used] for moment, used in looks],
    )


def calls_free_at(looks: Sequence[tuple[datetime, int]], limit: int, now: datetime) -> datetime:
    """When bulk work may probably go on: so much of the day is free again. Pure.

    `looks` are the moments and the calls used then, oldest first. Where the usage was falling it
    goes on to fall like that; else the calls were spread evenly over the day and leave it so.
    """
    used = looks[-1][1] if looks else limit
    too_many = used - limit * settings.API_RESERVE_SHARE
    if too_many <= 0:
        return now
    (first_at, first_used) = looks[0] if looks else (now, used)
    seconds = (now - first_at).total_seconds()
    falling = (first_used - used) / seconds if seconds > 0 else 0.0
    evenly = used / WINDOW.total_seconds()
    # Nothing that was called is in the window for longer than a day.
    return now + min(timedelta(seconds=too_many / (falling if falling > 0 else evenly)), WINDOW)


def _looks(org_id: str) -> list[tuple[datetime, int]]:
    lease = OrgLease.objects.filter(org_id=org_id).first()
    seen = lease.usage_seen if lease else []
    return [(datetime.fromisoformat(moment), int(used)) for moment, used in seen]


def _usage(connection: Connection, org: Org | None) -> ApiUsage | None:
    """What the org said last, to this client or to an earlier one."""
    if org is not None and org.usage is not None:
        return org.usage
    used, limit = connection.api_calls_used, connection.api_calls_limit
    return ApiUsage(used=used, limit=limit) if used is not None and limit else None
