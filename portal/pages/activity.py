"""What happened, in words, newest first: found, linked, and taken along as a file."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Customer, Event
from accounts.numbers import row_number
from portal.access import reader_here
from portal.activity import EVENTS_A_PAGE, ActivityForm, lines_of
from portal.activity.export import events_answer
from portal.activity.filters import actors_of
from portal.activity.lines import events_seen, page_with
from portal.pages import page


@require_GET
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """The customer's events, page by page; one of them, where a link led to it."""
    reader = reader_here(request)
    context = activity_context(request.GET, reader.customer, desk=False)
    context["file_url"] = reverse("activity_csv")
    return page(request, reader, "portal/activity/list.html", "activity", context)


@require_GET
@login_required
def activity_file(request: HttpRequest) -> HttpResponseBase:
    """Everything that the page would list, as a file."""
    customer = reader_here(request).customer
    _form, events = activity_asked(request.GET, customer, desk=False)
    return events_answer(events, desk=False, name=customer.slug)


def activity_asked(
    asked: Mapping[str, Any], customer: Customer, *, desk: bool
) -> tuple[ActivityForm, QuerySet[Event]]:
    """What somebody looks for among a customer's events, and what was found."""
    everything = events_seen(customer, desk=desk)
    form = ActivityForm(asked, people=actors_of(everything))
    return form, form.narrow(everything, customer=customer)


def activity_context(asked: Mapping[str, Any], customer: Customer, *, desk: bool) -> dict[str, Any]:
    """What the page of one customer's events shows, for either side.

    A link to one event asks for it by its number; the page that has it is shown.
    """
    form, events = activity_asked(asked, customer, desk=desk)
    wanted = row_number(str(asked.get("event", "")))
    number = page_with(events, wanted) if wanted is not None else asked.get("page")
    found = Paginator(events, EVENTS_A_PAGE).get_page(number)
    return {
        "form": form,
        "page": found,
        "lines": lines_of(list(found), desk=desk, wanted=wanted),
        "narrowed": bool(form.asked),
    }
