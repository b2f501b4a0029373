"""What each side says of a job change (identity-and-state, Test run). Raises TestRunError."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.hashing import content_hash
from accounts.models import Membership, User
from accounts.services import event_record
from jobchanges.delivery.states import ENDED
from jobchanges.models import Comment, Delivery, Review, Side, TestRun, Verdict
from jobchanges.services.approvals import approvals_withdraw
from jobchanges.services.errors import TestRunError
from jobchanges.signals import comment_added

State = Delivery.State


def review_record(
    *,
    delivery: Delivery,
    side: str,
    verdict: str,
    category: str = "",
    comment: str = "",
    by: User,
) -> Review:
    """Say what one side thinks of the latest attempt; a later word of that side replaces it.

    "Something is off" takes words or a category, "set aside" takes words; only what was
    delivered can be right. An approval given to other verdicts is withdrawn.
    """
    run = _run_of(delivery)
    _speaks_for(run, side, by)
    comment = comment.strip()[:2000]
    if verdict not in Verdict.values:
        raise TestRunError(_("Choose what you think of it."))
    if category and category not in Review.Category.values:
        raise TestRunError(_("Choose one of the reasons in the list."))
    if verdict == Verdict.OFF and not (comment or category):
        raise TestRunError(_("Say what should be different, in words or by a reason."))
    if verdict == Verdict.SET_ASIDE and not comment:
        raise TestRunError(_("Write why it is set aside; the other side reads it."))
    with transaction.atomic():
        run = _locked_in_review(run)
        current = Delivery.objects.select_related("job_change").get(pk=delivery.pk)
        attempt = current.attempts.order_by("-number").first()
        if attempt is None or current.state not in ENDED or current.correction_asked_at:
            raise TestRunError(_("It is still being sent. Wait for Salesforce's answer."))
        if verdict == Verdict.RIGHT and current.state != State.DELIVERED:
            raise TestRunError(
                _(
                    "Nothing was stored for it, so it cannot be right. Send it again or set it "
                    "aside."
                )
            )
        review, _created = Review.objects.update_or_create(
            attempt=attempt,
            side=side,
            defaults={
                "verdict": verdict,
                "category": category if verdict != Verdict.RIGHT else "",
                "comment": comment,
                "by": by,
                "at": timezone.now(),
            },
        )
        _event(
            run,
            "delivery.reviewed",
            by,
            side,
            delivery=current.delivery_key,
            attempt=attempt.number,
            verdict=verdict,
            category=review.category,
            comment_hash=content_hash(comment),
        )
        approvals_withdraw(run, by=by)
    return review


def comment_add(*, delivery: Delivery, side: str, text: str, by: User) -> Comment:
    """Add a word to the delivery's thread, while its run is open: also before anybody's verdict.

    Both sides read it.
    """
    run = _run_of(delivery)
    _speaks_for(run, side, by)
    text = text.strip()[:2000]
    if not text:
        raise TestRunError(_("Write something first."))
    with transaction.atomic():
        if not TestRun.objects.get(pk=run.pk).is_open:
            raise TestRunError(_("This test run has ended; nothing can be added to it."))
        comment = Comment.objects.create(delivery=delivery, side=side, by=by, text=text)
        _event(
            run,
            "delivery.commented",
            by,
            side,
            delivery=delivery.delivery_key,
            comment=comment.pk,
            comment_hash=content_hash(text),
        )
        comment_added.send(sender=Comment, comment=comment)
    return comment


def _run_of(delivery: Delivery) -> TestRun:
    if delivery.test_run is None:
        raise TestRunError(_("This job change belongs to no test run."))
    return delivery.test_run


def _locked_in_review(test_run: TestRun) -> TestRun:
    run = (
        TestRun.objects.select_for_update(of=("self",))
        .select_related("customer", "epoch")
        .get(pk=test_run.pk)
    )
    if run.state == TestRun.State.SENDING:
        raise TestRunError(_("The run is still being sent. Review opens when all have an answer."))
    if run.state != TestRun.State.REVIEW:
        raise TestRunError(_("This test run is not in review, so verdicts cannot change."))
    return run


def _speaks_for(run: TestRun, side: str, by: User) -> None:
    """Staff who manage the customer speak for us; the customer's people for the customer."""
    if side == Side.VENDOR:
        speaks = customers_managed_by(by).filter(pk=run.customer_id).exists()
    else:
        speaks = (
            not by.is_staff
            and Membership.objects.filter(customer=run.customer_id, user=by, left_at=None).exists()
        )
    if not speaks:
        raise TestRunError(_("You cannot speak for this side."))


def _event(run: TestRun, action: str, by: User, side: Any, **data: Any) -> None:
    event_record(
        customer=run.customer,
        action=action,
        by=by,
        side=side,
        environment=run.environment,
        org_id=run.epoch.org_id,
        data={"test_run": run.pk} | data,
    )
