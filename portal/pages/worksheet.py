"""The worksheet for moving what was tested in the sandbox to production: page, table, manifest."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Customer, Environment
from portal.access import Reader, reader_here
from portal.pages import page
from portal.pages.permission_words import permission_words
from portal.steps import Journey, StepStatus, StepView, journey_for
from portal.worksheet import Worksheet, worksheet_for
from portal.worksheet.package_xml import package_xml
from portal.worksheet.table import worksheet_csv

STEP = "production.mirror"


@require_GET
@login_required
def worksheet(request: HttpRequest) -> HttpResponse:
    """The six parts, from the approved sandbox test on. Raises Http404 without a sandbox stage."""
    reader = reader_here(request)
    journey, step = _here(reader)
    context = worksheet_context(journey, step)
    return page(request, reader, "portal/worksheet/page.html", "setup", context)


def worksheet_context(journey: Journey, step: StepView) -> dict[str, Any]:
    """What the page shows, here and on the managers' desk."""
    opened = step.status != StepStatus.LOCKED
    return {
        "step": step,
        "opened": opened,
        "worksheet": worksheet_for(journey.facts) if opened else None,
        "permissions": permission_words(journey.customer.permission_list),
        "sandbox": journey.facts.epoch(Environment.SANDBOX),
        "baseline": journey.facts.mirror.baseline,
        "production": journey.facts.epoch(Environment.PRODUCTION),
    }


@require_GET
@login_required
def worksheet_table(request: HttpRequest) -> HttpResponse:
    """The same as a CSV file."""
    reader = reader_here(request)
    found = _opened(reader)
    if found is None:
        return _not_yet(request)
    return table_answer(found, reader.customer)


@require_GET
@login_required
def worksheet_package(request: HttpRequest) -> HttpResponse:
    """The components as `package.xml`, once the tested sandbox has said which there are."""
    found = _opened(reader_here(request))
    if found is None or not found.components:
        return _not_yet(request)
    return package_answer(found)


def package_answer(found: Worksheet) -> HttpResponse:
    """The file for tools that deploy metadata; `found` has components."""
    text = package_xml(found.components, version=settings.SALESFORCE_API_VERSION)
    return _file(text, "application/xml; charset=utf-8", "package.xml")


def table_answer(found: Worksheet, customer: Customer) -> HttpResponse:
    """The worksheet as a table."""
    name = f"worksheet-{customer.slug}.csv"
    return _file(worksheet_csv(found), "text/csv; charset=utf-8", name)


def _here(reader: Reader) -> tuple[Journey, StepView]:
    journey = journey_for(reader.customer, person=reader.person)
    step = journey.step(STEP)
    if step is None:
        raise Http404
    return journey, step


def _opened(reader: Reader) -> Worksheet | None:
    """The worksheet; None before it opens."""
    journey, step = _here(reader)
    return worksheet_for(journey.facts) if step.status != StepStatus.LOCKED else None


def _not_yet(request: HttpRequest) -> HttpResponse:
    """Back to the page, which says when there is something to download."""
    messages.info(request, _("There is nothing to download yet."))
    return redirect("worksheet")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
