"""Time zones to choose from: where people work, not the whole database of six hundred names."""

import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

ZONES: Sequence[tuple[str, str]] = (
    (
        "America",
        "Honolulu Anchorage Los_Angeles Vancouver Phoenix Denver Edmonton Chicago Winnipeg "
        "Mexico_City New_York Toronto Detroit Halifax St_Johns Bogota Lima Panama Santiago "
        "Puerto_Rico Sao_Paulo Argentina/Buenos_Aires Montevideo",
    ),
    (
        "Europe",
        "Lisbon Dublin London Madrid Paris Brussels Amsterdam Berlin Zurich Vienna Rome "
        "Copenhagen Oslo Stockholm Warsaw Prague Budapest Belgrade Athens Bucharest Sofia "
        "Helsinki Tallinn Riga Vilnius Kyiv Istanbul Moscow",
    ),
    ("Africa", "Casablanca Algiers Lagos Cairo Johannesburg Nairobi"),
    (
        "Asia",
        "Jerusalem Beirut Riyadh Dubai Tehran Karachi Kolkata Colombo Kathmandu Dhaka Bangkok "
        "Jakarta Ho_Chi_Minh Singapore Kuala_Lumpur Hong_Kong Shanghai Taipei Manila Seoul "
        "Tokyo",
    ),
    ("Pacific and Australia", "Perth Adelaide Brisbane Sydney Melbourne Auckland"),
)
# The database's continent is not where people look for it.
_ELSEWHERE = {"Honolulu": "Pacific/Honolulu", "Auckland": "Pacific/Auckland"}


def zone_choices(*, chosen: str, browser: str) -> list[tuple[str, object]]:
    """Choices of a select: as the browser says, then the zones with their time now, by region."""
    first = (
        _("As my browser says (%(zone)s)") % {"zone": _named(browser)}
        if browser
        else _("As my browser says")
    )
    groups: list[tuple[str, object]] = [("", first)]
    listed: set[str] = set()
    for region, cities in ZONES:
        zones = list(_zones(region, cities))
        listed |= {name for name, _label in zones}
        groups.append((_region(region), zones))
    if chosen and chosen not in listed:
        groups.append((_("Chosen before"), [(chosen, _named(chosen))]))
    return groups


def _zones(region: str, cities: str) -> Iterator[tuple[str, str]]:
    folder = "Australia" if region.startswith("Pacific") else region
    now = timezone.now()
    found = []
    for city in cities.split():
        name = _ELSEWHERE.get(city, f"{folder}/{city}")
        try:
            zone = zoneinfo.ZoneInfo(name)
        except zoneinfo.ZoneInfoNotFoundError:
            # This machine's database is another one: it is not offered.
            continue
        offset = zone.utcoffset(now.replace(tzinfo=None)) or now.utcoffset()
        found.append((offset, name, f"{_named(name)} ({_offset(now, zone)})"))
    for _offset_now, name, label in sorted(found, key=lambda one: (one[0], one[2])):
        yield name, label


def _named(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ") if name else ""


def _offset(now: datetime, zone: zoneinfo.ZoneInfo) -> str:
    text = now.astimezone(zone).strftime("%z")
    return f"UTC{text[:3]}:{text[3:]}"


def _region(region: str) -> str:
    return {
        "America": _("America"),
        "Europe": _("Europe"),
        "Africa": _("Africa"),
        "Asia": _("Asia"),
    }.get(region, _("Pacific and Australia"))
