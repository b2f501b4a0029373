"""What of a run is not sent yet, and how an offer or allowance of it ends."""

from collections.abc import Iterable
from typing import Any, Literal

from django.db.models import Q
from django.utils import timezone

from accounts.models import Environment, User
from accounts.services import event_record
from jobchanges.models import Allowance, Attempt, Delivery, TestRun

# Picked and planned, to be sent by a person; in production also a correction.
UNSENT = Q(released_at=None) & (
    Q(state=Delivery.State.WAITING)
    | Q(state=Delivery.State.DELIVERED, correction_asked_at__isnull=False)
)
_ANSWERED = (Delivery.State.DELIVERED, Delivery.State.REFUSED, Delivery.State.HELD)


def allowance_end(
    run: TestRun,
    *,
    why: str,
    by: User | None = None,
    side: Literal["customer", "vendor", "system"] = "system",
    run_ends: bool = False,
) -> int:
    """Take back the offer of what is not sent yet, and its allowance; how many allowances ended.

    An allowance by which something was sent stays: it is used up, not ended. With `run_ends`, one
    without any answer yet ends, too. Nothing happens to a run outside of production. Belongs into
    the transaction of the change, with the run's row held.
    """
    if run.environment != Environment.PRODUCTION:
        return 0
    TestRun.objects.filter(pk=run.pk).update(offered_at=None, offered_by=None)
    covered = Delivery.objects.filter(test_run=run).exclude(allowance=None)
    ended = 0
    used = covered.filter(state__in=_ANSWERED) if run_ends else covered.exclude(UNSENT)
    ending = set(
        Allowance.objects.filter(test_run=run, withdrawn_at=None)
        .exclude(pk__in=used.values("allowance"))
        .values_list("pk", flat=True)
    )
    Delivery.objects.filter(UNSENT, test_run=run).update(allowance=None, expected_plan_hash="")
    # A group that is being begun goes first (`attempts_store`); then it counts as sent.
    for allowance in allowances_lock(ending):
        if _was_sent(run, allowance):
            continue
        ended += 1
        Allowance.objects.filter(pk=allowance.pk).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=why[:500]
        )
        run_event(
            run,
            "test_run.allowance_ended",
            by,
            side,
            allowance=allowance.pk,
            content_hash=allowance.content_hash,
        )
    return ended


def allowances_lock(allowance_ids: Iterable[int]) -> list[Allowance]:
    """Hold the rows of allowances until the end of the transaction: after the deliveries' rows."""
    ids = set(allowance_ids)
    if not ids:
        return []
    rows = Allowance.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(rows.order_by("pk"))


def _was_sent(run: TestRun, allowance: Allowance) -> bool:
    """Whether anything went to the org under it; its job changes may be waiting for another one
    since, to be corrected."""
    keys = [item["key"].rpartition(":")[0] for item in allowance.content.get("deliveries", ())]
    return (
        Attempt.objects.filter(
            delivery__test_run=run,
            delivery__job_change__key__in=keys,
            started_at__gte=allowance.at,
        )
        .exclude(outcome=Attempt.Outcome.HELD)
        .exists()
    )


def run_event(
    run: TestRun,
    action: str,
    by: User | None,
    side: Literal["customer", "vendor", "system"],
    **data: Any,
) -> None:
    """Record an event of a run."""
    event_record(
        customer=run.customer,
        action=action,
        by=by,
        side=side,
        environment=run.environment,
        org_id=run.epoch.org_id,
        data={"test_run": run.pk, "number": run.number} | data,
    )
