"""Job changes of a test or batch: every attempt with every record, before and after."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from jobchanges.models import Attempt, Comment, Delivery, RecordWrite, Review
from portal.evidence.plain import moment, sealed

AT_ONCE = 300
DEFERRED = ("plan", "display")


def job_changes_of(deliveries: QuerySet[Delivery], *, talk: bool) -> Iterator[dict[str, Any]]:
    """Each delivery with its attempts and records; `talk`: with verdicts and comments, too.

    A few queries for each 300: memory and time grow with what is written, not with queries.
    """
    attempts = (
        Attempt.objects.defer(*DEFERRED)
        .order_by("number")
        .prefetch_related(Prefetch("writes", RecordWrite.objects.order_by("sequence")))
    )
    related: list[Any] = [Prefetch("attempts", attempts)]
    if talk:
        related += [
            Prefetch("attempts__reviews", Review.objects.order_by("side")),
            Prefetch("comments", Comment.objects.order_by("at", "pk")),
        ]
    rows = deliveries.select_related("job_change", "batch").defer(*DEFERRED)
    for delivery in rows.prefetch_related(*related).iterator(chunk_size=AT_ONCE):
        yield _job_change(delivery, talk)


def _job_change(delivery: Delivery, talk: bool) -> dict[str, Any]:
    change = delivery.job_change
    found: dict[str, Any] = {
        "key": change.key,
        "delivery_key": delivery.delivery_key,
        "job_change_hash": change.content_hash,
        "person": change.person_name,
        "past_company": change.past_company_name,
        "new_company": change.new_company_name,
        "kind": str(change.kind),
        "state": str(delivery.state),
        "outcome": str(delivery.outcome),
        "held_reason": delivery.held_reason,
        "batch": delivery.batch.number if delivery.batch else None,
        "delivered_at": moment(delivery.delivered_at),
        "attempts": [_attempt(one, talk) for one in delivery.attempts.all()],
    }
    if talk:
        found["comments"] = [
            sealed({"side": one.side, "by": one.by_id, "at": moment(one.at), "text": one.text})
            for one in delivery.comments.all()
        ]
    return sealed(found)


def _attempt(attempt: Attempt, talk: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "number": attempt.number,
        "by": attempt.by_id,
        "outcome": str(attempt.outcome),
        "is_correction": attempt.is_correction,
        "held_reason": attempt.held_reason,
        "errors": attempt.errors,
        "plan_hash": attempt.plan_hash,
        "started_at": moment(attempt.started_at),
        "ended_at": moment(attempt.ended_at),
        "records": [_record(one) for one in attempt.writes.all()],
    }
    if talk:
        found["verdicts"] = [
            sealed(
                {
                    "side": one.side,
                    "by": one.by_id,
                    "at": moment(one.at),
                    "verdict": one.verdict,
                    "category": one.category,
                    "comment": one.comment,
                }
            )
            for one in attempt.reviews.all()
        ]
    return sealed(found)


def _record(write: RecordWrite) -> dict[str, Any]:
    return sealed(
        {
            "role": str(write.role),
            "object": write.object_name,
            "id": write.record_id,
            "operation": str(write.operation),
            "before": write.before,
            "sent": write.sent,
            "stored": write.stored,
            "stored_at": moment(write.stored_at),
            "settled": write.settled,
            "settled_at": moment(write.settled_at),
            "names": write.names,
            "gone": write.gone,
            "not_readable": write.hidden,
            "changed_by": write.changed_by,
            "removed_at": moment(write.removed_at),
        }
    )
