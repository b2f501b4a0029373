"""Whose customer it is: given by a lead, one event each."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Customer, User
from accounts.services.events import event_record


class AssignError(Exception):
    """A sentence for whoever gives customers away."""


def customer_assign(*, customer: Customer, manager: User, by: User) -> bool:
    """Give a customer to an implementation manager. False when it is theirs already.

    The event names the manager by id. Raises AssignError for somebody who is not staff or has left.
    """
    if not (manager.is_staff and manager.is_active):
        raise AssignError(str(manager))
    with transaction.atomic():
        moved = (
            Customer.objects.filter(pk=customer.pk)
            .exclude(implementation_manager=manager)
            .update(implementation_manager=manager)
        )
        if moved:
            event_record(
                customer=customer,
                action="customer.assigned",
                by=by,
                side="vendor",
                data={"manager": manager.pk},
            )
    return bool(moved)


def customers_assign(*, customers: Iterable[Customer], manager: User, by: User) -> int:
    """Give several to one manager, each in a transaction of its own. Returns how many moved."""
    return sum(customer_assign(customer=one, manager=manager, by=by) for one in customers)
