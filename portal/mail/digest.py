"""The morning's mail: what is open, once for all customers, at 8:00 of the reader on working days.

Staff get it whenever something waits on them or is overdue. The customer's people get it when
something new is open, and the same list again once a week: a daily copy would be read by nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import memberships_of
from accounts.groups import LEADS
from accounts.hashing import content_hash
from accounts.models import Customer, Role, User
from portal.mail.messages import mail_build, site_url
from portal.mail.outbox import Mail, mails_put
from portal.mail.readers import SIGN, is_lead
from portal.mail.written import Drop
from portal.mail.zones import MORNING, working_days, zone_for
from portal.models import MailKind, OutgoingMail, Standing
from portal.standing import standings_refresh
from portal.steps import journeys_for, step_find
from portal.steps.base import CUSTOMER, StepStatus
from portal.steps.turns import LIVE_KEY
from portal.steps.words import day

# A worker that was away at eight makes up for it until noon; later it is no morning's mail.
UNTIL = 12
EVENING = 20
# What began yesterday afternoon was told by a mail of its own.
RESTED = timedelta(hours=16)
AGAIN_AFTER = timedelta(days=7)
# A mail is read on a phone: what is more stands on the page it links to.
MOST_LINES = 20
LONG_AT_THE_CUSTOMER = 7
A_ROUND = 500


@dataclass(frozen=True)
class Section:
    """One list of the mail."""

    title: str
    lines: Sequence[str]
    more: int = 0


def digest_put(now: datetime | None = None) -> int:
    """Put the digest of everybody whose morning it is on its way; how many are new."""
    now = now or timezone.now()
    put, after = 0, 0
    while chunk := list(_readers().filter(pk__gt=after)[:A_ROUND]):
        after = chunk[-1].pk
        put += mails_put(_due(chunk, now))
    return put


def _readers() -> QuerySet[User]:
    """Staff with customers, leads, and the people of customers whose turn it is."""
    waiting = Standing.objects.filter(customer__hold_reason="").exclude(customer_step="")
    theirs = Q(
        is_staff=False,
        memberships__left_at=None,
        memberships__customer__in=waiting.values("customer"),
    )
    ours = Q(is_staff=True) & (Q(managed_customers__isnull=False) | Q(groups__name=LEADS))
    rows = User.objects.filter(theirs | ours, is_active=True)
    wants_none = Q(mail_choices__kind=MailKind.DIGEST, mail_choices__is_on=False)
    off = User.objects.filter(wants_none)
    return rows.exclude(pk__in=off).select_related("browser_zone").distinct().order_by("pk")


def _due(people: Sequence[User], now: datetime) -> Iterator[Mail]:
    for person in people:
        zone = zone_for(person)
        local = now.astimezone(zone)
        if local.weekday() >= 5 or not MORNING <= local.hour < UNTIL:
            continue
        yield Mail(
            key=f"digest:{person.pk}:{local.date().isoformat()}",
            user=person,
            customer=None,
            kind=MailKind.DIGEST,
            writer="digest",
        )


def digest_write(mail: OutgoingMail) -> EmailMultiAlternatives | Drop:
    """List what is open now; nothing where there is nothing, or nothing new."""
    reader, now = mail.user, timezone.now()
    zone = zone_for(reader)
    local = now.astimezone(zone)
    if not MORNING <= local.hour < EVENING:
        # The mail server was away all day: tomorrow's lists the same and more.
        return Drop("the day is over")
    with timezone.override(zone):
        return _staff(mail, now, zone) if reader.is_staff else _customers(mail, now)


# --- staff ------------------------------------------------------------------------------------


def _staff(mail: OutgoingMail, now: datetime, zone: ZoneInfo) -> EmailMultiAlternatives | Drop:
    reader = mail.user
    mine = Q(customer__implementation_manager=reader)
    if is_lead(reader):
        mine |= Q(customer__implementation_manager=None)
        mine |= Q(customer__implementation_manager__is_active=False)
    rows = Standing.objects.select_related("customer__implementation_manager").filter(
        mine, customer__hold_reason=""
    )
    standings_refresh([row.customer for row in rows.filter(stale=True)[:200]])
    standing = list(rows.order_by("customer__name"))
    on_us = sorted(
        (row for row in standing if row.vendor_step), key=lambda row: row.vendor_since or now
    )
    today = now.astimezone(zone).date()
    late = [
        row
        for row in standing
        if not row.live and row.customer.planned_go_live and row.customer.planned_go_live < today
    ]
    slow = [
        row
        for row in standing
        if row.customer_step
        and row.customer_since
        and working_days(row.customer_since, now, zone) >= LONG_AT_THE_CUSTOMER
    ]
    sections = [
        _section(
            _("Waiting on you"), [_line(row, row.vendor_step, row.vendor_since) for row in on_us]
        ),
        _section(_("Planned go-live has passed"), [_planned(row) for row in late]),
        _section(
            _("Waiting long on the customer"),
            [_line(row, row.customer_step, row.customer_since) for row in slow],
        ),
    ]
    if not any(section.lines for section in sections):
        return Drop("nothing is open")
    subject = (
        ngettext(
            "UserGems onboarding: %(count)s customer waits on you",
            "UserGems onboarding: %(count)s customers wait on you",
            len(on_us),
        )
        % {"count": len(on_us)}
        if on_us
        else _("UserGems onboarding: what is overdue")
    )
    return _mail(mail, subject, _("What is open today"), sections, reverse("admin:index"))


def _line(row: Standing, step: str, since: datetime | None) -> str:
    words = {"company": row.customer.name, "title": _title(row.customer, step)}
    if since is None:
        return _("%(company)s: %(title)s") % words
    return _("%(company)s: %(title)s, since %(day)s") % {**words, "day": day(since)}


def _planned(row: Standing) -> str:
    planned = row.customer.planned_go_live
    return _("%(company)s: planned for %(day)s") % {
        "company": row.customer.name,
        "day": planned.strftime("%-d %b %Y") if planned else "",
    }


def _title(customer: Customer, step: str) -> str:
    if step == LIVE_KEY:
        return _("New job changes")
    found = step_find(customer.path, step)
    return found.title if found else step


# --- the customer's people --------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """One thing a person can do now."""

    customer: Customer
    step: str
    title: str
    since: datetime | None


def _customers(mail: OutgoingMail, now: datetime) -> EmailMultiAlternatives | Drop:
    things = list(_open_for(mail.user, now))
    if not things:
        return Drop("nothing is open")
    listed = content_hash([[thing.customer.pk, thing.step] for thing in things])
    if _same_lately(mail, listed, now):
        return Drop("the same as before")
    mail.content = {"list": listed}
    names = list(dict.fromkeys(thing.customer.name for thing in things))
    several = len(names) > 1
    lines = [
        (_("%(company)s: %(title)s") if several else "%(title)s")
        % {"company": thing.customer.name, "title": thing.title}
        + (_(", since %(day)s") % {"day": day(thing.since)} if thing.since else "")
        for thing in things
    ]
    company = ", ".join(names)
    subject = ngettext(
        "%(company)s: %(count)s thing is open in the setup",
        "%(company)s: %(count)s things are open in the setup",
        len(things),
    ) % {"company": company, "count": len(things)}
    heading = _("Open in the setup of %(company)s") % {"company": company}
    section = _section("", lines)
    return _mail(mail, subject, heading, [section], reverse("setup"), manager=_only_manager(things))


def _open_for(person: User, now: datetime) -> Iterator[Open]:
    """The steps that are open for the person's side and role, and have been since yesterday."""
    roles: Mapping[int, str] = {
        row.customer_id: row.role for row in memberships_of(person) if not row.customer.hold_reason
    }
    customers = Customer.objects.select_related("implementation_manager").filter(pk__in=roles)
    for pk, journey in journeys_for(customers.order_by("name")).items():
        if journey.live:
            turn = journey.turns.get(CUSTOMER)
            if turn is not None and Role(roles[pk]) in SIGN and _rested(turn.since, now):
                yield Open(journey.customer, turn.key, turn.title, turn.since)
            continue
        for view in journey.stage.steps:
            step = step_find(journey.customer.path, view.key)
            is_open = view.side == CUSTOMER and view.status != StepStatus.LOCKED
            may = step is not None and roles[pk] in step.roles
            if is_open and may and not view.finished and _rested(view.since, now):
                yield Open(journey.customer, view.key, view.title, view.since)


def _rested(since: datetime | None, now: datetime) -> bool:
    return since is None or now - since >= RESTED


def _same_lately(mail: OutgoingMail, listed: str, now: datetime) -> bool:
    before = OutgoingMail.objects.filter(
        user=mail.user, writer="digest", sent_at__gt=now - AGAIN_AFTER + timedelta(hours=12)
    )
    last = before.order_by("-sent_at").first()
    return last is not None and last.content.get("list") == listed


def _only_manager(things: Sequence[Open]) -> User | None:
    managers = {thing.customer.implementation_manager for thing in things}
    return managers.pop() if len(managers) == 1 else None


# --- both -------------------------------------------------------------------------------------


def _section(title: str, lines: Sequence[str]) -> Section:
    return Section(title, lines[:MOST_LINES], max(0, len(lines) - MOST_LINES))


def _mail(
    mail: OutgoingMail,
    subject: str,
    heading: str,
    sections: Sequence[Section],
    path: str,
    *,
    manager: User | None = None,
) -> EmailMultiAlternatives:
    return mail_build(
        template="news",
        to=mail.user.email,
        person=mail.user,
        kind=MailKind.DIGEST,
        subject=subject,
        manager=manager,
        action_url=site_url(path),
        action_label=_("Open the desk") if mail.user.is_staff else _("Open the setup"),
        heading=heading,
        sections=[section for section in sections if section.lines],
    )
