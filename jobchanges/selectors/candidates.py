"""Which job changes may be picked for a test run, and which stand in one."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer
from integrations.models import Connection
from jobchanges.delivery.states import IN_FLIGHT
from jobchanges.models import Delivery, JobChange, TestRun


def candidates(customer: Customer, environment: str) -> QuerySet[JobChange]:
    """The customer's job changes that may be picked: never delivered in the connected org, not
    under way there, and in no open run. Without a connected org: all of them.
    """
    connection = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=environment)
        .first()
    )
    rows = JobChange.objects.filter(customer=customer)
    if connection is None or connection.epoch is None:
        return rows
    taken = Delivery.objects.filter(
        Q(state__in=[*IN_FLIGHT, Delivery.State.DELIVERED])
        | Q(test_run__state__in=TestRun.OPEN_STATES),
        job_change=OuterRef("pk"),
        org_id=connection.epoch.org_id,
    )
    return rows.filter(~Exists(taken))
