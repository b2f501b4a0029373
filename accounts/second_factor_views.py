"""Staff's second factor in the browser: proving it, setting it up, its recovery codes.

allauth's pages where they fit; our own where it has other ideas: the app is replaced, never
switched off, and recovery codes can be read and saved for some minutes after they were made.
"""

import functools
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as allauth_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import fresh_factor_required, password_proven_recently, person_of
from accounts.models import User
from accounts.second_factor import AppSetUpForm, factors_of, setup_forget
from accounts.services.second_factor import app_set, recovery_codes_renew

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_only(view: View[P]) -> View[P]:
    """Staff's own pages: nobody signed in is led to the staff's sign-in, others find nothing."""

    @never_cache
    @login_required(login_url="account_login")
    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not person_of(request).is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


class StaffCodeView(allauth_views.AuthenticateView):
    """The second half of signing in: a code of the app, or a recovery code."""

    def _build_forms(self) -> Any:
        """One form; allauth's own asks for a passkey whenever the code is missing."""
        self.webauthn_form = None
        sent = self.request.POST if self.request.method == "POST" else None
        self.auth_form = self.get_form_class()(user=self.stage.login.user, data=sent)
        return self.auth_form


staff_code_again = staff_only(allauth_views.ReauthenticateView.as_view())


@staff_only
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """What the person has, and the ways to change it."""
    factors = factors_of(person_of(request))
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "app": factors.get(Authenticator.Type.TOTP),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }
    return render(request, "mfa/index.html", context)


def _has_app(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def app_set_up(request: HttpRequest) -> HttpResponseBase:
    """Set up the authenticator app, the first or another in its place."""
    if _has_app(person_of(request)):
        return _app_replace(request)
    # The first one: whoever found an open session must not make it theirs for good.
    if not password_proven_recently(request):
        query = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")
    return _app_page(request, replacing=False)


@fresh_factor_required
def _app_replace(request: HttpRequest) -> HttpResponseBase:
    return _app_page(request, replacing=True)


@sensitive_variables()
def _app_page(request: HttpRequest, *, replacing: bool) -> HttpResponse:
    person = person_of(request)
    if request.method != "POST":
        setup_forget(request)
    form = AppSetUpForm(
        request.POST if request.method == "POST" else None, request=request, user=person
    )
    if form.is_valid():
        _app_take(request, person, form.secret)
        made = reverse("mfa_index" if replacing else "mfa_view_recovery_codes")
        return HttpResponseRedirect(made)
    adapter = get_adapter()
    url = adapter.build_totp_url(person, form.secret)
    context = {
        "form": form,
        "replacing": replacing,
        "secret": " ".join(form.secret[at : at + 4] for at in range(0, len(form.secret), 4)),
        "app_url": url,
        "qr_code": adapter.build_totp_svg(url),
    }
    return render(
        request, "mfa/totp/activate_form.html", context, status=422 if form.errors else 200
    )


@sensitive_variables()
def _app_take(request: HttpRequest, person: User, secret: str) -> None:
    """The typed code proves the new app: this session counts as opened with it."""
    instance = app_set(user=person, secret=secret, keep_session=request.session.session_key)
    setup_forget(request)
    record_authentication(request, person, "mfa", id=instance.pk, type=instance.type)
    messages.success(request, _("Your authenticator app is set up."))


def _codes(request: HttpRequest) -> RecoveryCodes:
    codes = factors_of(person_of(request)).get(Authenticator.Type.RECOVERY_CODES)
    if codes is None:
        raise Http404
    return codes.wrap()


def _readable(codes: RecoveryCodes) -> bool:
    """Codes can be read from when they were made until some minutes after the first look."""
    viewed = codes.instance.data.get("viewed_at")
    return viewed is None or 0 <= time.time() - viewed <= settings.CODE_FRESH_SECONDS


@staff_only
@fresh_factor_required
@require_safe
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show the codes that were made just now; later only how many are left."""
    codes = _codes(request)
    readable = _readable(codes)
    if readable:
        codes.mark_as_viewed()
    left = codes.get_unused_codes()
    context = {"codes": left if readable else [], "codes_left": len(left)}
    return render(request, "mfa/recovery_codes/index.html", context)


@staff_only
@fresh_factor_required
@require_safe
def recovery_codes_download(request: HttpRequest) -> HttpResponse:
    """The same as a text file, while they can be read."""
    codes = _codes(request)
    if not _readable(codes):
        raise Http404
    codes.mark_as_viewed()
    response = render(
        request,
        "mfa/recovery_codes/download.txt",
        {"codes": codes.get_unused_codes()},
        content_type="text/plain; charset=utf-8",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


@staff_only
@fresh_factor_required
@require_POST
def recovery_codes_new(request: HttpRequest) -> HttpResponse:
    """Make new codes in place of the old ones."""
    person = person_of(request)
    if not _has_app(person):
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
    recovery_codes_renew(user=person)
    messages.success(request, _("New recovery codes are made. The old ones no longer work."))
    return HttpResponseRedirect(reverse("mfa_view_recovery_codes"))
