"""What this floor lets go of when its time is over (identity-and-state, Retention)."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.services import event_record
from integrations.fields import UnreadableText
from integrations.models import (
    CheckResult,
    CheckRun,
    ConnectAttempt,
    Connection,
    Health,
    OrgCallSlot,
    OrgEpoch,
    ReportListing,
    Snapshot,
    TrackingReport,
)
from integrations.oauth import calls
from integrations.services.attempts import connect_attempt_abandon
from integrations.services.locks import customer_lock

log = structlog.get_logger(__name__)
State = ConnectAttempt.State
# The sweep gives an unconfirmed sign-up up after half an hour; whatever it left is not kept.
SEALED_HOURS = 24


def sealed_tokens_purge(*, dry_run: bool = False) -> int:
    """Throw away tokens that nobody confirmed within a day; how many.

    The access is handed back to Salesforce. A token that no key opens any more cannot be handed
    back: it is thrown away all the same, and the log says so.
    """
    late = timezone.now() - timedelta(hours=SEALED_HOURS)
    held = ConnectAttempt.objects.filter(started_at__lte=late).exclude(sealed_token="")
    if dry_run:
        return held.count()
    count = 0
    for attempt in held:
        if isinstance(attempt.sealed_token, UnreadableText):
            log.warning("sealed_token_unreadable", attempt=attempt.pk)
        elif attempt.state == State.RETURNED and connect_attempt_abandon(attempt=attempt):
            count += 1
            continue
        count += ConnectAttempt.objects.filter(pk=attempt.pk).update(sealed_token="")
    return count


def connect_attempts_purge(*, ended_before: datetime, dry_run: bool = False) -> int:
    """Delete attempts to connect that ended before, with who came and as whom; how many."""
    over = ConnectAttempt.objects.filter(
        Q(ended_at__lte=ended_before) | Q(ended_at=None, started_at__lte=ended_before),
        sealed_token="",
    )
    count = over.count()
    if not dry_run:
        over.delete()
    return count


def call_slots_purge(*, dry_run: bool = False) -> int:
    """Delete the call slots of orgs that no live connection calls any more; how many.

    They are made again at the next call.
    """
    called = OrgEpoch.objects.filter(ended_at=None, connection__health=Health.CONNECTED)
    idle = OrgCallSlot.objects.filter(Q(until=None) | Q(until__lte=timezone.now())).exclude(
        org_id__in=called.values("org_id")
    )
    return idle.count() if dry_run else idle.delete()[0]


def check_runs_purge(*, ended_before: datetime, dry_run: bool = False) -> int:
    """Delete rounds of checks that ended before, and lists of reports as old; how many.

    What the checks found stays as long as nothing newer was found; events name the rounds.
    """
    over = CheckRun.objects.filter(ended_at__lte=ended_before)
    lists = ReportListing.objects.filter(asked_at__lte=ended_before)
    if dry_run:
        return over.count() + lists.count()
    return over.delete()[0] + lists.delete()[0]


def customer_connections_forget(*, customer: Customer) -> int:
    """End the customer's connections and forget who its Salesforce users are; how many ended.

    Orgs and their ids stay: events and deliveries name them. Access is handed back after the
    commit, and what was known of attempts goes, and what the orgs said of themselves and of people
    in them.
    """
    ended = 0
    with transaction.atomic():
        customer_lock(customer.pk)
        ConnectAttempt.objects.filter(customer=customer).delete()
        for said in (CheckResult, CheckRun, Snapshot, ReportListing, TrackingReport):
            said._default_manager.filter(epoch__connection__customer=customer).delete()
        for connection in Connection.objects.select_for_update().filter(customer=customer):
            OrgEpoch.objects.filter(connection=connection).update(username="", user_name="")
            if connection.health != Health.DISCONNECTED:
                _connection_end(connection)
                ended += 1
    return ended


def _connection_end(connection: Connection) -> None:
    token, host = connection.refresh_token, connection.token_host
    Connection.objects.filter(pk=connection.pk).update(
        health=Health.DISCONNECTED,
        health_reason=_("Ended because nothing happened here for a long time."),
        health_since=timezone.now(),
        access_token="",
        refresh_token="",
        token_generation=F("token_generation") + 1,
        refresh_lease_until=None,
    )
    event_record(
        customer=connection.customer,
        action="connection.disconnected",
        by=None,
        side="system",
        environment=connection.environment,
        org_id=connection.epoch.org_id if connection.epoch else "",
        data={"connection": connection.pk},
    )
    if token and not isinstance(token, UnreadableText):
        transaction.on_commit(lambda: _hand_back(host, token))


def _hand_back(host: str, token: str) -> None:
    calls.token_revoke_quietly(host=host, token=token)
