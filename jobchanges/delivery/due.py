"""Which records are to be read again, and who reads them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.models import OrgEpoch
from jobchanges.models import RecordWrite

# One composite call reads five collections of 200 records. As many as fill a few calls are read
# together: of several objects each has a collection that is not full.
RECORDS_A_CALL = 1_000
RECORDS_AT_ONCE = 5 * RECORDS_A_CALL
# What is being read, or could not be, is due again after this time.
SETTLE_AGAIN_SECONDS = 300
# What is due in so many seconds is read along, and what is due waits that long for more.
TOGETHER_SECONDS = 40


def is_due(now: datetime) -> Q:
    """Records to be read again: a while after they were saved, or because somebody asked.

    `settle_due_at` is when; a reading that began before it does not count.
    """
    unread = Q(settled_at=None) | Q(settled_at__lt=F("settle_due_at"))
    return Q(settle_due_at__lte=now) & unread


def records_claim(epoch: OrgEpoch) -> list[RecordWrite]:
    """Take the records of one org that are due to be read again, oldest first.

    Nobody else gets them for a while; when they are not read by then they are due again. Few wait
    a little for more that are on their way: they cost the same call. What somebody asked for does
    not wait.
    """
    now = timezone.now()
    soon = now + timedelta(seconds=TOGETHER_SECONDS)
    here = RecordWrite.objects.filter(attempt__delivery__epoch=epoch).exclude(record_id="")
    due = here.filter(is_due(now))
    if _more_to_come(here, due, now, soon):
        return []
    ids = list(
        here.filter(is_due(soon))
        .order_by("settle_due_at", "pk")
        .values_list("pk", flat=True)[:RECORDS_AT_ONCE]
    )
    if not ids or not due.exists():
        return []
    claimed = now + timedelta(seconds=SETTLE_AGAIN_SECONDS)
    for part in parts(ids):
        with transaction.atomic():
            mine = (
                RecordWrite.objects.select_for_update(skip_locked=True, no_key=True)
                .filter(is_due(soon), pk__in=part)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            RecordWrite.objects.filter(is_due(soon), pk__in=list(mine)).update(
                settle_due_at=claimed
            )
    return [
        write
        for part in parts(ids)
        for write in RecordWrite.objects.filter(pk__in=part, settle_due_at=claimed).order_by("pk")
    ]


def _more_to_come(here: Any, due: Any, now: datetime, soon: datetime) -> bool:
    """Whether what is due had better wait for what will be due in a moment."""
    if not here.filter(settle_due_at__gt=now, settle_due_at__lte=soon, settled_at=None).exists():
        return False
    late = now - timedelta(seconds=TOGETHER_SECONDS)
    if due.filter(Q(settled_at__isnull=False) | Q(settle_due_at__lte=late)).exists():
        return False
    return bool(due.count() < RECORDS_A_CALL)


def parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """As many at a time as one statement takes."""
    return (ids[start : start + RECORDS_A_CALL] for start in range(0, len(ids), RECORDS_A_CALL))
