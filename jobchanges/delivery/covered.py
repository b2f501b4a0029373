"""Rule 1 at its lowest place: what may be written to which org at this moment."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Environment
from jobchanges.models import Batch, Delivery, TestRun

_BEING_SENT = (TestRun.State.SENDING, TestRun.State.REVIEW)
# Ended: whatever still waits in it was sent again by a person.
SENDING_STATES = (Batch.State.SENDING, Batch.State.ENDED)


def covered(now: datetime | None = None) -> Q:
    """Conditions of a delivery that may be written: by its sandbox run, allowance or batch.

    Asked when deliveries are claimed, and again right before each call. Whatever is not surely a
    sandbox counts as production.
    """
    return covered_in_sandbox() | covered_in_production(now)


def still_covered(claimed: Iterable[Delivery]) -> set[int]:
    """Primary keys of those that may be written now: a sandbox run finishes what it claimed,
    production does not."""
    rows = list(claimed)
    sandbox = {item.pk for item in rows if item.environment == Environment.SANDBOX}
    production = [item.pk for item in rows if item.pk not in sandbox]
    if not production:
        return sandbox
    still = Delivery.objects.filter(covered_in_production(), pk__in=production)
    return sandbox | set(still.values_list("pk", flat=True))


def covered_in_sandbox() -> Q:
    """Deliveries of a sandbox run that is being sent or reviewed."""
    return Q(
        environment=Environment.SANDBOX,
        epoch__connection__environment=Environment.SANDBOX,
        batch=None,
        test_run__state__in=_BEING_SENT,
    )


def covered_in_production(now: datetime | None = None) -> Q:
    """Deliveries of an allowed run, with the fingerprint that was allowed, or of a signed batch.

    The allowance stands, has begun and is one of the run that is being sent. Of a batch the first
    part goes before the rest; what an open run holds is that run's, whatever batch it was in.
    """
    by_allowance = Q(
        batch=None,
        test_run__state__in=_BEING_SENT,
        allowance__test_run=F("test_run"),
        allowance__withdrawn_at=None,
        allowance__starts_at__lte=now or timezone.now(),
    ) & ~Q(expected_plan_hash="")
    by_batch = (
        Q(batch__state__in=SENDING_STATES, batch__epoch=F("epoch"))
        & (Q(in_first_part=True) | Q(batch__first_done_at__isnull=False))
        & (Q(test_run=None) | ~Q(test_run__state__in=TestRun.OPEN_STATES))
    )
    return by_allowance | by_batch
