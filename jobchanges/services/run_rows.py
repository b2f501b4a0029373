"""The rows of a run: held while they change, joined and left."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from jobchanges.delivery.states import delivery_move
from jobchanges.models import Delivery, JobChange, TestRun
from jobchanges.services.errors import TestRunError

# Never delivered: a later run may try them again. The key keeps them from being written twice.
PICKED_AGAIN = (Delivery.State.REFUSED, Delivery.State.HELD, Delivery.State.ORG_GONE)


def run_locked(test_run: TestRun) -> TestRun:
    """The run as it stands, its row held until the end of the transaction; it must be open."""
    run = (
        TestRun.objects.select_for_update(of=("self",))
        .select_related("customer", "epoch")
        .get(pk=test_run.pk)
    )
    if not run.is_open:
        raise TestRunError(
            _("This test run has ended: %(state)s.") % {"state": run.get_state_display()}
        )
    return run


def deliveries_set(
    run: TestRun, job_changes: list[JobChange], *, order: list[int] | None = None
) -> None:
    """Give each job change its delivery in this org; one that never was delivered joins anew."""
    places = {pk: place for place, pk in enumerate(order or [item.pk for item in job_changes])}
    for job_change in job_changes:
        left = Delivery.objects.filter(
            Q(test_run=None) | ~Q(test_run__state__in=TestRun.OPEN_STATES),
            job_change=job_change,
            org_id=run.epoch.org_id,
        )
        joining: dict[str, Any] = {
            "test_run": run,
            "epoch": run.epoch,
            "released_at": None,
            "plan": {},
            "plan_hash": "",
            "held_reason": "",
            "held_code": "",
            # What was allowed in another run is not allowed in this one.
            "allowance": None,
            "expected_plan_hash": "",
        }
        ids = list(left.values_list("pk", flat=True))
        known = Delivery.objects.filter(pk__in=ids, state=Delivery.State.WAITING).update(
            **joining
        ) or delivery_move(ids, PICKED_AGAIN, Delivery.State.WAITING, **joining)
        if not known:
            Delivery.objects.create(
                job_change=job_change,
                epoch=run.epoch,
                org_id=run.epoch.org_id,
                environment=run.environment,
                test_run=run,
            )
    for delivery in run.deliveries.all():
        place = places.get(delivery.job_change_id, len(places))
        Delivery.objects.filter(pk=delivery.pk).update(position=place)


def delivery_leave(delivery: Delivery, *, test_run: TestRun | None) -> None:
    """Take a waiting delivery back: gone when nothing was tried, else kept and not released.

    What is kept stays with `test_run`: the run that ends shows it, a draft without it does not.
    What a worker claimed in the meantime is left to it.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    if not waiting.filter(attempts_made=0).delete()[0]:
        waiting.update(released_at=None, test_run=test_run, allowance=None, expected_plan_hash="")
