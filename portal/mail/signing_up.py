"""Mails to staff about sign-ups that customers cannot mend: a contested org, a failure of ours.

One person may try many times: one mail a day for the same customer, org and cause, and not many
for different ones.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment
from integrations.models import ConnectAttempt, Connection
from integrations.oauth.problems import PROBLEMS
from portal.mail.news import News, manager_of, news_send, staff_of
from portal.mail.readers import leads
from portal.models import MailKind

ONCE_IN = timedelta(days=1)
MOST_CAUSES = 5


def org_contested_send(*, attempt: ConnectAttempt, holder: Connection) -> None:
    """Both managers: who came, whose org it is, and that neither customer was told."""
    if _told_already(attempt):
        return
    newcomer, owner = attempt.customer, holder.customer
    paragraphs = [
        _("%(person)s of %(company)s wanted to connect %(org)s (%(id)s), and was refused.")
        % {
            "person": attempt.user,
            "company": newcomer.name,
            "org": attempt.organization.get("name") or _("an org"),
            "id": attempt.organization.get("id", ""),
        },
        _(
            "That org is connected as the %(kind)s of %(owner)s (%(health)s), managed by "
            "%(manager)s."
        )
        % {
            "kind": _kind(holder.environment),
            "owner": owner.name,
            "health": holder.get_health_display().lower(),
            "manager": owner.implementation_manager or _("nobody yet"),
        },
        _(
            "Neither customer was told about the other, and neither may be. %(company)s read that "
            "our staff have to look at it first."
        )
        % {"company": newcomer.name},
        _(
            "Find out whether somebody signed in to the wrong org, or two companies share one, as "
            "with an agency. The org is free for %(company)s once %(owner)s has connected another "
            "in its place."
        )
        % {"company": newcomer.name, "owner": owner.name},
    ]
    told: set[int] = set()
    for customer in (newcomer, owner):
        people = [person for person in staff_of(customer) if person.pk not in told]
        told |= {person.pk for person in people}
        news_send(
            _news(
                customer,
                subject=_("%(company)s: an org that belongs to another customer"),
                heading=_("An org that belongs to another customer"),
                paragraphs=paragraphs,
            ),
            people,
        )


def attempt_failed_on_us_send(*, attempt: ConnectAttempt) -> None:
    """The manager and the leads: what the customer read, and Salesforce's code."""
    if _told_already(attempt):
        return
    problem = PROBLEMS[attempt.error_code]
    code = attempt.salesforce_code or problem.code
    news = _news(
        attempt.customer,
        subject=_("%(company)s: a sign-up failed on our side"),
        heading=_("A sign-up failed on our side"),
        paragraphs=[
            _("%(person)s wanted to connect the %(kind)s of %(company)s and read: “%(title)s”.")
            % {
                "person": attempt.user,
                "kind": _kind(attempt.environment),
                "company": attempt.customer.name,
                "title": problem.title,
            },
            _("The code was “%(code)s”, sign-up %(number)s.")
            % {"code": code, "number": attempt.pk},
            _(
                "The page says that we were told, and that the manager writes when it works "
                "again. Compare the client ID, secret, callback address, scopes and API version "
                "of this environment with the connected app."
            ),
        ],
    )
    news_send(news, [*manager_of(attempt.customer), *leads()])


def _told_already(attempt: ConnectAttempt) -> bool:
    """Whether staff heard of this cause within a day, or of so many others that they look anyway.

    Salesforce's code comes by the browser: whoever signs up could name a new one each time.
    """
    ended_at = attempt.ended_at or timezone.now()
    earlier = ConnectAttempt.objects.filter(
        customer=attempt.customer,
        environment=attempt.environment,
        error_code=attempt.error_code,
        ended_at__range=(ended_at - ONCE_IN, ended_at),
    ).exclude(pk=attempt.pk)
    causes = {_cause(before) for before in earlier.only("salesforce_code", "organization")}
    return _cause(attempt) in causes or len(causes) >= MOST_CAUSES


def _cause(attempt: ConnectAttempt) -> tuple[str, str]:
    return attempt.salesforce_code, str(attempt.organization.get("id", ""))


def _news(customer: Customer, *, subject: str, heading: str, paragraphs: list[str]) -> News:
    return News(
        customer=customer,
        # Both are about the safety of somebody’s data, or a failure of ours.
        kind=MailKind.ALWAYS,
        subject=subject,
        heading=heading,
        paragraphs=paragraphs,
        action_label=_("Open the customer"),
        path=reverse("org_list"),
        desk_path=reverse("admin:accounts_customer_change", args=[customer.pk]),
    )


def _kind(environment: str) -> str:
    if environment == Environment.SANDBOX:
        return _("sandbox")
    return _("production org")
