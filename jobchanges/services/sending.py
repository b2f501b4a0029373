"""Sending a test run, and sending one of its job changes again.

Whatever cannot be done raises TestRunError with a sentence.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Environment, User
from accounts.waking import task_wake
from jobchanges import tasks
from jobchanges.delivery.allowed import UNSENT, allowance_end, run_event
from jobchanges.delivery.states import delivery_move
from jobchanges.models import Delivery, Review, TestRun, Verdict
from jobchanges.selectors.allowances import plans_ready, unsent_of
from jobchanges.selectors.cleanups import removing_problem
from jobchanges.services.allowances import allowance_check
from jobchanges.services.approvals import approvals_withdraw
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import (
    count_check,
    open_org,
    org_check,
    package_check,
    sandbox_check,
    vendor_only,
)
from jobchanges.services.run_rows import run_locked

State = Delivery.State


def test_run_send(*, test_run: TestRun, by: User) -> TestRun:
    """Release everything that is not released yet. The preview must have been made; in production
    the customer must have allowed exactly it, from now or earlier on.

    A second click finds nothing left to release and is told so.
    """
    vendor_only(by, test_run.customer)
    sandbox_check(test_run.customer, test_run.environment)
    epoch = open_org(test_run.customer, test_run.environment)
    package_check(epoch)
    org_check(test_run.customer, test_run.environment)
    with transaction.atomic():
        run = run_locked(test_run)
        if run.epoch_id != epoch.pk:
            raise TestRunError(_("The org was replaced since this run was put together."))
        count_check(run.deliveries.count())
        if problem := removing_problem(run, listed=False):
            raise TestRunError(problem)
        fresh = unsent_of(run)
        if not fresh:
            raise TestRunError(_("This test run was sent already."))
        # In the sandbox the plans of a moment ago do; in production they are what was allowed.
        ready = run.planned_at is not None and all(item.plan_hash for item in fresh)
        if run.environment == Environment.PRODUCTION:
            ready = plans_ready(run, fresh)
        if not ready:
            raise TestRunError(
                _("The preview is not ready yet. Look at what will be written, then send.")
            )
        allowance_check(run, fresh)
        now = timezone.now()
        TestRun.objects.filter(pk=run.pk).update(
            # What is added to a run in review is sent while the review goes on.
            state=TestRun.State.SENDING if run.state == TestRun.State.DRAFT else run.state,
            sent_at=run.sent_at or now,
            sent_by=run.sent_by or by,
        )
        Delivery.objects.filter(UNSENT, pk__in=[item.pk for item in fresh]).update(
            released_at=now, not_before=None, releases=0, waiting_reason=""
        )
        approvals_withdraw(run, by=by, unless_same=False)
        plans = {item.job_change.key: item.plan_hash for item in fresh}
        run_event(run, "test_run.sent", by, "vendor", plans=plans)
        transaction.on_commit(partial(task_wake, tasks.deliver_org, epoch.pk))
    run.refresh_from_db()
    return run


def delivery_send_again(*, delivery: Delivery, by: User) -> Delivery:
    """Start a new attempt: a refused or held one as a whole, a delivered one as a correction.

    A correction patches only what we wrote and nobody edited since; somebody must have said that
    something is off. The new attempt starts without verdicts. In production only what the
    customer's allowance still covers goes at once (a refused one: nothing was written by it);
    everything else is planned, offered and allowed first.
    """
    if delivery.test_run is None:
        raise TestRunError(_("This job change belongs to no test run."))
    vendor_only(by, delivery.test_run.customer)
    sandbox_check(delivery.test_run.customer, delivery.environment)
    epoch = open_org(delivery.test_run.customer, delivery.environment)
    package_check(epoch)
    if epoch.pk != delivery.epoch_id:
        raise TestRunError(_("The org was replaced since this job change was sent."))
    if delivery.environment == Environment.PRODUCTION:
        # In the sandbox a setting is corrected and tried at once: that is what it is for.
        org_check(delivery.test_run.customer, delivery.environment)
    with transaction.atomic():
        run = run_locked(delivery.test_run)
        if problem := removing_problem(run):
            raise TestRunError(problem)
        current = run.deliveries.select_related("job_change", "allowance").get(pk=delivery.pk)
        at_once = run.environment == Environment.SANDBOX or _covered(current)
        if not _again(current, at_once=at_once):
            raise TestRunError(
                _(
                    "It can be sent again when Salesforce refused it, when it is held, or when "
                    "somebody said that something is off."
                )
            )
        approvals_withdraw(run, by=by, unless_same=False)
        key = current.delivery_key
        if at_once:
            run_event(run, "delivery.sent_again", by, "vendor", delivery=key)
            transaction.on_commit(partial(task_wake, tasks.deliver_org, epoch.pk))
        else:
            run_event(run, "delivery.planned_again", by, "vendor", delivery=key)
            why = _("A job change of this test is planned again.")
            allowance_end(run, why=why, by=by, side="vendor")
            TestRun.objects.filter(pk=run.pk).update(
                plan_requested_at=timezone.now(), plan_error=""
            )
            transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
    delivery.refresh_from_db()
    return delivery


def _covered(delivery: Delivery) -> bool:
    """Whether what was allowed for it was never written, so that it may be tried again."""
    allowance = delivery.allowance
    return bool(
        delivery.state == State.REFUSED
        and delivery.expected_plan_hash
        and allowance is not None
        and allowance.withdrawn_at is None
        and allowance.test_run_id == delivery.test_run_id
    )


def _again(delivery: Delivery, *, at_once: bool) -> bool:
    """Let it wait for a worker, or for its plan and its allowance; whether it could be moved."""
    now = timezone.now()
    mine = Delivery.objects.filter(pk=delivery.pk, test_run=delivery.test_run_id)
    waits: dict[str, Any] = {"not_before": None, "releases": 0, "waiting_reason": ""}
    if at_once:
        waits |= {"released_at": now}
    else:
        waits |= {
            "released_at": None,
            "allowance": None,
            "expected_plan_hash": "",
            "plan": {},
            "plan_hash": "",
        }
    moved = delivery_move(
        mine,
        [State.REFUSED, State.HELD],
        State.WAITING,
        **waits,
        held_reason="",
        held_code="",
    )
    if not moved and _is_off(delivery):
        moved = mine.filter(state=State.DELIVERED, correction_asked_at=None).update(
            **waits, correction_asked_at=now
        )
    return bool(moved)


def _is_off(delivery: Delivery) -> bool:
    return Review.objects.filter(
        attempt__delivery=delivery,
        attempt__number=delivery.attempts_made,
        verdict=Verdict.OFF,
    ).exists()
