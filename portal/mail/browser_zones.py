"""Which zone a person's browser named, noted when they sign in."""

import zoneinfo
from urllib.parse import unquote

from django.http import HttpRequest

from accounts.models import User
from portal.models import BrowserZone


def browser_zone_of(request: HttpRequest) -> str:
    """The zone in the cookie that static/js/portal.js sets; empty for none and for nonsense."""
    named = unquote(request.COOKIES.get("timezone", ""))[:64]
    try:
        return zoneinfo.ZoneInfo(named).key if named else ""
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def browser_zone_note(request: HttpRequest, user: User) -> None:
    """Remember the zone of the browser that the person signs in with."""
    name = browser_zone_of(request)
    if name:
        BrowserZone.objects.update_or_create(user=user, defaults={"name": name})
