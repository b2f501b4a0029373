"""Where a person is signed in: noted at sign-in, shown on a page, ended there.

allauth keeps the rows (`allauth.usersessions`). Its own middleware would write to the database at
every request; this one writes once in `SEEN_EVERY` seconds.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person_of
from accounts.devices import device_name
from accounts.numbers import row_number
from accounts.services.sessions import session_end, sessions_end

SEEN_EVERY = 300
_TRACKED = "tracked"


def session_track(request: HttpRequest, **_kwargs: Any) -> None:
    """Remember in the session that allauth noted it (signal `user_logged_in`)."""
    request.session[_TRACKED] = True


class SessionSeenMiddleware:
    """Notes when a session was last seen, and from which address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note it now and then; answer."""
        key = request.session.session_key
        if (
            key
            and request.session.get(_TRACKED)
            and cache.add(f"session-seen:{key}", True, SEEN_EVERY)
        ):
            UserSession.objects.filter(session_key=key).update(
                last_seen_at=timezone.now(), ip=get_adapter().get_client_ip(request)
            )
        return self.get_response(request)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the person's sessions; a POST ends one (`session`), or all others."""
    person = person_of(request)
    here = request.session.session_key
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        if chosen:
            current = UserSession.objects.filter(user=person, session_key=here).first()
            pk = row_number(chosen)
            if pk is None or (current and current.pk == pk):
                return HttpResponseRedirect(reverse("usersessions_list"))
            if session_end(user=person, pk=pk):
                messages.success(request, _("That session has ended."))
            else:
                messages.info(request, _("That session had ended already."))
        else:
            ended = sessions_end(user=person, keep=here)
            messages.success(
                request,
                ngettext("%d other session has ended.", "%d other sessions have ended.", ended)
                % ended,
            )
        return HttpResponseRedirect(reverse("usersessions_list"))
    rows = [
        {"row": row, "device": device_name(row.user_agent), "here": row.session_key == here}
        for row in UserSession.objects.purge_and_list(person)
    ]
    rows.sort(key=lambda each: (each["here"], each["row"].last_seen_at), reverse=True)
    others = any(not each["here"] for each in rows)
    return render(request, "usersessions/usersession_list.html", {"rows": rows, "others": others})
