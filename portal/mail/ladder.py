"""Reminders of what has waited long: after 3 working days, 7 and 14, each to more people.

Counted in working days of each reader, and sent by day on a working day of theirs. Not while the
customer is on hold; what waited before the hold was lifted does not count. Of a turn that began
months ago only the morning's digest tells.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, Event, Role, SignupLink, User
from portal.mail.messages import mail_build, site_url, whole
from portal.mail.outbox import Mail, mails_put
from portal.mail.readers import PeopleOf, leads, manager_of, who_may_do
from portal.mail.turns import turn_now, turn_path
from portal.mail.written import Drop, Later
from portal.mail.zones import in_office_hours, moment_told, next_morning, working_days, zone_for
from portal.models import MailChoice, MailKind, OutgoingMail, Standing
from portal.steps.base import CUSTOMER, VENDOR
from portal.steps.turns import Turn

# Working days of each rung.
RUNGS = (3, 7, 14)
# Nothing is reached earlier, whatever the zone: asks the database for no more than needed.
SOONEST = timedelta(days=RUNGS[0] - 1)
OLDEST = timedelta(days=60)
# A turn whose beginning moves never brings two reminders in a row.
APART = timedelta(days=2)
# After a start with very many of them nobody's mailbox is flooded: the rest follow day by day, and
# the morning's digest counts them all.
MOST_A_DAY, A_DAY = 20, timedelta(hours=20)
A_ROUND = 100
LIFTED = "customer.hold_lifted"


@dataclass(frozen=True)
class Overdue:
    """One side's turn that has lasted."""

    customer: Customer
    side: str
    step: str
    since: datetime


def ladder_put(now: datetime | None = None) -> int:
    """Put the reminders on their way that are reached now; how many. Repeating it adds none."""
    now = now or timezone.now()
    rows = (
        Standing.objects.select_related("customer__implementation_manager__browser_zone")
        .filter(customer__hold_reason="")
        .filter(
            Q(vendor_since__range=(now - OLDEST, now - SOONEST))
            | Q(customer_since__range=(now - OLDEST, now - SOONEST))
        )
        .order_by("pk")
    )
    put, after, today = 0, 0, _put_today(now)
    while chunk := list(rows.filter(pk__gt=after)[:A_ROUND]):
        after = chunk[-1].pk
        put += mails_put(_reached(chunk, now, today))
    return put


def _put_today(now: datetime) -> Counter[int]:
    """How many reminders each person was sent lately."""
    lately = OutgoingMail.objects.filter(writer="ladder", created_at__gt=now - A_DAY)
    return Counter(dict(lately.order_by().values_list("user").annotate(Count("pk"))))


def _reached(rows: Sequence[Standing], now: datetime, today: Counter[int]) -> Iterator[Mail]:
    keys = [row.pk for row in rows]
    # What was lifted earlier lies before every turn that is looked at here.
    events = Event.objects.filter(
        customer__in=keys, action=LIFTED, created_at__gt=now - OLDEST
    ).order_by()
    lifted = dict(events.values_list("customer").annotate(at=Max("created_at")))
    told: dict[tuple[int | None, int], datetime] = {}
    done: set[str] = set()
    for key, customer, user, at in OutgoingMail.objects.filter(
        writer="ladder", customer__in=keys
    ).values_list("key", "customer", "user", "created_at"):
        done.add(key)
        told[customer, user] = max(at, told.get((customer, user), at))
    people = Reminded([row.customer for row in rows])
    for overdue in _overdue(rows, lifted, now):
        for person, rung in _readers(overdue, now, people):
            mail = _mail(overdue, person, rung)
            last = told.get((overdue.customer.pk, person.pk))
            if mail.key in done or (last is not None and now - last < APART):
                continue
            if today[person.pk] < MOST_A_DAY:
                today[person.pk] += 1
                yield mail


def _overdue(
    rows: Sequence[Standing], lifted: dict[int, datetime], now: datetime
) -> Iterator[Overdue]:
    for row in rows:
        for side, step, since in (
            (CUSTOMER, row.customer_step, row.customer_since),
            (VENDOR, row.vendor_step, row.vendor_since),
        ):
            if not step or since is None or since < now - OLDEST:
                continue
            begun = max(since, lifted.get(row.pk, since))
            if begun <= now - SOONEST:
                yield Overdue(row.customer, side, step, begun)


class Reminded(PeopleOf):
    """The people of some customers, the leads, and who of them wants no reminders."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        """Load them; as many queries for a hundred customers as for one."""
        super().__init__(customers)
        self.leads = leads()
        off = MailChoice.objects.filter(kind=MailKind.TURN, is_on=False)
        members = off.filter(user__memberships__customer__in=[one.pk for one in customers])
        self._unwilling = set(members.values_list("user", flat=True))

    def willing_to_do(self, customer: Customer, step: str) -> list[User]:
        """Who does the step and has not switched such mails off."""
        able = self.who_may_do(customer, step)
        return [person for person in able if person.pk not in self._unwilling]

    def staff_of(self, customer: Customer) -> list[User]:
        """See `readers.staff_of`."""
        return manager_of(customer) or self.leads


def _readers(overdue: Overdue, now: datetime, people: Reminded) -> Iterator[tuple[User, int]]:
    """Who is reminded now, and on which rung: the highest that is reached in their own days."""
    by_rung = {rung: _on_rung(overdue, rung, people) for rung in RUNGS}
    for person in dict.fromkeys(person for rung in RUNGS for person in by_rung[rung]):
        zone = zone_for(person)
        if not in_office_hours(now, zone):
            continue
        days = working_days(overdue.since, now, zone)
        reached = [rung for rung in RUNGS if rung <= days and person in by_rung[rung]]
        if reached:
            yield person, reached[-1]


def _on_rung(overdue: Overdue, rung: int, people: Reminded) -> list[User]:
    """First the one whose turn it is; then their colleagues and the manager; then the leads.

    Where the customer has nobody who could do it, whoever looks after the customer hears of it.
    """
    customer = overdue.customer
    staff = people.staff_of(customer)
    if overdue.side == VENDOR:
        return [*staff, *people.leads] if rung == RUNGS[2] else staff
    able = people.willing_to_do(customer, overdue.step)
    if rung == RUNGS[0]:
        return able[:1] or staff
    told = [*able, *people.with_roles(customer, [Role.ADMIN]), *staff]
    return [*told, *people.leads] if rung == RUNGS[2] else told


def _mail(overdue: Overdue, person: User, rung: int) -> Mail:
    begun = overdue.since.isoformat(timespec="seconds")
    place = f"{overdue.customer.pk}:{overdue.side}:{overdue.step}"
    return Mail(
        key=f"ladder:{place}:{begun}:{rung}:{person.pk}",
        user=person,
        customer=overdue.customer,
        kind=MailKind.TURN,
        writer="ladder",
        step=overdue.step,
        content={"side": overdue.side, "since": begun, "rung": rung},
    )


def ladder_write(mail: OutgoingMail) -> EmailMultiAlternatives | Drop | Later:
    """Remind, if it is still so, and by day."""
    customer, reader, now = mail.customer, mail.user, timezone.now()
    if customer is None:
        return Drop("nothing to say")
    zone = zone_for(reader)
    if not in_office_hours(now, zone):
        return Later(next_morning(now, zone))
    with timezone.override(zone):
        turn = turn_now(customer, mail.content["side"], mail.step)
    if turn is None:
        return Drop("turn passed on")
    since = datetime.fromisoformat(mail.content["since"])
    days = working_days(since, now, zone)
    return mail_build(
        template="news",
        to=reader.email,
        person=reader,
        kind=MailKind.TURN,
        subject=_subject(customer, reader, turn.side)
        % {"company": customer.name, "title": turn.title, "days": days},
        manager=customer.implementation_manager,
        action_url=site_url(turn_path(customer, turn.key, reader)),
        action_label=_("Open the customer") if reader.is_staff else _("Go on with the setup"),
        heading=ngettext(
            "Waiting for %(days)s working day", "Waiting for %(days)s working days", days
        )
        % {"days": days},
        paragraphs=[
            _whose(turn, customer, reader)
            % {
                "company": customer.name,
                "title": turn.title,
                "since": moment_told(since, zone),
            },
            _said(turn, reader),
            *_who_knows(customer, turn, reader),
        ],
    )


def _subject(customer: Customer, reader: User, side: str) -> str:
    if not reader.is_staff or (side == VENDOR and reader in manager_of(customer)):
        return _("%(company)s: “%(title)s” has waited for you for %(days)s working days")
    if side == VENDOR:
        return _("%(company)s: “%(title)s” has waited for us for %(days)s working days")
    return _("%(company)s has not gone on with “%(title)s” for %(days)s working days")


def _whose(turn: Turn, customer: Customer, reader: User) -> str:
    if turn.side == CUSTOMER and reader.is_staff:
        return _("“%(title)s” has been the turn of %(company)s since %(since)s.")
    if turn.side == CUSTOMER:
        return _("“%(title)s” in the setup of %(company)s has been your turn since %(since)s.")
    if reader in manager_of(customer):
        return _("“%(title)s” at %(company)s has been your turn since %(since)s.")
    return _("“%(title)s” at %(company)s has been our turn since %(since)s.")


def _said(turn: Turn, reader: User) -> str:
    """What the step says, which is written for whose turn it is."""
    if turn.side == CUSTOMER and reader.is_staff:
        return _("The customer reads: “%(sentence)s”") % {"sentence": turn.sentence}
    return whole(turn.sentence)


def _who_knows(customer: Customer, turn: Turn, reader: User) -> list[str]:
    """What a reader of ours has to know to help: who was reminded, or that there is nobody."""
    if not reader.is_staff:
        return [_("If something is unclear or in your way, answer this mail.")]
    if turn.side == VENDOR:
        if reader in manager_of(customer):
            return []
        return [_("Its manager: %(manager)s.") % {"manager": customer.implementation_manager}]
    people = who_may_do(customer, turn.key)
    if people:
        names = ", ".join(str(person) for person in people)
        return [_("Reminded as well: %(people)s. A call may help.") % {"people": names}]
    links = SignupLink.objects.filter(customer=customer).order_by("-created_at")
    link = next((one for one in links if one.state == SignupLink.State.ACTIVE), None)
    if link is None:
        return [_("Nobody of the company can do it yet: send a sign-up link.")]
    return [
        _("Nobody of the company can do it yet: %(person)s has not used the sign-up link.")
        % {"person": link.person_name}
    ]
