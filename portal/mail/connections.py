"""Mails about access to an org that ended, will end, or is refused because of our own app.

A lost connection and one about to end go to the customer's admins, who can connect again, and to
their manager. What only we can mend goes to the leads and the manager.
"""

from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment
from integrations.models import Connection
from integrations.services.losing import REFUSED_APP
from jobchanges.models import Delivery
from portal.mail.news import News, everyone_of, manager_of, moment, news_send
from portal.mail.readers import admins_of, leads
from portal.models import MailKind

_UNFINISHED = (Delivery.State.WAITING, Delivery.State.CLAIMED, Delivery.State.UNKNOWN)


def connection_established_send(*, connection: Connection) -> None:
    """An org is connected: to our manager, and to the colleagues of who connected it."""
    epoch = connection.epoch
    if epoch is None:
        return
    news = _about(
        connection,
        kind=MailKind.PROGRESS,
        subject=_("%(company)s: the %(org)s is connected"),
        heading=_("The %(org)s is connected"),
        paragraphs=[
            _("%(person)s connected %(name)s as the Salesforce user %(user)s.")
            % {
                "person": connection.connected_by,
                "name": epoch.name,
                "user": epoch.username,
            },
            _("The portal is asking the org what is right already. Nothing is written to it."),
        ],
        action_label=_("See what is found"),
        # What is next follows from what the org answers, and is told by itself.
        step="connected",
    )
    others = [
        person
        for person in everyone_of(connection.customer)
        if person.pk != connection.connected_by_id
    ]
    news_send(news, [*others, *manager_of(connection.customer)])


def connection_lost_send(*, connection: Connection) -> None:
    """Access ended: which org, since when, why, what to click, and what waits meanwhile."""
    news = _about(
        connection,
        subject=_("%(company)s: the %(org)s has to be connected again"),
        heading=_("The %(org)s has to be connected again"),
        paragraphs=[
            _("Our access to %(access)s ended on %(when)s.")
            % {"access": _access(connection), "when": moment(connection.health_since)},
            connection.health_reason,
            _(
                "If the reason lies in the org, your Salesforce administrator puts it right first. "
                "Then an admin opens Salesforce orgs, presses Reconnect and signs in to Salesforce "
                "as the same integration user: that takes a minute."
            ),
            _waiting(connection),
            *_refreshed(connection),
        ],
        action_label=_("See the org"),
    )
    news_send(news, [*admins_of(connection.customer), *manager_of(connection.customer)])


def connection_idle_send(*, connection: Connection, ends_at: datetime) -> None:
    """Access will end from lack of use, because the portal could not use it for long."""
    news = _about(
        connection,
        subject=_("%(company)s: the access to the %(org)s ends soon"),
        heading=_("The access to the %(org)s ends soon"),
        paragraphs=[
            _(
                "Salesforce ends access that nobody uses for a while. The portal uses it every "
                "few days by itself, but for %(name)s that has not worked for long. If it does "
                "not work until then, the access ends on %(when)s."
            )
            % {"name": connection.epoch or _kind(connection), "when": moment(ends_at)},
            _(
                "If the org is in maintenance or being refreshed, nothing is to be done now: the "
                "portal tries every hour. Otherwise an admin presses Reconnect under Salesforce "
                "orgs."
            ),
            _("Nothing is lost. If the access does end, reconnecting brings it back."),
        ],
        action_label=_("See the org"),
    )
    news_send(news, [*admins_of(connection.customer), *manager_of(connection.customer)])


def connection_refused_send(*, connection: Connection, code: str) -> None:
    """A token is not renewed, and the customer cannot help it: for us to mend."""
    said = _("Renewing the access to %(access)s was answered with “%(code)s”.") % {
        "access": _access(connection),
        "code": code,
    }
    if connection.health_reason == str(REFUSED_APP):
        subject = _("%(company)s: Salesforce refuses the UserGems app for the %(org)s")
        heading = _("Salesforce refuses the UserGems app")
        paragraphs = [
            said,
            _(
                "Compare SALESFORCE_%(environment)s_CLIENT_ID and SALESFORCE_%(environment)s_"
                "CLIENT_SECRET with the consumer details of the connected app, and look whether "
                "the app was deleted or its secret changed. The other customers’ connections of "
                "this kind are affected as well: there is one mail for all."
            )
            % {"environment": connection.environment.upper()},
        ]
    else:
        subject = _("%(company)s: Salesforce does not renew our access to the %(org)s")
        heading = _("Salesforce does not renew our access to the %(org)s")
        paragraphs = [
            said,
            _(
                "This code is not in our table of problems. Look up what it means, and what to do "
                "about it."
            ),
        ]
    paragraphs.append(
        _(
            "The connection stays and is tried again by itself. The customer reads that UserGems "
            "was told."
        )
    )
    news = _about(
        connection,
        subject=subject,
        heading=heading,
        paragraphs=paragraphs,
        action_label=_("Open the connection"),
        desk_path=reverse("admin:integrations_connection_change", args=[connection.pk]),
    )
    news_send(news, [*leads(), *manager_of(connection.customer)])


def _about(
    connection: Connection,
    *,
    subject: str,
    heading: str,
    paragraphs: list[str],
    action_label: str,
    desk_path: str = "",
    kind: MailKind = MailKind.ATTENTION,
    step: str = "connect",
) -> News:
    customer = connection.customer
    org = _kind(connection)
    return News(
        customer=customer,
        kind=kind,
        step=f"{connection.environment}.{step}",
        # news_send fills the company in.
        subject=subject % {"company": "%(company)s", "org": org},
        heading=heading % {"org": org},
        paragraphs=paragraphs,
        action_label=action_label,
        path=f"{reverse('org_list')}#{connection.environment}",
        desk_path=desk_path or reverse("admin:accounts_customer_change", args=[customer.pk]),
    )


def _kind(connection: Connection) -> str:
    if connection.environment == Environment.SANDBOX:
        return _("sandbox")
    return _("production org")


def _access(connection: Connection) -> str:
    """The org as people know it, and as whom we are signed in."""
    epoch = connection.epoch
    if epoch is None:
        return _kind(connection)
    return _("%(org)s as %(user)s") % {"org": epoch.name, "user": epoch.username}


def _refreshed(connection: Connection) -> list[str]:
    """What a refreshed sandbox means, since a refresh is what usually ends its access."""
    if connection.environment != Environment.SANDBOX:
        return []
    return [
        _(
            "If the sandbox was refreshed, what a test wrote there is gone with the refresh, and "
            "its steps and its test begin anew. What was done before stays as history."
        )
    ]


def _waiting(connection: Connection) -> str:
    """That nothing is lost, and how much waits."""
    count = Delivery.objects.filter(
        epoch=connection.epoch, state__in=_UNFINISHED, released_at__isnull=False
    ).count()
    if not count:
        return _("Nothing is lost: what was set up, tested and sent stays as it is.")
    return ngettext(
        "Nothing is lost: %(count)s job change waits and is sent by itself once the org is back.",
        "Nothing is lost: %(count)s job changes wait and are sent by themselves once the org is "
        "back.",
        count,
    ) % {"count": intcomma(count)}
