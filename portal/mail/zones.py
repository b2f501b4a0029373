"""Times as a reader lives them: their zone, working days, and when not to disturb."""

import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from accounts.middleware import zone_of
from accounts.models import User
from portal.models import BrowserZone

# When the morning's digest comes, and between which hours a reminder does.
MORNING = 8
OFFICE_OPENS, OFFICE_CLOSES = 9, 17
_SATURDAY = 5
# A moment inside a text that several people get: told in the zone of each.
_MOMENT = re.compile(r"⟦(\d{4}-\d\d-\d\dT[0-9:.]+\+00:00)⟧")


def zone_for(person: User) -> zoneinfo.ZoneInfo:
    """The zone the person chose, else the one their browser named last, else UTC."""
    if person.time_zone:
        return zone_of(person.time_zone)
    row: BrowserZone | None = getattr(person, "browser_zone", None)
    return zone_of(row.name if row else "")


def working_days(since: datetime, now: datetime, zone: zoneinfo.ZoneInfo) -> int:
    """Whole working days between two moments, Monday to Friday, counted in the reader's zone.

    What begins on a Saturday begins on Monday morning: three working days later it is Thursday.
    """
    begin, end = since.astimezone(zone), now.astimezone(zone)
    if _is_weekend(begin.date()):
        begin = datetime.combine(_next_working_day(begin.date()), time(), zone)
    if _is_weekend(end.date()):
        # The weekend adds nothing: as if it were the end of Friday.
        friday = end.date() - timedelta(days=end.weekday() - 4)
        end = datetime.combine(friday + timedelta(days=1), time(), zone)
    if end <= begin:
        return 0
    weeks, rest = divmod((end.date() - begin.date()).days, 7)
    days = [begin.date() + timedelta(weeks=weeks, days=number) for number in range(rest)]
    count = weeks * 5 + sum(1 for day in days if not _is_weekend(day))
    # The day that runs counts once it is as late as it was then.
    return max(0, count - (end.time() < begin.time()))


def in_office_hours(moment: datetime, zone: zoneinfo.ZoneInfo) -> bool:
    """Whether a reminder may come now: by day, on a working day of the reader."""
    local = moment.astimezone(zone)
    return not _is_weekend(local.date()) and OFFICE_OPENS <= local.hour < OFFICE_CLOSES


def next_morning(moment: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """When the office opens next, in the reader's zone."""
    local = moment.astimezone(zone)
    day = local.date() if local.hour < OFFICE_OPENS else local.date() + timedelta(days=1)
    if _is_weekend(day):
        day = _next_working_day(day)
    return datetime.combine(day, time(OFFICE_OPENS), zone).astimezone(UTC)


def moment(moment: datetime) -> str:
    """A moment for the text of a mail; each reader reads it in their zone (`moments_told`)."""
    return f"⟦{moment.astimezone(UTC).isoformat()}⟧"


def moments_told(text: str, zone: zoneinfo.ZoneInfo) -> str:
    """The text with its moments in this zone, which is named: a mail is read anywhere."""

    def told(found: re.Match[str]) -> str:
        try:
            return moment_told(datetime.fromisoformat(found[1]), zone)
        except ValueError:
            # Somebody typed it: no moment of ours.
            return found[0]

    return _MOMENT.sub(told, text)


def moment_told(moment: datetime, zone: zoneinfo.ZoneInfo) -> str:
    """ "23 Nov 2026, 18:00 UTC"."""
    local = timezone.localtime(moment, zone)
    name = local.tzname() or ""
    # Zones without a name of their own are told by how far they are from UTC.
    named = f"UTC{name}" if name[:1] in "+-" else name
    return f"{date_format(local, 'j M Y, H:i')} {named}"


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _next_working_day(day: date) -> date:
    while _is_weekend(day):
        day += timedelta(days=1)
    return day
