"""How far a run is: true counts, and whether both sides may approve."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment
from jobchanges.delivery.states import ENDED
from jobchanges.models import Delivery, Review, Side, TestRun, Verdict
from jobchanges.models.runs import MINIMUM
from jobchanges.selectors.history import is_history, latest_attempts
from jobchanges.selectors.types import Progress, Standing

_PROGRESS: dict[str, str] = {
    Delivery.State.WAITING: "waiting",
    Delivery.State.CLAIMED: "sending",
    Delivery.State.DELIVERED: "delivered",
    Delivery.State.REFUSED: "refused",
    Delivery.State.HELD: "held",
    Delivery.State.UNKNOWN: "unknown",
    Delivery.State.ORG_GONE: "gone",
}


def test_run_progress(run: TestRun) -> Progress:
    """Count the run's deliveries by state, in one query. A correction counts as waiting."""
    rows = (
        run.deliveries.order_by()
        .values("state")
        .annotate(
            count=Count("pk"),
            corrections=Count("pk", filter=Q(correction_asked_at__isnull=False)),
        )
    )
    counts = {_PROGRESS[row["state"]]: row["count"] for row in rows}
    for row in rows:
        if row["state"] == Delivery.State.DELIVERED and row["corrections"]:
            counts["delivered"] -= row["corrections"]
            counts["waiting"] = counts.get("waiting", 0) + row["corrections"]
    return Progress(total=sum(counts.values()), **counts)


def run_standing(run: TestRun) -> Standing:
    """Say whether the run can be approved, and if not, what is missing."""
    deliveries = list(run.deliveries.all())
    verdicts: dict[int, dict[str, str]] = {}
    reviews = Review.objects.filter(attempt__delivery__in=deliveries).values_list(
        "attempt__delivery_id", "attempt__number", "side", "verdict"
    )
    latest = latest_attempts(run, deliveries)
    for delivery_id, number, side, verdict in reviews:
        if number == latest[delivery_id]:
            verdicts.setdefault(delivery_id, {})[side] = verdict
    agreed = {
        item.pk: both_say(verdicts.get(item.pk, {}))
        for item in deliveries
        if is_history(item, run) or (item.released_at is not None and not delivery_in_flight(item))
    }
    right = sum(verdict == Verdict.RIGHT for verdict in agreed.values())
    aside = sum(verdict == Verdict.SET_ASIDE for verdict in agreed.values())
    why_not = _why_not(run, deliveries, agreed=right + aside, right=right)
    return Standing(
        total=len(deliveries),
        agreed=right + aside,
        right=right,
        set_aside=aside,
        approvable=not why_not,
        why_not=why_not,
        approvals={item.side: item for item in run.approvals.select_related("by")},
    )


def both_say(verdicts: dict[str, str]) -> str:
    """The verdict both sides agree on, "right" or "set_aside"; "" when they do not."""
    said = [verdicts.get(side, "") for side in Side.values]
    same = len(set(said)) == 1
    return said[0] if same and said[0] in (Verdict.RIGHT, Verdict.SET_ASIDE) else ""


def delivery_in_flight(delivery: Delivery) -> bool:
    """Whether it was released and has no answer yet (a correction included)."""
    if delivery.released_at is None:
        return False
    return delivery.correction_asked_at is not None or delivery.state not in ENDED


def _why_not(run: TestRun, deliveries: Iterable[Delivery], *, agreed: int, right: int) -> str:
    rows = list(deliveries)
    if run.state in (TestRun.State.APPROVED, TestRun.State.CLOSED, TestRun.State.VOID):
        return _("This test run has ended.")
    if run.state == TestRun.State.DRAFT:
        return _("This test run was not sent yet.")
    if flying := sum(delivery_in_flight(item) for item in rows):
        return ngettext(
            "%(count)d job change is still being sent.",
            "%(count)d job changes are still being sent.",
            flying,
        ) % {"count": flying}
    if unsent := sum(item.released_at is None for item in rows):
        if run.environment == Environment.PRODUCTION:
            return ngettext(
                "%(count)d job change waits to be allowed and sent.",
                "%(count)d job changes wait to be allowed and sent.",
                unsent,
            ) % {"count": unsent}
        return ngettext(
            "%(count)d job change was added and is not sent yet.",
            "%(count)d job changes were added and are not sent yet.",
            unsent,
        ) % {"count": unsent}
    if run.state != TestRun.State.REVIEW:
        return _("Review opens when all job changes have an answer.")
    if agreed < len(rows):
        return _("%(agreed)d of %(total)d agreed. Opens when all are agreed or set aside.") % {
            "agreed": agreed,
            "total": len(rows),
        }
    if right < MINIMUM:
        return _(
            "Only %(right)d are right on both sides; approving takes at least %(minimum)d. "
            "Send refused ones again, or add job changes."
        ) % {"right": right, "minimum": MINIMUM}
    return ""
