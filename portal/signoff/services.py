"""Freeze, sign, take back, release: one transaction each, the customer's row locked first."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Customer, Environment, Membership, User
from accounts.services import event_record
from accounts.waking import task_wake
from integrations.services.locks import customer_lock
from jobchanges.models import Side
from portal.checking.gates import check_reason_asking
from portal.models import Signature, Summary
from portal.signoff.conditions import freeze_reasons, side_of_person, side_reason
from portal.signoff.content import content_of, facts_of, shown_of
from portal.signoff.covering import covering_differences, is_covered
from portal.signoff.errors import SignOffError
from portal.signoff.meaning import meaning_of
from portal.signoff.release import launch_release
from portal.signoff.signals import summary_signed, summary_voided
from portal.signoff.standing import (
    event_summary,
    first_batch_open,
    is_current,
    is_history,
    summary_check,
    summary_end,
    summary_standing,
)

__all__ = [
    "SignOffError",
    "forecast_ask_again",
    "launch_release",
    "summary_check",
    "summary_freeze",
    "summary_sign",
    "summary_withdraw",
]

WINDOW = timedelta(days=7)
LONGEST_WINDOW = timedelta(days=60)
# A form that was opened a moment ago says a moment ago.
GRACE = timedelta(minutes=1)


def summary_freeze(*, customer: Customer, by: User) -> Summary:
    """Freeze what both sides will sign; its moment is the intake cut-off.

    Replaces a summary that nobody signed. While a batch stands still because of a change, the new
    summary is for that same batch; after go-live it is for the next batch and the regular ones that
    follow. Asks for the forecast afterwards. Raises SignOffError.
    """
    summary_check(customer)
    # Outside the transaction: an answer that is missing or old is asked for, also where this ends.
    check_reason_asking(customer, Environment.PRODUCTION)
    with transaction.atomic():
        fresh = customer_lock(customer.pk)
        if not side_of_person(fresh, by):
            raise SignOffError(_("An admin, an approver or the implementation manager does this."))
        if is_covered(fresh):
            raise SignOffError(_("What both sides signed still holds: nothing is left to sign."))
        reasons = freeze_reasons(fresh)
        if reasons:
            raise SignOffError(" ".join(reasons))
        _replace(summary_standing(fresh), by)
        facts = facts_of(fresh)
        content = content_of(fresh, facts)
        now = timezone.now()
        summary = Summary.objects.create(
            customer=fresh,
            frozen_at=now,
            frozen_by=by,
            content=content,
            content_hash=content_hash(content),
            shown=shown_of(fresh, facts),
            forecast_requested_at=now,
            continues=first_batch_open(fresh),
        )
        event_summary(summary, "sign_off.frozen", by=by, content_hash=summary.content_hash)
        transaction.on_commit(lambda: _forecast_wake(summary.pk))
    return summary


def _replace(standing: Summary | None, by: User) -> None:
    """End an unsigned summary in favour of a new one. Raises SignOffError for a signed one."""
    if standing is None:
        return
    if is_history(standing):
        _supersede(standing)
        return
    if standing.batch_id is not None:
        raise SignOffError(_("The batch is on its way with the summary that was signed."))
    if standing.signatures.exists():
        raise SignOffError(
            _("The summary is signed already. Take it back first; both sides then sign anew.")
        )
    if summary_end(standing, differences=[], by=by):
        event_summary(standing, "sign_off.withdrawn", by=by, content_hash=standing.content_hash)


def _supersede(standing: Summary) -> None:
    """End what covered the regular batches until something changed; says what."""
    changes = covering_differences(standing)
    if summary_end(standing, differences=changes, by=None):
        event_summary(
            standing,
            "sign_off.voided",
            by=None,
            content_hash=standing.content_hash,
            differences_hash=content_hash(standing.differences),
            batch=standing.batch_id,
        )


def forecast_ask_again(*, summary: Summary, by: User) -> bool:
    """Make the forecast again after it failed. Returns whether there was something to make."""
    if not side_of_person(summary.customer, by):
        raise SignOffError(_("An admin, an approver or the implementation manager does this."))
    asked = (
        Summary.objects.filter(pk=summary.pk, voided_at=None, signed_hash="")
        .exclude(forecast_error="")
        .update(forecast_error="", forecast_requested_at=timezone.now())
    )
    if asked:
        transaction.on_commit(lambda: _forecast_wake(summary.pk))
    return bool(asked)


def _forecast_wake(summary_pk: int) -> None:
    from portal.tasks import summary_forecast  # the tasks call the services

    task_wake(summary_forecast, summary_pk)


def summary_sign(
    *,
    summary: Summary,
    side: str,
    by: User,
    seen_hash: str,
    accepted: bool = True,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    address: str | None = None,
    browser: str = "",
) -> Signature:
    """Sign for one side. The start window belongs to the customer's signature.

    `seen_hash` is the hash that the page showed. Without a start it is now, without an end seven
    days after the start. The person proved a code just before: the page asks for it. Raises
    SignOffError when it has changed meanwhile, is signed, or this person may not.
    """
    # Its own transaction: what changed stays said, also when the signature is refused.
    summary_check(summary.customer)
    unchecked = check_reason_asking(summary.customer, Environment.PRODUCTION)
    with transaction.atomic():
        customer = customer_lock(summary.customer_id)
        standing = _to_sign(summary, customer, seen_hash)
        if not accepted:
            raise SignOffError(_("Confirm what your signature means."))
        if reason := side_reason(customer, side, by) or unchecked:
            raise SignOffError(reason)
        given = {one.side: one for one in standing.signatures.all()}
        if side in given:
            raise SignOffError(
                _("%(person)s signed for your side already.") % {"person": given[side].name}
            )
        if any(one.by_id == by.pk for one in given.values()):
            raise SignOffError(_("The two sides are signed by two different people."))
        window = _window(starts_at, ends_at) if side == Side.CUSTOMER else (None, None)
        signature = Signature(
            summary=standing,
            side=side,
            by=by,
            name=str(by)[:200],
            email=by.email,
            role=_role(customer, side, by),
            at=timezone.now(),
            meaning=meaning_of(side, customer),
            signed_hash=standing.signed_hash,
            starts_at=window[0],
            ends_at=window[1],
            address=address or None,
            browser=browser[:300],
        )
        try:
            with transaction.atomic():
                signature.save()
        except IntegrityError:
            raise SignOffError(_("The two sides are signed by two different people.")) from None
        _signed_event(signature, customer)
        summary_signed.send(sender=Signature, signature=signature)
    return signature


def _to_sign(summary: Summary, customer: Customer, seen_hash: str) -> Summary:
    """The standing summary, if it is the one that was read and can be signed."""
    standing = summary_standing(customer)
    if standing is None or standing.pk != summary.pk:
        raise SignOffError(_("This summary ended. Read what changed; a new one is signed instead."))
    if not standing.ready:
        raise SignOffError(_("The forecast is still being made. Sign when it is there."))
    if seen_hash != standing.signed_hash:
        raise SignOffError(_("The summary changed since you opened the page. Read it again."))
    if standing.batch_id is not None:
        raise SignOffError(_("The batch was released already: nothing is left to sign."))
    if not is_current(standing):
        raise SignOffError(
            _("Something that you would sign has changed this moment. Read the page again.")
        )
    return standing


def _window(starts_at: datetime | None, ends_at: datetime | None) -> tuple[datetime, datetime]:
    """The time in which the first batch may start. Raises SignOffError for an impossible one."""
    now = timezone.now()
    start = starts_at or now
    if start < now - GRACE:
        raise SignOffError(_("The start lies in the past. Choose a later one."))
    end = ends_at or start + WINDOW
    if end <= start:
        raise SignOffError(_("The last moment to start lies before the first. Choose a later one."))
    if end <= now:
        raise SignOffError(_("The last moment to start lies in the past. Choose a later one."))
    if end - start > LONGEST_WINDOW:
        raise SignOffError(_("The start may be left open for at most 60 days."))
    return start, end


def _role(customer: Customer, side: str, by: User) -> str:
    """As what the person signs, in words, as it is now."""
    if side == Side.VENDOR:
        return _("Implementation manager, UserGems")
    role = Membership.objects.get(customer=customer, user=by, left_at=None).get_role_display()
    return _("%(role)s, %(customer)s")[:60] % {"role": role, "customer": customer.name}


def signature_content(signature: Signature) -> dict[str, str | int | None]:
    """Everything a signature says, as plain JSON: its hash stands in the log."""
    return {
        "side": str(signature.side),
        "person": signature.by_id,
        "name": signature.name,
        "email": signature.email,
        "role": signature.role,
        "at": _in_utc(signature.at),
        "meaning": signature.meaning,
        "signed_hash": signature.signed_hash,
        "starts_at": _in_utc(signature.starts_at),
        "ends_at": _in_utc(signature.ends_at),
        "address": signature.address,
        "browser": signature.browser,
    }


def _in_utc(moment: datetime | None) -> str | None:
    """As the database gives it back, whatever zone the form was filled in."""
    return moment.astimezone(UTC).isoformat() if moment else None


def _signed_event(signature: Signature, customer: Customer) -> None:
    event_record(
        customer=customer,
        action="sign_off.signed",
        by=signature.by,
        side="vendor" if signature.side == Side.VENDOR else "customer",
        environment="production",
        org_id=(signature.summary.content.get("org") or {}).get("id", ""),
        data={
            "summary": signature.summary_id,
            "signed_hash": signature.signed_hash,
            "signature_hash": content_hash(signature_content(signature)),
        },
    )


def summary_withdraw(*, summary: Summary, by: User) -> bool:
    """Take a summary back before its release, with the signatures on it.

    Returns whether it stood. Raises SignOffError after the release, or for somebody who may not.
    """
    with transaction.atomic():
        customer = customer_lock(summary.customer_id)
        if not side_of_person(customer, by):
            raise SignOffError(_("An admin, an approver or the implementation manager does this."))
        standing = summary_standing(customer)
        if standing is None or standing.pk != summary.pk:
            return False
        if standing.batch_id is not None:
            raise SignOffError(
                _("The batch was released. Pause it or stop sending, if it must not go on.")
            )
        signed = standing.signatures.exists()
        if summary_end(standing, differences=[], by=by):
            event_summary(standing, "sign_off.withdrawn", by=by, content_hash=standing.content_hash)
            if signed:
                summary_voided.send(sender=Summary, summary=standing)
    return True
