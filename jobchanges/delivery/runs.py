"""A run moves on when its deliveries have answers; an epoch that ends takes its runs along."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import event_record
from integrations.models import OrgEpoch
from jobchanges.delivery.allowed import allowance_end
from jobchanges.delivery.batches import batch_halt, batches_lock
from jobchanges.delivery.states import ENDED, delivery_move
from jobchanges.models import Batch, Delivery, TestRun
from jobchanges.signals import test_run_ready

State = TestRun.State


def runs_move_on(run_ids: Iterable[int | None]) -> int:
    """Open the review of runs of which every job change has an answer; how many were opened.

    Belongs into the transaction of the answers.
    """
    opened = 0
    under_way = Delivery.objects.filter(test_run=OuterRef("pk"), released_at__isnull=False).exclude(
        state__in=ENDED
    )
    for run_id in sorted(pk for pk in run_ids if pk is not None):
        moved = (
            TestRun.objects.filter(pk=run_id, state=State.SENDING)
            .filter(~Exists(under_way))
            .update(state=State.REVIEW)
        )
        if moved:
            opened += 1
            run = TestRun.objects.select_related("customer", "epoch").get(pk=run_id)
            _event(run, "test_run.ready_for_review")
            test_run_ready.send(sender=TestRun, test_run=run)
    return opened


def epoch_end(sender: Any, *, epoch: OrgEpoch, **_kwargs: Any) -> None:
    """Another org took this one's place: open runs are void, open questions are closed.

    An open batch is void, also one that a person stopped: what was signed names the org. What was
    delivered stays as history. Runs inside the transaction that ends the epoch.
    """
    now = timezone.now()
    runs = TestRun.objects.filter(epoch=epoch, state__in=TestRun.OPEN_STATES)
    voided = [
        run
        for run in runs.select_related("customer", "epoch")
        if runs.filter(pk=run.pk).update(state=State.VOID, ended_at=now)
    ]
    batches = Batch.objects.filter(epoch=epoch, state__in=Batch.OPEN_STATES)
    stopped = list(batches.select_related("customer", "epoch__connection").order_by("pk"))
    batches_lock(batch.pk for batch in stopped)
    delivery_move(
        Delivery.objects.filter(epoch=epoch),
        [Delivery.State.WAITING, Delivery.State.CLAIMED, Delivery.State.UNKNOWN],
        Delivery.State.ORG_GONE,
    )
    Delivery.objects.filter(epoch=epoch, correction_asked_at__isnull=False).update(
        correction_asked_at=None
    )
    # Last, because an event locks the customer: run, batch, delivery, customer, as in
    # `answers_record`.
    for run in voided:
        allowance_end(run, why=_("The org was replaced."), run_ends=True)
        _event(run, "test_run.voided")
    for batch in stopped:
        batch_halt(
            batch,
            to=Batch.State.VOID,
            side="system",
            by=None,
            reason=_("Production was replaced by another org, which needs its own signatures."),
        )


def _event(run: TestRun, action: str) -> None:
    event_record(
        customer=run.customer,
        action=action,
        by=None,
        side="system",
        environment=run.environment,
        org_id=run.epoch.org_id,
        data={"test_run": run.pk, "number": run.number},
    )
