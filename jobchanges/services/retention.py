"""What this floor lets go of when its time is over (identity-and-state, Retention)."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Customer, Event
from accounts.services import event_record
from jobchanges.blanking import approval_without_before, plan_without_before
from jobchanges.delivery.states import IN_FLIGHT
from jobchanges.models import (
    Attempt,
    Batch,
    CleanUpItem,
    Delivery,
    ImportRow,
    ImportRun,
    RecordWrite,
    RunApproval,
)

VALUES_REMOVED = "ledger.values_removed"
AT_ONCE = 500


def imports_purge(*, read_before: datetime, dry_run: bool = False) -> int:
    """Delete the row-by-row reports of imports read before; totals stay. How many rows.

    The file itself is never kept; what a report says of a row may quote it.
    """
    rows = ImportRow.objects.filter(run__created_at__lte=read_before)
    count = rows.count()
    if not dry_run:
        rows.delete()
        ImportRun.objects.filter(created_at__lte=read_before).exclude(notes=[]).update(notes=[])
    return count


def customers_live_before(moment: datetime) -> QuerySet[Customer]:
    """Customers whose first batch ended before."""
    return Customer.objects.annotate(
        live_at=Min("batches__ended_at", filter=Q(batches__state=Batch.State.ENDED))
    ).filter(live_at__lte=moment)


def before_images_purge(*, live_before: datetime, dry_run: bool = False) -> int:
    """Remove before-images and stored values of customers that went live before; how many records.

    Of attempts made before that moment, too: what was sent later is kept as long. The ledger
    keeps objects, ids, operations and what was sent. One event a customer says until when.
    """
    return sum(
        _customer_values_remove(customer, live_before, dry_run)
        for customer in customers_live_before(live_before).order_by("pk")
    )


def _customer_values_remove(customer: Customer, until: datetime, dry_run: bool) -> int:
    due = Attempt.objects.filter(delivery__job_change__customer=customer, started_at__lte=until)
    since, left = values_removed(customer)
    if since is not None:
        due = due.filter(Q(started_at__gt=since) | Q(pk__in=left))
    # What is in the air is asked for by what is kept of it; its turn comes the next time.
    in_the_air = Q(delivery__state__in=IN_FLIGHT)
    attempts = due.exclude(in_the_air)
    writes = RecordWrite.objects.filter(attempt__in=attempts)
    count = writes.count()
    if dry_run or not attempts.exists():
        return count
    with transaction.atomic():
        last = attempts.aggregate(last=Max("started_at"))["last"]
        last = max(last, since or last)
        left = sorted(due.filter(in_the_air, started_at__lte=last).values_list("pk", flat=True))
        writes.filter(settled_at=None).update(settled_at=timezone.now())
        CleanUpItem.objects.filter(write__in=writes).update(reason="", edited_by="", errors=[])
        writes.update(
            before={}, stored=None, settled=None, changed_by="", names={}, settle_due_at=None
        )
        for part in _parts(attempts):
            _plans_blank(part)
        for approval in RunApproval.objects.filter(test_run__customer=customer, at__lte=until):
            content = approval_without_before(approval.content)
            if content != approval.content:
                RunApproval.objects.filter(pk=approval.pk).update(content=content)
        event_record(
            customer=customer,
            action=VALUES_REMOVED,
            by=None,
            side="system",
            data={
                "until": last.isoformat(),
                "records": count,
                "left": left,
            },
        )
    return count


def values_removed(customer: Customer) -> tuple[datetime | None, list[int]]:
    """Until when attempts were gone through already: theirs are the values that are not kept any
    more. With the ids of those that had to be left out.
    """
    last = (
        Event.objects.filter(customer=customer, action=VALUES_REMOVED).order_by("sequence").last()
    )
    if last is None:
        return None, []
    return parse_datetime(last.data["until"]), last.data.get("left", [])


def _parts(attempts: QuerySet[Attempt]) -> Iterator[list[Attempt]]:
    ids = list(attempts.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        yield list(
            Attempt.objects.filter(pk__in=ids[start : start + AT_ONCE]).select_related("delivery")
        )


def _plans_blank(attempts: list[Attempt]) -> None:
    deliveries = {attempt.delivery_id: attempt.delivery for attempt in attempts}
    for attempt in attempts:
        attempt.plan = plan_without_before(attempt.plan)
    for delivery in deliveries.values():
        delivery.plan = plan_without_before(delivery.plan)
    Attempt.objects.bulk_update(attempts, ["plan"])
    Delivery.objects.bulk_update(deliveries.values(), ["plan"])
