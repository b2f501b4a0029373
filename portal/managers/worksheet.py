"""The customer's worksheet for production, read on the desk."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import person_of
from accounts.models import Customer
from portal.managers.access import customer_here, desk_page
from portal.pages.worksheet import STEP, package_answer, table_answer, worksheet_context
from portal.steps import journey_for

LOOK = "accounts.view_customer"
NAME = "accounts_customer_worksheet"


@require_GET
def worksheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The six parts. Raises Http404 for a customer without a sandbox stage."""
    customer = customer_here(request, pk, LOOK)
    address = f"admin:{NAME}_file"
    context = _context(request, customer) | {
        "title": _("Worksheet: production like the tested sandbox"),
        "opts": Customer._meta,
        "customer": customer,
        "original": customer,
        "csv_url": reverse(address, args=[customer.pk, "csv"]),
        "package_url": reverse(address, args=[customer.pk, "xml"]),
        "mirror_url": reverse("admin:accounts_customer_mirror", args=[customer.pk]),
    }
    return desk_page(request, "admin/accounts/customer/worksheet.html", context)


@require_GET
def worksheet_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """As a table (csv) or as package.xml (xml). Raises Http404 while there is none."""
    customer = customer_here(request, pk, LOOK)
    found = _context(request, customer)["worksheet"]
    if found is not None and kind == "csv":
        return table_answer(found, customer)
    if found is not None and kind == "xml" and found.components:
        return package_answer(found)
    raise Http404


def _context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    journey = journey_for(customer, person=person_of(request))
    step = journey.step(STEP)
    if step is None:
        raise Http404
    return worksheet_context(journey, step)


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    return [
        path("<int:pk>/worksheet/", page(worksheet), name=NAME),
        path("<int:pk>/worksheet.<str:kind>/", page(worksheet_file), name=f"{NAME}_file"),
    ]
