"""What a security team wants to know: with names for the customer's people, without for others."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.limits import limited
from accounts.models import Customer
from portal.access import reader_here
from portal.evidence.blocks import Block
from portal.security.document import security_pdf as pdf_of
from portal.security.facts import security_sections
from portal.security.section import Section


@never_cache
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    """The page; anybody may read what holds for everybody."""
    customer = _customer(request)
    sections = [_shown(one) for one in security_sections(customer)]
    context = {"nav": "security", "sections": sections, "of": customer}
    template = "page" if customer else "public"
    return render(request, f"portal/security/{template}.html", context)


@never_cache
@require_GET
@limited("security_pdf", reading=True)
def security_pdf(request: HttpRequest) -> HttpResponseBase:
    """The same as a file."""
    customer = _customer(request)
    answer = HttpResponse(pdf_of(customer), content_type="application/pdf")
    whose = f"{customer.slug}-" if customer else ""
    name = f"usergems-{whose}security-{timezone.now():%Y-%m-%d}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(section: Section) -> Section:
    """With the lines of tables as pairs of title and cell: on a narrow screen each has both."""
    return replace(section, blocks=[_lines(block) for block in section.blocks])


def _lines(block: Block) -> Block:
    if block["kind"] != "table":
        return block
    titles = [column["title"] for column in block["columns"]]
    return block | {"lines": [list(zip(titles, row, strict=True)) for row in block["rows"]]}


def _customer(request: HttpRequest) -> Customer | None:
    """The reader's customer; None for staff and for people who are not signed in."""
    if not request.user.is_authenticated:
        return None
    try:
        return reader_here(request).customer
    except Http404:
        return None
