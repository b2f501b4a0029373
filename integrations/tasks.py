"""Wake-up calls: each takes ids, loads the rows, calls a service. The database is the queue."""

import datetime

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from integrations import services
from integrations.checks import running
from integrations.checks import services as checks
from integrations.models import ConnectAttempt, Connection, Health, OrgEpoch
from integrations.reports import asking as reports

ATTEMPT_MINUTES = 30
FACTS_MINUTES = 5
KEEP_ALIVE_SECONDS = 3_600
REPORT_SECONDS = 60
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

    Whatever asks an org is a task of its own, so that a slow one holds up no other (rule 10).
    """
    now = timezone.now()
    # A live connection's lease that ran out says that a refresh was cut off (services/tokens.py).
    Connection.objects.filter(refresh_lease_until__lte=now).exclude(health=Health.CONNECTED).update(
        refresh_lease_until=None
    )
    for pk in _facts_claim(now):
        # What a worker has not come to by then is asked for again.
        org_facts_refresh.apply_async((pk,), expires=FACTS_MINUTES * 60)
    old = ConnectAttempt.objects.filter(
        Q(state=ConnectAttempt.State.STARTED) | Q(state=ConnectAttempt.State.RETURNED),
        started_at__lte=now - datetime.timedelta(minutes=ATTEMPT_MINUTES),
    )
    for pk in old.values_list("pk", flat=True):
        connect_attempt_give_up.delay(pk)


@shared_task
def connect_attempt_give_up(attempt_id: int) -> None:
    """Close one attempt; handing its access back asks Salesforce, which may not answer."""
    attempt = ConnectAttempt.objects.filter(
        pk=attempt_id, state__in=[ConnectAttempt.State.STARTED, ConnectAttempt.State.RETURNED]
    ).first()
    if attempt is not None:
        services.connect_attempt_abandon(attempt=attempt)


def _facts_claim(now: datetime.datetime) -> list[int]:
    """Connections whose org is to be asked about its package now; each once in `FACTS_MINUTES`.

    Also one that does not answer: each of its tasks holds a worker as long as its time-outs.
    """
    late = now - datetime.timedelta(minutes=FACTS_MINUTES)
    waiting = (
        Connection.objects.filter(health=Health.CONNECTED, epoch__isnull=False)
        .filter(connected_at__gte=now - datetime.timedelta(days=ONBOARDING_DAYS))
        .exclude(epoch__package_installed=True)
        .filter(Q(epoch__facts_at=None) | Q(epoch__facts_at__lte=late))
        .filter(Q(epoch__facts_tried_at=None) | Q(epoch__facts_tried_at__lte=late))
    )
    claimed = dict(waiting.values_list("epoch_id", "pk"))
    OrgEpoch.objects.filter(pk__in=claimed).update(facts_tried_at=now)
    return list(claimed.values())


@shared_task
def connections_keep_alive() -> None:
    """Every hour: use refresh tokens that rested for a week, one task a connection."""
    for pk in services.connections_resting():
        # By then the next one is on its way: workers that were away find one, not one an hour.
        connection_keep_alive.apply_async((pk,), expires=KEEP_ALIVE_SECONDS)


@shared_task
def connection_keep_alive(connection_id: int) -> None:
    """Use one connection's refresh token, and warn when that has not worked for long."""
    connection = Connection.objects.filter(pk=connection_id, health=Health.CONNECTED).first()
    if connection is not None:
        services.connection_keep_alive(connection=connection)


@shared_task
def report_listing_ask(epoch_id: int) -> None:
    """Ask a production org which reports there are."""
    reports.report_listing_work(epoch_pk=epoch_id)


@shared_task
def tracking_report_ask(report_id: int) -> None:
    """Ask what a chosen report shows and how many rows it has."""
    reports.tracking_report_work(report_pk=report_id)


@shared_task
def reports_sweep() -> None:
    """Every minute: what somebody asked about a report and no worker took."""
    epochs, chosen = reports.asks_left_over(timezone.now())
    for pk in epochs:
        report_listing_ask.apply_async((pk,), expires=REPORT_SECONDS)
    for pk in chosen:
        tracking_report_ask.apply_async((pk,), expires=REPORT_SECONDS)


@shared_task
def check_run(run_id: int) -> None:
    """Ask an org what a round of checks wants to know."""
    running.check_run_work(run_pk=run_id)


@shared_task
def check_runs_sweep() -> None:
    """Every minute: end rounds whose worker died, wake workers for those that wait."""
    checks.check_runs_sweep()
