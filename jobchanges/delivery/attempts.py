"""Attempts are stored before the call, so that a lost answer is known to be missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from jobchanges.delivery.allowed import allowances_lock
from jobchanges.delivery.batches import batches_lock
from jobchanges.delivery.context import Visit, display_of
from jobchanges.delivery.covered import still_covered
from jobchanges.delivery.queue import claims_extend
from jobchanges.models import Attempt, Delivery
from jobchanges.planning import Plan, plan_hash, plan_to_json


@dataclass(frozen=True)
class Planned:
    """A claimed delivery, its plan and the attempt that is about to be made."""

    delivery: Delivery
    plan: Plan
    attempt: Attempt


def attempts_store(visit: Visit, group: Sequence[tuple[Delivery, Plan]]) -> list[Planned]:
    """Write down what is about to be tried, for what is still this holder's and may be written.

    From here on a group is begun: whoever paused its batch, or ended its allowance, before finds
    nothing begun after.
    """
    wanted = [item for item, _plan in group]
    mine = {item.pk for item in claims_extend(wanted, visit.holder)}
    with transaction.atomic():
        batches_lock(item.batch_id for item in wanted if item.batch_id is not None)
        rows = Delivery.objects.select_for_update(of=("self",), no_key=True).filter(
            pk__in=mine, state=Delivery.State.CLAIMED, claimed_by=visit.holder
        )
        numbers = dict(rows.order_by("pk").values_list("pk", "attempts_made"))
        # What ends an allowance waits for this, or has ended it and is seen by what follows.
        allowances_lock(item.allowance_id for item in wanted if item.allowance_id is not None)
        still = still_covered(item for item in wanted if item.pk in numbers)
        going = [
            (delivery, plan)
            for delivery, plan in group
            if numbers.get(delivery.pk) == delivery.attempts_made and delivery.pk in still
        ]
        Delivery.objects.filter(pk__in=[item.pk for item, _plan in going]).update(
            attempts_made=F("attempts_made") + 1
        )
        for delivery, _plan in going:
            delivery.attempts_made += 1
        attempts = Attempt.objects.bulk_create(
            [_attempt(visit, delivery, plan) for delivery, plan in going]
        )
    return [
        Planned(delivery, plan, attempt)
        for (delivery, plan), attempt in zip(going, attempts, strict=True)
    ]


def _attempt(visit: Visit, delivery: Delivery, plan: Plan) -> Attempt:
    return Attempt(
        delivery=delivery,
        number=delivery.attempts_made,
        by_id=_asked_by(delivery),
        worker=visit.holder,
        plan=plan_to_json(plan),
        plan_hash=plan_hash(plan),
        display=display_of(visit, plan),
        is_correction=delivery.correction_asked_at is not None,
    )


def _asked_by(delivery: Delivery) -> int | None:
    """Who sent it: released the batch, or sent the run."""
    if delivery.batch is not None:
        return delivery.batch.released_by_id
    return delivery.test_run.sent_by_id if delivery.test_run else None
