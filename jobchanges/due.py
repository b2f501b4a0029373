"""When new job changes go by themselves: pure date arithmetic in the customer's own time zone.

A day has one due time, also where the clocks are changed: an hour that does not exist that day
means the moment at which the clocks jump over it, one that comes twice means its first time.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAILY, WEEKLY = "daily", "weekly"
ONE_DAY = timedelta(days=1)
# The longest way to the next due time: a week, and the day that was served already.
DAYS_AHEAD = 16


def zone_find(name: str) -> ZoneInfo | None:
    """The time zone with this name, None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def due_on(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The due moment of a day, in UTC."""
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def due_next(
    *,
    cadence: str,
    weekday: int,
    hour: int,
    zone: ZoneInfo,
    after: datetime,
    served: datetime | None = None,
) -> datetime | None:
    """The first due moment later than `after`, in UTC; None without a cadence.

    `weekday`: Monday is 0; only for the weekly cadence. `served`: when something was released
    last: that day, in this zone, has had its batch.
    """
    if cadence not in (DAILY, WEEKLY):
        return None
    day = after.astimezone(zone).date() - ONE_DAY
    done = served.astimezone(zone).date() if served else None
    for _each in range(DAYS_AHEAD + 2):
        moment = due_on(day, hour, zone)
        wanted = cadence == DAILY or day.weekday() == weekday
        if wanted and moment > after and (done is None or day > done):
            return moment
        day += ONE_DAY
    raise ValueError("No due time within two weeks.")
