"""One piece of news as a mail to several people: text and HTML, one link each."""

import smtplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.formats import date_format

from accounts.models import Customer, Role, User
from accounts.selectors import people_of
from portal.mail.messages import mail_build, site_url

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class News:
    """What one mail says. `paths`: where the customer's people and where managers read on."""

    customer: Customer
    subject: str
    heading: str
    paragraphs: Sequence[str]
    action_label: str
    path: str
    desk_path: str
    points: Sequence[str] = field(default_factory=tuple)


def signers_of(customer: Customer) -> list[User]:
    """Those who allow and sign for the customer."""
    roles = [Role.ADMIN, Role.APPROVER]
    return list(people_of(customer).filter(memberships__role__in=roles).distinct().order_by("pk"))


def everyone_of(customer: Customer) -> list[User]:
    """The customer's people who may sign in today."""
    return list(people_of(customer).order_by("pk"))


def manager_of(customer: Customer) -> list[User]:
    """The implementation manager, while they work here."""
    manager = customer.implementation_manager
    return [manager] if manager is not None and manager.is_active else []


def news_send(news: News, people: Iterable[User]) -> None:
    """One mail a person, over one connection. A mail server that fails never stops the work."""
    messages = [_mail(news, person) for person in dict.fromkeys(people)]
    try:
        get_connection().send_messages(messages)
    except (smtplib.SMTPException, OSError):
        logger.exception("go_live.mail_failed", messages=len(messages))


def _mail(news: News, to: User) -> EmailMultiAlternatives:
    return mail_build(
        template="go_live",
        to=to.email,
        subject=news.subject % {"company": news.customer.name},
        manager=news.customer.implementation_manager,
        action_url=site_url(news.desk_path if to.is_staff else news.path),
        action_label=news.action_label,
        account_email="" if to.is_staff else to.email,
        person=to,
        heading=news.heading,
        paragraphs=news.paragraphs,
        points=news.points,
    )


def moment(moment: datetime) -> str:
    """A mail is read in any zone: the time says which one it is in."""
    return date_format(moment.astimezone(UTC), "j M Y, H:i") + " UTC"
