"""How far a batch is, what stands in its way, and everything in it that was not delivered."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import Customer
from integrations.models import Connection
from integrations.salesforce.families import ADMINISTRATOR, USERGEMS
from integrations.salesforce.setup_links import setup_url
from jobchanges.models import Attempt, Batch, Delivery
from jobchanges.models.batches import FIRST_PART
from jobchanges.selectors.chips import delivery_sentence
from jobchanges.selectors.trouble import org_trouble, org_trouble_url
from jobchanges.selectors.types import BatchProgress, ExceptionRow

State = Delivery.State
# The pace is that of the last minutes: the org may be busier now than when it began.
PACE_MINUTES = 5
_ANSWERED = (
    Attempt.Outcome.DELIVERED,
    Attempt.Outcome.FOUND,
    Attempt.Outcome.REFUSED,
    Attempt.Outcome.HELD,
)
_NAMES: dict[str, str] = {
    State.WAITING: "waiting",
    State.CLAIMED: "sending",
    State.UNKNOWN: "unknown",
    State.REFUSED: "refused",
    State.HELD: "held",
    State.ORG_GONE: "gone",
}
_OUTCOMES: dict[str, str] = {
    Delivery.Outcome.CREATED: "created",
    Delivery.Outcome.ENRICHED: "enriched",
    Delivery.Outcome.PAST_ONLY: "past_only",
    Delivery.Outcome.PACKAGE_ONLY: "package_only",
}


def batch_current(customer: Customer) -> Batch | None:
    """The customer's latest batch, with its org and the people on it."""
    return (
        Batch.objects.filter(customer=customer)
        .select_related(
            "customer", "epoch", "customer_signer", "vendor_signer", "released_by", "halted_by"
        )
        .order_by("-number")
        .first()
    )


def batch_progress(batch: Batch) -> BatchProgress:
    """True counts, the pace and what is in the way; at most six queries, however many there are."""
    counts: dict[str, int] = {}
    first_total = first_left = 0
    rows = (
        Delivery.objects.filter(batch=batch)
        .order_by()
        .values("state", "outcome", "in_first_part")
        .annotate(count=Count("pk"))
    )
    for row in rows:
        count = row["count"]
        if row["state"] == State.DELIVERED:
            # The package's own record is what a delivered one always has.
            name = _OUTCOMES.get(row["outcome"], "package_only")
        else:
            name = _NAMES[row["state"]]
        counts[name] = counts.get(name, 0) + count
        if row["in_first_part"]:
            first_total += count
            first_left += count if name in ("waiting", "sending", "unknown") else 0
    total = sum(counts.values())
    left = sum(counts.get(name, 0) for name in ("waiting", "sending", "unknown"))
    trouble = _trouble(batch) if left else ""
    sending = batch.state == Batch.State.SENDING and not trouble
    pace = _pace(batch, timezone.now()) if sending and total - left >= FIRST_PART else None
    return BatchProgress(
        total=total,
        first_part_total=first_total,
        first_part_answered=first_total - first_left,
        pace_per_minute=pace,
        remaining=_remaining(left, pace),
        trouble=trouble,
        trouble_url=org_trouble_url(batch.epoch) if trouble else "",
        **counts,
    )


def batch_exceptions(batch: Batch) -> QuerySet[Delivery]:
    """Everything refused, held or without an answer, refused first; with its attempts."""
    attempts = Attempt.objects.only("delivery", "number", "outcome", "errors", "held_reason")
    return (
        Delivery.objects.filter(batch=batch, state__in=[State.REFUSED, State.HELD, State.UNKNOWN])
        .select_related("job_change", "epoch", "batch__customer")
        .defer("plan", "display")
        .prefetch_related(Prefetch("attempts", attempts.order_by("-number")))
        .order_by("-state", "job_change__detected_at", "pk")
    )


def delivery_exception_rows(deliveries: Iterable[Delivery]) -> list[ExceptionRow]:
    """A page of `batch_exceptions` in words: why, who fixes it, where. No further queries."""
    return [_exception_row(delivery) for delivery in deliveries]


def _exception_row(delivery: Delivery) -> ExceptionRow:
    last = next(iter(delivery.attempts.all()), None)
    refused = delivery.state == State.REFUSED
    error = last.errors[0] if refused and last is not None and last.errors else {}
    sentence = error.get("sentence") or delivery_sentence(delivery)
    who = error.get("who", "")
    if delivery.state == State.HELD:
        who = _who_corrects(delivery.held_code)
    return ExceptionRow(
        delivery=delivery,
        person=delivery.job_change.person_name,
        company=delivery.job_change.new_company_name or delivery.job_change.past_company_name,
        sentence=sentence,
        who=who,
        where=error.get("where", ""),
        code=error.get("code", ""),
        message=error.get("message", ""),
        can_send_again=delivery.state in (State.REFUSED, State.HELD),
        setup_url=setup_url(delivery.epoch.instance_url, error.get("setup", "")),
    )


def _who_corrects(held_code: str) -> str:
    """Who corrects what something is held for; "" where nothing is wrong with anybody."""
    if not held_code:
        return ""
    return ADMINISTRATOR if held_code in ("rights", "package", "required_field") else USERGEMS


def _pace(batch: Batch, now: datetime) -> float | None:
    """Answers a minute since it last began to move, of the last minutes; None while it does not."""
    since = max(batch.released_at, batch.counted_from, now - timedelta(minutes=PACE_MINUTES))
    minutes = (now - since).total_seconds() / 60
    answered = Attempt.objects.filter(
        delivery__batch=batch, outcome__in=_ANSWERED, ended_at__gte=since
    ).count()
    return answered / minutes if answered and minutes > 0 else None


def _remaining(left: int, pace: float | None) -> tuple[int, int] | None:
    """Minutes for what is left, from a bit faster to a good deal slower than so far."""
    if pace is None or not left:
        return None
    minutes = left / pace
    low = max(1, math.floor(minutes * 0.8))
    return low, max(low, math.ceil(minutes * 1.5))


def _trouble(batch: Batch) -> str:
    """Why nothing moves although something waits; "" where it moves, or was halted by somebody."""
    if batch.state not in (Batch.State.SENDING, Batch.State.ENDED):
        return ""
    connection = Connection.objects.filter(epoch=batch.epoch_id).first()
    return org_trouble(connection, batch.epoch)
