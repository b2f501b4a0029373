"""Events as lines that a reader sees, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from accounts.models import Customer, Event, Membership
from jobchanges.models import JobChange
from portal.activity.links import Link, link_of
from portal.activity.things import Things
from portal.steps import steps_for
from portal.wording import STAFF_ONLY, event_sentence, job_change_key

EVENTS_A_PAGE = 50


@dataclass(frozen=True)
class EventLine:
    """One event as a reader sees it."""

    at: datetime
    what: str
    org_id: str
    number: int = 0
    link: Link | None = None
    customer: Customer | None = None  # where the list is about several
    is_wanted: bool = False  # the one that a link led to

    @property
    def anchor(self) -> str:
        """The line's id on a page of one customer."""
        return f"e{self.number}"


def step_titles() -> dict[str, str]:
    """Titles of all steps there are, by key: also of those that a customer's path left out."""
    return {
        step.key: step.title
        for path in ("sandbox_first", "production_only")
        for stage in steps_for(path)
        for step in stage.steps
    }


def events_seen(customer: Customer, *, desk: bool) -> QuerySet[Event]:
    """The customer's events, newest first; what staff do among themselves is the desk's only."""
    events = customer.events.select_related("actor").order_by("-sequence")
    return events if desk else events.exclude(action__in=STAFF_ONLY)


def event_page(
    customer: Customer, *, page: str | int | None, steps: Mapping[str, str], desk: bool = False
) -> tuple[Page[Event], list[EventLine]]:
    """A page of the customer's events, newest first, in words. `steps`: step titles by key."""
    found = Paginator(events_seen(customer, desk=desk), EVENTS_A_PAGE).get_page(page)
    return found, lines_of(list(found), steps=steps, desk=desk)


def page_with(events: QuerySet[Event], number: int) -> int:
    """The page of a customer's events on which one of them stands, by its number."""
    return events.filter(sequence__gt=number).count() // EVENTS_A_PAGE + 1


def lines_of(
    events: Sequence[Event],
    *,
    desk: bool,
    steps: Mapping[str, str] | None = None,
    wanted: int | None = None,
    several: bool = False,
) -> list[EventLine]:
    """Events in words, with where to go from each. A constant number of queries.

    `desk`: for staff; `wanted`: the number of the one that is looked for; `several`: of several
    customers, so that each line names its own.
    """
    things = Things(events, desk=desk)
    titles = step_titles() if steps is None else steps
    of = {event.customer_id for event in events}
    keys = {job_change_key(event) for event in events} - {""}
    people = {
        (job_change.customer_id, job_change.key): job_change.person_name
        for job_change in JobChange.objects.filter(customer__in=of, key__in=keys)
    }
    named = {event.data.get("membership") for event in events} - {None}
    colleagues: dict[object, str] = {
        membership.pk: str(membership.user)
        for membership in Membership.objects.filter(customer__in=of, pk__in=named).select_related(
            "user"
        )
    }
    lines = []
    for event in events:
        key = job_change_key(event)
        person = people.get((event.customer_id, key))
        lines.append(
            EventLine(
                at=event.created_at,
                what=event_sentence(event, titles, {key: person} if person else {}, colleagues),
                org_id=event.org_id,
                number=event.sequence,
                link=link_of(event, things),
                customer=event.customer if several else None,
                is_wanted=event.sequence == wanted,
            )
        )
    return lines
