"""What can be asked of the customers on the desk: filters, search and order, all in SQL.

Everything here reads `portal.models.Standing`, so that ten thousand customers are sorted by the
database; what a page then shows of its fifty is derived anew (`portal/managers/home.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Membership, Plan, SignupLink, User
from accounts.numbers import row_number

Choices = Sequence[tuple[str, str | Promise]]

# The tabs above the list, by what stands in the address.
SHOWN: Choices = (
    ("", _("All")),
    ("me", _("Waiting on me")),
    ("stuck", _("Stuck")),
    ("overdue", _("Overdue")),
    ("live", _("Live")),
)
UNASSIGNED: tuple[str, str | Promise] = ("unassigned", _("Without a manager"))
STAGES: Choices = (
    ("sandbox", _("Sandbox")),
    ("production", _("Production")),
    ("go_live", _("Go live")),
    ("live", _("Live")),
)
TURNS: Choices = (
    ("vendor", _("UserGems")),
    ("customer", _("The customer")),
    ("nobody", _("Nobody")),
)
SORTS: Choices = (
    ("", _("Most urgent")),
    ("since", _("Waiting longest")),
    ("go_live", _("Planned go-live")),
    ("name", _("Name")),
    ("new", _("Newest")),
)
NO_MANAGER = "none"
# As much as a name may be long; more is no search.
LONGEST_SEARCH = 200
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_OFF = datetime(9999, 1, 1, tzinfo=UTC)

_OURS = Q(standing__vendor_step__gt="")
_THEIRS = Q(standing__vendor_step="", standing__customer_step__gt="")
_LIVE = Q(standing__live=True)


@dataclass(frozen=True)
class Asked:
    """What the reader asks for, as the address says it; what it does not know is left out."""

    show: str = ""
    stage: str = ""
    turn: str = ""
    plan: str = ""
    manager: str = ""
    words: str = ""
    sort: str = ""

    @property
    def filtered(self) -> bool:
        """Whether anything beside the tab narrows the list."""
        return any((self.stage, self.turn, self.plan, self.manager, self.words))


def asked_of(query: QueryDict, *, everybody: bool) -> Asked:
    """Read the address. Only who sees everybody's customers asks for a manager's."""

    def one_of(name: str, choices: Choices) -> str:
        value = query.get(name, "")
        return value if value in {key for key, _label in choices} else ""

    manager = query.get("manager", "") if everybody else ""
    return Asked(
        show=one_of("show", (*SHOWN, UNASSIGNED) if everybody else SHOWN),
        stage=one_of("stage", STAGES),
        turn=one_of("turn", TURNS),
        plan=one_of("plan", Plan.choices),
        manager=manager if manager == NO_MANAGER or row_number(manager) else "",
        words=query.get("q", "").strip()[:LONGEST_SEARCH],
        sort=one_of("sort", SORTS),
    )


def stuck_q(now: datetime) -> Q:
    """On hold, wrong, or nothing has happened for a week."""
    return Q(hold_reason__gt="") | Q(standing__attention=True) | Q(standing__stuck_from__lte=now)


def overdue_q(today: date) -> Q:
    """Past the planned go-live and not live."""
    return Q(planned_go_live__lt=today) & ~_LIVE


def mine_q(person: User, *, everybody: bool) -> Q:
    """Waits on the reader: the vendor's turn at their own customers, and nobody said to wait.

    A customer without a manager waits on whoever sees everybody's: it is to be given to somebody.
    """
    own = Q(implementation_manager=person) & _OURS & Q(hold_reason="")
    return own | Q(implementation_manager=None) if everybody else own


def stage_q(stage: str) -> Q:
    """In one stage; who is live is in none."""
    return _LIVE if stage == "live" else Q(standing__stage=stage) & ~_LIVE


def turn_q(turn: str) -> Q:
    """Whose turn it is; the vendor's first where both have something to do."""
    neither = Q(standing__vendor_step="", standing__customer_step="")
    return {"vendor": _OURS, "customer": _THEIRS, "nobody": neither}[turn]


def manager_q(manager: str) -> Q:
    """One manager's customers, by the manager's id, or those of nobody."""
    if manager == NO_MANAGER:
        return Q(implementation_manager=None)
    return Q(implementation_manager=row_number(manager))


def search_q(words: str) -> Q:
    """By the company's name, and by a person's name or e-mail, also of one who was only invited."""
    people = Membership.objects.filter(customer=OuterRef("pk")).filter(
        Q(user__email__icontains=words) | Q(user__full_name__icontains=words)
    )
    invited = SignupLink.objects.filter(customer=OuterRef("pk")).filter(
        Q(email__icontains=words) | Q(person_name__icontains=words)
    )
    named = Q(name__icontains=words) | Q(slug__icontains=words)
    return named | Q(Exists(people)) | Q(Exists(invited))


def narrowed(customers: QuerySet[Customer], asked: Asked) -> QuerySet[Customer]:
    """Those that the filters and the search leave, whatever the tab."""
    if asked.stage:
        customers = customers.filter(stage_q(asked.stage))
    if asked.turn:
        customers = customers.filter(turn_q(asked.turn))
    if asked.plan:
        customers = customers.filter(plan=asked.plan)
    if asked.manager:
        customers = customers.filter(manager_q(asked.manager))
    return customers.filter(search_q(asked.words)) if asked.words else customers


def tabs_q(person: User, *, everybody: bool) -> Mapping[str, Q]:
    """What each tab but the first holds."""
    return {
        "me": mine_q(person, everybody=everybody),
        "stuck": stuck_q(timezone.now()),
        "overdue": overdue_q(timezone.localdate()),
        "live": _LIVE,
        "unassigned": Q(implementation_manager=None),
    }


def counted(customers: QuerySet[Customer], tabs: Mapping[str, Q]) -> dict[str, int]:
    """How many customers each tab holds; "" is all of them. One query."""
    named = {f"in_{key}": Count("pk", filter=held) for key, held in tabs.items()}
    found = customers.order_by().aggregate(in_=Count("pk"), **named)
    return {key.removeprefix("in_"): count for key, count in found.items()}


def ordered(customers: QuerySet[Customer], sort: str) -> QuerySet[Customer]:
    """In the order asked for. Most urgent: stuck, then overdue, then ours, then who waits longest;
    what is nobody's turn comes last.
    """
    last = Lower("name").asc()
    since: Any = Case(
        When(_OURS, then=Coalesce("standing__vendor_since", Value(_LONG_AGO))),
        When(_THEIRS, then=Coalesce("standing__customer_since", Value(_FAR_OFF))),
        default=Value(_FAR_OFF),
        output_field=DateTimeField(),
    )
    if sort == "name":
        return customers.order_by(last, "pk")
    if sort == "new":
        return customers.order_by("-created_at", "-pk")
    if sort == "go_live":
        planned = F("planned_go_live").asc(nulls_last=True)
        return customers.order_by(_first(~_LIVE), planned, last, "pk")
    if sort == "since":
        return customers.order_by(since, last, "pk")
    return customers.order_by(
        _first(stuck_q(timezone.now())),
        _first(overdue_q(timezone.localdate())),
        _first(_OURS),
        since,
        last,
        "pk",
    )


def _first(held: Q) -> Case:
    """Those that it holds for before the others."""
    return Case(When(held, then=Value(0)), default=Value(1))
