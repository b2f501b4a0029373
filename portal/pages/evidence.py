"""The customer's evidence: have a pack made, take its files, verify them without us."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jobchanges.models import Side
from portal.access import reader_here
from portal.evidence.making import pack_ask
from portal.pages import page
from portal.pages.evidence_page import evidence_page, file_answer, script_answer

NAME = "evidence"


@never_cache
@login_required
@require_GET
def evidence(request: HttpRequest) -> HttpResponse:
    """The packs of the reader's customer."""
    reader = reader_here(request)
    context = {"evidence": evidence_page(reader.customer, NAME)}
    return page(request, reader, "portal/evidence/page.html", "evidence", context)


@never_cache
@login_required
@require_GET
def evidence_list(request: HttpRequest) -> HttpResponse:
    """The packs again, while one is being made."""
    shown = evidence_page(reader_here(request).customer, NAME)
    return render(request, "portal/evidence/_packs.html", {"evidence": shown})


@login_required
@require_POST
def evidence_make(request: HttpRequest) -> HttpResponse:
    """Have one made: anybody of the customer may."""
    reader = reader_here(request)
    pack_ask(customer=reader.customer, side=Side.CUSTOMER, by=reader.person)
    return redirect(NAME)


@never_cache
@login_required
@require_GET
def evidence_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A file of a pack."""
    return file_answer(reader_here(request).customer, pk, kind)


@login_required
@require_GET
def evidence_script(request: HttpRequest) -> HttpResponse:
    """The program that verifies a pack offline."""
    reader_here(request)
    return script_answer()


urlpatterns = [
    path("", evidence, name=NAME),
    path("list/", evidence_list, name="evidence_list"),
    path("make/", evidence_make, name="evidence_make"),
    path("<int:pk>/evidence.pdf", evidence_file, {"kind": "pdf"}, name="evidence_pdf"),
    path("<int:pk>/evidence.json", evidence_file, {"kind": "json"}, name="evidence_json"),
    path("verify_evidence.py", evidence_script, name="evidence_script"),
]
