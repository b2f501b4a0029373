"""Shows times in the reader's zone."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class TimeZoneMiddleware:
    """Activates the reader's time zone: the one they chose, else the one their browser names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in that zone; a zone this machine does not know means UTC."""
        chosen = request.user.time_zone if request.user.is_authenticated else ""
        # Set by static/js/portal.js; anything may stand in a cookie, so it is only looked up.
        named = chosen or unquote(request.COOKIES.get("timezone", ""))[:64]
        with timezone.override(zone_of(named)):
            return self.get_response(request)


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The zone with this name; UTC when there is none (names come and go with the tz database)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")
