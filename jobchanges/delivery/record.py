"""The short transaction after a call: states, attempts, ledger and one event for the group."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services import event_record
from jobchanges.delivery.answers import Answer, answers_move
from jobchanges.delivery.batches import Tally, batches_lock, batches_move_on
from jobchanges.delivery.context import Visit
from jobchanges.delivery.runs import runs_move_on
from jobchanges.models import Attempt, Delivery, RecordWrite, TestRun

Outcome = Attempt.Outcome


def answers_record(visit: Visit, answers: Iterable[Answer]) -> list[Answer]:
    """Record a group's answers in one transaction, with one event; returns those that counted.

    The event tells what was tried; a claim that was only given back is none.

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
        moved = answers_move(rows)
        counted = [answer for answer in rows if answer.delivery.pk in moved]
        if counted:
            _attempts_end(counted)
            if told := [answer for answer in counted if answer.was_tried]:
                _event(visit, told, homes)
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


def _attempts_end(answers: Iterable[Answer]) -> None:
    """Close the attempts of a group, those that ended alike in one statement; write its ledger."""
    now = timezone.now()
    written: list[Answer] = []
    alike: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for answer in answers:
        if answer.attempt is None:
            continue
        if answer.was_written:
            written.append(answer)
        told = answer.outcome in (Outcome.HELD, Outcome.RELEASED)
        reason = answer.reason[:500] if told else ""
        alike[answer.outcome, json.dumps(list(answer.errors)), reason].append(answer.attempt.pk)
    for (outcome, errors, reason), ids in alike.items():
        Attempt.objects.filter(pk__in=ids).update(
            outcome=outcome, errors=json.loads(errors), held_reason=reason, ended_at=now
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
                role=write["role"],
                object_name=write["object_name"],
                record_id=answer.record_ids.get(write["role"], write["record_id"] or ""),
                operation=write["operation"],
                before=write["before"],
                sent=_sent(write["fields"], answer.record_ids) if answer.sent_is_known else {},
                settle_due_at=due,
            )
            for answer in answers
            if answer.attempt is not None and answer.attempt.pk not in there
            for sequence, write in enumerate(answer.attempt.plan.get("writes", ()), start=1)
        ]
    )


def _sent(fields: Mapping[str, Any], record_ids: Mapping[str, str]) -> dict[str, Any]:
    """The values of a stored plan; a reference becomes the id of what was created."""
    return {
        name: (record_ids.get(value["ref"]) or value) if isinstance(value, Mapping) else value
        for name, value in fields.items()
    }


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
