"""The only way to fetch this floor's objects for a person (style examples, 18)."""

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.access import role_check
from accounts.models import User
from jobchanges.models import Batch, Delivery, TestRun


def test_run_for(
    user: User | AnonymousUser, pk: int, *, roles: Collection[str] | None = None
) -> TestRun:
    """The run, for its customer's people and the staff who manage the customer.

    `roles`: see `accounts.access.customer_for`. Raises Http404 for strangers and for what does
    not exist, PermissionDenied for a colleague without the role.
    """
    run = (
        TestRun.objects.select_related(
            "customer__implementation_manager", "epoch__connection", "sent_by", "created_by"
        )
        .filter(pk=pk)
        .first()
    )
    if run is None:
        raise Http404
    role_check(user, run.customer, roles=roles)
    return run


def delivery_for(
    user: User | AnonymousUser, pk: int, *, roles: Collection[str] | None = None
) -> Delivery:
    """The delivery, for its customer's people and managing staff. Raises as `test_run_for`."""
    delivery = (
        Delivery.objects.select_related(
            "job_change__customer__implementation_manager", "epoch__connection", "test_run__epoch"
        )
        .filter(pk=pk)
        .first()
    )
    if delivery is None:
        raise Http404
    role_check(user, delivery.job_change.customer, roles=roles)
    return delivery


def batch_for(
    user: User | AnonymousUser, pk: int, *, roles: Collection[str] | None = None
) -> Batch:
    """The batch, for its customer's people and managing staff. Raises as `test_run_for`."""
    batch = (
        Batch.objects.select_related("customer__implementation_manager", "epoch__connection")
        .filter(pk=pk)
        .first()
    )
    if batch is None:
        raise Http404
    role_check(user, batch.customer, roles=roles)
    return batch
