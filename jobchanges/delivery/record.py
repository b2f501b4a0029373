"""The short transaction after a call: states, attempts, ledger and one event for the group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.services import event_record
from jobchanges.delivery.context import Visit, resolve
from jobchanges.delivery.runs import runs_move_on
from jobchanges.delivery.states import delivery_move
from jobchanges.models import Attempt, Delivery, RecordWrite, TestRun
from jobchanges.planning.serialise import plan_from_json

State = Delivery.State
Outcome = Attempt.Outcome

_STATE_AFTER = {
    Outcome.DELIVERED: State.DELIVERED,
    Outcome.FOUND: State.DELIVERED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.HELD: State.HELD,
    Outcome.RELEASED: State.WAITING,
    Outcome.UNKNOWN: State.UNKNOWN,
}
LONGEST_WAIT = 300.0


@dataclass(frozen=True)
class Answer:
    """What became of one claimed (or unanswered) delivery."""

    delivery: Delivery
    outcome: str  # an Attempt.Outcome
    attempt: Attempt | None = None  # None: nothing was tried
    record_ids: Mapping[str, str] = field(default_factory=dict)  # by role
    errors: Sequence[Mapping[str, Any]] = ()
    reason: str = ""  # why it is held, or why it waits
    wait: float | None = None  # seconds until the next try; None: longer each time
    sent_is_known: bool = True  # False: another copy of this portal wrote it


def answers_record(visit: Visit, answers: Iterable[Answer]) -> list[Answer]:
    """Record a group's answers in one transaction, with one event; returns those that counted.

    An answer whose delivery was taken over by somebody else in the meantime does not count.
    """
    rows = list(answers)
    counted: list[Answer] = []
    with transaction.atomic():
        # The same order as everywhere: run, delivery, customer (in the event). No deadlocks.
        runs = (item.delivery.test_run_id for item in rows)
        run_ids = {run_id for run_id in runs if run_id is not None}
        list(TestRun.objects.select_for_update().filter(pk__in=run_ids).order_by("pk"))
        for answer in rows:
            if _move(answer):
                _attempt_end(answer)
                counted.append(answer)
        if counted:
            _event(visit, counted)
            runs_move_on({item.delivery.test_run_id for item in counted})
    return counted


def backoff(releases: int) -> float:
    """Seconds to wait after so many releases: 5, 10, 20 … up to five minutes."""
    return min(5.0 * 2.0 ** min(releases, 10), LONGEST_WAIT)


def _move(answer: Answer) -> bool:
    """Move the delivery on. A correction that ends in any way leaves it delivered."""
    delivery = answer.delivery
    is_correction = delivery.correction_asked_at is not None
    now = timezone.now()
    to = _STATE_AFTER[Outcome(answer.outcome)]
    fields: dict[str, Any] = {"not_before": None}
    if answer.outcome == Outcome.RELEASED:
        wait = backoff(delivery.releases) if answer.wait is None else answer.wait
        fields = {
            "not_before": now + timedelta(seconds=wait),
            # Given back untried, it did not fail: the next wait is not longer for that.
            "releases": F("releases") + (1 if answer.attempt or answer.reason else 0),
            "waiting_reason": answer.reason[:500],
        }
    elif answer.outcome == Outcome.UNKNOWN:
        fields = {"unknown_since": now, "not_before": now, "claimed_until": None}
    elif answer.outcome == Outcome.HELD and not is_correction:
        fields["held_reason"] = answer.reason[:500]
    elif answer.outcome in (Outcome.DELIVERED, Outcome.FOUND) and not is_correction:
        plan = answer.attempt.plan if answer.attempt else {}
        fields |= {"delivered_at": now, "outcome": plan.get("outcome", ""), "held_reason": ""}
    if is_correction and answer.outcome != Outcome.UNKNOWN:
        to = State.DELIVERED
        if answer.outcome != Outcome.RELEASED:
            fields["correction_asked_at"] = None
    if answer.outcome not in (Outcome.RELEASED, Outcome.UNKNOWN):
        fields |= {"waiting_reason": "", "releases": 0}
    mine = Delivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
    sources = [State.CLAIMED] if to == State.UNKNOWN else [State.CLAIMED, State.UNKNOWN]
    return bool(delivery_move(mine, sources, to, **fields))


def _attempt_end(answer: Answer) -> None:
    attempt = answer.attempt
    if attempt is None:
        return
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=answer.outcome,
        errors=list(answer.errors),
        held_reason=answer.reason[:500] if answer.outcome == Outcome.HELD else "",
        ended_at=timezone.now(),
    )
    if answer.outcome in (Outcome.DELIVERED, Outcome.FOUND):
        _ledger(attempt, answer.record_ids, sent_is_known=answer.sent_is_known)
        # Where an earlier attempt turned out to have written it, the later one found it there.
        Attempt.objects.filter(delivery=answer.delivery, outcome="").update(
            outcome=Outcome.FOUND, ended_at=timezone.now()
        )


def _ledger(attempt: Attempt, record_ids: Mapping[str, str], *, sent_is_known: bool) -> None:
    """One row for each touched record; what was sent is kept with the ids it turned into."""
    if attempt.writes.exists():
        return
    due = timezone.now() + timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    RecordWrite.objects.bulk_create(
        [
            RecordWrite(
                attempt=attempt,
                sequence=sequence,
                role=write.role,
                object_name=write.object_name,
                record_id=record_ids.get(write.role, write.record_id or ""),
                operation=write.operation,
                before=dict(write.before),
                sent=(
                    {name: resolve(value, record_ids) for name, value in write.fields.items()}
                    if sent_is_known
                    else {}
                ),
                settle_due_at=due,
            )
            for sequence, write in enumerate(plan_from_json(attempt.plan).writes, start=1)
        ]
    )


def _event(visit: Visit, answers: Sequence[Answer]) -> None:
    """One event for the group: identifiers and hashes, no personal data."""
    event_record(
        customer=visit.customer,
        action="deliveries.answered",
        by=None,
        side="system",
        environment=visit.connection.environment,
        org_id=visit.epoch.org_id,
        data={
            "test_runs": sorted({item.delivery.test_run_id or 0 for item in answers} - {0}),
            "deliveries": [
                {
                    "key": item.delivery.delivery_key,
                    "outcome": item.outcome,
                    "attempt": item.attempt.number if item.attempt else None,
                    "plan_hash": item.attempt.plan_hash if item.attempt else "",
                    "records": dict(item.record_ids),
                    "codes": [str(error.get("code", "")) for error in item.errors],
                }
                for item in answers
            ],
        },
    )
