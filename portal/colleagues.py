"""Who of a company has access to the portal, in which role, since when and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Event, Membership, Role, SignupLink, User

# What a role may do, as the pages say it (product.md, section 1).
ROLE_WORDS: Mapping[str, str | Promise] = {
    Role.ADMIN.value: _("Connects orgs, chooses settings, reviews, signs, and gives access"),
    Role.APPROVER.value: _("Reads and reviews everything, allows the production test, signs"),
    Role.REVIEWER.value: _("Reads everything, reviews job changes, comments"),
}

# Actions that let somebody in: they say since when and by whom. And those that ended it.
_GAVE = ("membership.given", "signup_link.proven")
_ENDED = ("membership.ended", "membership.left")


@dataclass(frozen=True)
class ColleagueLine:
    """One person of the company."""

    membership: Membership
    since: datetime
    invited_by: str  # empty where nobody is known any more
    last_seen: datetime | None
    is_reader: bool = False

    @property
    def person(self) -> User:
        """Who it is."""
        return self.membership.user

    @property
    def anchor(self) -> str:
        """The line's id on the page."""
        return anchor_of(self.membership.pk)

    @property
    def never_came(self) -> bool:
        """Whether they were invited and have not signed in yet."""
        return self.last_seen is None

    @property
    def role_words(self) -> str:
        """What the role may do."""
        return str(ROLE_WORDS.get(self.membership.role, ""))


@dataclass(frozen=True)
class Colleagues:
    """Everybody with access, the admins first; and those who had it."""

    here: Sequence[ColleagueLine]
    left: Sequence[ColleagueLine]

    def line(self, pk: int) -> ColleagueLine | None:
        """The standing line of a membership."""
        return next((line for line in self.here if line.membership.pk == pk), None)

    @property
    def admins(self) -> Sequence[ColleagueLine]:
        """Who may give access."""
        return [line for line in self.here if line.membership.role == Role.ADMIN]

    @property
    def signers(self) -> Sequence[ColleagueLine]:
        """Who may sign."""
        return [line for line in self.here if line.membership.may_sign]


def anchor_of(membership_pk: object) -> str:
    """The id of a colleague's line on the page."""
    return f"colleague-{membership_pk}"


def colleagues_of(customer: Customer, *, reader: User | None = None) -> Colleagues:
    """Load everybody; four queries, however many there are."""
    memberships = list(
        Membership.objects.filter(customer=customer)
        .select_related("user", "customer")
        .order_by("created_at", "pk")
    )
    people = [membership.user_id for membership in memberships]
    seen = dict(
        UserSession.objects.filter(user__in=people)
        .values_list("user")
        .annotate(last=Max("last_seen_at"))
    )
    given = _given(customer)
    lines = [
        ColleagueLine(
            membership=membership,
            since=given[membership.pk][0] if membership.pk in given else membership.created_at,
            invited_by=given[membership.pk][1] if membership.pk in given else "",
            last_seen=_latest(membership.user.last_login, seen.get(membership.user_id)),
            is_reader=reader is not None and membership.user_id == reader.pk,
        )
        for membership in memberships
    ]
    # Who is switched off by an operator cannot sign in: no access, whatever the row says.
    here = [line for line in lines if line.membership.left_at is None and line.person.is_active]
    here.sort(key=lambda line: list(ROLE_WORDS).index(line.membership.role))
    return Colleagues(
        here=here,
        left=[line for line in lines if line not in here and line.person.is_active],
    )


def _given(customer: Customer) -> dict[int, tuple[datetime, str]]:
    """Since when somebody has access and who invited them, by membership."""
    events = list(
        customer.events.filter(action__in=_GAVE + _ENDED)
        .select_related("actor")
        .order_by("sequence")
    )
    links = {event.data.get("link") for event in events} - {None}
    makers = {
        link.pk: str(link.created_by or "")
        for link in SignupLink.objects.filter(pk__in=links).select_related("created_by")
    }
    found: dict[int, tuple[datetime, str]] = {}
    for event in events:
        membership = event.data.get("membership")
        if event.action in _ENDED:
            found.pop(membership, None)
        elif membership is not None:
            # Proving another link later neither invites anew nor changes since when.
            found.setdefault(membership, (event.created_at, _inviter(event, makers)))
    return found


def _inviter(event: Event, makers: Mapping[int, str]) -> str:
    if event.action == "signup_link.proven":
        return makers.get(event.data.get("link", 0), "")
    return str(event.actor or "")


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
