"""What happened, for the desk: at one customer, and at all of the reader's."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, Event
from portal.activity import EVENTS_A_PAGE, ActivityForm, lines_of
from portal.activity.export import events_answer
from portal.managers.access import customer_here, desk_page, right_check
from portal.pages.activity import activity_asked, activity_context

LOOK = "accounts.view_event"
PAGE = "admin:accounts_customer_activity"
# Of many customers' events only the newest are paged through: counting all would take too long.
MOST_LISTED = 10_000


@require_GET
def customer_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer's events, with what staff do among themselves."""
    customer = customer_here(request, pk, LOOK)
    context = {
        "title": _("Activity: %(customer)s") % {"customer": customer.name},
        "opts": Customer._meta,
        "customer": customer,
        "file_url": reverse(f"{PAGE}_csv", args=[customer.pk]),
        **activity_context(request.GET, customer, desk=True),
    }
    return desk_page(request, "admin/accounts/customer/activity.html", context)


@require_GET
def customer_activity_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as a file, whole."""
    customer = customer_here(request, pk, LOOK)
    _form, events = activity_asked(request.GET, customer, desk=True)
    return events_answer(events, desk=True, name=customer.slug)


@require_GET
def all_activity(request: HttpRequest) -> HttpResponse:
    """The events of all customers that the reader manages."""
    right_check(request, LOOK)
    form, events = _asked_of_all(request, request.GET)
    found = Paginator(events[:MOST_LISTED], EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Activity"),
        "opts": Customer._meta,
        "form": form,
        "page": found,
        "lines": lines_of(list(found), desk=True, several=True),
        "narrowed": bool(form.asked),
        "cut": found.paginator.count == MOST_LISTED,
        "file_url": reverse(f"{PAGE}_all_csv"),
    }
    return desk_page(request, "admin/accounts/customer/activity.html", context)


@require_GET
def all_activity_file(request: HttpRequest) -> HttpResponseBase:
    """The same as a file, whole."""
    right_check(request, LOOK)
    _form, events = _asked_of_all(request, request.GET)
    return events_answer(events, desk=True, name="all")


def _asked_of_all(
    request: HttpRequest, asked: Mapping[str, Any]
) -> tuple[ActivityForm, QuerySet[Event]]:
    """By the order in which they were written, which is the table's own: no sorting of it all."""
    person = person_of(request)
    form = ActivityForm(asked, people=[person])
    events = Event.objects.select_related("customer", "actor").order_by("-pk")
    if not (person.is_superuser or person.has_perm("accounts.view_all_customers")):
        events = events.filter(customer__in=customers_managed_by(person).values("pk"))
    return form, form.narrow(events, customer=None)


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """For the admin's customers; `page` makes a view one of the admin's."""
    name = PAGE.removeprefix("admin:")
    return [
        path("activity/", page(all_activity), name=f"{name}_all"),
        path("activity.csv", page(all_activity_file), name=f"{name}_all_csv"),
        path("<int:pk>/activity/", page(customer_activity), name=name),
        path("<int:pk>/activity.csv", page(customer_activity_file), name=f"{name}_csv"),
    ]
