"""What an org says about itself: every check with its points, asked again by anybody."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.limits import limited
from accounts.models import Environment, Path, Role
from integrations.checks.registry import check_find, checks_for
from integrations.models import Connection
from portal.access import Reader, reader_here
from portal.checking.selectors import ChecksView, checks_view
from portal.pages import page
from portal.pages.check_asking import org_ask
from portal.pages.check_list import CheckList, check_list, point_find, waived_steps
from portal.pages.check_rows import anchor_of
from portal.services import StepError, point_accept, point_withdraw
from portal.steps import Facts, facts_load, step_find


@require_GET
@login_required
@never_cache
def org_checks(request: HttpRequest, environment: str) -> HttpResponse:
    """All checks of one org; the same for everybody of the customer."""
    reader = reader_here(request)
    return checks_page(request, reader, environment_of(reader, environment))


@require_GET
@login_required
@never_cache
def org_checks_list(request: HttpRequest, environment: str) -> HttpResponse:
    """The list alone: what the page asks for again while the org is being asked."""
    reader = reader_here(request)
    environment = environment_of(reader, environment)
    facts, view = checks_seen(reader, environment)
    return render(request, "portal/checks/_list.html", _context(request, reader, facts, view))


@require_POST
@login_required
@limited("checks_run")
def org_checks_run(request: HttpRequest, environment: str) -> HttpResponse:
    """Have the org asked again in the background: everything, one check, or those of a step."""
    reader = reader_here(request)
    environment = environment_of(reader, environment)
    name, step = request.POST.get("name", ""), request.POST.get("step", "")
    if name and check_find(name) is None:
        raise Http404
    names = [name] if name else names_of(environment, step)
    if step and not names:
        raise Http404
    facts, view = checks_seen(reader, environment)
    org_ask(request, facts, view, names=names)
    return HttpResponseRedirect(_back(reader, environment, name, step))


@require_POST
@login_required
def org_checks_accept(request: HttpRequest, environment: str) -> HttpResponse:
    """An admin accepts a warning with a reason, or takes that back."""
    reader = reader_here(request, roles={Role.ADMIN})
    environment = environment_of(reader, environment)
    withdraw, reason = "withdraw" in request.POST, request.POST.get("reason", "")
    subject = request.POST.get("withdraw" if withdraw else "point", "")
    found = point_find(checks_seen(reader, environment)[1], subject)
    if found is None:
        messages.info(request, _("That point is no longer there: the org was asked since."))
        return HttpResponseRedirect(_back(reader, environment))
    check, item = found
    if item.may_accept and not withdraw and not reason.strip():
        error = _("Say why it may stay like this. Nothing has been saved.")
        return checks_page(request, reader, environment, point=subject, error=error, status=422)
    point: dict[str, Any] = {
        "customer": reader.customer,
        "environment": environment,
        "check": check.name,
        "key": item.key,
        "by": reader.person,
    }
    try:
        if withdraw:
            point_withdraw(**point)
            messages.info(request, _("Taken back. The point is open again."))
        else:
            point_accept(**point, reason=reason)
            messages.success(request, _("Accepted. Both sides see who did and why."))
    except StepError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(_back(reader, environment, check.name))


def checks_page(
    request: HttpRequest,
    reader: Reader,
    environment: str,
    *,
    point: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page itself. `point`: the subject of a point whose form was sent without its answer."""
    facts, view = checks_seen(reader, environment)
    context = _context(request, reader, facts, view, point=point, error=error) | {
        "environment": environment if view.epoch else "",
        "environment_label": view.epoch.name if view.epoch else "",
        "tabs": _tabs(facts, environment),
    }
    return page(request, reader, "portal/checks/page.html", "setup", context, status=status)


def environment_of(reader: Reader, name: str) -> str:
    """One of the customer's environments. Raises Http404 for another word, or a path without it."""
    if name not in Environment.values:
        raise Http404
    sandbox = name == Environment.SANDBOX
    if sandbox and reader.customer.path != Path.SANDBOX_FIRST:
        connected = Connection.objects.filter(customer=reader.customer, environment=name)
        if not connected.exists():
            raise Http404
    return name


def names_of(environment: str, step: str) -> Sequence[str]:
    """The checks of a step; none, which is all of them, for no step."""
    return [check.name for check in checks_for(environment) if step and check.step == step]


def checks_seen(reader: Reader, environment: str) -> tuple[Facts, ChecksView]:
    """What is known of the reader's customer, and the checks of one of its orgs."""
    facts = facts_load([reader.customer])[reader.customer.pk]
    return facts, checks_view(facts, environment, person=reader.person)


def _context(
    request: HttpRequest,
    reader: Reader,
    facts: Facts,
    view: ChecksView,
    *,
    point: str = "",
    error: str = "",
) -> dict[str, Any]:
    """What `portal/checks/_list.html` takes, for the page and for the poll alike."""
    environment = [view.environment]
    urls = {
        "list": reverse("org_checks_list", args=environment),
        "run": reverse("org_checks_run", args=environment),
        "accept": reverse("org_checks_accept", args=environment),
        "send": reverse("org_checks_send", args=environment),
    }
    asked = request.GET.get("point", "") if reader.is_admin else ""
    return {
        "reader": reader,
        **list_context(request, facts, view, urls, point=point or asked, error=error),
    }


def list_context(
    request: HttpRequest,
    facts: Facts,
    view: ChecksView,
    urls: Mapping[str, str],
    *,
    point: str = "",
    error: str = "",
) -> dict[str, Any]:
    """What the list shows on the customer's page and on the desk. `urls`: list, run, accept."""
    found = check_list(
        view,
        shown=request.GET.get("check", ""),
        point=point,
        waived=waived_steps(facts, view),
    )
    return {
        "list": found,
        "view": view,
        "asked_environment": view.environment,
        "error": error,
        "poll": _poll(found, urls["list"]),
        "urls": urls,
    }


def _poll(found: CheckList, address: str) -> str:
    """Where the list asks for itself again; nowhere once the run ended, or over somebody typing."""
    run = found.view.run
    if run is None or not run.is_open or found.point:
        return ""
    return f"{address}?{urlencode({'check': found.shown})}" if found.shown else address


def _tabs(facts: Facts, environment: str) -> list[dict[str, object]]:
    """A choice between the two orgs, once both have been connected."""
    both = [one for one in Environment if facts.epoch(one)]
    if len(both) < len(Environment):
        return []
    return [
        {
            "label": one.label,
            "url": reverse("org_checks", args=[one.value]),
            "current": one.value == environment,
        }
        for one in both
    ]


def _back(reader: Reader, environment: str, name: str = "", step: str = "") -> str:
    """Where the answer appears: the step that asked, else the page of the checks."""
    key = f"{environment}.{step}"
    if step and step_find(reader.customer.path, key) is not None:
        anchor = key.replace(".", "-").replace("_", "-")
        return f"{reverse('setup')}?{urlencode({'step': key})}#step-{anchor}"
    address = reverse("org_checks", args=[environment])
    return f"{address}#{anchor_of(name)}" if name else address
