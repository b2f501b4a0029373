"""The worksheet for moving what was tested in the sandbox to production; made to be printed."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.models import Environment
from portal.access import reader_here
from portal.pages import page
from portal.steps import StepStatus, journey_for
from portal.worksheet import worksheet_parts

STEP = "production.mirror"


@require_GET
@login_required
def worksheet(request: HttpRequest) -> HttpResponse:
    """The six parts, from the approved sandbox test on. Raises Http404 without a sandbox stage."""
    reader = reader_here(request)
    journey = journey_for(reader.customer, person=reader.person)
    step = journey.step(STEP)
    if step is None:
        raise Http404
    opened = step.status != StepStatus.LOCKED
    context = {
        "step": step,
        "opened": opened,
        "parts": worksheet_parts(journey.facts) if opened else [],
        "sandbox": journey.facts.epoch(Environment.SANDBOX),
        "production": journey.facts.epoch(Environment.PRODUCTION),
    }
    return page(request, reader, "portal/worksheet/page.html", "setup", context)
