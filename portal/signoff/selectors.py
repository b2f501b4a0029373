"""The sign-off as one person reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from jobchanges.models import Batch, Side
from portal.checking.gates import check_reasons
from portal.models import Signature, Summary
from portal.signoff.conditions import (
    freeze_reasons,
    release_reasons,
    side_of_person,
    side_reason,
    window_place,
    window_reason,
)
from portal.signoff.covering import (
    covering_batch,
    covering_differences,
    covering_summary,
    is_covered,
)
from portal.signoff.meaning import meaning_of
from portal.signoff.sections import sections_of
from portal.signoff.services import WINDOW
from portal.signoff.standing import (
    batch_name,
    first_batch_ended,
    first_batch_open,
    is_history,
    summary_check,
    void_batch,
    was_live,
)
from portal.signoff.types import (
    Asking,
    Difference,
    Party,
    SignOffState,
    SignOffView,
    Window,
)
from portal.steps.words import manager_name, when


def sign_off_view(customer: Customer, *, person: User) -> SignOffView:
    """Where signing stands. Looks first whether what was signed is still so, and voids it if not.

    After go-live it shows the summary that covers the regular batches.
    """
    summary, changes = _shown(customer)
    side = Side.VENDOR.value if person.is_staff else Side.CUSTOMER.value
    may_act = bool(side_of_person(customer, person))
    running = first_batch_open(customer)
    last = covering_batch(customer) if first_batch_ended(customer) else None
    if summary is None:
        return _unfrozen(customer, side, may_act, running, last, changes)
    given = {one.side: one for one in summary.signatures.select_related("by")}
    state = _state(summary, given)
    why_not = _why_not_sign(customer, summary, given, side, person)
    released = state == SignOffState.RELEASED
    ready_to_start = state == SignOffState.SIGNED
    now = timezone.now()
    reasons = release_reasons(summary) if ready_to_start else []
    if ready_to_start and (reason := side_reason(customer, Side.VENDOR, person)):
        reasons = [reason]
    signed_by_customer = given.get(Side.CUSTOMER)
    voided = None if released or len(given) == len(Side) else _voided_last(customer, summary)
    return SignOffView(
        state=state,
        sentence=_sentence(customer, summary, given, state, side),
        summary=summary,
        sections=sections_of(summary),
        parties=_parties(customer, given),
        side=side,
        may_sign=not why_not,
        why_not_sign=why_not,
        asks_window=not why_not and side == Side.CUSTOMER,
        default_starts_at=now if side == Side.CUSTOMER else None,
        default_ends_at=now + WINDOW if side == Side.CUSTOMER else None,
        window=_window(signed_by_customer) if signed_by_customer else None,
        release=Asking(ready_to_start and not reasons, " ".join(reasons)),
        may_freeze=may_act and not given and not released,
        may_withdraw=may_act and not released,
        seen_hash=summary.signed_hash,
        forecast_error=summary.forecast_error,
        voided=voided,
        differences=_differences(voided),
        batch=(last or summary.batch) if released else None,
        halted_batch=None if released else running,
        last_batch=last,
        void_batch=void_batch(customer),
    )


def _shown(customer: Customer) -> tuple[Summary | None, Sequence[Difference]]:
    """The summary that the page shows, and what ended it where there is none to show.

    One that is history is shown while it covers the regular batches.
    """
    summary = summary_check(customer)
    if summary is not None and not is_history(summary):
        return summary, ()
    if not first_batch_ended(customer):
        return None, ()
    batch = covering_batch(customer)
    signed = covering_summary(batch) if batch is not None else None
    if signed is None or is_covered(customer):
        return signed, ()
    return None, covering_differences(signed)


def _unfrozen(
    customer: Customer,
    side: str,
    may_act: bool,
    running: Batch | None,
    last: Batch | None,
    changes: Sequence[Difference],
) -> SignOffView:
    """Nothing is frozen: what is in the way, or who freezes it; what ended the last one."""
    reasons = freeze_reasons(customer)
    voided = _voided_last(customer, None)
    gone = void_batch(customer)
    replaced = gone is not None or (last is None and was_live(customer))
    if reasons:
        state, sentence = SignOffState.LOCKED, _("Opens when production is set up and tested.")
        if replaced:
            sentence = _("Production is another org now. Set it up and test it; then sign anew.")
        elif running is not None or voided is not None or changes:
            sentence = _("What was signed has changed. First put this right; then sign anew.")
    else:
        state, sentence = (
            SignOffState.CAN_FREEZE,
            _("Everything is tested. Prepare the summary; then both sides read and sign it."),
        )
        if running is not None:
            sentence = _(
                "What was signed has changed, so sending stands still. Prepare a new summary; "
                "once both sides have signed it, the same batch goes on."
            )
        elif last is not None:
            sentence = _(
                "What was signed has changed, so no new job changes are sent. Prepare a new "
                "summary; once both sides have signed it, the next batch goes, and the regular "
                "ones after it."
            )
        elif voided is not None:
            sentence = _("The last summary ended. Prepare a new one; then both sides sign it.")
    return SignOffView(
        state=state,
        sentence=sentence,
        blocked_by=reasons,
        parties=_parties(customer, {}),
        side=side,
        why_not_sign=_("There is no summary to sign yet."),
        may_freeze=may_act and not reasons,
        voided=voided,
        differences=changes or _differences(voided),
        halted_batch=running,
        last_batch=last,
        void_batch=gone,
    )


def _state(summary: Summary, given: Mapping[str, Signature]) -> SignOffState:
    if summary.batch_id is not None:
        return SignOffState.RELEASED
    if not summary.ready:
        return SignOffState.PREPARING
    if len(given) == len(Side):
        return SignOffState.SIGNED
    return SignOffState.SIGNED_BY_ONE if given else SignOffState.READY


def _sentence(
    customer: Customer,
    summary: Summary,
    given: Mapping[str, Signature],
    state: SignOffState,
    side: str,
) -> str:
    """What is next, and who does it."""
    name = manager_name(customer)
    match state:
        case SignOffState.RELEASED:
            if is_history(summary):
                return _("The first batch is through. New job changes have a page of their own.")
            return _("Signed by both sides and released.")
        case SignOffState.PREPARING if summary.forecast_error:
            return _("The forecast could not be made. Nothing was written.")
        case SignOffState.PREPARING:
            return _("Begun %(when)s. The org is being asked what %(batch)s would do.") % {
                "when": when(summary.frozen_at),
                "batch": batch_name(customer),
            }
        case SignOffState.READY:
            return _ready_words(customer, side)
        case SignOffState.SIGNED:
            reason = window_reason(given[Side.CUSTOMER])
            return reason or _("Signed by both sides. %(name)s releases %(batch)s.") % {
                "name": name,
                "batch": batch_name(customer),
            }
    signed = next(iter(given.values()))
    missing = customer.name if signed.side == Side.VENDOR else "UserGems"
    return _("%(person)s signed. Now %(side)s signs.") % {"person": signed.name, "side": missing}


def _ready_words(customer: Customer, side: str) -> str:
    """What to do with a summary that nobody signed yet."""
    if side == Side.VENDOR:
        return _(
            "Read this and sign it. %(customer)s signs too, and chooses when %(batch)s may start."
        ) % {"customer": customer.name, "batch": batch_name(customer)}
    return _(
        "Read this, sign it, and choose when %(batch)s may start. A change to anything below asks "
        "both sides to sign again."
    ) % {"batch": batch_name(customer)}


def _why_not_sign(
    customer: Customer,
    summary: Summary,
    given: Mapping[str, Signature],
    side: str,
    person: User,
) -> str:
    """Why this person cannot sign now; "" when they can."""
    if summary.batch_id is not None:
        return _("It is signed, and the batch was released.")
    if reason := side_reason(customer, side, person):
        return reason
    if side in given:
        return _("%(person)s signed for your side.") % {"person": given[side].name}
    if any(one.by_id == person.pk for one in given.values()):
        return _("The two sides are signed by two different people.")
    if not summary.ready:
        return summary.forecast_error or _("The forecast is still being made.")
    return " ".join(check_reasons(customer, Environment.PRODUCTION))


def _parties(customer: Customer, given: Mapping[str, Signature]) -> dict[str, Party]:
    """Both sides: as they signed, or what their signature would mean."""
    names = {Side.CUSTOMER.value: customer.name, Side.VENDOR.value: "UserGems"}
    return {
        side: Party(
            side,
            name,
            given.get(side),
            given[side].meaning if side in given else meaning_of(side, customer),
        )
        for side, name in names.items()
    }


def _window(signature: Signature) -> Window | None:
    if signature.starts_at is None or signature.ends_at is None:
        return None
    place = window_place(signature.starts_at, signature.ends_at)
    words = {
        "before": _("It may start from %(start)s, until %(end)s."),
        "open": _("It may start now, until %(end)s."),
        "over": _("The start window ended %(end)s."),
    }[place]
    times = {"start": when(signature.starts_at), "end": when(signature.ends_at)}
    return Window(signature.starts_at, signature.ends_at, place, words % times)


def _voided_last(customer: Customer, standing: Summary | None) -> Summary | None:
    """The summary that ended last, where a change ended it and no signed one came after."""
    found: Any = Summary.objects.filter(customer=customer).exclude(voided_at=None)
    if standing is not None:
        found = found.filter(frozen_at__lte=standing.frozen_at)
    last: Summary | None = found.select_related("voided_by").order_by("-voided_at").first()
    # One that was replaced before anybody signed it is not worth a word.
    if last is None or not (last.differences or last.signatures.exists()):
        return None
    return last


def _differences(voided: Summary | None) -> Sequence[Difference]:
    return [Difference(**one) for one in voided.differences] if voided else []
