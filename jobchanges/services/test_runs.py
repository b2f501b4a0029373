"""Test runs: picked, previewed, closed (product.md, rule 2 and section 6).

Whatever cannot be done raises TestRunError with a sentence. Offering and allowing are in
`allowances.py`, sending is in `sending.py`, approving in `approvals.py`.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from accounts.waking import task_wake
from jobchanges import tasks
from jobchanges.delivery.allowed import UNSENT, allowance_end, run_event
from jobchanges.delivery.states import IN_FLIGHT
from jobchanges.models import Delivery, JobChange, TestRun
from jobchanges.services.approvals import approvals_withdraw
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import (
    apart_check,
    count_check,
    open_org,
    picked,
    vendor_only,
)
from jobchanges.services.run_rows import deliveries_set, delivery_leave, run_locked

State = TestRun.State


def test_run_create(
    *, customer: Customer, environment: str, job_changes: Iterable[JobChange], by: User
) -> TestRun:
    """Put a run of 5 to 10 candidates together in the connected org and ask for its preview."""
    vendor_only(by, customer)
    epoch = open_org(customer, environment)
    wanted = picked(customer, environment, job_changes)
    count_check(len(wanted))
    apart_check(environment, wanted)
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
            deliveries_set(run, wanted)
            run_event(
                run, "test_run.created", by, "vendor", job_changes=[item.key for item in wanted]
            )
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
        run = run_locked(test_run)
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
        apart_check(run.environment, wanted)
        for delivery in gone:
            delivery_leave(delivery, test_run=None)
        deliveries_set(run, new, order=[item.pk for item in wanted])
        TestRun.objects.filter(pk=run.pk).update(plan_requested_at=timezone.now(), plan_error="")
        run_event(
            run,
            "test_run.picks_changed",
            by,
            "vendor",
            job_changes=[item.key for item in wanted],
        )
        allowance_end(run, why=_("What the test holds was changed."), by=by, side="vendor")
        approvals_withdraw(run, by=by, unless_same=False)
        transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    return run


def test_run_plan_request(*, test_run: TestRun, by: User) -> TestRun:
    """Ask for the preview again, for example after the settings changed."""
    vendor_only(by, test_run.customer)
    with transaction.atomic():
        run = run_locked(test_run)
        TestRun.objects.filter(pk=run.pk).update(plan_requested_at=timezone.now(), plan_error="")
        transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    run.refresh_from_db()
    return run


def runs_replan(*, customer: Customer, **_kwargs: Any) -> None:
    """Where job changes go was saved: what production would get is worked out anew.

    Listens to `settings_saved`. What differs then ends its offer and allowance. Choices of either
    org may be meant: the record and the lead source hold in both.
    """
    transaction.on_commit(partial(_replan, customer.pk))


def _replan(customer_id: int) -> None:
    # After the commit: the settings hold the customer's row, and runs come before customers.
    unsent = Delivery.objects.filter(UNSENT, test_run=OuterRef("pk"))
    runs = TestRun.objects.filter(
        Exists(unsent),
        customer=customer_id,
        environment=Environment.PRODUCTION,
        state__in=TestRun.OPEN_STATES,
    )
    for run_id in list(runs.values_list("pk", flat=True)):
        TestRun.objects.filter(pk=run_id).update(plan_requested_at=timezone.now(), plan_error="")
        task_wake(tasks.test_run_plan, run_id)


def test_run_close(*, test_run: TestRun, reason: str, by: User) -> TestRun:
    """End a run without approval. What was never sent is free for the next run."""
    vendor_only(by, test_run.customer)
    if not reason.strip():
        raise TestRunError(_("Write why the run ends here; both sides will read it."))
    with transaction.atomic():
        run = run_locked(test_run)
        for delivery in run.deliveries.filter(state=Delivery.State.WAITING):
            delivery_leave(delivery, test_run=run)
        corrections = run.deliveries.filter(correction_asked_at__isnull=False)
        # One that was still to be allowed leaves what was delivered as it is.
        corrections.filter(released_at=None).update(released_at=F("delivered_at"))
        corrections.exclude(state__in=IN_FLIGHT).update(correction_asked_at=None)
        TestRun.objects.filter(pk=run.pk).update(
            state=State.CLOSED, ended_at=timezone.now(), close_reason=reason.strip()[:300]
        )
        allowance_end(run, why=reason.strip(), by=by, side="vendor", run_ends=True)
        run_event(run, "test_run.closed", by, "vendor")
    run.refresh_from_db()
    return run
