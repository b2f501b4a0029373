"""Filling a batch at its release: each job change gets its delivery in the org, once (rule 3)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from jobchanges.delivery.states import IN_FLIGHT, delivery_move
from jobchanges.models import Batch, Delivery
from jobchanges.models.batches import FIRST_PART
from jobchanges.requeue import batch_job_changes, delivered_there, left_over

State = Delivery.State
ROWS_A_STATEMENT = 500


def batch_fill(batch: Batch) -> list[str]:
    """Put everything into the batch that belongs there; returns the job changes' keys, sorted.

    Belongs into the transaction of the release. Who was there before us with a delivery of the
    same job change keeps it: it joins instead. A regular batch leaves to earlier batches what is
    theirs (`requeue.regular_job_changes`).
    """
    org_id = batch.epoch.org_id
    wanted = batch_job_changes(batch.customer, org_id, batch.cut_off)
    here = Delivery.objects.filter(job_change=OuterRef("pk"), org_id=org_id)
    missing = list(wanted.filter(~Exists(here)).values_list("pk", flat=True))
    now = timezone.now()
    for ids in _parts(missing):
        Delivery.objects.bulk_create(
            [
                Delivery(
                    job_change_id=pk,
                    epoch=batch.epoch,
                    org_id=org_id,
                    environment=batch.epoch.connection.environment,
                    batch=batch,
                    released_at=now,
                )
                for pk in ids
            ],
            ignore_conflicts=True,
        )
    _others_join(batch, left_over() if batch.kind == Batch.Kind.REGULAR else Q())
    _first_part_choose(batch)
    mine = Delivery.objects.filter(batch=batch)
    return sorted(mine.order_by().values_list("job_change__key", flat=True))


def _others_join(batch: Batch, which: Q) -> None:
    """Deliveries of earlier tests and batches in this org that did not get there."""
    left = (
        Delivery.objects.filter(
            which,
            org_id=batch.epoch.org_id,
            job_change__customer=batch.customer,
            job_change__imported_at__lte=batch.cut_off,
        )
        .exclude(batch=batch)
        .exclude(delivered_there())
    )
    joining: dict[str, Any] = {
        "batch": batch,
        "epoch": batch.epoch,
        "in_first_part": False,
        "released_at": timezone.now(),
        # The batch is what both sides signed; no plan was allowed by itself.
        "expected_plan_hash": "",
        "held_reason": "",
        "held_code": "",
    }
    fresh = joining | {"not_before": None, "releases": 0, "waiting_reason": ""}
    for ids in _parts(list(left.values_list("pk", flat=True))):
        rows = Delivery.objects.filter(pk__in=ids)
        # Nobody knows yet whether these were written: they are asked for first.
        rows.filter(state__in=IN_FLIGHT).update(**joining)
        rows.filter(state=State.WAITING).update(**fresh)
        delivery_move(ids, [State.REFUSED, State.HELD, State.ORG_GONE], State.WAITING, **fresh)


def _first_part_choose(batch: Batch) -> None:
    """The oldest detected go first and alone."""
    waiting = Delivery.objects.filter(batch=batch, state=State.WAITING)
    oldest = waiting.order_by("job_change__detected_at", "pk").values_list("pk", flat=True)
    Delivery.objects.filter(pk__in=list(oldest[:FIRST_PART])).update(in_first_part=True)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), ROWS_A_STATEMENT):
        yield ids[start : start + ROWS_A_STATEMENT]
