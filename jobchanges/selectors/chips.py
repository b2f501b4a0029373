"""The words for where a delivery or a run stands, per reader. No queries."""

from django.utils.translation import gettext as _

from jobchanges.models import Attempt, Delivery, Side, TestRun, Verdict
from jobchanges.selectors.types import Chip, VerdictView

State = Delivery.State
Outcome = Attempt.Outcome

_OUTCOME_TINT = {
    Outcome.DELIVERED: "ok",
    Outcome.FOUND: "ok",
    Outcome.REFUSED: "bad",
    Outcome.HELD: "warn",
    Outcome.UNKNOWN: "warn",
}


def delivery_chip(delivery: Delivery) -> Chip:
    """The state of a delivery, the same for everybody."""
    if delivery.correction_asked_at is not None:
        if delivery.released_at is None:
            return Chip(_("Correction to be allowed"), "wait")
        return Chip(_("Being corrected"), "wait")
    if delivery.state == State.WAITING and delivery.released_at is None:
        # Tried before: a clean-up removed it since.
        return Chip(_("Not sent again yet") if delivery.attempts_made else _("Not sent yet"), "")
    return {
        State.WAITING: Chip(_("Waiting to be sent"), "wait"),
        State.CLAIMED: Chip(_("Being sent"), "wait"),
        State.DELIVERED: Chip(_("Delivered"), "ok"),
        State.REFUSED: Chip(_("Salesforce refused it"), "bad"),
        State.HELD: Chip(_("Held"), "warn"),
        State.UNKNOWN: Chip(_("No answer yet"), "warn"),
        State.ORG_GONE: Chip(_("The org is gone"), ""),
    }[State(delivery.state)]


def delivery_sentence(delivery: Delivery) -> str:
    """What the state means and who acts; "" when the records say it all."""
    if delivery.state == State.WAITING:
        return delivery.waiting_reason
    if delivery.state == State.HELD:
        return delivery.held_reason
    if delivery.state == State.UNKNOWN:
        return _(
            "Salesforce did not answer, so nobody knows yet whether it was written. We ask the "
            "org for it and never send it twice. Nobody has to do anything."
        )
    if delivery.state == State.ORG_GONE:
        return _("The org was replaced before the answer was known.")
    if delivery.state == State.REFUSED:
        return _("Salesforce stored nothing for this job change.")
    if delivery.state == State.DELIVERED and delivery.waiting_reason:
        if delivery.correction_asked_at is not None:
            return delivery.waiting_reason
        # A correction for production that was planned and came to nothing (delivery/preview.py).
        return _("It was not corrected. %(reason)s") % {"reason": delivery.waiting_reason}
    return ""


def attempt_chip(delivery: Delivery, attempt: Attempt, *, is_latest: bool) -> Chip:
    """How one try ended; the latest one that runs is where its delivery stands."""
    if not attempt.outcome:
        # A later one was made because nothing ever came back from this one.
        return delivery_chip(delivery) if is_latest else Chip(_("No answer"), "warn")
    outcome = Outcome(attempt.outcome)
    if outcome == Outcome.RELEASED and not is_latest:
        return Chip(_("Not written, tried again"), "")
    return Chip(str(outcome.label), _OUTCOME_TINT.get(outcome, ""))


def attempt_sentence(attempt: Attempt, *, is_latest: bool) -> str:
    """What became of a try, where its chip and its errors do not say it all; else ""."""
    if attempt.outcome == Outcome.UNKNOWN or (not attempt.outcome and not is_latest):
        return _(
            "No answer came from Salesforce. The org is asked for the record before anything is "
            "sent again, so nothing is written twice."
        )
    if attempt.outcome == Outcome.FOUND:
        return _("No answer had come, and the org was asked: it had stored it.")
    # Held, or given back: why.
    return attempt.held_reason


def review_chip(
    delivery: Delivery,
    *,
    side: str,
    mine: VerdictView | None,
    theirs: VerdictView | None,
    open_for_review: bool,
) -> Chip:
    """The state of a delivery as one side reads it while the run is reviewed."""
    if not open_for_review and mine is None and theirs is None:
        return delivery_chip(delivery)
    other = theirs.by.split(" ")[0] if theirs else ""
    said = (mine.verdict if mine else "", theirs.verdict if theirs else "")
    if said == (Verdict.RIGHT, Verdict.RIGHT):
        return Chip(_("You and %(other)s agree") % {"other": other}, "ok")
    if said == (Verdict.SET_ASIDE, Verdict.SET_ASIDE):
        return Chip(_("Set aside by both"), "")
    if mine and mine.verdict == Verdict.OFF:
        return Chip(_("You: something is off"), "warn")
    if theirs and theirs.verdict == Verdict.OFF:
        return Chip(_("%(other)s: something is off") % {"other": other}, "warn")
    if not open_for_review:
        return _said_and_done(delivery, mine, theirs, other)
    if mine is None:
        if theirs and theirs.verdict == Verdict.SET_ASIDE:
            return Chip(_("%(other)s set it aside: your turn") % {"other": other}, "wait")
        if delivery.state != State.DELIVERED:
            return delivery_chip(delivery)
        return Chip(_("Your turn"), "wait")
    waiting_for = other or (_("UserGems") if side == Side.CUSTOMER else _("the customer"))
    if mine.verdict == Verdict.SET_ASIDE:
        return Chip(_("You set it aside, waiting for %(who)s") % {"who": waiting_for}, "")
    return Chip(_("Looks right to you, waiting for %(who)s") % {"who": waiting_for}, "")


def _said_and_done(
    delivery: Delivery, mine: VerdictView | None, theirs: VerdictView | None, other: str
) -> Chip:
    """Of a review that has ended without both agreeing: what was said, and nobody's turn."""
    if mine is not None:
        aside = mine.verdict == Verdict.SET_ASIDE
        return Chip(_("You set it aside") if aside else _("Looks right to you"), "")
    if theirs is not None:
        aside = theirs.verdict == Verdict.SET_ASIDE
        words = _("%(other)s set it aside") if aside else _("%(other)s: looks right")
        return Chip(words % {"other": other}, "")
    return delivery_chip(delivery)


def run_chip(run: TestRun) -> Chip:
    """Where a run stands."""
    tint = {
        TestRun.State.SENDING: "wait",
        TestRun.State.REVIEW: "wait",
        TestRun.State.APPROVED: "ok",
        TestRun.State.VOID: "warn",
    }.get(TestRun.State(run.state), "")
    return Chip(str(run.get_state_display()), tint)
