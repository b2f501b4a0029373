"""What has to hold before a run is put together or sent; each raises TestRunError."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, Environment, User
from integrations.models import Connection, OrgEpoch
from jobchanges.delivery.conflicts import person_keys, touch_keys
from jobchanges.delivery.package import package_problem
from jobchanges.gates import gate_reason, org_gate, sandbox_gate
from jobchanges.models import JobChange
from jobchanges.models.runs import MAXIMUM, MINIMUM
from jobchanges.selectors.candidates import candidates
from jobchanges.services.errors import TestRunError


def vendor_only(by: User, customer: Customer) -> None:
    """Only staff who manage the customer put runs together and send them."""
    if not customers_managed_by(by).filter(pk=customer.pk).exists():
        raise TestRunError(_("Only the customer's implementation manager does this."))


def open_org(customer: Customer, environment: str) -> OrgEpoch:
    """The connected org. What may be written to production is the allowance's to say."""
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


def sandbox_check(customer: Customer, environment: str) -> None:
    """Nothing goes to the sandbox while the go-live is being signed and sent."""
    if environment != Environment.SANDBOX:
        return
    if reason := gate_reason(sandbox_gate, customer=customer):
        raise TestRunError(reason)


def org_check(customer: Customer, environment: str) -> None:
    """Nothing goes to an org before it has answered for itself. Outside a transaction."""
    if reason := gate_reason(org_gate, customer=customer, environment=environment):
        raise TestRunError(reason)


def apart_check(environment: str, job_changes: Iterable[JobChange]) -> None:
    """In production, no two job changes of one run touch one person or one past record.

    The customer allows what each of them writes; together they would write something else.
    """
    if environment != Environment.PRODUCTION:
        return
    owner_of: dict[str, JobChange] = {}
    for job_change in job_changes:
        for key in touched_keys(job_change):
            other = owner_of.setdefault(key, job_change)
            if other.pk != job_change.pk:
                raise TestRunError(
                    _(
                        "%(one)s (%(one_key)s) and %(other)s (%(other_key)s) are about the same "
                        "person or the same past record. Pick one of them; the other goes with "
                        "the next batch."
                    )
                    % {
                        "one": other.person_name,
                        "one_key": other.key,
                        "other": job_change.person_name,
                        "other_key": job_change.key,
                    }
                )


def touched_keys(job_change: JobChange) -> set[str]:
    """What no other job change of one production test may touch: the person, the past record."""
    records = {key for key in touch_keys(job_change) if key.startswith("record:")}
    return records | set(person_keys(job_change))


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
