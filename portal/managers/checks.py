"""The checks of a customer's orgs on the desk: read, asked again, points set aside."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Customer, Environment, User
from integrations.checks.registry import check_find, checks_for
from integrations.models import CheckRun
from portal.checking.selectors import ChecksView, checks_view
from portal.checking.starting import org_check_start
from portal.managers.access import customer_here, desk_page, environment_here
from portal.pages.check_asking import org_ask
from portal.pages.check_list import CheckList, check_list, point_find, waived_steps
from portal.pages.check_rows import anchor_of
from portal.pages.checks import list_context
from portal.services import StepError, point_accept, point_waive, point_withdraw
from portal.steps import Facts, facts_load

LOOK = "integrations.view_connection"
WAIVE = "portal.add_waiver"
POINTS_ON_THE_CUSTOMERS_PAGE = 6


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """Addresses below the customer's page. `page` is the admin's own guard."""
    here = "<int:pk>/checks/<str:environment>/"
    return [
        path(here, page(checks_page), name="accounts_customer_checks"),
        path(f"{here}list/", page(checks_list), name="accounts_customer_checks_list"),
        path(f"{here}run/", page(checks_run), name="accounts_customer_checks_run"),
        path(
            f"{here}set-aside/", page(checks_set_aside), name="accounts_customer_checks_set_aside"
        ),
    ]


def checks_panel(facts: Facts, person: User) -> list[CheckList]:
    """What stands on the customer's page: each connected org, with its worst points."""
    views = [
        checks_view(facts, environment.value, person=person)
        for environment in Environment
        if facts.epoch(environment.value)
    ]
    return [
        check_list(view, most=POINTS_ON_THE_CUSTOMERS_PAGE, waived=waived_steps(facts, view))
        for view in views
        if view.checks
    ]


@never_cache
@require_GET
def checks_page(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """All checks of one org, as the customer sees them, with the manager's levers."""
    return _page(request, customer_here(request, pk, LOOK), environment_here(environment))


@never_cache
@require_GET
def checks_list(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """The list alone, while the org is being asked."""
    customer = customer_here(request, pk, LOOK)
    context = _context(request, customer, environment_here(environment))
    return render(request, "portal/checks/_list.html", context)


@require_POST
def checks_run(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """Have the org asked again: everything, or one check."""
    customer = customer_here(request, pk, LOOK)
    environment = environment_here(environment)
    name = request.POST.get("name", "")
    if name and check_find(name) is None:
        raise Http404
    facts, view = _seen(request, customer, environment)
    org_ask(request, facts, view, names=[name] if name else [])
    return _back(customer, environment, name)


@require_POST
def checks_set_aside(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """Waive a failure or accept a warning, with a reason that both sides read; or take it back."""
    customer = customer_here(request, pk, WAIVE)
    environment = environment_here(environment)
    withdraw, reason = "withdraw" in request.POST, request.POST.get("reason", "")
    subject = request.POST.get("withdraw" if withdraw else "point", "")
    found = point_find(_seen(request, customer, environment)[1], subject)
    if found is None:
        messages.info(request, _("That point is no longer there: the org was asked since."))
        return _back(customer, environment)
    check, item = found
    if not withdraw and not reason.strip():
        error = _("Say why it may stay like this. Nothing has been saved.")
        return _page(request, customer, environment, point=subject, error=error, status=422)
    point: dict[str, Any] = {
        "customer": customer,
        "environment": environment,
        "check": check.name,
        "key": item.key,
        "by": person_of(request),
    }
    try:
        if withdraw:
            point_withdraw(**point)
            messages.info(request, _("Taken back. The point is open again."))
        elif item.may_accept:
            point_accept(**point, reason=reason)
            messages.success(request, _("Accepted. Both sides see who did and why."))
        else:
            point_waive(**point, reason=reason)
            messages.success(request, _("Waived. Both sides see who did and why."))
    except StepError as problem:
        messages.error(request, str(problem))
    return _back(customer, environment, check.name)


def permission_list_changed(customer: Customer) -> None:
    """Another version of the list counts from now on: both orgs are asked by it."""
    for environment in Environment.values:
        names = [check.name for check in checks_for(environment) if check.step == "permissions"]
        # By nobody: whoever pressed "Check again" a moment ago got the answer by the old list.
        org_check_start(customer, environment, reason=CheckRun.Reason.SETTINGS, names=names)


def _page(
    request: HttpRequest,
    customer: Customer,
    environment: str,
    *,
    point: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _context(request, customer, environment, point=point, error=error) | {
        "title": _("Checks of the sandbox")
        if environment == Environment.SANDBOX
        else _("Checks of production"),
        "opts": Customer._meta,
        "customer": customer,
    }
    return desk_page(request, "admin/accounts/customer/checks.html", context, status=status)


def _context(
    request: HttpRequest, customer: Customer, environment: str, *, point: str = "", error: str = ""
) -> dict[str, Any]:
    facts, view = _seen(request, customer, environment)
    place = [customer.pk, environment]
    urls = {
        "list": reverse("admin:accounts_customer_checks_list", args=place),
        "run": reverse("admin:accounts_customer_checks_run", args=place),
        "accept": reverse("admin:accounts_customer_checks_set_aside", args=place),
    }
    may_waive = person_of(request).has_perm(WAIVE)
    asked = request.GET.get("point", "") if may_waive else ""
    return {
        "desk": True,
        **list_context(request, facts, view, urls, point=point or asked, error=error),
    }


def _seen(request: HttpRequest, customer: Customer, environment: str) -> tuple[Facts, ChecksView]:
    facts = facts_load([customer])[customer.pk]
    return facts, checks_view(facts, environment, person=person_of(request))


def _back(customer: Customer, environment: str, name: str = "") -> HttpResponseRedirect:
    address = reverse("admin:accounts_customer_checks", args=[customer.pk, environment])
    return HttpResponseRedirect(f"{address}#{anchor_of(name)}" if name else address)
