"""Signing up with Salesforce, from the button to the confirmed connection, top to bottom.

1. `connect_start`: the person's code is fresh and they are an admin of the customer; an attempt is
   remembered and the browser sent to Salesforce.
2. `connect_callback`: the answer, in the same session and once. Failed, refused by the guard: a
   page that says what to do (`integrations.problem_pages`).
3. `connect_confirm`: "Is this the right org and the right user?"
4. `connect_help`: it did not come back. `connection_disconnect`: the way out.

Tokens stay out of session, page, address and log: they wait sealed in the attempt.
"""

from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import (
    fresh_code_required,
    membership_choose,
    membership_current,
    memberships_of,
    person_of,
    role_check,
)
from accounts.limits import limited
from accounts.models import Customer, Environment, Role, SignupLink, User
from accounts.selectors import signup_link_find
from integrations import services
from integrations.access import attempt_for, attempt_newest_for, connection_for
from integrations.confirming import confirm_context
from integrations.models import ConnectAttempt, Connection, Health
from integrations.oauth.hosts import own_login_host
from integrations.oauth.my_domain import MyDomainRefused, my_domain_clean
from integrations.oauth.problems import PROBLEMS, problem_of, salesforce_code
from integrations.oauth.provider import SalesforceEnvProvider
from integrations.problem_pages import help_page, my_domain_page, problem_page
from integrations.salesforce.hosts import host_allowed
from integrations.selectors import connection_find

State = ConnectAttempt.State


class _Stopped(Exception):
    """The journey ends on a problem page."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


# --- 1. the button --------------------------------------------------------------------------


@require_POST
@fresh_code_required
@limited("connect_start")
def connect_start(request: HttpRequest, environment: str) -> HttpResponseBase:
    """Leave for Salesforce: with a sign-up link, again after a failed attempt, or to reconnect."""
    _environment_check(environment)
    user = person_of(request)
    try:
        customer, link = _start_from(request, user, environment)
        host = _login_host(request, customer, link, environment)
    except _Stopped as stopped:
        return problem_page(request, PROBLEMS[stopped.code], environment)
    except MyDomainRefused as refused:
        return my_domain_page(request, environment, refused)
    attempt = services.connect_attempt_start(
        customer=customer, environment=environment, link=link, user=user, login_host=host
    )
    provider = SalesforceEnvProvider.for_environment(request, environment, attempt.login_host)
    return provider.leave(request, attempt_id=attempt.pk)


def _start_from(
    request: HttpRequest, user: User, environment: str
) -> tuple[Customer, SignupLink | None]:
    """Whose connection it will be, and the link that allows it (none: reconnecting)."""
    link: SignupLink | None = None
    if token := request.POST.get("link"):
        link = signup_link_find(token)
        if link is None:
            raise Http404
        customer = link.customer
    elif (earlier := request.POST.get("attempt", "")[:18]).isdecimal():
        attempt = attempt_for(user, int(earlier))
        customer, link = attempt.customer, attempt.link
        if attempt.environment != environment:
            raise Http404
    else:
        customer = membership_current(request).customer
    role_check(user, customer, roles={Role.ADMIN})
    if link is not None and link.environment != environment:
        raise Http404
    connected = connection_find(customer, environment) is not None
    if link is None or (link.state == SignupLink.State.SPENT and connected):
        # Reconnecting needs no link: the customer has proven who they are with one before.
        if not connected:
            raise _Stopped("link_over")
        return customer, None
    if link.state != SignupLink.State.ACTIVE:
        raise _Stopped("link_over")
    return customer, link


def _login_host(
    request: HttpRequest, customer: Customer, link: SignupLink | None, environment: str
) -> str:
    """The org's own sign-in address: as typed, or as it was used for the live connection.

    "" for Salesforce's common one. Raises MyDomainRefused.
    """
    if "my_domain" in request.POST:
        typed = request.POST["my_domain"].strip()
        return my_domain_clean(environment, typed) if typed else ""
    if link is not None:
        return ""
    before = connection_find(customer, environment)
    if before is None or before.health == Health.DISCONNECTED:
        # Another org may be meant this time.
        return ""
    own = own_login_host(environment, before.login_host)
    # What was accepted then may have been taken off the settings' list since.
    return own if host_allowed(own, settings.SALESFORCE_ALLOWED_HOST_SUFFIXES) else ""


# --- 2. the answer --------------------------------------------------------------------------


@never_cache
@require_GET
def connect_callback(request: HttpRequest, environment: str) -> HttpResponse:
    """Take Salesforce's answer: in the session that asked, for the attempt that asked, once."""
    _environment_check(environment)
    if not request.user.is_authenticated:
        # No detour over the sign-in page: the code would travel along in its address.
        return problem_page(request, PROBLEMS["state_unknown"], environment)
    provider = SalesforceEnvProvider.for_environment(request, environment)
    state = statekit.unstash_state(
        request, state_id=request.GET.get("state", ""), provider_id=provider.sub_id
    )
    if state is None:
        return problem_page(request, PROBLEMS["state_unknown"], environment)
    attempt = attempt_for(person_of(request), state["data"]["attempt"])
    code = request.GET.get("code", "")
    if "error" in request.GET or not code:
        error = request.GET.get("error", "")
        problem = problem_of(error, request.GET.get("error_description", ""))
        services.connect_attempt_refuse(
            attempt=attempt, code=problem.code, salesforce_code=salesforce_code(error)
        )
        return problem_page(request, problem, environment, attempt)
    provider = SalesforceEnvProvider.for_environment(request, environment, attempt.login_host)
    refused = services.connect_attempt_complete(
        attempt=attempt,
        adapter=provider.get_oauth2_adapter(request),
        code=code,
        verifier=state["pkce_code_verifier"],
        nonce=state["data"]["nonce"],
    )
    if refused:
        return problem_page(request, PROBLEMS[refused], environment, attempt)
    return redirect("connect_confirm", pk=attempt.pk)


# --- 3. the right org and the right user? -----------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def connect_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which org and user came back; yes establishes the connection, no hands it back."""
    user = person_of(request)
    attempt = attempt_for(user, pk)
    if attempt.state == State.CONFIRMED:
        return redirect("setup")
    if attempt.state == State.STARTED or attempt.error_code == "did_not_return":
        return redirect("connect_help", attempt.environment)
    if attempt.state != State.RETURNED:
        problem = PROBLEMS.get(attempt.error_code, PROBLEMS["attempt_over"])
        return problem_page(request, problem, attempt.environment, attempt)
    if request.method == "GET":
        return render(request, "integrations/confirm.html", confirm_context(attempt))
    if request.POST.get("answer") != "yes":
        services.connect_attempt_decline(attempt=attempt)
        return redirect("connect_confirm", pk=attempt.pk)
    if attempt.identity["is_administrator"] and not request.POST.get("keep_user"):
        context = confirm_context(attempt) | {"keep_user_missing": True}
        return render(request, "integrations/confirm.html", context, status=422)
    return _establish(request, attempt, user)


def _establish(request: HttpRequest, attempt: ConnectAttempt, user: User) -> HttpResponse:
    try:
        connection = services.connection_establish(attempt=attempt, by=user)
    except services.ConnectError as error:
        attempt.refresh_from_db()
        if attempt.state != State.CONFIRMED:
            services.connect_attempt_reject(attempt=attempt, code=error.code)
        return redirect("connect_confirm", pk=attempt.pk)
    membership = memberships_of(user).filter(customer=connection.customer).first()
    if membership:
        membership_choose(request, membership)
    messages.success(
        request,
        _("Connected: %(org)s.")
        % {"org": connection.epoch.name if connection.epoch else connection},
    )
    return redirect("setup")


# --- 4. around it -----------------------------------------------------------------------------


@sensitive_post_parameters("address")
@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def connect_help(request: HttpRequest, environment: str) -> HttpResponse:
    """Salesforce showed a page of its own: likely causes; a pasted address names the one.

    The address may hold a code: it comes by POST and is neither stored nor logged.
    """
    _environment_check(environment)
    membership_current(request)
    attempt = attempt_newest_for(person_of(request), environment)
    if attempt and attempt.state == State.STARTED:
        services.connect_attempt_abandon(attempt=attempt)
    return help_page(request, environment, attempt)


@require_POST
@login_required
def connection_disconnect(request: HttpRequest, environment: str) -> HttpResponse:
    """Ask, naming what will happen; then end the connection."""
    _environment_check(environment)
    user = person_of(request)
    found = connection_find(membership_current(request).customer, environment)
    if found is None:
        raise Http404
    connection = connection_for(user, found.pk, roles={Role.ADMIN})
    if connection.health == Health.DISCONNECTED:
        return redirect("org_list")
    if request.POST.get("sure") != "yes":
        context = {"connection": connection, "sandbox": environment == Environment.SANDBOX}
        return render(request, "integrations/disconnect.html", context)
    _disconnect(request, connection, user)
    return redirect("org_list")


def _disconnect(request: HttpRequest, connection: Connection, user: User) -> None:
    try:
        revoked = services.connection_disconnect(connection=connection, by=user)
    except services.ConnectError as error:
        messages.info(request, error.sentence)
        return
    if revoked:
        messages.success(request, _("Disconnected. Salesforce took our access back."))
    else:
        messages.warning(
            request,
            _(
                "Disconnected: we threw our access away, but Salesforce did not confirm it. In "
                "the org’s Setup, under Connected Apps OAuth Usage, an administrator can revoke it."
            ),
        )


def _environment_check(environment: str) -> None:
    if environment not in Environment.values:
        raise Http404
