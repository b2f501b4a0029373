"""The managers' home: what waits on the reader, then where each of their customers is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, Plan, User
from jobchanges.selectors import runs_by_customer
from jobchanges.selectors.types import RunSummary
from portal.managers import portfolio as asking
from portal.managers.next_levers import lever_for
from portal.managers.portfolio import Asked, asked_of
from portal.selectors import live_card
from portal.standing import ROUND, standings_correct, standings_refresh
from portal.steps import Journey, StepStatus, journeys_for
from portal.steps.base import VENDOR

CUSTOMERS_A_PAGE = 50
# What waits on the reader stands above the list; more than these are a click away.
WAITING_SHOWN = 8


@dataclass(frozen=True)
class Line:
    """One customer of the portfolio. `lever`: what the reader presses now, words and address."""

    customer: Customer
    journey: Journey
    lever: tuple[str, str] | None = None

    @property
    def href(self) -> str:
        """The customer's page."""
        return reverse("admin:accounts_customer_change", args=[self.customer.pk])

    @property
    def on_us(self) -> bool:
        """Whether the next move is the vendor's."""
        return self.journey.side == VENDOR

    @property
    def turn_tint(self) -> str:
        """The chip's tint: what waits on the reader stands out."""
        step, waiting = self.journey.next_step, self.journey.waiting
        if waiting is not None:
            return "bad" if waiting.wrong else "warn" if self.on_us else "wait"
        if step is None:
            return ""
        if step.status == StepStatus.ATTENTION:
            return "bad"
        return "warn" if step.yours else "wait"

    @property
    def todo(self) -> str:
        """What is to be done next, in a few words."""
        if self.journey.waiting is not None:
            return self.journey.waiting.title
        if self.journey.next_step is not None:
            return self.journey.next_step.title
        return _("Live") if self.journey.live else _("Nothing left to do")

    @property
    def about(self) -> str:
        """The sentence under it."""
        if self.journey.waiting is not None:
            return self.journey.waiting.sentence
        if self.journey.live:
            return self.live_words
        step = self.journey.next_step
        return step.sentence if step is not None else ""

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
        return self.journey.live_since

    @property
    def overdue(self) -> bool:
        """Whether the planned go-live has passed and the customer is not live."""
        planned = self.customer.planned_go_live
        return planned is not None and planned < timezone.localdate() and not self.journey.live


@dataclass(frozen=True)
class Choice:
    """A link above the list that looks like a tab."""

    label: str | Promise
    url: str
    current: bool
    count: int


@dataclass(frozen=True)
class Select:
    """One filter of the list: its name in the address, its label, what can be chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str | Promise]]
    value: str


@dataclass(frozen=True)
class Portfolio:
    """What the home shows. `everybody`: the reader sees other managers' customers too.

    `waiting`: the first of what waits on the reader, of `waiting_total`; None where the list below
    is filtered already. `lines`: the list, which is a `page` of all. `total`: all of the reader's
    customers.
    """

    allowed: bool = False
    everybody: bool = False
    may_add: bool = False
    total: int = 0
    asked: Asked = field(default_factory=Asked)
    tabs: Sequence[Choice] = ()
    selects: Sequence[Select] = ()
    waiting: Sequence[Line] | None = None
    waiting_total: int = 0
    lines: Sequence[Line] = ()
    page: Page[Customer] | None = None

    @property
    def narrowed(self) -> bool:
        """Whether the list shows less than all."""
        return self.asked.filtered or bool(self.asked.show)


def portfolio(request: HttpRequest) -> Portfolio:
    """The reader's customers. As many queries for ten thousand as for one."""
    person = person_of(request)
    if not person.has_perm("accounts.view_customer"):
        return Portfolio()
    everybody = person.has_perm("accounts.view_all_customers")
    asked = asked_of(request.GET, everybody=everybody)
    theirs = customers_managed_by(person).select_related("implementation_manager", "standing")
    _look_again(theirs)
    tabs = asking.tabs_q(person, everybody=everybody)
    found = asking.narrowed(theirs, asked)
    counts = asking.counted(found, tabs)
    total = counts[""] if not asked.filtered else theirs.count()
    waiting = None if asked.filtered or asked.show or "page" in request.GET else counts["me"]
    first = asking.ordered(theirs.filter(tabs["me"]), "since")[:WAITING_SHOWN] if waiting else []
    shown = asking.ordered(found.filter(tabs[asked.show]) if asked.show else found, asked.sort)
    paginator = Paginator(shown, CUSTOMERS_A_PAGE)
    # Counted already, with the tabs.
    paginator.count = counts[asked.show]
    page = paginator.get_page(request.GET.get("page"))
    lines = _lines(person, list(first), list(page))
    return Portfolio(
        allowed=True,
        everybody=everybody,
        may_add=person.has_perm("accounts.add_customer"),
        total=total,
        asked=asked,
        tabs=_tabs(request, asked, counts, everybody),
        selects=_selects(asked, everybody),
        waiting=None if waiting is None else [lines[customer.pk] for customer in first],
        waiting_total=counts["me"],
        lines=[lines[customer.pk] for customer in page],
        page=page,
    )


def _look_again(theirs: QuerySet[Customer]) -> None:
    """Those of whom something happened since the last look, so that the lists are true now.

    After a start with very many of them the sweep does the rest.
    """
    again = theirs.filter(Q(standing=None) | Q(standing__stale=True))
    standings_refresh(again.order_by("standing__looked_at")[:ROUND])


def _lines(person: User, first: list[Customer], page: list[Customer]) -> dict[int, Line]:
    """Each customer's line, derived anew from the facts; `first` with what can be done now."""
    customers = {customer.pk: customer for customer in (*first, *page)}
    journeys = journeys_for(customers.values(), person=person)
    standings_correct(journeys)
    lines = {pk: Line(customer, journeys[pk]) for pk, customer in customers.items()}
    runs = runs_by_customer(first)
    for customer in first:
        lever = _lever(lines[customer.pk], runs[customer.pk], person)
        lines[customer.pk] = replace(lines[customer.pk], lever=lever)
    return lines


def _lever(line: Line, runs: Sequence[RunSummary], person: User) -> tuple[str, str] | None:
    """What the reader does about it at once; None where the customer's page says it."""
    customer = line.customer
    if customer.implementation_manager is None:
        where = reverse("admin:accounts_customer_assign")
        return _("Give it to a manager"), f"{where}?{urlencode({'pick': customer.pk})}"
    step = line.journey.next_step
    if step is None:
        return None
    run = next((one for one in runs if one.is_open and one.environment == step.environment), None)
    return lever_for(customer, step, run, person)


def _tabs(
    request: HttpRequest, asked: Asked, counts: dict[str, int], everybody: bool
) -> list[Choice]:
    """Each keeps the filters; the last one only where there is something in it."""
    shown = list(asking.SHOWN)
    if everybody and (counts["unassigned"] or asked.show == "unassigned"):
        shown.append(asking.UNASSIGNED)
    return [
        Choice(label, address(request, show=key), key == asked.show, counts[key])
        for key, label in shown
    ]


def address(request: HttpRequest, **changed: str) -> str:
    """This page with some of its filters changed; "" takes one away. The first page of it."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changed.items():
        query[name] = value
    kept = {name: value for name, value in query.items() if value}
    return f"?{urlencode(kept)}"


def _selects(asked: Asked, everybody: bool) -> list[Select]:
    """The filters beside the search. A manager's name only for who sees everybody's customers."""
    anything: tuple[str, str | Promise] = ("", _("Any"))
    selects = [
        Select("stage", _("Stage"), [anything, *asking.STAGES], asked.stage),
        Select("turn", _("Whose turn"), [anything, *asking.TURNS], asked.turn),
        Select("plan", _("Plan"), [anything, *Plan.choices], asked.plan),
    ]
    if everybody:
        managers = User.objects.filter(managed_customers__isnull=False).distinct()
        options = [(str(one.pk), str(one)) for one in managers.order_by("full_name", "email")]
        nobody: tuple[str, str | Promise] = (asking.NO_MANAGER, _("Nobody yet"))
        selects.append(Select("manager", _("Manager"), [anything, nobody, *options], asked.manager))
    return [*selects, Select("sort", _("Order"), asking.SORTS, asked.sort)]
