"""What the go-live steps look at: the newest summary with its signatures, the newest batch."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q

from jobchanges.models import Batch, Delivery
from portal.models import Signature, Summary

D = Delivery.State


@dataclass(frozen=True)
class SummaryFacts:
    """A go-live summary and who signed it, by side."""

    summary: Summary
    signatures: Mapping[str, Signature] = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        """Whether it was neither withdrawn nor voided by a change."""
        return self.summary.voided_at is None

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
        """Whether another org took production's place before it ended: it is history."""
        return self.batch.state == Batch.State.VOID

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
        .select_related("frozen_by", "voided_by")
        .order_by("-frozen_at", "-pk")
    ):
        newest.setdefault(summary.customer_id, summary)
    signatures: dict[int, dict[str, Signature]] = defaultdict(dict)
    wanted = [summary.pk for summary in newest.values()]
    for signature in Signature.objects.filter(summary__in=wanted).select_related("by"):
        signatures[signature.summary_id][signature.side] = signature
    return {pk: SummaryFacts(one, signatures[one.pk]) for pk, one in newest.items()}


def batches_load(here: Q) -> dict[int, BatchFacts]:
    """The newest batch by customer, with its counts. Two queries, one where there is none."""
    newest: dict[int, Batch] = {}
    for batch in Batch.objects.filter(here).select_related("halted_by", "epoch").order_by("-pk"):
        newest.setdefault(batch.customer_id, batch)
    states: dict[int, dict[str, int]] = defaultdict(dict)
    wanted = [batch.pk for batch in newest.values()]
    for pk, state, count in (
        Delivery.objects.filter(batch__in=wanted)
        .order_by()
        .values_list("batch_id", "state")
        .annotate(count=Count("pk"))
    ):
        states[pk or 0][state] = count
    return {pk: BatchFacts(one, states[one.pk]) for pk, one in newest.items()}
