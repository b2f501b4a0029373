"""Customers that never went live: a warning first, then their data go (identity-and-state)."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Customer
from accounts.services.events import event_record
from accounts.services.retention import customer_people_forget
from integrations.services.retention import customer_connections_forget
from jobchanges.models import Batch
from jobchanges.services.erasing import ErasingError, customer_job_changes_forget
from portal.mail.retention import retention_readers, retention_warning_mail

logger = structlog.get_logger(__name__)
WARNED, REMOVED = "customer.retention_warned", "customer.data_removed"
# What the portal does by itself is no activity of anybody.
NOBODYS = Q(events__side="system") & ~Q(events__action="job_changes.imported")


@dataclass(frozen=True)
class Unfinished:
    """A customer that never went live, and since when nothing happened there."""

    customer: Customer
    last_activity: datetime
    warned_at: datetime | None
    removed_at: datetime | None

    @property
    def is_warned(self) -> bool:
        """Whether the warning is about this silence, not about an earlier one."""
        return self.warned_at is not None and self.warned_at > self.last_activity

    @property
    def is_removed(self) -> bool:
        """Whether this silence ended with the data already."""
        return self.removed_at is not None and self.removed_at > self.last_activity


def unfinished_quiet_since(moment: datetime) -> Iterator[Unfinished]:
    """Customers that never released a batch and where nothing happened since before.

    What a batch wrote to production, also one that was stopped, is evidence: it has its own limit.
    """
    rows = Customer.objects.annotate(
        acted_at=Max("events__created_at", filter=~NOBODYS),
        warned_at=Max("events__created_at", filter=Q(events__action=WARNED)),
        removed_at=Max("events__created_at", filter=Q(events__action=REMOVED)),
    ).exclude(pk__in=Batch.objects.values("customer"))
    seen_at = dict(
        Customer.objects.annotate(at=Max("memberships__user__last_login")).values_list("pk", "at")
    )
    for row in rows.select_related("implementation_manager").order_by("pk"):
        moments = (row.created_at, row.acted_at, seen_at[row.pk])
        last = max(one for one in moments if one is not None)
        if last <= moment:
            yield Unfinished(row, last, row.warned_at, row.removed_at)


def unfinished_warn(*, dry_run: bool = False) -> int:
    """Mail the implementation manager once a silence; how many customers.

    Only a mail that went out counts: without it nothing is removed later.
    """
    quiet = timedelta(days=settings.RETENTION_UNFINISHED_DAYS - settings.RETENTION_WARNING_DAYS)
    warned = 0
    for one in unfinished_quiet_since(timezone.now() - quiet):
        if one.is_warned or one.is_removed:
            continue
        if dry_run or _warn(one):
            warned += 1
    return warned


def unfinished_remove(*, dry_run: bool = False) -> int:
    """Remove the data of customers that were warned long enough ago; how many customers."""
    now = timezone.now()
    removed = 0
    for one in unfinished_quiet_since(now - timedelta(days=settings.RETENTION_UNFINISHED_DAYS)):
        warned_long_ago = (
            one.is_warned
            and one.warned_at is not None
            and one.warned_at <= now - timedelta(days=settings.RETENTION_WARNING_DAYS)
        )
        if one.is_removed or not warned_long_ago:
            continue
        if dry_run or _removed(one.customer):
            removed += 1
    return removed


def _removed(customer: Customer) -> bool:
    """Remove one customer's data; False while something of it is on its way: tomorrow, then."""
    try:
        _remove(customer)
    except ErasingError:
        logger.warning("retention_not_removed", customer=customer.pk)
        return False
    return True


def _warn(one: Unfinished) -> bool:
    readers = retention_readers(one.customer)
    now = timezone.now()
    removed_on = max(
        one.last_activity + timedelta(days=settings.RETENTION_UNFINISHED_DAYS),
        now + timedelta(days=settings.RETENTION_WARNING_DAYS),
    )
    messages = [
        retention_warning_mail(
            customer=one.customer,
            to=reader,
            last_activity=one.last_activity,
            removed_on=removed_on,
        )
        for reader in readers
    ]
    try:
        sent = get_connection().send_messages(messages) if messages else 0
    except (smtplib.SMTPException, OSError):
        logger.exception("retention_mail_failed", customer=one.customer.pk)
        return False
    if not sent:
        logger.error("retention_nobody_to_warn", customer=one.customer.pk)
        return False
    with transaction.atomic():
        event_record(customer=one.customer, action=WARNED, by=None, side="system")
    return True


def _remove(customer: Customer) -> None:
    with transaction.atomic():
        job_changes = customer_job_changes_forget(customer=customer)
        connections = customer_connections_forget(customer=customer)
        people = customer_people_forget(customer=customer)
        event_record(
            customer=customer,
            action=REMOVED,
            by=None,
            side="system",
            data={"job_changes": job_changes, "connections": connections, "people": people},
        )
