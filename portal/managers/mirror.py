"""The manager's side of the mirror: what differs, and letting it be with a reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Customer
from portal.managers.access import customer_here, desk_page
from portal.mirror.asking import MirrorError, mirror_ask
from portal.mirror.selectors import mirror_view, unfolded
from portal.mirror.standing import STEP
from portal.mirror.views import MirrorView
from portal.mirror.waiving import difference_accept, difference_waive, difference_withdraw
from portal.steps import Journey, StepStatus, journey_for

WAIVE = "portal.add_waiver"
PAGE = "admin:accounts_customer_mirror"


@dataclass(frozen=True)
class MirrorPanel:
    """The card on the customer's page: how many differences are open, and the way to them."""

    mirror: MirrorView
    href: str


def mirror_panel(journey: Journey) -> MirrorPanel | None:
    """For the customer's page; None before the sandbox test is approved, or without a sandbox."""
    step = journey.step(STEP)
    if step is None or step.status == StepStatus.LOCKED:
        return None
    return MirrorPanel(
        mirror=mirror_view(journey.facts), href=reverse(PAGE, args=[journey.customer.pk])
    )


@require_GET
def mirror_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the customer's page shows, with the manager's levers."""
    customer = customer_here(request, pk)
    return _page(request, customer)


@require_POST
def mirror_compare_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Have both orgs asked in the background."""
    customer = customer_here(request, pk)
    try:
        mirror_ask(customer=customer, by=person_of(request))
    except MirrorError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Both orgs are asked in the background."))
    return _to_page(customer)


@require_POST
def mirror_waive_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a difference be, with the reason that both sides read."""
    customer = customer_here(request, pk, WAIVE)
    subject = request.POST.get("point", "")
    service = difference_waive if request.POST.get("lever") == "waive" else difference_accept
    try:
        service(
            customer=customer,
            subject=subject,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            by=person_of(request),
        )
    except MirrorError as error:
        return _page(request, customer, wanted=subject, error=str(error), status=422)
    messages.success(request, _("Set aside. Both sides read why."))
    return _to_page(customer)


@require_POST
def mirror_reopen_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a difference again."""
    customer = customer_here(request, pk, WAIVE)
    try:
        if difference_withdraw(
            customer=customer, subject=request.POST.get("point", ""), by=person_of(request)
        ):
            messages.info(request, _("The difference is open again."))
    except MirrorError as error:
        messages.warning(request, str(error))
    return _to_page(customer)


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    name = PAGE.removeprefix("admin:")
    return [
        path("<int:pk>/mirror/", page(mirror_page), name=name),
        path("<int:pk>/mirror/compare/", page(mirror_compare_page), name=f"{name}_compare"),
        path("<int:pk>/mirror/waive/", page(mirror_waive_page), name=f"{name}_waive"),
        path("<int:pk>/mirror/reopen/", page(mirror_reopen_page), name=f"{name}_reopen"),
    ]


def _page(
    request: HttpRequest,
    customer: Customer,
    *,
    wanted: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    journey = journey_for(customer, person=person)
    step = journey.step(STEP)
    wanted = wanted or request.GET.get("point", "")
    context: Mapping[str, Any] = {
        "title": _("Production and the tested sandbox"),
        "opts": Customer._meta,
        "customer": customer,
        "original": customer,
        "opened": step is not None and step.status != StepStatus.LOCKED,
        "desk": True,
        "mirror": mirror_view(
            journey.facts,
            person=person if person.has_perm(WAIVE) else None,
            unfolded=unfolded(wanted, request.GET.get("show", "")),
            wanted=wanted,
        ),
        "wanted": wanted,
        "error": error,
        "typed": request.POST.get("reason", ""),
        "urls": {
            "accept": reverse(f"{PAGE}_waive", args=[customer.pk]),
            "withdraw": reverse(f"{PAGE}_reopen", args=[customer.pk]),
            "compare": reverse(f"{PAGE}_compare", args=[customer.pk]),
        },
        "poll": "",
    }
    template = "admin/accounts/customer/mirror_page.html"
    return desk_page(request, template, dict(context), status=status)


def _to_page(customer: Customer) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(PAGE, args=[customer.pk]))
