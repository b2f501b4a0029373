"""One piece of news as a mail to several people: text and HTML, one link each."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.mail import EmailMultiAlternatives

from accounts.models import Customer, User
from portal.mail.messages import mail_build, site_url
from portal.mail.outbox import Mail, mails_put
from portal.mail.readers import everyone_of, manager_of, signers_of, staff_of
from portal.mail.written import Drop, Later
from portal.mail.zones import moment, moments_told, zone_for
from portal.models import MailKind, OutgoingMail

__all__ = [
    "News",
    "everyone_of",
    "manager_of",
    "moment",
    "news_mail",
    "news_send",
    "signers_of",
    "staff_of",
]


@dataclass(frozen=True)
class News:
    """What one mail says. `paths`: where the customer's people and where managers read on.

    `kind`: by which choice it can be switched off. `step`: whose turn it tells of, so that no mail
    about that turn follows. "%(company)s" in the subject is the customer's name.
    """

    customer: Customer
    kind: MailKind
    subject: str
    heading: str
    paragraphs: Sequence[str]
    action_label: str
    path: str
    desk_path: str
    points: Sequence[str] = field(default_factory=tuple)
    step: str = ""


def news_send(news: News, people: Iterable[User]) -> None:
    """One mail a person, on its way with the transaction that is open; out after its commit."""
    content = {
        "subject": str(news.subject % {"company": news.customer.name}),
        "heading": str(news.heading),
        "paragraphs": [str(each) for each in news.paragraphs if each],
        "points": [str(each) for each in news.points],
        "action_label": str(news.action_label),
        "path": news.path,
        "desk_path": news.desk_path,
    }
    name = secrets.token_hex(12)
    mails_put(
        Mail(
            key=f"news:{name}:{person.pk}",
            user=person,
            customer=news.customer,
            kind=news.kind,
            writer="news",
            step=news.step,
            content=content,
        )
        for person in dict.fromkeys(people)
    )


def news_write(mail: OutgoingMail) -> EmailMultiAlternatives | Drop | Later:
    """Put the words together, with moments in the reader's zone."""
    said = mail.content
    if mail.customer is None or not said:
        return Drop("nothing to say")
    return news_mail(
        News(
            customer=mail.customer,
            kind=MailKind(mail.kind),
            # A company may have a per cent sign in its name.
            subject=said["subject"].replace("%", "%%"),
            heading=said["heading"],
            paragraphs=said["paragraphs"],
            points=said["points"],
            action_label=said["action_label"],
            path=said["path"],
            desk_path=said["desk_path"],
        ),
        mail.user,
    )


def news_mail(news: News, to: User) -> EmailMultiAlternatives:
    """The message for one person."""
    zone = zone_for(to)
    return mail_build(
        template="news",
        to=to.email,
        person=to,
        kind=news.kind,
        subject=moments_told(news.subject % {"company": news.customer.name}, zone),
        manager=news.customer.implementation_manager,
        action_url=site_url(news.desk_path if to.is_staff else news.path),
        action_label=news.action_label,
        heading=news.heading,
        paragraphs=[moments_told(str(each), zone) for each in news.paragraphs],
        points=[moments_told(str(each), zone) for each in news.points],
    )
