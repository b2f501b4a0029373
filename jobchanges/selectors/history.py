"""A run's job changes as the run left them, after a batch took them over or a clean-up removed
them. The run is history."""

import copy
from collections.abc import Iterable

from django.db.models import Max

from jobchanges.models import Attempt, Delivery, TestRun

State = Delivery.State

# What the last attempt of the run left behind.
_LEFT_AS: dict[str, str] = {
    Attempt.Outcome.DELIVERED: State.DELIVERED,
    Attempt.Outcome.FOUND: State.DELIVERED,
    Attempt.Outcome.REFUSED: State.REFUSED,
    Attempt.Outcome.HELD: State.HELD,
    Attempt.Outcome.UNKNOWN: State.UNKNOWN,
}


def is_history(delivery: Delivery, run: TestRun | None) -> bool:
    """Whether the run it once was in has ended, and something happened to it since.

    A batch sends it now, or a clean-up removed what the run left in its sandbox.
    """
    if run is None or run.is_open:
        return False
    removed = delivery.state == State.WAITING and delivery.attempts_made > 0
    return delivery.batch_id is not None or removed


def as_left(
    delivery: Delivery, run: TestRun, attempts: Iterable[Attempt]
) -> tuple[Delivery, list[Attempt]]:
    """The delivery (a copy, never to be saved) and its attempts as they were when the run ended."""
    mine = [item for item in attempts if run.ended_at is None or item.started_at <= run.ended_at]
    left = copy.copy(delivery)
    last = mine[-1] if mine else None
    left.state = _LEFT_AS.get(last.outcome, State.WAITING) if last else State.WAITING
    left.held_reason = last.held_reason if last else ""
    told = last.plan.get("outcome", "") if last else ""
    left.outcome = left.outcome or told if left.state == State.DELIVERED else ""
    left.waiting_reason = ""
    left.correction_asked_at = None
    left.attempts_made = last.number if last else 0
    return left, mine


def latest_attempts(run: TestRun, deliveries: Iterable[Delivery]) -> dict[int, int]:
    """The number of each delivery's last attempt in this run; one query more for a run of which
    a batch took something over."""
    rows = list(deliveries)
    latest = {item.pk: item.attempts_made for item in rows}
    taken = [item.pk for item in rows if is_history(item, run)]
    if taken and run.ended_at is not None:
        latest |= dict.fromkeys(taken, 0)
        latest |= dict(
            Attempt.objects.filter(delivery__in=taken, started_at__lte=run.ended_at)
            .order_by()
            .values("delivery")
            .annotate(last=Max("number"))
            .values_list("delivery", "last")
        )
    return latest
