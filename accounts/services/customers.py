"""The customer's account: added and changed by staff, each time with an event."""

from collections.abc import Sequence

from django.db import transaction

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
