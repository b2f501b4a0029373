"""The desk's own levers of a customer: see as the customer, hold and let go on, internal notes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, CustomerNote
from accounts.services import (
    HoldError,
    NoteError,
    customer_hold,
    customer_hold_lift,
    note_add,
    note_change,
    note_remove,
)
from portal.managers.access import customer_here, desk_page
from portal.managers.customer_page import notes_of
from portal.managers.levers import to_customer
from portal.see_as import RIGHT, viewing_end, viewing_start

CHANGE = "accounts.change_customer"


@require_POST
def see_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to look at the customer's pages as an admin of it sees them."""
    viewing_start(request, customer_here(request, pk, RIGHT))
    return HttpResponseRedirect(reverse("setup"))


@require_POST
def see_as_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop looking. Works also for who lost the customer meanwhile: then to the desk's home."""
    customer = viewing_end(request, why="left") or Customer.objects.filter(pk=pk).first()
    if customer is None or not customers_managed_by(request.user).filter(pk=customer.pk).exists():
        return HttpResponseRedirect(reverse("admin:index"))
    return to_customer(customer)


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, saying what holding does; then hold. `lift` lets it go on."""
    customer = customer_here(request, pk, CHANGE)
    if request.method == "GET":
        return _hold_page(request, customer)
    if "lift" in request.POST:
        if customer_hold_lift(customer=customer, by=person_of(request)):
            messages.success(request, _("The setup goes on."))
        else:
            messages.info(request, _("The setup was not on hold any more."))
        return to_customer(customer)
    try:
        customer_hold(
            customer=customer, reason=request.POST.get("reason", ""), by=person_of(request)
        )
    except HoldError as error:
        return _hold_page(request, customer, error=str(error))
    messages.success(request, _("On hold. Both sides read why."))
    return to_customer(customer)


def _hold_page(request: HttpRequest, customer: Customer, *, error: str = "") -> HttpResponse:
    context = {
        "title": _("The setup is on hold") if customer.hold_reason else _("Put the setup on hold"),
        "customer": customer,
        "original": customer,
        "opts": Customer._meta,
        "error": error,
        "reason": request.POST.get("reason", customer.hold_reason),
        "longest": Customer._meta.get_field("hold_reason").max_length,
    }
    return desk_page(
        request, "admin/accounts/customer/hold.html", context, status=422 if error else 200
    )


@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """All internal notes of a customer; a POST adds, changes or removes one."""
    customer = customer_here(request, pk, RIGHT)
    if request.method == "GET":
        return _notes_page(request, customer)
    person, text = person_of(request), request.POST.get("text", "")
    note = _note(customer, request.POST["note"]) if request.POST.get("note") else None
    try:
        if note is None:
            note_add(customer=customer, text=text, by=person)
            messages.success(request, _("Noted. Only staff of this customer read it."))
        elif "remove" in request.POST:
            note_remove(note=note, by=person)
            messages.info(request, _("The note is removed."))
        else:
            note_change(note=note, text=text, by=person)
            messages.success(request, _("The note is changed."))
    except NoteError as error:
        return _notes_page(request, customer, error=str(error), note=note)
    return to_customer(customer, "notes")


def _note(customer: Customer, pk: str) -> CustomerNote:
    note = customer.notes.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if note is None:
        raise Http404
    return note


def _notes_page(
    request: HttpRequest,
    customer: Customer,
    *,
    error: str = "",
    note: CustomerNote | None = None,
) -> HttpResponse:
    """`note`: the one whose change was refused; what was typed stays."""
    context = {
        "title": _("Internal notes"),
        "customer": customer,
        "original": customer,
        "opts": Customer._meta,
        "notes": notes_of(customer),
        "error": error,
        "wanted": note.pk if note else 0,
        "typed": request.POST.get("text", ""),
        "person": person_of(request),
        "may_remove": person_of(request).has_perm("accounts.view_all_customers"),
    }
    return desk_page(
        request, "admin/accounts/customer/notes.html", context, status=422 if error else 200
    )


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    name = "accounts_customer"
    return [
        path("<int:pk>/see-as/", page(see_as), name=f"{name}_see_as"),
        path("<int:pk>/see-as/end/", page(see_as_end), name=f"{name}_see_as_end"),
        path("<int:pk>/hold/", page(hold), name=f"{name}_hold"),
        path("<int:pk>/notes/", page(notes), name=f"{name}_notes"),
    ]
