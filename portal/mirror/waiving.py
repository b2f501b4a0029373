"""Setting a difference aside, with a reason that both sides read; and taking that back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import role_at, side_of
from accounts.hashing import content_hash
from accounts.models import Customer, Environment, Role, User
from accounts.services import event_record
from portal.mirror.asking import MirrorError
from portal.mirror.comparing import comparison_settle
from portal.mirror.standing import STEP, Point, Standing, standing_of
from portal.models import Comparison, Waiver

REASON_LENGTH = 300


def difference_accept(
    *, customer: Customer, subject: str, seen: str, reason: str, by: User
) -> Waiver:
    """Let a difference that changes the result be, for a customer admin or the manager.

    `seen`: the hash that the page showed. Raises MirrorError with why not: it blocks delivery, it
    is another one by now, nothing needs accepting, no reason is given, or the person may not.
    """
    return _set_aside(customer, subject, seen, reason, by, accept=True)


def difference_waive(
    *, customer: Customer, subject: str, seen: str, reason: str, by: User
) -> Waiver:
    """Let a difference be although it blocks delivery. The implementation manager only.

    `seen` and errors as in `difference_accept`.
    """
    return _set_aside(customer, subject, seen, reason, by, accept=False)


def difference_withdraw(*, customer: Customer, subject: str, by: User) -> bool:
    """Take it back: the difference is open again. Returns whether anything stood.

    What the manager set aside only the manager takes back. Raises MirrorError.
    """
    side = _side(customer, by)
    with transaction.atomic():
        comparison = _comparison(customer)
        point = _standing(comparison).find(subject)
        waiver = (point.waiver or point.outdated) if point is not None else None
        if waiver is None:
            return False
        if side != "vendor" and waiver.side == "vendor":
            raise MirrorError(_("The implementation manager set this aside and takes it back."))
        if not _withdraw(waiver, by):
            return False
        _event(comparison, "mirror.difference_reopened", waiver, by)
    return True


def _set_aside(
    customer: Customer, subject: str, seen: str, reason: str, by: User, *, accept: bool
) -> Waiver:
    side = _side(customer, by)
    if not accept and side != "vendor":
        raise MirrorError(_("The implementation manager waives what blocks delivery."))
    words = reason.strip()
    if not words:
        raise MirrorError(_("Say why it may stay as it is. Both sides read it."))
    if len(words) > REASON_LENGTH:
        most = _("The reason has at most %(most)s characters.") % {"most": REASON_LENGTH}
        raise MirrorError(most)
    with transaction.atomic():
        comparison = _comparison(customer)
        point = _standing(comparison).find(subject)
        if point is None:
            raise MirrorError(_("This difference is no longer there."))
        if point.hash != seen:
            raise MirrorError(_("This difference has changed since. Look at it again."))
        _grade_check(point, accept=accept)
        if point.waiver is not None:
            return point.waiver
        if point.outdated is not None:
            _withdraw(point.outdated, by)
        about = comparison.baseline if point.drift else comparison.production
        waiver = Waiver.objects.create(
            customer=customer,
            step=STEP,
            epoch=about.epoch,
            by=by,
            reason=words,
            subject=subject,
            subject_hash=point.hash,
            side=side,
        )
        _event(
            comparison,
            "mirror.difference_accepted" if accept else "mirror.difference_waived",
            waiver,
            by,
        )
        comparison_settle(comparison)
    return waiver


def _grade_check(point: Point, *, accept: bool) -> None:
    """What changes the result is accepted, what blocks delivery is waived."""
    if not point.holds:
        raise MirrorError(_("Nothing has to be done about this difference."))
    if accept and point.blocks:
        raise MirrorError(
            _("This blocks delivery: it is changed in Salesforce, or waived by UserGems.")
        )


def _side(customer: Customer, by: User) -> str:
    """For whom the person speaks. Raises MirrorError for colleagues who are no admins."""
    side = side_of(by, customer)
    if side == "customer" and role_at(by, customer) != Role.ADMIN:
        raise MirrorError(_("An admin of your company decides which differences may stay."))
    return side


def _comparison(customer: Customer) -> Comparison:
    """The comparison, held until the change is made. Raises MirrorError without one."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    found = (
        Comparison.objects.filter(customer=customer)
        .select_related("customer", "baseline__epoch", "production__epoch")
        .defer("baseline__content", "production__content")
        .first()
    )
    if found is None or found.production.epoch.ended_at is not None:
        raise MirrorError(_("The orgs were not compared yet."))
    return found


def _standing(comparison: Comparison) -> Standing:
    waivers = Waiver.objects.filter(
        customer=comparison.customer_id, step=STEP, withdrawn_at=None
    ).select_related("by")
    return standing_of(comparison, waivers)


def _withdraw(waiver: Waiver, by: User) -> int:
    return Waiver.objects.filter(pk=waiver.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=by
    )


def _event(comparison: Comparison, action: str, waiver: Waiver, by: User) -> None:
    """Log it by hashes. Words and names of the customer's own stay in the row."""
    event_record(
        customer=comparison.customer,
        action=action,
        by=by,
        side=side_of(by, comparison.customer),
        environment=Environment.PRODUCTION.value,
        org_id=comparison.production.epoch.org_id,
        data={
            "step": STEP,
            "id": waiver.pk,
            "subject_hash": waiver.subject_hash,
            "content_hash": content_hash(waiver.reason),
        },
    )
