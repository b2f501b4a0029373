"""What has to hold before a run is put together or sent; each raises TestRunError."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, Environment, User
from integrations.models import Connection, OrgEpoch
from jobchanges.delivery.package import package_problem
from jobchanges.models import JobChange
from jobchanges.models.runs import MAXIMUM, MINIMUM
from jobchanges.selectors.candidates import candidates
from jobchanges.services.errors import TestRunError


def vendor_only(by: User, customer: Customer) -> None:
    """Only staff who manage the customer put runs together and send them."""
    if not customers_managed_by(by).filter(pk=customer.pk).exists():
        raise TestRunError(_("Only the customer's implementation manager does this."))


def open_org(customer: Customer, environment: str) -> OrgEpoch:
    """The org that may be written to now. Production waits for the customer's allowance."""
    if environment != Environment.SANDBOX:
        raise TestRunError(
            _("Nothing is written to production before the customer allowed the production test.")
        )
    connection = (
        Connection.objects.select_related("epoch")
        .filter(customer=customer, environment=environment)
        .first()
    )
    if connection is None or connection.epoch is None:
        raise TestRunError(_("No org is connected yet. The customer connects it first."))
    if not connection.is_live:
        raise TestRunError(
            _("The connection to %(org)s is down. The customer reconnects it first.")
            % {"org": connection.epoch.name}
        )
    return connection.epoch


def package_check(epoch: OrgEpoch) -> None:
    """Nothing goes to an org whose package lacks the delivery key."""
    if problem := package_problem(epoch):
        raise TestRunError(problem)


def count_check(count: int) -> None:
    """Rule 2: 5 to 10."""
    if not MINIMUM <= count <= MAXIMUM:
        raise TestRunError(
            _("A test run has %(low)d to %(high)d job changes; you picked %(count)d.")
            % {"low": MINIMUM, "high": MAXIMUM, "count": count}
        )


def picked(
    customer: Customer, environment: str, job_changes: Iterable[JobChange]
) -> list[JobChange]:
    """The job changes, each once, all of them free to be tested in the connected org."""
    wanted = list({item.pk: item for item in job_changes}.values())
    free = set(
        candidates(customer, environment)
        .filter(pk__in=[item.pk for item in wanted])
        .values_list("pk", flat=True)
    )
    taken = [item.person_name for item in wanted if item.pk not in free]
    if taken:
        raise TestRunError(
            _("Not free to be tested in this org: %(names)s.") % {"names": ", ".join(taken)}
        )
    return wanted
