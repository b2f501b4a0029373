"""A customer's evidence on the desk: the same packs, asked for by us."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Customer
from jobchanges.models import Side
from portal.evidence.making import pack_ask
from portal.managers.access import customer_here, desk_page
from portal.pages.evidence_page import evidence_page, file_answer, script_answer

LOOK = "jobchanges.view_delivery"
PAGE = "admin:accounts_customer_evidence"


@never_cache
@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's packs."""
    customer = customer_here(request, pk, LOOK)
    context: dict[str, Any] = {
        "title": _("Evidence: %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "evidence": evidence_page(customer, PAGE, [customer.pk]),
    }
    return desk_page(request, "admin/accounts/customer/evidence.html", context)


@never_cache
@require_GET
def evidence_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The packs again, while one is being made."""
    shown = evidence_page(customer_here(request, pk, LOOK), PAGE, [pk])
    return render(request, "portal/evidence/_packs.html", {"evidence": shown})


@require_POST
def evidence_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one made."""
    customer = customer_here(request, pk, LOOK)
    pack_ask(customer=customer, side=Side.VENDOR, by=person_of(request))
    return redirect(PAGE, customer.pk)


@never_cache
@require_GET
def evidence_file(request: HttpRequest, pk: int, pack: int, kind: str) -> HttpResponse:
    """A file of a pack."""
    return file_answer(customer_here(request, pk, LOOK), pack, kind)


@require_GET
def evidence_script(request: HttpRequest, pk: int) -> HttpResponse:
    """The program that verifies a pack offline."""
    customer_here(request, pk, LOOK)
    return script_answer()


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    base, name = "<int:pk>/evidence/", PAGE.removeprefix("admin:")
    file = page(evidence_file)
    return [
        path(base, page(evidence), name=name),
        path(f"{base}list/", page(evidence_list), name=f"{name}_list"),
        path(f"{base}make/", page(evidence_make), name=f"{name}_make"),
        *(
            path(f"{base}<int:pack>/evidence.{kind}", file, {"kind": kind}, name=f"{name}_{kind}")
            for kind in ("pdf", "json")
        ),
        path(f"{base}verify_evidence.py", page(evidence_script), name=f"{name}_script"),
    ]
