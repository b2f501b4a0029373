"""Switching a kind of mail off from a mail: by one click, without signing in (RFC 8058).

Mail programs send the POST by themselves, without cookies and without a form token; opening the
address only asks, because programs that look at links open them too.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.mail.choices import choice_set, unsubscribing_find, wants


@csrf_exempt  # The signed address, which only its reader has, says who asks and for what.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, do it, or undo it; repeating changes nothing more."""
    named = unsubscribing_find(token)
    if named is None:
        return render(request, "portal/people/unsubscribe.html", {"named": None}, status=404)
    if request.method == "POST":
        choice_set(person=named.user, kind=named.kind, is_on=request.POST.get("again") == "1")
    context = {"named": named, "is_on": wants(named.user, named.kind), "done": request.POST}
    return render(request, "portal/people/unsubscribe.html", context)
