"""Staff's second factor, times in the reader's zone, private pages, bytes no database takes."""

import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlencode

from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.datastructures import MultiValueDict

from accounts.access import factor_proven

# What staff may open before they have a second factor: setting one up, and leaving.
_BEFORE_FACTOR = frozenset(
    {
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "admin:logout",
        "mfa_activate_totp",
    }
)


class StaffSecondFactorMiddleware:
    """Staff do nothing without a second factor (product.md, section 4).

    The session's own note is enough, so an ordinary page costs no query. Without it: whoever has
    a factor signs in again, with it; whoever has none sets one up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; `process_view` has the say."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Lead staff without a proven factor to the page that mends it."""
        if not (request.user.is_authenticated and request.user.is_staff) or factor_proven(request):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name.startswith("health"):
            return None
        apps = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP)
        if apps.exists():
            logout(request)
            query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse('account_login')}?{query}".rstrip("?"))
        if name in _BEFORE_FACTOR:
            return None
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


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


class PrivatePagesMiddleware:
    """Keeps pages of signed-in people out of every cache, the browser's own included.

    Without it the Back button shows a customer's records after signing out. A view that names its
    own Cache-Control keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; mark the answer as private."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class NullBytesMiddleware:
    """Refuses NUL in addresses, cookies and forms with 400.

    PostgreSQL has no such character in text: each place that looks one up would be a 500. Forms
    refuse it themselves; filters of admin, session keys and fields read without a form do not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at what is there before the body."""
        _null_refuse([request.path_info, *request.COOKIES.values(), *_texts(request.GET)])
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Look at a sent form; files are their readers' business."""
        try:
            _null_refuse(_texts(request.POST))
        except UnreadablePostError:
            # The browser went away in the middle; the check of the form token deals with it.
            return


def _texts(sent: MultiValueDict[str, str]) -> Iterable[str]:
    return (text for name, values in sent.lists() for text in (name, *map(str, values)))


def _null_refuse(texts: Iterable[str]) -> None:
    if any("\0" in text for text in texts):
        raise BadRequest("A null character was sent.")
