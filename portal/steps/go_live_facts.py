"""What the go-live steps look at: the newest summary with its signatures, the batch of the launch,
and what follows it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery

from jobchanges.models import Batch, Delivery, SendingSchedule
from portal.models import Signature, Summary

D = Delivery.State


@dataclass(frozen=True)
class SummaryFacts:
    """A go-live summary and who signed it, by side."""

    summary: Summary
    signatures: Mapping[str, Signature] = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        """Whether nobody withdrew it, no change voided it, and the org it went to is there."""
        batch = self.summary.batch
        gone = batch is not None and batch.epoch.ended_at is not None
        return self.summary.voided_at is None and not gone

    @property
    def signed(self) -> bool:
        """Whether both sides signed it and it stands."""
        return self.stands and {"customer", "vendor"} <= set(self.signatures)


@dataclass(frozen=True)
class BatchFacts:
    """A batch with how many of its job changes are in which state."""

    batch: Batch
    states: Mapping[str, int] = field(default_factory=dict)

    @property
    def void(self) -> bool:
        """Whether another org took production's place: it is history."""
        return self.batch.state == Batch.State.VOID or self.batch.epoch.ended_at is not None

    def counted(self, *states: str) -> int:
        """How many job changes are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """How many job changes are in the batch."""
        return sum(self.states.values())

    @property
    def delivered(self) -> int:
        """How many are in the org."""
        return self.counted(D.DELIVERED)

    @property
    def exceptions(self) -> int:
        """How many were refused or held, each with its reason."""
        return self.counted(D.REFUSED, D.HELD, D.ORG_GONE)

    @property
    def answered(self) -> int:
        """How many have their end, for now."""
        return self.delivered + self.exceptions

    @property
    def left(self) -> int:
        """How many are still to be sent, or wait for an answer."""
        return self.total - self.answered


def summaries_load(here: Q) -> dict[int, SummaryFacts]:
    """The newest summary by customer. Two queries, one where there is none."""
    newest: dict[int, Summary] = {}
    for summary in (
        Summary.objects.filter(here)
        .defer("content", "shown", "forecast")
        .select_related("frozen_by", "voided_by", "batch__epoch")
        .order_by("-frozen_at", "-pk")
    ):
        newest.setdefault(summary.customer_id, summary)
    signatures: dict[int, dict[str, Signature]] = defaultdict(dict)
    wanted = [summary.pk for summary in newest.values()]
    for signature in Signature.objects.filter(summary__in=wanted).select_related("by"):
        signatures[signature.summary_id][signature.side] = signature
    return {pk: SummaryFacts(one, signatures[one.pk]) for pk, one in newest.items()}


@dataclass(frozen=True)
class LiveFacts:
    """What goes after the launch: the newest batch that is not the first, and the schedule."""

    batch: BatchFacts | None = None
    schedule: SendingSchedule | None = None


NOT_LIVE = LiveFacts()


def batches_load(here: Q) -> tuple[dict[int, BatchFacts], dict[int, LiveFacts]]:
    """By customer: the batch that speaks for the launch, and what came after it.

    The launch is the first batch that is through in the newest batch's org; before that the newest
    one. The number of queries does not depend on the customers, nor on how long they are live.
    """
    through = Batch.objects.filter(
        customer=OuterRef("customer"), epoch=OuterRef("epoch"), state=Batch.State.ENDED
    )
    newest = Batch.objects.filter(customer=OuterRef("customer")).order_by("-pk")
    first: dict[int, Batch] = {}
    last: dict[int, Batch] = {}
    launched: list[int] = []
    for found in (
        Batch.objects.filter(here, pk=Subquery(newest.values("pk")[:1]))
        .select_related("halted_by", "epoch")
        .annotate(launch=Subquery(through.order_by("pk").values("pk")[:1]))
    ):
        last[found.customer_id] = found
        if found.launch in {None, found.pk}:
            first[found.customer_id] = found
        else:
            launched.append(found.launch)
    for batch in Batch.objects.filter(pk__in=launched).select_related("halted_by", "epoch"):
        first[batch.customer_id] = batch
    states = _states([batch.pk for batch in (*first.values(), *last.values())])
    schedules = {
        row.customer_id: row
        for row in SendingSchedule.objects.filter(here).select_related("stopped_by")
    }
    batches = {pk: BatchFacts(one, states[one.pk]) for pk, one in first.items()}
    live = {
        pk: LiveFacts(
            BatchFacts(last[pk], states[last[pk].pk]) if last[pk].pk != one.pk else None,
            schedules.get(pk),
        )
        for pk, one in first.items()
    }
    return batches, live


def _states(wanted: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many job changes of each batch are in which state."""
    states: dict[int, dict[str, int]] = defaultdict(dict)
    for pk, state, count in (
        Delivery.objects.filter(batch__in=wanted)
        .order_by()
        .values_list("batch_id", "state")
        .annotate(count=Count("pk"))
    ):
        states[pk or 0][state] = count
    return states
