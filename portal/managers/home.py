"""The managers' home: where each customer is, whose turn it is, since when, what is stuck."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer
from portal.selectors import live_card
from portal.steps import Journey, StepStatus, journeys_for
from portal.steps.base import VENDOR

CUSTOMERS_A_PAGE = 50
# The choices above the list, by what stands in the address.
SHOWN = ("", "me", "stuck")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FAR_OFF = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One customer of the portfolio."""

    customer: Customer
    journey: Journey

    @property
    def on_us(self) -> bool:
        """Whether the next move is the vendor's."""
        return self.journey.side == VENDOR

    @property
    def turn_tint(self) -> str:
        """The chip's tint: what waits on the reader stands out."""
        step = self.journey.next_step
        if step is None:
            return ""
        if step.status == StepStatus.ATTENTION:
            return "bad"
        return "warn" if step.yours else "wait"

    @property
    def live_words(self) -> str:
        """For a customer who is live: what new job changes wait for, else how it began."""
        card = live_card(self.journey)
        if card is not None and card.waits_for:
            return _("New job changes wait: %(why)s") % {"why": card.waits_for}
        step = self.journey.step("go_live.first_batch")
        return step.sentence if step is not None else ""

    @property
    def live_since(self) -> datetime | None:
        """When the first batch ended."""
        found = self.journey.facts.batch
        return found.batch.ended_at if found is not None and self.journey.live else None


@dataclass(frozen=True)
class Choice:
    """A link above the list that looks like a tab."""

    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True)
class Portfolio:
    """What the home shows. `everybody`: the reader sees other managers' customers too."""

    allowed: bool
    everybody: bool
    tabs: Sequence[Choice]
    shown: str
    page: Page[Line] | None
    total: int
    may_add: bool


def portfolio(request: HttpRequest) -> Portfolio:
    """The reader's customers, stuck first. As many queries for fifty customers as for one."""
    person = person_of(request)
    allowed = person.has_perm("accounts.view_customer")
    everybody = person.has_perm("accounts.view_all_customers")
    if not allowed:
        return Portfolio(False, False, (), "", None, 0, False)
    customers = list(customers_managed_by(person).select_related("implementation_manager"))
    journeys = journeys_for(customers, person=person)
    lines = [Line(customer, journeys[customer.pk]) for customer in customers]
    groups = {
        "": lines,
        "me": [
            line
            for line in lines
            if line.on_us and line.customer.implementation_manager_id in (person.pk, None)
        ],
        "stuck": [line for line in lines if line.journey.stuck],
    }
    asked = request.GET.get("show", "")
    shown = asked if asked in SHOWN else ""
    labels = {"": _("All"), "me": _("Waiting on me"), "stuck": _("Stuck")}
    tabs = [
        Choice(labels[key], f"?show={key}" if key else "?", key == shown, len(groups[key]))
        for key in SHOWN
    ]
    found = sorted(groups[shown], key=_urgency)
    page = Paginator(found, CUSTOMERS_A_PAGE).get_page(request.GET.get("page"))
    return Portfolio(
        True,
        everybody,
        tabs,
        shown,
        page,
        len(lines),
        person.has_perm("accounts.add_customer"),
    )


def _urgency(line: Line) -> tuple[bool, bool, datetime, str]:
    """Stuck first, then ours to move, then whoever has waited longest; the finished last."""
    since = line.journey.since or (_LONG_AGO if line.on_us else _FAR_OFF)
    return (not line.journey.stuck, not line.on_us, since, line.customer.name.lower())
