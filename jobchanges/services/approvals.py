"""Approving a test run: both sides, over the hash of exactly what they saw (product.md, rule 9)."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.hashing import content_hash
from accounts.models import Customer, Environment, Membership, Path, User
from accounts.services.events import SideName
from jobchanges.delivery.allowed import run_event
from jobchanges.models import (
    Delivery,
    EnvironmentSettings,
    OutputSettings,
    RunApproval,
    Side,
    TestRun,
)
from jobchanges.selectors.cleanups import removing_problem
from jobchanges.selectors.standing import run_standing
from jobchanges.services.errors import TestRunError
from jobchanges.settings_used import turns_signed
from jobchanges.signals import test_run_approved


def test_run_approve(
    *,
    test_run: TestRun,
    side: str,
    by: User,
    seen_as_rep: bool | None = None,
    lead_converted: bool | None = None,
) -> RunApproval:
    """Record one side's approval; the second one, of the same contents, ends the run approved.

    The customer's approval takes an admin or approver, ours the staff who manage the customer,
    and not the same person twice. Raises TestRunError with a sentence otherwise.
    """
    _may_approve(test_run.customer, side, by)
    speaker: SideName = "vendor" if side == Side.VENDOR else "customer"
    with transaction.atomic():
        run = (
            TestRun.objects.select_for_update(of=("self",))
            .select_related("customer", "epoch")
            .get(pk=test_run.pk)
        )
        if run.state != TestRun.State.REVIEW:
            raise TestRunError(_("Only a run that is in review can be approved."))
        if problem := removing_problem(run):
            raise TestRunError(problem)
        standing = run_standing(run)
        if not standing.approvable:
            raise TestRunError(standing.why_not)
        approvals_withdraw(run, by=by)
        given = {item.side: item for item in run.approvals.all()}
        if side in given:
            raise TestRunError(_("Your side approved this run already."))
        if any(item.by_id == by.pk for item in given.values()):
            raise TestRunError(_("The two sides are approved by two different people."))
        content = run_content(run)
        approval = RunApproval.objects.create(
            test_run=run,
            side=side,
            by=by,
            content=content,
            content_hash=content_hash(content),
            seen_as_rep=seen_as_rep,
            lead_converted=lead_converted,
        )
        run_event(
            run,
            "test_run.side_approved",
            by,
            speaker,
            content_hash=approval.content_hash,
            seen_as_rep=seen_as_rep,
            lead_converted=lead_converted,
        )
        if len(given) + 1 == len(Side):
            TestRun.objects.filter(pk=run.pk, state=TestRun.State.REVIEW).update(
                state=TestRun.State.APPROVED, ended_at=timezone.now()
            )
            run_event(run, "test_run.approved", by, speaker, content_hash=approval.content_hash)
            run.refresh_from_db()
            test_run_approved.send(sender=TestRun, test_run=run)
    return approval


def questions_asked(run: TestRun) -> bool:
    """Whether both sides answer the questions about the run as a whole (product.md, sandbox.test):
    in the sandbox, and in production where there was no sandbox test before it."""
    only = run.customer.path == Path.PRODUCTION_ONLY
    return run.environment == Environment.SANDBOX or only


def approvals_withdraw(run: TestRun, *, by: User | None, unless_same: bool = True) -> int:
    """Take back approvals of contents that are no longer what the run holds, and say so.

    With `unless_same=False` all of them go: something is about to be sent again. Belongs into
    the transaction of the change. Returns how many were withdrawn.
    """
    if not run.is_open:
        # What was approved stays, whatever a batch makes of its job changes later.
        return 0
    given = list(run.approvals.all())
    if not given:
        return 0
    current = content_hash(run_content(run)) if unless_same else ""
    withdrawn = [item for item in given if item.content_hash != current]
    for item in withdrawn:
        run_event(
            run,
            "test_run.approval_withdrawn",
            by,
            "system",
            of=item.side,
            content_hash=item.content_hash,
        )
        item.delete()
    return len(withdrawn)


def run_content(run: TestRun) -> dict[str, Any]:
    """Exactly what is approved: each job change's attempts, records and verdicts; the settings.

    What settled later is left out: it may be read between the two approvals.
    """
    deliveries = run.deliveries.select_related("job_change").prefetch_related(
        "attempts__writes", "attempts__reviews"
    )
    return {
        "test_run": run.pk,
        "number": run.number,
        "environment": run.environment,
        "org_id": run.epoch.org_id,
        "deliveries": [_delivery_content(item) for item in deliveries],
        "settings": _settings_content(run),
    }


def _delivery_content(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": delivery.delivery_key,
        "job_change": delivery.job_change.content_hash,
        "state": delivery.state,
        "outcome": delivery.outcome,
        "held_reason": delivery.held_reason,
        "attempts": [
            {
                "number": attempt.number,
                "plan_hash": attempt.plan_hash,
                "outcome": attempt.outcome,
                "errors": attempt.errors,
                "records": [
                    {
                        "role": write.role,
                        "object": write.object_name,
                        "id": write.record_id,
                        "operation": write.operation,
                        "before": write.before,
                        "sent": write.sent,
                        "stored": write.stored,
                    }
                    for write in attempt.writes.all()
                ],
                "verdicts": {
                    review.side: {
                        "verdict": review.verdict,
                        "category": review.category,
                        "comment": review.comment,
                        "by": review.by_id,
                    }
                    for review in attempt.reviews.all()
                },
            }
            for attempt in delivery.attempts.all()
        ],
    }


def _settings_content(run: TestRun) -> dict[str, Any]:
    output = OutputSettings.objects.filter(customer=run.customer).first()
    ours = EnvironmentSettings.objects.filter(
        customer=run.customer, environment=run.environment
    ).first()
    ids = ("default_owner_id", "campaign_id", "campaign_status")
    content: dict[str, Any] = (output.as_signed() if output else {}) | {
        name: getattr(ours, name) for name in ids if ours
    }
    return content | (turns_signed(output, ours) if ours else {})


def _may_approve(customer: Customer, side: str, by: User) -> None:
    if side == Side.VENDOR:
        if not customers_managed_by(by).filter(pk=customer.pk).exists():
            raise TestRunError(_("Only the customer's implementation manager approves for us."))
        return
    membership = Membership.objects.filter(customer=customer, user=by, left_at=None).first()
    if by.is_staff or membership is None or not membership.may_sign:
        raise TestRunError(_("An admin or approver of your company approves the run."))
