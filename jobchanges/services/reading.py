"""Reading records again because somebody asked: nothing is written to the org."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer
from accounts.waking import task_wake
from integrations.models import Connection
from jobchanges import tasks
from jobchanges.delivery.package import package_problem
from jobchanges.models import Delivery, RecordWrite, TestRun
from jobchanges.services.errors import TestRunError
from jobchanges.services.retention import values_removed

# One reading a run in this time, whoever asks.
SECONDS_BETWEEN = 15


def records_read_again(*, test_run: TestRun, delivery: Delivery | None = None) -> int:
    """Ask for the records of a run, or of one of its job changes, to be read again in the
    background; how many.

    For everybody who may see the run, in any of its states: it only reads. What was stored at
    save stays; what settled is replaced by what is there now. The automatic reading, when it is
    still to come, comes all the same. Raises TestRunError with a sentence.
    """
    _org_check(test_run)
    now = timezone.now()
    # What a clean-up took back is not ours any more.
    written = RecordWrite.objects.filter(
        attempt__delivery__test_run=test_run, removed_at=None
    ).exclude(record_id="")
    if _read_lately(written, now):
        raise TestRunError(
            _("These records were read a moment ago. Wait %(seconds)d seconds, then ask again.")
            % {"seconds": SECONDS_BETWEEN}
        )
    if delivery is not None:
        written = written.filter(attempt__delivery=delivery)
    ids = list(kept(written, test_run.customer).values_list("pk", flat=True))
    if not ids:
        raise TestRunError(_("There is nothing to read: no record was written yet, or is kept."))
    with transaction.atomic():
        # A clean-up may have taken some of them back in this moment.
        asked = RecordWrite.objects.filter(pk__in=ids, removed_at=None).update(settle_due_at=now)
        transaction.on_commit(partial(task_wake, tasks.records_settle_org, test_run.epoch_id))
    return asked


def kept(written: QuerySet[RecordWrite], customer: Customer) -> QuerySet[RecordWrite]:
    """Those whose values are still kept: reading the others would bring values back that were
    erased, or whose time is over."""
    until, left = values_removed(customer)
    # An erased job change is known by its empty last name (services/erasing.py).
    found = written.exclude(attempt__delivery__job_change__last_name="")
    if until is None:
        return found
    return found.exclude(Q(attempt__started_at__lte=until) & ~Q(attempt__in=left))


def _org_check(run: TestRun) -> None:
    connection = Connection.objects.filter(
        customer=run.customer_id, environment=run.environment
    ).first()
    if run.epoch.ended_at is not None or (connection and connection.epoch_id != run.epoch_id):
        raise TestRunError(_("The org was replaced by another one; its records cannot be read."))
    if connection is None or not connection.is_live:
        raise TestRunError(
            _("The connection to %(org)s is down. The customer reconnects it first.")
            % {"org": run.epoch.name}
        )
    if problem := package_problem(run.epoch):
        raise TestRunError(problem)


def _read_lately(written: QuerySet[RecordWrite], now: datetime) -> bool:
    """Whether any of them was read, or asked for, within the last seconds."""
    since = now - timedelta(seconds=SECONDS_BETWEEN)
    asked = Q(settle_due_at__gt=since, settle_due_at__lte=now)
    # Not read yet at the end of the settling time: it is due by itself, nobody asked.
    settling = now - timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    by_itself = Q(settled_at=None, stored_at__lte=settling)
    return written.filter(Q(settled_at__gt=since) | (asked & ~by_itself)).exists()
