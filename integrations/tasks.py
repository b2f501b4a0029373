"""Wake-up calls: each takes ids, loads the rows, calls a service. The database is the queue."""

import datetime

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from integrations import services
from integrations.models import ConnectAttempt, Connection, Health

ATTEMPT_MINUTES = 30
FACTS_MINUTES = 5
# Whoever has not installed the package by then is asked about it on demand only.
ONBOARDING_DAYS = 60


@shared_task
def org_facts_refresh(connection_id: int) -> None:
    """Ask one org about itself."""
    connection = (
        Connection.objects.select_related("epoch", "customer").filter(pk=connection_id).first()
    )
    if connection is not None:
        services.org_facts_refresh(connection=connection)


@shared_task
def connections_sweep() -> None:
    """Every minute: ask for packages not found yet, close old attempts, drop dead leases.

    Each org is asked by a task of its own, so that a slow one holds up no other (rule 10).
    """
    now = timezone.now()
    # A live connection's lease that ran out says that a refresh was cut off (services/tokens.py).
    Connection.objects.filter(refresh_lease_until__lte=now).exclude(health=Health.CONNECTED).update(
        refresh_lease_until=None
    )
    waiting = (
        Connection.objects.filter(health=Health.CONNECTED, epoch__isnull=False)
        .filter(connected_at__gte=now - datetime.timedelta(days=ONBOARDING_DAYS))
        .exclude(epoch__package_installed=True)
        .filter(
            Q(epoch__facts_at=None)
            | Q(epoch__facts_at__lte=now - datetime.timedelta(minutes=FACTS_MINUTES))
        )
    )
    for pk in waiting.values_list("pk", flat=True):
        org_facts_refresh.delay(pk)
    old = ConnectAttempt.objects.filter(
        Q(state=ConnectAttempt.State.STARTED) | Q(state=ConnectAttempt.State.RETURNED),
        started_at__lte=now - datetime.timedelta(minutes=ATTEMPT_MINUTES),
    )
    for attempt in old:
        services.connect_attempt_abandon(attempt=attempt)


@shared_task
def connections_keep_alive() -> None:
    """Every hour: use refresh tokens that rested for a week, one task a connection."""
    for pk in services.connections_resting():
        connection_keep_alive.delay(pk)


@shared_task
def connection_keep_alive(connection_id: int) -> None:
    """Use one connection's refresh token, and warn when that has not worked for long."""
    connection = Connection.objects.filter(pk=connection_id, health=Health.CONNECTED).first()
    if connection is not None:
        services.connection_keep_alive(connection=connection)
