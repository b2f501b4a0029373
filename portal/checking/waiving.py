"""Points set aside with a reason: warnings accepted, fails waived, both taken back.

Each for exactly the point as it is now and for the org connected now, with its event.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import role_at, side_of
from accounts.hashing import content_hash
from accounts.models import Customer, Role, User
from accounts.services import event_record
from integrations.checks.base import Item
from integrations.checks.registry import check_find
from integrations.models import CheckResult, OrgEpoch, Outcome
from portal.checking.points import items_of, subject_of
from portal.errors import StepError
from portal.models import Waiver

REASON_LENGTH = 300


def point_accept(
    *, customer: Customer, environment: str, check: str, key: str, reason: str, by: User
) -> Waiver:
    """Accept a warning with a reason: an admin of the customer, or the implementation manager.

    Accepting it twice keeps the first acceptance. Raises StepError with why not.
    """
    _may_accept(customer, by)
    return _set_aside(customer, environment, check, key, reason, by, Outcome.WARNING)


def point_waive(
    *, customer: Customer, environment: str, check: str, key: str, reason: str, by: User
) -> Waiver:
    """Waive a fail with a reason: the implementation manager only.

    Waiving it twice keeps the first waiver. Raises StepError with why not.
    """
    _may_waive(customer, by)
    return _set_aside(customer, environment, check, key, reason, by, Outcome.FAIL)


def point_withdraw(*, customer: Customer, environment: str, check: str, key: str, by: User) -> bool:
    """Take back what was said of a point; returns whether anything stood.

    An acceptance by who may accept, a waiver by who may waive. Raises StepError.
    """
    _may_accept(customer, by)
    with transaction.atomic():
        epoch = _epoch_now(customer, environment)
        standing = _standing(customer, subject_of(check, key), epoch)
        if standing is None:
            return False
        accepted = standing.subject_hash == Item(key, Outcome.WARNING, "").hash
        if not accepted:
            _may_waive(customer, by)
        if not _end(standing, by):
            return False
        action = "point.acceptance_withdrawn" if accepted else "point.waiver_withdrawn"
        _event(customer, environment, action, check, standing, by, epoch)
    return True


def _set_aside(
    customer: Customer,
    environment: str,
    check: str,
    key: str,
    reason: str,
    by: User,
    outcome: Outcome,
) -> Waiver:
    words = reason.strip()
    if not words:
        raise StepError(_("Say why it may stay as it is. Both sides read it."))
    if len(words) > REASON_LENGTH:
        raise StepError(_("The reason has at most %(most)s characters.") % {"most": REASON_LENGTH})
    found = check_find(check)
    with transaction.atomic():
        # Two clicks take turns.
        Customer.objects.select_for_update().get(pk=customer.pk)
        epoch = _epoch_now(customer, environment)
        item = _item(epoch, check, key)
        if epoch is None or found is None or item is None:
            raise StepError(_("This point is no longer there."))
        if item.outcome != outcome:
            raise StepError(_wrong_kind(item.outcome))
        subject = subject_of(check, key)
        standing = _standing(customer, subject, epoch)
        if standing is not None and standing.subject_hash == item.hash:
            return standing
        if standing is not None:
            # It was said of the point as it was before.
            _end(standing, by)
        try:
            with transaction.atomic():
                waiver = Waiver.objects.create(
                    customer=customer,
                    step=f"{environment}.{found.step}",
                    epoch=epoch,
                    by=by,
                    side=side_of(by, customer),
                    reason=words,
                    subject=subject,
                    subject_hash=item.hash,
                )
        except IntegrityError:
            raise StepError(_("Somebody else has just said something about this point.")) from None
        action = "point.accepted" if outcome == Outcome.WARNING else "point.waived"
        _event(customer, environment, action, check, waiver, by, epoch)
    return waiver


def _wrong_kind(outcome: str) -> str:
    """Why this cannot be said of a point that is neither that good nor that bad."""
    match outcome:
        case Outcome.FAIL:
            return _("This would stop delivery: it is put right, or waived by UserGems.")
        case Outcome.WARNING:
            return _("This is a warning: it holds nothing, and is accepted rather than waived.")
        case Outcome.CANNOT:
            return _("Your org could not be asked this: look yourself and confirm the step.")
    return _("This point is right: there is nothing to set aside.")


def _item(epoch: OrgEpoch | None, check: str, key: str) -> Item | None:
    """The point as the org connected now answered it last."""
    result = CheckResult.objects.filter(epoch=epoch, name=check).first() if epoch else None
    if result is None:
        return None
    return next((item for item in items_of(result) if item.key == key), None)


def _epoch_now(customer: Customer, environment: str) -> OrgEpoch | None:
    """The org connected now, read inside the transaction of the change."""
    return OrgEpoch.objects.filter(
        connection__customer=customer,
        connection__environment=environment,
        connection__epoch__isnull=False,
        ended_at=None,
    ).first()


def _standing(customer: Customer, subject: str, epoch: OrgEpoch | None) -> Waiver | None:
    return Waiver.objects.filter(
        customer=customer, subject=subject, epoch=epoch, withdrawn_at=None
    ).first()


def _end(waiver: Waiver, by: User) -> int:
    return Waiver.objects.filter(pk=waiver.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=by
    )


def _may_accept(customer: Customer, by: User) -> None:
    if side_of(by, customer) == "customer" and role_at(by, customer) != Role.ADMIN:
        raise StepError(_("An admin of your company decides which warnings may stay."))


def _may_waive(customer: Customer, by: User) -> None:
    if side_of(by, customer) != "vendor":
        raise StepError(_("The implementation manager waives what would stop delivery."))


def _event(
    customer: Customer,
    environment: str,
    action: str,
    check: str,
    waiver: Waiver,
    by: User,
    epoch: OrgEpoch | None,
) -> None:
    """Log it by hashes: the words, and names of the customer's own, stay in the row."""
    event_record(
        customer=customer,
        action=action,
        by=by,
        side=side_of(by, customer),
        environment=environment,
        org_id=epoch.org_id if epoch else "",
        data={
            "step": waiver.step,
            "check": check,
            "id": waiver.pk,
            "subject_hash": content_hash(waiver.subject),
            "content_hash": content_hash(waiver.reason),
        },
    )
