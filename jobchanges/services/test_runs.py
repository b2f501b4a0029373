"""Test runs: picked, previewed, sent, sent again, closed (product.md, rule 2 and section 6).

Whatever cannot be done raises TestRunError with a sentence. Approving is in `approvals.py`.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services import event_record
from accounts.waking import task_wake
from jobchanges import tasks
from jobchanges.delivery.states import IN_FLIGHT, delivery_move
from jobchanges.models import Delivery, JobChange, Review, TestRun, Verdict
from jobchanges.services.approvals import approvals_withdraw
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import (
    count_check,
    open_org,
    package_check,
    picked,
    vendor_only,
)

State = TestRun.State
# Never delivered: a later run may try them again. The key keeps them from being written twice.
PICKED_AGAIN = (Delivery.State.REFUSED, Delivery.State.HELD, Delivery.State.ORG_GONE)


def test_run_create(
    *, customer: Customer, environment: str, job_changes: Iterable[JobChange], by: User
) -> TestRun:
    """Put a run of 5 to 10 candidates together in the connected org and ask for its preview."""
    vendor_only(by, customer)
    epoch = open_org(customer, environment)
    wanted = picked(customer, environment, job_changes)
    count_check(len(wanted))
    try:
        with transaction.atomic():
            last = TestRun.objects.filter(customer=customer, environment=environment).aggregate(
                last=Max("number")
            )["last"]
            run = TestRun.objects.create(
                customer=customer,
                environment=environment,
                epoch=epoch,
                number=(last or 0) + 1,
                created_by=by,
                plan_requested_at=timezone.now(),
            )
            _deliveries_set(run, wanted)
            _event(run, "test_run.created", by, job_changes=[item.key for item in wanted])
            transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    except IntegrityError as error:
        raise TestRunError(
            _(
                "This org already has an open test run, or somebody else has just picked one of "
                "these job changes. Open the test run there is, or close it first."
            )
        ) from error
    return run


def test_run_picks_change(
    *, test_run: TestRun, job_changes: Iterable[JobChange], by: User
) -> TestRun:
    """Replace what a draft holds, or add to a run that was sent (up to 10), and plan again."""
    vendor_only(by, test_run.customer)
    with transaction.atomic():
        run = _locked(test_run)
        held = {item.job_change_id: item for item in run.deliveries.select_related("job_change")}
        wanted = list({item.pk: item for item in job_changes}.values())
        new = [item for item in wanted if item.pk not in held]
        gone = [held[pk] for pk in held.keys() - {item.pk for item in wanted}]
        if run.state != State.DRAFT and gone:
            raise TestRunError(
                _("This run was sent. You can add job changes to it, not take any out.")
            )
        count_check(len(wanted))
        picked(run.customer, run.environment, new)
        for delivery in gone:
            _leave(delivery, test_run=None)
        _deliveries_set(run, new, order=[item.pk for item in wanted])
        TestRun.objects.filter(pk=run.pk).update(plan_requested_at=timezone.now(), plan_error="")
        _event(run, "test_run.picks_changed", by, job_changes=[item.key for item in wanted])
        approvals_withdraw(run, by=by, unless_same=False)
        transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    return run


def test_run_plan_request(*, test_run: TestRun, by: User) -> TestRun:
    """Ask for the preview again, for example after the settings changed."""
    vendor_only(by, test_run.customer)
    with transaction.atomic():
        run = _locked(test_run)
        TestRun.objects.filter(pk=run.pk).update(plan_requested_at=timezone.now(), plan_error="")
        transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    run.refresh_from_db()
    return run


def test_run_send(*, test_run: TestRun, by: User) -> TestRun:
    """Release everything that is not released yet. The preview must have been made.

    A second click finds nothing left to release and is told so.
    """
    vendor_only(by, test_run.customer)
    epoch = open_org(test_run.customer, test_run.environment)
    package_check(epoch)
    with transaction.atomic():
        run = _locked(test_run)
        if run.epoch_id != epoch.pk:
            raise TestRunError(_("The org was replaced since this run was put together."))
        count_check(run.deliveries.count())
        fresh = list(
            run.deliveries.filter(released_at=None, state=Delivery.State.WAITING).select_related(
                "job_change"
            )
        )
        if not fresh:
            raise TestRunError(_("This test run was sent already."))
        if run.planned_at is None or not all(item.plan_hash for item in fresh):
            raise TestRunError(
                _("The preview is not ready yet. Look at what will be written, then send.")
            )
        now = timezone.now()
        TestRun.objects.filter(pk=run.pk).update(
            # What is added to a run in review is sent while the review goes on.
            state=State.SENDING if run.state == State.DRAFT else run.state,
            sent_at=run.sent_at or now,
            sent_by=run.sent_by or by,
        )
        Delivery.objects.filter(pk__in=[item.pk for item in fresh]).update(
            released_at=now, not_before=None, releases=0, waiting_reason=""
        )
        approvals_withdraw(run, by=by, unless_same=False)
        plans = {item.job_change.key: item.plan_hash for item in fresh}
        _event(run, "test_run.sent", by, plans=plans)
        transaction.on_commit(partial(task_wake, tasks.deliver_org, epoch.pk))
    run.refresh_from_db()
    return run


def test_run_close(*, test_run: TestRun, reason: str, by: User) -> TestRun:
    """End a run without approval. What was never sent is free for the next run."""
    vendor_only(by, test_run.customer)
    if not reason.strip():
        raise TestRunError(_("Write why the run ends here; both sides will read it."))
    with transaction.atomic():
        run = _locked(test_run)
        for delivery in run.deliveries.filter(state=Delivery.State.WAITING):
            _leave(delivery, test_run=run)
        run.deliveries.filter(correction_asked_at__isnull=False).exclude(
            state__in=IN_FLIGHT
        ).update(correction_asked_at=None)
        TestRun.objects.filter(pk=run.pk).update(
            state=State.CLOSED, ended_at=timezone.now(), close_reason=reason.strip()[:300]
        )
        _event(run, "test_run.closed", by)
    run.refresh_from_db()
    return run


def delivery_send_again(*, delivery: Delivery, by: User) -> Delivery:
    """Start a new attempt: a refused or held one as a whole, a delivered one as a correction.

    A correction patches only what we wrote and nobody edited since; somebody must have said that
    something is off. The new attempt starts without verdicts.
    """
    if delivery.test_run is None:
        raise TestRunError(_("This job change belongs to no test run."))
    vendor_only(by, delivery.test_run.customer)
    epoch = open_org(delivery.test_run.customer, delivery.environment)
    package_check(epoch)
    if epoch.pk != delivery.epoch_id:
        raise TestRunError(_("The org was replaced since this job change was sent."))
    with transaction.atomic():
        run = _locked(delivery.test_run)
        now = timezone.now()
        mine = Delivery.objects.filter(pk=delivery.pk, test_run=run)
        moved = delivery_move(
            mine,
            [Delivery.State.REFUSED, Delivery.State.HELD],
            Delivery.State.WAITING,
            released_at=now,
            not_before=None,
            releases=0,
            waiting_reason="",
            held_reason="",
        )
        if not moved and _is_off(delivery):
            moved = mine.filter(state=Delivery.State.DELIVERED, correction_asked_at=None).update(
                correction_asked_at=now,
                released_at=now,
                not_before=None,
                releases=0,
                waiting_reason="",
            )
        if not moved:
            raise TestRunError(
                _(
                    "It can be sent again when Salesforce refused it, when it is held, or when "
                    "somebody said that something is off."
                )
            )
        approvals_withdraw(run, by=by, unless_same=False)
        _event(run, "delivery.sent_again", by, delivery=delivery.delivery_key)
        transaction.on_commit(partial(task_wake, tasks.deliver_org, epoch.pk))
    delivery.refresh_from_db()
    return delivery


def _is_off(delivery: Delivery) -> bool:
    return Review.objects.filter(
        attempt__delivery=delivery,
        attempt__number=delivery.attempts_made,
        verdict=Verdict.OFF,
    ).exists()


def _locked(test_run: TestRun) -> TestRun:
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


def _deliveries_set(
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
            "plan_hash": "",
            "held_reason": "",
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


def _leave(delivery: Delivery, *, test_run: TestRun | None) -> None:
    """Take a waiting delivery back: gone when nothing was tried, else kept and not released.

    What is kept stays with `test_run`: the run that ends shows it, a draft without it does not.
    What a worker claimed in the meantime is left to it.
    """
    waiting = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.WAITING)
    if not waiting.filter(attempts_made=0).delete()[0]:
        waiting.update(released_at=None, test_run=test_run)


def _event(run: TestRun, action: str, by: User | None, **data: Any) -> None:
    event_record(
        customer=run.customer,
        action=action,
        by=by,
        side="vendor" if by else "system",
        environment=run.environment,
        org_id=run.epoch.org_id,
        data={"test_run": run.pk, "number": run.number} | data,
    )
