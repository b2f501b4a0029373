"""Refresh tokens that rest are used in time, and people are warned when that does not work.

Partner apps lose a refresh token after 30 days without use (platform reference, 1.8): an onboarding
that rests between the sandbox test and go-live would lose its org.
"""

import datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.services import event_record
from integrations.models import Connection, Health
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.services.locks import customer_lock
from integrations.services.tokens import connection_token_renew
from integrations.signals import connection_idle

log = structlog.get_logger(__name__)


def last_used(connection: Connection) -> datetime.datetime:
    """When the refresh token was used last: to renew, or to connect."""
    return connection.token_refreshed_at or connection.connected_at


def next_keep_alive(connection: Connection) -> datetime.datetime:
    """When the portal uses the token by itself, if nothing else does before."""
    return last_used(connection) + datetime.timedelta(days=settings.TOKEN_KEEP_ALIVE_DAYS)


def idle_end(connection: Connection) -> datetime.datetime:
    """When Salesforce ends the token, if it is not used before."""
    return last_used(connection) + datetime.timedelta(days=settings.TOKEN_IDLE_DAYS)


def connections_resting() -> list[int]:
    """Ids of the live connections whose refresh token is to be used now."""
    rested = timezone.now() - datetime.timedelta(days=settings.TOKEN_KEEP_ALIVE_DAYS)
    resting = Connection.objects.filter(health=Health.CONNECTED).filter(
        Q(token_refreshed_at__lte=rested) | Q(token_refreshed_at=None, connected_at__lte=rested)
    )
    return list(resting.values_list("pk", flat=True))


def connection_keep_alive(*, connection: Connection) -> bool:
    """Use the refresh token; returns whether it is alive.

    Not when Salesforce does not answer: it is tried again in an hour, and once the warning day is
    there, people are warned. A token that turns out to be dead has its own way (losing.py).
    """
    try:
        connection_token_renew(connection=connection, rejected=connection.access_token)
    except ConnectionLost:
        return False
    except SalesforceError as error:
        log.warning("keep_alive_failed", connection=connection.pk, reason=error.code)
        _warn_when_due(connection)
        return False
    return True


def _warn_when_due(connection: Connection) -> None:
    """Warn once per rest: a successful refresh takes the mark away (tokens.py)."""
    now = timezone.now()
    if last_used(connection) + datetime.timedelta(days=settings.TOKEN_IDLE_WARNING_DAYS) > now:
        return
    with transaction.atomic():
        customer_lock(connection.customer_id)
        warned = Connection.objects.filter(
            pk=connection.pk,
            health=Health.CONNECTED,
            token_generation=connection.token_generation,
            idle_warned_at=None,
        ).update(idle_warned_at=now)
        if not warned:
            return
        ends_at = idle_end(connection)
        event_record(
            customer=connection.customer,
            action="connection.idle_warned",
            by=None,
            side="system",
            environment=connection.environment,
            org_id=connection.epoch.org_id if connection.epoch else "",
            data={"connection": connection.pk},
        )
        connection_idle.send(sender=Connection, connection=connection, ends_at=ends_at)
