"""Whose turn it is, as a mail at the right moment: when the other side has handed over.

Whoever goes from one step to their own next one is at it already and gets no mail. What changed
back within minutes is not told either, nor what another mail said (`News.step`).
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.core.mail import EmailMultiAlternatives
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from portal.mail.messages import mail_build, site_url, whole
from portal.mail.outbox import Mail, mails_put
from portal.mail.readers import staff_of, who_may_do
from portal.mail.written import Drop, Later
from portal.mail.zones import zone_for
from portal.models import MailKind, OutgoingMail
from portal.standing import TurnFacts
from portal.steps import journey_for
from portal.steps.base import CUSTOMER, VENDOR
from portal.steps.turns import LIVE_KEY, Turn

# A turn that passes on within this time is nobody's news: checks run, people click on.
SETTLES = timedelta(minutes=5)
# What goes to and fro, such as a check that fails now and then, is told at most this often.
APART = timedelta(hours=1)
# News of the same turn may be a little older than the turn itself.
TOLD_BEFORE = timedelta(minutes=15)


def turn_mails_put(*, customer: Customer, before: TurnFacts | None, after: TurnFacts) -> int:
    """Put a mail on its way to each side whose turn has just begun; how many mails.

    Not at the first look at a customer, and not while it is on hold.
    """
    if before is None or customer.hold_reason:
        return 0
    mails: list[Mail] = []
    for side, had, step, since in (
        (CUSTOMER, before.customer_step, after.customer_step, after.customer_since),
        (VENDOR, before.vendor_step, after.vendor_step, after.vendor_since),
    ):
        if not step or had:
            continue
        people = who_may_do(customer, step) if side == CUSTOMER else staff_of(customer)
        mails += [_mail(customer, side, step, since, person) for person in people]
    return mails_put(mails)


def _mail(customer: Customer, side: str, step: str, since: datetime | None, person: User) -> Mail:
    now = timezone.now()
    # Without a time of its own the turn began when it was noticed.
    begun = (since or now).isoformat(timespec="seconds")
    return Mail(
        key=f"turn:{customer.pk}:{side}:{step}:{begun}:{person.pk}",
        user=person,
        customer=customer,
        kind=MailKind.TURN,
        writer="turn",
        step=step,
        content={"side": side, "since": begun},
        due_at=now + SETTLES,
    )


def turn_now(customer: Customer, side: str, step: str) -> Turn | None:
    """The side's turn as the facts are now, if it is still this step and not on hold."""
    if customer.hold_reason:
        return None
    turn = journey_for(customer).turns.get(side)
    return turn if turn is not None and turn.key == step else None


def turn_write(mail: OutgoingMail) -> EmailMultiAlternatives | Drop | Later:
    """Say that it is the reader's turn, if it still is."""
    if mail.customer is None:
        return Drop("nothing to say")
    zone = zone_for(mail.user)
    with timezone.override(zone):
        turn = turn_now(mail.customer, mail.content["side"], mail.step)
    if turn is None:
        return Drop("turn passed on")
    if _told(mail):
        return Drop("said by another mail")
    last = _last_of_step(mail)
    if last is not None and last >= mail.created_at:
        return Drop("said by another mail")
    if last is not None and timezone.now() - last < APART:
        return Later(last + APART)
    company = mail.customer.name
    words = (
        _("It is your turn at %(company)s: “%(title)s”.")
        if mail.user.is_staff
        else _("It is your turn in the setup of %(company)s: “%(title)s”.")
    )
    return mail_build(
        template="news",
        to=mail.user.email,
        person=mail.user,
        kind=MailKind.TURN,
        subject=_("%(company)s: it is your turn (%(title)s)")
        % {"company": company, "title": turn.title},
        manager=mail.customer.implementation_manager,
        action_url=site_url(turn_path(mail.customer, turn.key, mail.user)),
        action_label=_("Open the customer") if mail.user.is_staff else _("Go on with the setup"),
        heading=turn.title,
        paragraphs=[words % {"company": company, "title": turn.title}, whole(turn.sentence)],
    )


def _told(mail: OutgoingMail) -> bool:
    """Whether another mail told this person of this turn."""
    since = parse_datetime(str(mail.content.get("since", ""))) or mail.created_at
    return (
        OutgoingMail.objects.filter(
            customer=mail.customer,
            user=mail.user,
            step=mail.step,
            writer="news",
            dropped_at=None,
            created_at__gte=min(since, mail.created_at) - TOLD_BEFORE,
        )
        .exclude(pk=mail.pk)
        .exists()
    )


def _last_of_step(mail: OutgoingMail) -> datetime | None:
    """When this person was last told of this step's turn."""
    sent = OutgoingMail.objects.filter(
        customer=mail.customer, user=mail.user, step=mail.step, writer="turn"
    ).exclude(sent_at=None)
    return sent.aggregate(last=Max("sent_at"))["last"]


def turn_path(customer: Customer, step: str, person: User) -> str:
    """Where the reader does the step."""
    if person.is_staff:
        return reverse("admin:accounts_customer_change", args=[customer.pk])
    if step == LIVE_KEY:
        return reverse("sending")
    return f"{reverse('setup')}?{urlencode({'step': step})}"
