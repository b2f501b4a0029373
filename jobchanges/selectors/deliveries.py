"""A run's deliveries, ready to show, in a number of queries that does not grow with them."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from integrations.salesforce.manifest import MANIFESTS
from jobchanges.delivery.states import ENDED
from jobchanges.models import Attempt, Comment, Delivery, Review, Side, TestRun, Verdict
from jobchanges.selectors.attempts import attempts_compared
from jobchanges.selectors.chips import (
    attempt_chip,
    attempt_sentence,
    delivery_chip,
    delivery_sentence,
    review_chip,
)
from jobchanges.selectors.history import as_left, is_history
from jobchanges.selectors.merged import tabs_merged
from jobchanges.selectors.rows import (
    errors_shown,
    tabs_of_attempt,
    tabs_of_attempt_plan,
    tabs_of_plan,
)
from jobchanges.selectors.standing import both_say, delivery_in_flight
from jobchanges.selectors.types import (
    AttemptView,
    CommentView,
    DeliveryView,
    VerdictView,
)

_VERDICT_TINT = {Verdict.RIGHT: "ok", Verdict.OFF: "warn", Verdict.SET_ASIDE: ""}


def test_run_deliveries(run: TestRun) -> list[DeliveryView]:
    """Everything a page shows of a run's deliveries, in the order they were picked."""
    rows = _with_all(Delivery.objects.filter(test_run=run))
    return [_view(item, run) for item in rows]


def delivery_view(delivery: Delivery) -> DeliveryView:
    """The same for one delivery, for a fragment of the page."""
    row = _with_all(Delivery.objects.filter(pk=delivery.pk))[0]
    return _view(row, row.test_run)


def _with_all(deliveries: QuerySet[Delivery]) -> list[Delivery]:
    return list(
        deliveries.select_related("job_change", "epoch", "test_run", "batch").prefetch_related(
            Prefetch("attempts", Attempt.objects.order_by("number")),
            "attempts__writes",
            Prefetch("attempts__reviews", Review.objects.select_related("by")),
            Prefetch("comments", Comment.objects.select_related("by").order_by("at")),
        )
    )


def _view(delivery: Delivery, run: TestRun | None) -> DeliveryView:
    job_change = delivery.job_change
    attempts = list(delivery.attempts.all())
    handed_over = ""
    if run is not None and is_history(delivery, run):
        batch = delivery.batch
        delivery, attempts = as_left(delivery, run, attempts)
        if batch is not None and delivery.state != Delivery.State.DELIVERED:
            handed_over = _("It went on with the first batch, which says what became of it.")
            if batch.number > 1:
                handed_over = _(
                    "It went on with batch %(number)s, which says what became of it."
                ) % {"number": batch.number}
    views = [_attempt_view(delivery, item, attempts) for item in attempts]
    manifest = MANIFESTS.get(delivery.epoch.package_manifest)
    latest = views[-1] if views else None
    ended = delivery.state in ENDED and delivery.correction_asked_at is None
    # What is on its way again starts without verdicts.
    verdicts = {item.side: item for item in latest.verdicts} if latest and ended else {}
    customer, vendor = verdicts.get(Side.CUSTOMER), verdicts.get(Side.VENDOR)
    in_review = run is not None and run.state == TestRun.State.REVIEW
    open_for_review = bool(in_review and ended and latest)
    agreed = both_say({side: item.verdict for side, item in verdicts.items()})
    shows_errors = latest and (
        delivery.state != Delivery.State.WAITING and delivery.state != Delivery.State.CLAIMED
    )
    return DeliveryView(
        delivery=delivery,
        job_change=job_change,
        pk=delivery.pk,
        person_name=job_change.person_name,
        past_company=job_change.past_company_name,
        past_title=job_change.past_title,
        new_company=job_change.new_company_name,
        new_title=job_change.new_title,
        kind_label=str(job_change.get_kind_display()),
        state=delivery.state,
        chip=delivery_chip(delivery),
        chip_customer=review_chip(
            delivery,
            side=Side.CUSTOMER,
            mine=customer,
            theirs=vendor,
            open_for_review=open_for_review,
        ),
        chip_vendor=review_chip(
            delivery,
            side=Side.VENDOR,
            mine=vendor,
            theirs=customer,
            open_for_review=open_for_review,
        ),
        sentence=handed_over or delivery_sentence(delivery) or _correction_sentence(latest),
        outcome_label=str(delivery.get_outcome_display()) if delivery.outcome else "",
        tabs=tabs_merged(item.tabs for item in views),
        planned=tabs_of_plan(delivery),
        planned_outcome=str(
            dict(Delivery.Outcome.choices).get(delivery.plan.get("outcome", ""), "")
        ),
        explanations=list(_newest_plan(delivery, attempts).get("explanations", ())),
        branches=list(_newest_plan(delivery, attempts).get("branches", ())),
        errors=latest.errors if latest and shows_errors else [],
        verdict_customer=customer,
        verdict_vendor=vendor,
        comments=[_comment_view(item) for item in delivery.comments.all()],
        attempts=views,
        reviewable=open_for_review,
        may_be_right=open_for_review and delivery.state == Delivery.State.DELIVERED,
        may_send_again=bool(
            run is not None
            and run.is_open
            and ended
            and (
                delivery.state in (Delivery.State.REFUSED, Delivery.State.HELD)
                or any(item.verdict == Verdict.OFF for item in verdicts.values())
            )
        ),
        in_flight=not handed_over and delivery_in_flight(delivery),
        agreed=bool(agreed),
        set_aside=agreed == Verdict.SET_ASIDE,
        compared=attempts_compared(views, manifest.attempt_field if manifest else ""),
    )


def _correction_sentence(latest: AttemptView | None) -> str:
    """What became of a correction that changed nothing; the records are as they were before."""
    if latest is None or not latest.is_correction:
        return ""
    if latest.outcome == Attempt.Outcome.HELD:
        return _("It was not corrected. %(reason)s") % {"reason": latest.held_reason}
    if latest.outcome == Attempt.Outcome.REFUSED:
        return _("Salesforce refused the correction. The records are as they were before.")
    return ""


def _newest_plan(delivery: Delivery, attempts: list[Attempt]) -> dict[str, list[str]]:
    """What was planned last: for a preview, else by the latest attempt."""
    previewed = not attempts or (delivery.released_at is None and delivery.plan_hash)
    plan: dict[str, list[str]] = delivery.plan if previewed else attempts[-1].plan
    return plan


def _attempt_view(delivery: Delivery, attempt: Attempt, attempts: list[Attempt]) -> AttemptView:
    is_latest = attempt is attempts[-1]
    return AttemptView(
        number=attempt.number,
        outcome=attempt.outcome,
        chip=attempt_chip(delivery, attempt, is_latest=is_latest),
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        errors=errors_shown(attempt, delivery.epoch.instance_url),
        tabs=tabs_of_attempt(delivery, attempt),
        verdicts=[_verdict_view(item) for item in attempt.reviews.all()],
        is_correction=attempt.is_correction,
        sentence=attempt_sentence(attempt, is_latest=is_latest),
        held_reason=attempt.held_reason,
        # Only to be compared with another one.
        planned=tabs_of_attempt_plan(delivery, attempt) if len(attempts) > 1 else [],
    )


def _verdict_view(review: Review) -> VerdictView:
    return VerdictView(
        side=review.side,
        verdict=review.verdict,
        label=str(review.get_verdict_display()),
        tint=_VERDICT_TINT[Verdict(review.verdict)],
        category=review.category,
        category_label=str(review.get_category_display()) if review.category else "",
        comment=review.comment,
        by=str(review.by),
        at=review.at,
    )


def _comment_view(comment: Comment) -> CommentView:
    return CommentView(
        side=comment.side,
        side_label=str(comment.get_side_display()),
        by=str(comment.by),
        initials=comment.by.initials,
        text=comment.text,
        at=comment.at,
    )
