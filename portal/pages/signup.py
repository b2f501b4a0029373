"""Signing up with Salesforce, from the mailed link to the button. One journey, top to bottom.

1. The link is opened. One that is unknown or has ended gets a page that says what to do.
2. The person proves their work e-mail by a code (`accounts.codes`); typing it makes them an
   admin of the customer. Opening a page changes nothing, so a mail scanner that follows the
   link uses nothing up.
3. The page says what Salesforce asks for, and has one button. It leads to `connect_start`.

The link is spent when the connection is confirmed (`integrations`), not here.
"""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import code_proven_recently, membership_choose, person_of
from accounts.codes import CodeError, code_send
from accounts.forms import EmailForm
from accounts.limits import limited
from accounts.models import Environment, SignupLink
from accounts.selectors import signup_link_find
from accounts.services import SignupLinkError, signup_link_prove
from accounts.services.links import address_may_use
from integrations.access import attempt_newest_for
from integrations.oauth.hosts import login_url, own_login_host, shown_host
from portal.steps.connect import attempt_lost, attempt_refused, refusal_words


@never_cache
@limited("signup_link", reading=True)
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest, token: str) -> HttpResponse:
    """Show where the person stands with this link; a POST takes the next step."""
    link = signup_link_find(token)
    if link is None:
        return render(request, "portal/signup/unknown.html", status=404)
    if link.state != SignupLink.State.ACTIVE:
        return render(request, "portal/signup/ended.html", _about(link), status=410)
    if request.user.is_authenticated and not _may_use(request, link):
        return render(request, "portal/signup/somebody_else.html", _about(link), status=403)
    if request.method == "POST":
        return _next_step(request, link)
    if _is_proven(request, link):
        context = _connect_context(link, token) | _attempt_context(request, link)
        return render(request, "portal/signup/connect.html", context)
    return _prove_page(request, link, EmailForm(initial={"email": link.email}))


def _may_use(request: HttpRequest, link: SignupLink) -> bool:
    person = person_of(request)
    return not person.is_staff and address_may_use(link=link, email=person.email)


def _is_proven(request: HttpRequest, link: SignupLink) -> bool:
    """By this person, with a code typed in the last minutes (identity-and-state)."""
    return code_proven_recently(request) and link.proven_by_id == person_of(request).pk


def _prove_page(
    request: HttpRequest, link: SignupLink, form: EmailForm, status: int = 200
) -> HttpResponse:
    context = _about(link) | {"form": form, "code_is_fresh": code_proven_recently(request)}
    return render(request, "portal/signup/prove.html", context, status=status)


def _next_step(request: HttpRequest, link: SignupLink) -> HttpResponse:
    """Mail a code; or, with one typed a moment ago, take the person in without another."""
    here = request.path
    if code_proven_recently(request):
        try:
            membership_choose(request, signup_link_prove(link=link, user=person_of(request)))
        except SignupLinkError as error:
            messages.error(request, error.sentence)
        return HttpResponseRedirect(here)
    # Who is signed in already proves the address they are signed in with.
    data = {"email": request.user.email} if request.user.is_authenticated else request.POST
    form = EmailForm(data)
    if not form.is_valid():
        return _prove_page(request, link, form, status=422)
    email = form.cleaned_data["email"]
    if not address_may_use(link=link, email=email):
        form.add_error("email", _wrong_address(link))
        return _prove_page(request, link, form, status=422)
    try:
        return code_send(request, email=email, next_url=here, link=link)
    except CodeError as error:
        form.add_error("email", error.sentence)
        return _prove_page(request, link, form, status=429)


def _wrong_address(link: SignupLink) -> str:
    domains = ", ".join(link.customer.email_domains)
    if not domains:
        return _(
            "This link works for %(email)s only. Another person needs a link of their own: ask "
            "for one."
        ) % {"email": link.email}
    return _(
        "This link works for %(email)s and for addresses at %(domains)s. Another person needs a "
        "link of their own: ask for one."
    ) % {"email": link.email, "domains": domains}


def _about(link: SignupLink) -> dict[str, object]:
    """What every page of the journey tells: which link, for whom, who helps."""
    return {
        "link": link,
        "customer": link.customer,
        "sandbox": link.environment == Environment.SANDBOX,
        "manager": link.customer.implementation_manager or link.created_by,
    }


def _connect_context(link: SignupLink, token: str) -> dict[str, object]:
    """What is said before the button (product.md, section 4)."""
    sandbox = link.environment == Environment.SANDBOX
    return _about(link) | {
        "token": token,
        "environment": link.environment,
        "package_link": settings.PACKAGE_LINK_SANDBOX
        if sandbox
        else settings.PACKAGE_LINK_PRODUCTION,
        "login_url": login_url(link.environment),
        "login_host": shown_host(login_url(link.environment)),
        "scopes": settings.SALESFORCE_SCOPES,
        "site_url": settings.SITE_URL,
    }


def _attempt_context(request: HttpRequest, link: SignupLink) -> dict[str, object]:
    """How the person's last try went: lost at Salesforce or refused, and at which address."""
    attempt = attempt_newest_for(person_of(request), link.environment)
    if attempt is None or attempt.customer_id != link.customer_id:
        return {}
    return {
        "lost": attempt if attempt_lost(attempt) else None,
        "refused": attempt if attempt_refused(attempt) else None,
        "refused_words": _("%(title)s.") % {"title": refusal_words(attempt.error_code)},
        "own_host": own_login_host(link.environment, attempt.login_host),
    }
