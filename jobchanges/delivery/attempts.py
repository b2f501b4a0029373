"""Attempts are stored before the call, so that a lost answer is known to be missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from jobchanges.delivery.context import Visit, display_of
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
    """Write down what is about to be tried, for those that are still this holder's."""
    mine = {item.pk for item in claims_extend([item for item, _plan in group], visit.holder)}
    planned = []
    with transaction.atomic():
        for delivery, plan in group:
            if delivery.pk not in mine:
                continue
            counted = Delivery.objects.filter(
                pk=delivery.pk,
                state=Delivery.State.CLAIMED,
                claimed_by=visit.holder,
                attempts_made=delivery.attempts_made,
            ).update(attempts_made=F("attempts_made") + 1)
            if counted:
                delivery.attempts_made += 1
                planned.append(Planned(delivery, plan, _attempt_create(visit, delivery, plan)))
    return planned


def _attempt_create(visit: Visit, delivery: Delivery, plan: Plan) -> Attempt:
    return Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempts_made,
        by=delivery.test_run.sent_by if delivery.test_run else None,
        worker=visit.holder,
        plan=plan_to_json(plan),
        plan_hash=plan_hash(plan),
        display=display_of(visit, plan),
        is_correction=delivery.correction_asked_at is not None,
    )
