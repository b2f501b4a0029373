"""The desk's proof that nothing of a customer's was overwritten."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Customer
from portal.managers.access import customer_here, desk_page
from portal.pages.overwrites import overwrites_answer, overwrites_page

LOOK = "jobchanges.view_delivery"
PAGE = "admin:accounts_customer_overwrites"


@require_GET
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Every existing record touched, with the verdict on each field, and the sum."""
    customer = customer_here(request, pk, LOOK)
    found = overwrites_page(customer, request.GET.get("page"), count="count" in request.GET)
    context: dict[str, Any] = {
        "title": _("Existing records: %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "proof": found,
        "file_url": reverse(f"{PAGE}_csv", args=[customer.pk]),
    }
    return desk_page(request, "admin/accounts/customer/overwrites/page.html", context)


@require_GET
def proof_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as a file, whole."""
    return overwrites_answer(customer_here(request, pk, LOOK))


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    name = PAGE.removeprefix("admin:")
    return [
        path("<int:pk>/existing-records/", page(proof), name=name),
        path("<int:pk>/existing-records.csv", page(proof_file), name=f"{name}_csv"),
    ]
