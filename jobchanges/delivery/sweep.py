"""Finding what was left: nothing depends on a wake-up call arriving (architecture)."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from jobchanges.delivery.due import is_due
from jobchanges.delivery.queue import sendable
from jobchanges.delivery.states import delivery_move
from jobchanges.models import Attempt, Delivery, OrgLease, RecordWrite, TestRun

State = Delivery.State
# A preview that was asked for and not made in this time is asked for again.
PREVIEW_SECONDS = 60


def claims_release() -> int:
    """Give up claims whose worker is gone; returns how many.

    Where an attempt was begun the call may have been made: its outcome is unknown and will be
    asked for. Where none was, nothing can have been written.
    """
    now = timezone.now()
    begun = Attempt.objects.filter(
        delivery=OuterRef("pk"), number=OuterRef("attempts_made"), outcome=""
    )
    stale = Delivery.objects.filter(claimed_until__lt=now)
    unknown = delivery_move(
        stale.filter(Exists(begun)),
        [State.CLAIMED],
        State.UNKNOWN,
        unknown_since=now,
        not_before=now,
        claimed_until=None,
    )
    untouched = stale.filter(~Exists(begun))
    waiting = delivery_move(
        untouched.filter(correction_asked_at=None), [State.CLAIMED], State.WAITING
    )
    corrections = delivery_move(
        untouched.filter(correction_asked_at__isnull=False), [State.CLAIMED], State.DELIVERED
    )
    # Its run was closed while the correction was on its way: nobody sends it any more.
    Delivery.objects.filter(state=State.DELIVERED, correction_asked_at__isnull=False).exclude(
        test_run__state__in=TestRun.OPEN_STATES
    ).update(correction_asked_at=None)
    return unknown + waiting + corrections


def epochs_to_deliver() -> list[int]:
    """Connected orgs in which something waits to be sent or asked for, and nobody is at it."""
    now = timezone.now()
    busy = OrgLease.objects.filter(
        Q(until__gte=now) | Q(paused_until__gt=now), org_id=OuterRef("org_id")
    )
    unanswered = Delivery.objects.filter(state=State.UNKNOWN, not_before__lte=now)
    return sorted(
        {
            epoch_id
            for rows in (sendable(now), unanswered)
            for epoch_id in rows.filter(
                ~Exists(busy), epoch__connection__health="connected", epoch__ended_at=None
            ).values_list("epoch_id", flat=True)
        }
    )


def epochs_to_settle() -> list[int]:
    """Connected orgs in which written records are due to be read again."""
    return sorted(
        set(
            RecordWrite.objects.filter(
                is_due(timezone.now()),
                attempt__delivery__epoch__connection__health="connected",
                attempt__delivery__epoch__ended_at=None,
            )
            .exclude(record_id="")
            .values_list("attempt__delivery__epoch_id", flat=True)
        )
    )


def runs_to_plan() -> list[int]:
    """Runs whose preview was asked for and never made: the wake-up call was lost."""
    late = timezone.now() - timedelta(seconds=PREVIEW_SECONDS)
    return list(
        TestRun.objects.filter(
            Q(planned_at=None) | Q(planned_at__lt=F("plan_requested_at")),
            state__in=TestRun.OPEN_STATES,
            plan_requested_at__lt=late,
            plan_error="",
        ).values_list("pk", flat=True)
    )
