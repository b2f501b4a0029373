"""Reading back several groups together: one call reads up to 1,000 records (write-protocol)."""

import time
from collections.abc import Iterable

from django.utils import timezone

from jobchanges.delivery.context import Visit
from jobchanges.delivery.readback import read_back
from jobchanges.models import Attempt, RecordWrite

# What was stored shows on the pages after this long at the latest.
READ_AFTER_SECONDS = 20.0
# More would only fill the memory: a call is full long before.
GATHER_MOST = 1_000


def gather(visit: Visit, attempts: Iterable[Attempt | None]) -> None:
    """Put attempts aside that wrote something, to be read back together with others."""
    visit.unread += [attempt for attempt in attempts if attempt is not None]
    if visit.unread and visit.unread_since is None:
        visit.unread_since = time.monotonic()


def gathered_read(visit: Visit, *, now: bool = False) -> None:
    """Read back what was gathered, when it is time or with `now`.

    A worker that is killed before leaves this to its next visit (`gather_left`).
    """
    since = visit.unread_since
    is_time = since is not None and time.monotonic() - since > READ_AFTER_SECONDS
    if visit.unread and (now or is_time or len(visit.unread) >= GATHER_MOST):
        attempts, visit.unread, visit.unread_since = visit.unread, [], None
        read_back(visit, attempts)


def gather_left(visit: Visit) -> None:
    """Gather what an earlier visit wrote and did not come to read; the later reading is not due."""
    unread = RecordWrite.objects.filter(
        stored__isnull=True, settled_at=None, settle_due_at__gt=timezone.now()
    ).exclude(record_id="")
    left = Attempt.objects.filter(delivery__epoch=visit.epoch, pk__in=unread.values("attempt"))
    gather(visit, left[:GATHER_MOST])
