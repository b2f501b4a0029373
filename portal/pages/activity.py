"""What happened, in words, newest first."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from portal.access import reader_here
from portal.pages import page
from portal.selectors import event_page
from portal.steps import steps_for


@require_GET
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """The customer's events, page by page."""
    reader = reader_here(request)
    titles = {
        step.key: step.title
        for path in ("sandbox_first", "production_only")
        for stage in steps_for(path)
        for step in stage.steps
    }
    found, lines = event_page(reader.customer, page=request.GET.get("page"), steps=titles)
    context = {"page": found, "lines": lines}
    return page(request, reader, "portal/activity/list.html", "activity", context)
