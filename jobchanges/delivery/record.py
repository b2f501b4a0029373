"""The short transaction after a call: states, attempts, ledger and one event for the group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.services import event_record
from jobchanges.delivery.batches import Tally, batches_lock, batches_move_on
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
# What a delivered one no longer has.
_NOTHING_OPEN = {
    "held_reason": "",
    "held_code": "",
    "waiting_reason": "",
    "not_before": None,
    "releases": 0,
}


@dataclass(frozen=True)
class Answer:
    """What became of one claimed (or unanswered) delivery."""

    delivery: Delivery
    outcome: str  # an Attempt.Outcome
    attempt: Attempt | None = None  # None: nothing was tried
    record_ids: Mapping[str, str] = field(default_factory=dict)  # by role
    errors: Sequence[Mapping[str, Any]] = ()
    reason: str = ""  # why it is held, or why it waits
    held_code: str = ""  # which kind of reason to hold; "" where nothing is wrong
    wait: float | None = None  # seconds until the next try; None: longer each time
    sent_is_known: bool = True  # False: another copy of this portal wrote it


def answers_record(visit: Visit, answers: Iterable[Answer]) -> list[Answer]:
    """Record a group's answers in one transaction, with one event; returns those that counted.

    An answer whose delivery was taken over by somebody else in the meantime does not count.
    """
    rows = list(answers)
    with transaction.atomic():
        # The same order as everywhere: run, batch, delivery, customer (in the event). A delivery
        # may have joined its batch since it was claimed, so the row is asked.
        homes = dict(
            Delivery.objects.filter(pk__in=[item.delivery.pk for item in rows]).values_list(
                "pk", "batch_id"
            )
        )
        runs = (item.delivery.test_run_id for item in rows)
        run_ids = {run_id for run_id in runs if run_id is not None}
        list(TestRun.objects.select_for_update().filter(pk__in=run_ids).order_by("pk"))
        batches_lock(batch_id for batch_id in homes.values() if batch_id is not None)
        moved = _move_all(rows)
        counted = [answer for answer in rows if answer.delivery.pk in moved]
        if counted:
            _attempts_end(counted)
            _event(visit, counted, homes)
            runs_move_on({item.delivery.test_run_id for item in counted})
            batches_move_on(_tallies(counted, homes))
    return counted


def _tallies(answers: Iterable[Answer], homes: Mapping[int, int | None]) -> dict[int, Tally]:
    """What a group's answers add to the counts of their batches."""
    tallies: dict[int, Tally] = defaultdict(Tally)
    for answer in answers:
        batch_id = homes.get(answer.delivery.pk)
        if batch_id is None or answer.outcome in (Outcome.RELEASED, Outcome.UNKNOWN):
            continue
        held_for_a_fault = answer.outcome == Outcome.HELD and bool(answer.held_code)
        tallies[batch_id].answered += 1
        tallies[batch_id].failed += answer.outcome == Outcome.REFUSED or held_for_a_fault
    return tallies


def backoff(releases: int) -> float:
    """Seconds to wait after so many releases: 5, 10, 20 … up to five minutes."""
    return min(5.0 * 2.0 ** min(releases, 10), LONGEST_WAIT)


def _move_all(answers: Iterable[Answer]) -> set[int]:
    """Move the deliveries of a group on; those that counted, by primary key.

    What was plainly delivered, nearly all of a batch, goes in one statement for each outcome.
    """
    moved: set[int] = set()
    plain: dict[tuple[str, str], list[int]] = defaultdict(list)
    for answer in answers:
        delivery = answer.delivery
        delivered = answer.outcome in (Outcome.DELIVERED, Outcome.FOUND)
        if delivered and delivery.correction_asked_at is None:
            plain[delivery.claimed_by, _outcome_of(answer)].append(delivery.pk)
        elif _move(answer):
            moved.add(delivery.pk)
    for (claimed_by, outcome), ids in plain.items():
        mine = Delivery.objects.filter(
            pk__in=ids, claimed_by=claimed_by, state__in=[State.CLAIMED, State.UNKNOWN]
        )
        held = mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
        got = set(held)
        delivery_move(
            mine.filter(pk__in=got),
            [State.CLAIMED, State.UNKNOWN],
            State.DELIVERED,
            delivered_at=timezone.now(),
            outcome=outcome,
            **_NOTHING_OPEN,
        )
        moved |= got
    return moved


def _outcome_of(answer: Answer) -> str:
    plan = answer.attempt.plan if answer.attempt else {}
    return str(plan.get("outcome", ""))


def _move(answer: Answer) -> bool:
    """Move one on that was not plainly delivered: no answer, not written, or a correction.

    A correction that ends in any way leaves it delivered.
    """
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
        fields |= {"held_reason": answer.reason[:500], "held_code": answer.held_code[:40]}
    if is_correction and answer.outcome != Outcome.UNKNOWN:
        to = State.DELIVERED
        if answer.outcome != Outcome.RELEASED:
            fields["correction_asked_at"] = None
    if answer.outcome not in (Outcome.RELEASED, Outcome.UNKNOWN):
        fields |= {"waiting_reason": "", "releases": 0}
    mine = Delivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
    sources = [State.CLAIMED] if to == State.UNKNOWN else [State.CLAIMED, State.UNKNOWN]
    return bool(delivery_move(mine, sources, to, **fields))


def _attempts_end(answers: Iterable[Answer]) -> None:
    """Close the attempts of a group and write its ledger."""
    now = timezone.now()
    written: list[Answer] = []
    alike: dict[str, list[int]] = defaultdict(list)
    for answer in answers:
        attempt = answer.attempt
        if attempt is None:
            continue
        if answer.outcome in (Outcome.DELIVERED, Outcome.FOUND):
            written.append(answer)
        if answer.errors or answer.outcome == Outcome.HELD:
            Attempt.objects.filter(pk=attempt.pk).update(
                outcome=answer.outcome,
                errors=list(answer.errors),
                held_reason=answer.reason[:500] if answer.outcome == Outcome.HELD else "",
                ended_at=now,
            )
        else:
            alike[answer.outcome].append(attempt.pk)
    for outcome, ids in alike.items():
        Attempt.objects.filter(pk__in=ids).update(
            outcome=outcome, errors=[], held_reason="", ended_at=now
        )
    if written:
        _ledger(written, now)
        # Where an earlier attempt turned out to have written it, the later one found it there.
        Attempt.objects.filter(
            delivery__in=[answer.delivery.pk for answer in written], outcome=""
        ).update(outcome=Outcome.FOUND, ended_at=now)


def _ledger(answers: Sequence[Answer], now: datetime) -> None:
    """One row for each touched record; what was sent is kept with the ids it turned into."""
    due = now + timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    there = set(
        RecordWrite.objects.filter(attempt__in=[item.attempt for item in answers])
        .order_by()
        .values_list("attempt_id", flat=True)
    )
    RecordWrite.objects.bulk_create(
        [
            RecordWrite(
                attempt=answer.attempt,
                sequence=sequence,
                role=write.role,
                object_name=write.object_name,
                record_id=answer.record_ids.get(write.role, write.record_id or ""),
                operation=write.operation,
                before=dict(write.before),
                sent={
                    name: resolve(value, answer.record_ids)
                    for name, value in write.fields.items()
                    if answer.sent_is_known
                },
                settle_due_at=due,
            )
            for answer in answers
            if answer.attempt is not None and answer.attempt.pk not in there
            for sequence, write in enumerate(plan_from_json(answer.attempt.plan).writes, start=1)
        ]
    )


def _event(visit: Visit, answers: Sequence[Answer], homes: Mapping[int, int | None]) -> None:
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
            "batches": sorted({homes.get(item.delivery.pk) or 0 for item in answers} - {0}),
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
