"""After go-live: what waits for the next regular batch, and what became of the batches so far."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from accounts.models import Customer
from jobchanges.models import Batch, Delivery
from jobchanges.requeue import BatchCounts, regular_counts
from jobchanges.services.schedules import live_org, schedule_of

__all__ = ["BatchLine", "batch_numbered", "batches_listed", "live_org", "schedule_of", "waiting"]

State = Delivery.State
LEFT = (State.WAITING, State.CLAIMED, State.UNKNOWN)


@dataclass(frozen=True)
class BatchLine:
    """One batch with what became of it. `total == delivered + exceptions + left + gone`."""

    batch: Batch
    total: int
    delivered: int
    refused: int
    held: int
    left: int
    gone: int

    @property
    def exceptions(self) -> int:
        """How many did not get there, each with its reason."""
        return self.refused + self.held


def waiting(customer: Customer) -> BatchCounts | None:
    """What would go now; None before go-live."""
    epoch = live_org(customer)
    return regular_counts(customer, epoch.org_id, timezone.now()) if epoch is not None else None


def batches_listed(customer: Customer, *, limit: int = 10) -> Sequence[BatchLine]:
    """The last batches, the newest first; two queries."""
    batches = list(
        Batch.objects.filter(customer=customer)
        .select_related("epoch", "released_by", "halted_by")
        .order_by("-number")[:limit]
    )
    states: dict[int, dict[str, int]] = defaultdict(dict)
    for pk, state, count in (
        Delivery.objects.filter(batch__in=[batch.pk for batch in batches])
        .order_by()
        .values_list("batch_id", "state")
        .annotate(count=Count("pk"))
    ):
        states[pk or 0][state] = count
    return [_line(batch, states[batch.pk]) for batch in batches]


def batch_numbered(customer: Customer, number: int) -> Batch | None:
    """One batch of the customer, with its org and the people on it."""
    return (
        Batch.objects.filter(customer=customer, number=number)
        .select_related(
            "customer", "epoch", "customer_signer", "vendor_signer", "released_by", "halted_by"
        )
        .first()
    )


def _line(batch: Batch, states: dict[str, int]) -> BatchLine:
    return BatchLine(
        batch=batch,
        total=sum(states.values()),
        delivered=states.get(State.DELIVERED, 0),
        refused=states.get(State.REFUSED, 0),
        held=states.get(State.HELD, 0),
        left=sum(states.get(state, 0) for state in LEFT),
        gone=states.get(State.ORG_GONE, 0),
    )
