"""Which job changes may be picked for a test run, and which stand in one."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer, Environment
from integrations.models import Connection
from jobchanges.delivery.allowed import UNSENT
from jobchanges.delivery.states import IN_FLIGHT
from jobchanges.models import Attempt, Delivery, JobChange, PersonKey, TestRun
from jobchanges.models.runs import MINIMUM


def candidates(customer: Customer, environment: str) -> QuerySet[JobChange]:
    """The customer's job changes that may be picked: never delivered in the connected org, not
    under way there, in no open run and in no batch. Without a connected org: all of them. Erased
    people are left out: nothing would be written of them. So is what a clean-up removed of an
    approved test: it stays in the test that both sides approved, and goes with a batch.

    For production, people that were tried in a sandbox are left out: they are in the first batch.
    Where fewer than five others are left, they may fill the run (`tried_may_fill`).
    """
    rows = _free(customer, environment)
    if environment == Environment.PRODUCTION and not tried_may_fill(customer):
        rows = rows.filter(~_tried())
    return rows


def tried_may_fill(customer: Customer) -> bool:
    """Whether too few job changes are left for production that were not tried in a sandbox.

    What an open run holds and has not sent counts as left: it can be picked otherwise.
    """
    rows = _known(customer).filter(~_tried())
    org_id = org_id_of(customer, Environment.PRODUCTION)
    unsent = Delivery.objects.filter(
        UNSENT, job_change=OuterRef("pk"), org_id=org_id, test_run__state__in=TestRun.OPEN_STATES
    )
    left = rows.filter(~Exists(_taken(org_id)) | Exists(unsent)) if org_id else rows
    return left[:MINIMUM].count() < MINIMUM


def tried_in_sandbox(job_changes: Iterable[int]) -> set[int]:
    """Which of these are of people that were ever sent to a sandbox."""
    return set(
        JobChange.objects.filter(_tried(), pk__in=list(job_changes)).values_list("pk", flat=True)
    )


def _tried() -> Q:
    """Job changes of people tried in a sandbox: this one was sent there, or another of theirs."""
    itself = Attempt.objects.filter(
        delivery__job_change=OuterRef("pk"), delivery__environment=Environment.SANDBOX
    )
    another = PersonKey.objects.filter(
        customer=OuterRef("customer"),
        key=OuterRef("key"),
        job_change__deliveries__environment=Environment.SANDBOX,
        job_change__deliveries__attempts__isnull=False,
    )
    person = PersonKey.objects.filter(Exists(another), job_change=OuterRef("pk"))
    return Q(Exists(itself)) | Q(Exists(person))


def _known(customer: Customer) -> QuerySet[JobChange]:
    return JobChange.objects.filter(customer=customer).exclude(last_name="")


def _free(customer: Customer, environment: str) -> QuerySet[JobChange]:
    rows = _known(customer)
    org_id = org_id_of(customer, environment)
    return rows.filter(~Exists(_taken(org_id))) if org_id else rows


def _taken(org_id: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        Q(state__in=[*IN_FLIGHT, Delivery.State.DELIVERED])
        | Q(test_run__state__in=TestRun.OPEN_STATES)
        | Q(test_run__state=TestRun.State.APPROVED, state=Delivery.State.WAITING)
        | Q(batch__isnull=False),
        job_change=OuterRef("pk"),
        org_id=org_id,
    )


def org_id_of(customer: Customer, environment: str) -> str:
    """The id of the org that is connected now; "" where none is."""
    connection = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=environment)
        .first()
    )
    return connection.epoch.org_id if connection and connection.epoch else ""
