"""New job changes on the desk: the customer's own page with our levers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Customer
from jobchanges.models import Side
from jobchanges.selectors.schedules import schedule_of
from jobchanges.services.errors import BatchError
from jobchanges.services.schedules import schedule_go_on, schedule_set, schedule_stop
from portal.managers.access import customer_here, desk_page
from portal.managers.go_live_here import LOOK, SEND
from portal.pages.sending_forms import ScheduleForm, ScheduleStopForm
from portal.pages.sending_notifications import notifications_post
from portal.pages.sending_page import sending_page


@never_cache
@require_GET
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """When new job changes go, and what waits."""
    return _show(request, customer_here(request, pk, *LOOK))


@require_POST
def sending_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose how often, for the customer."""
    customer = customer_here(request, pk, SEND)
    form = ScheduleForm(request.POST, schedule=schedule_of(customer), auto_id="schedule-%s")
    if form.is_valid():
        try:
            schedule_set(
                customer=customer, by=person_of(request), side=Side.VENDOR, **form.cleaned_data
            )
        except BatchError as problem:
            messages.error(request, problem.sentence)
        else:
            messages.success(request, _("Saved."))
        return _back(customer)
    return _show(request, customer, form=form, status=422)


@require_POST
def sending_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the regular batches, with a reason: only we let them go on."""
    customer = customer_here(request, pk, SEND)
    form = ScheduleStopForm(request.POST, auto_id="stop-%s")
    if form.is_valid():
        try:
            schedule_stop(
                customer=customer,
                side=Side.VENDOR,
                by=person_of(request),
                reason=form.cleaned_data["reason"],
            )
        except BatchError as problem:
            messages.error(request, problem.sentence)
        else:
            messages.success(
                request, _("The regular batches are stopped. Only UserGems lets them go on.")
            )
        return _back(customer)
    return _show(request, customer, stop=form, status=422)


@require_POST
def sending_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Let them go on, from the next time on."""
    customer = customer_here(request, pk, SEND)
    try:
        schedule_go_on(customer=customer, side=Side.VENDOR, by=person_of(request))
    except BatchError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The regular batches go on."))
    return _back(customer)


@require_POST
def sending_notifications(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch UserGems' own notifications on or off, for the customer."""
    customer = customer_here(request, pk, SEND)
    notifications_post(request, customer, by=person_of(request), side=Side.VENDOR)
    return _back(customer)


def _show(
    request: HttpRequest,
    customer: Customer,
    *,
    form: ScheduleForm | None = None,
    stop: ScheduleStopForm | None = None,
    status: int = 200,
) -> HttpResponse:
    def at(name: str) -> str:
        return reverse(f"admin:accounts_customer_{name}", args=[customer.pk])

    context: dict[str, Any] = {
        "title": _("New job changes: %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "sending": sending_page(
            customer=customer,
            side=Side.VENDOR,
            may_act=person_of(request).has_perm(SEND),
            urls={
                "page": at("sending"),
                "set": at("sending_set"),
                "stop": at("sending_stop"),
                "go_on": at("sending_go_on"),
                "notifications": at("sending_notifications"),
                "go_live": at("go_live"),
                "exceptions": at("go_live_exceptions"),
                "setup": at("change"),
                "checks": reverse(
                    "admin:accounts_customer_checks", args=[customer.pk, "production"]
                ),
            },
            form=form,
            stop=stop,
        ),
    }
    return desk_page(request, "admin/accounts/customer/sending.html", context, status=status)


def _back(customer: Customer) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:accounts_customer_sending", args=[customer.pk]))


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """The addresses below a customer's page; `page` is the admin site's own wrapper."""
    base, name = "<int:pk>/sending/", "accounts_customer_sending"
    return [
        path(base, page(sending), name=name),
        path(f"{base}set/", page(sending_set), name=f"{name}_set"),
        path(f"{base}stop/", page(sending_stop), name=f"{name}_stop"),
        path(f"{base}go-on/", page(sending_go_on), name=f"{name}_go_on"),
        path(
            f"{base}notifications/",
            page(sending_notifications),
            name=f"{name}_notifications",
        ),
    ]
