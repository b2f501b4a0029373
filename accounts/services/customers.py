"""The customer's account: added and changed by staff, each time with an event."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services.events import event_record


def customer_save(*, customer: Customer, changed: Sequence[str], by: User) -> Customer:
    """Save a new or changed customer and record which of its fields were changed.

    The event says what the journey hangs on (plan, path, whether the path is an exception);
    names, domains and reasons are left out of it. Raises IntegrityError for the sandbox path
    outside the Enterprise plan without a reason: forms say so before.
    """
    action = "customer.changed" if customer.pk else "customer.added"
    with transaction.atomic():
        customer.save()
        event_record(
            customer=customer,
            action=action,
            by=by,
            side="vendor",
            data={
                "fields": sorted(changed),
                "plan": customer.plan,
                "path": customer.path,
                "path_has_reason": bool(customer.path_reason),
            },
        )
    return customer


class HoldError(Exception):
    """What cannot be put on hold; says why in a sentence."""


def customer_hold(*, customer: Customer, reason: str, by: User) -> None:
    """Put the setup on hold, or say another reason; both sides read it.

    Nothing is released and no regular batch goes out meanwhile, nobody is reminded. Raises
    HoldError without a reason, or with one that is too long. `by` manages the customer: the
    caller has asked.
    """
    reason, most = " ".join(reason.split()), Customer._meta.get_field("hold_reason").max_length
    if not reason:
        raise HoldError(_("Say why: both sides read it. Nothing was saved."))
    if most is not None and len(reason) > most:
        raise HoldError(_("At most %(most)d characters. Nothing was saved.") % {"most": most})
    with transaction.atomic():
        held = Customer.objects.filter(pk=customer.pk).exclude(hold_reason=reason)
        if held.update(hold_reason=reason):
            event_record(customer=customer, action="customer.held", by=by, side="vendor")
    customer.hold_reason = reason


def customer_hold_lift(*, customer: Customer, by: User) -> bool:
    """Let the setup go on; False when it was not on hold (any more)."""
    with transaction.atomic():
        lifted = Customer.objects.filter(pk=customer.pk).exclude(hold_reason="")
        if not lifted.update(hold_reason=""):
            return False
        event_record(customer=customer, action="customer.hold_lifted", by=by, side="vendor")
    customer.hold_reason = ""
    return True
