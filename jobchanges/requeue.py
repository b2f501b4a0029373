"""What belongs into a batch (product.md, rule 4): everything imported that production has not.

Every job change ever sent to a sandbox was imported, so it is among them by construction; nothing
has to be marked, moved or remembered when a test ends, a sandbox is cleaned up or refreshed. An
erased person stays among them, too: planning holds it with its reason, so the numbers add up.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer, Environment
from jobchanges.delivery.states import IN_FLIGHT
from jobchanges.models import Attempt, Batch, Delivery, JobChange


@dataclass(frozen=True)
class BatchCounts:
    """How many job changes a batch would hold now. `new + tried_in_sandbox == total`."""

    total: int
    new: int
    tried_in_sandbox: int
    already_there: int


def batch_job_changes(customer: Customer, org_id: str, cut_off: datetime) -> QuerySet[JobChange]:
    """Job changes imported at or before the cut-off that the production org does not have.

    With "" for `org_id`: no org has any. Oldest detected first.
    """
    return (
        _imported(customer, cut_off).filter(~Exists(_there(org_id))).order_by("detected_at", "pk")
    )


def regular_job_changes(customer: Customer, org_id: str, cut_off: datetime) -> QuerySet[JobChange]:
    """Those of them that a regular batch takes: nobody released them to the org yet.

    What an earlier batch of the org holds stays there with its reason, refused or held, until a
    person sends it again, or tries it in the sandbox anew (rule 4): a machine that tried it each
    day would only be refused each day.
    """
    kept = Delivery.objects.filter(job_change=OuterRef("pk"), org_id=org_id).exclude(left_over())
    return batch_job_changes(customer, org_id, cut_off).filter(~Exists(kept))


def left_over() -> Q:
    """Deliveries that no batch stands for: of a test that was closed, of an org that was gone, or
    of what was sent to the sandbox since its batch was released."""
    tried_since = sandbox_attempts(of="job_change").filter(started_at__gt=OuterRef("released_at"))
    return (
        Q(batch__isnull=True)
        | Q(batch__state=Batch.State.VOID)
        | Q(state=Delivery.State.ORG_GONE)
        | Q(Exists(tried_since))
    )


def regular_counts(customer: Customer, org_id: str, cut_off: datetime) -> BatchCounts:
    """Count what waits for the next regular batch; three queries."""
    wanted = regular_job_changes(customer, org_id, cut_off).order_by()
    total = wanted.count()
    tried = wanted.filter(Exists(sandbox_attempts())).count()
    there = _imported(customer, cut_off).filter(Exists(_there(org_id))).count()
    return BatchCounts(total=total, new=total - tried, tried_in_sandbox=tried, already_there=there)


def batch_counts(customer: Customer, org_id: str, cut_off: datetime) -> BatchCounts:
    """Count them, for the forecast and for the desk; three queries."""
    wanted = batch_job_changes(customer, org_id, cut_off).order_by()
    total = wanted.count()
    tried = wanted.filter(Exists(sandbox_attempts())).count()
    there = _imported(customer, cut_off).filter(Exists(_there(org_id))).count()
    return BatchCounts(total=total, new=total - tried, tried_in_sandbox=tried, already_there=there)


def sandbox_attempts(*, of: str = "pk") -> QuerySet[Attempt]:
    """Attempts at a job change in any sandbox it was ever sent to; `of`: the outer row's name."""
    return Attempt.objects.filter(
        delivery__job_change=OuterRef(of), delivery__environment=Environment.SANDBOX
    )


def delivered_there() -> Q:
    """Deliveries whose org has the job change; a correction on its way changes nothing of that."""
    return Q(state=Delivery.State.DELIVERED) | Q(
        state__in=IN_FLIGHT, correction_asked_at__isnull=False
    )


def _imported(customer: Customer, cut_off: datetime) -> QuerySet[JobChange]:
    return JobChange.objects.filter(customer=customer, imported_at__lte=cut_off)


def _there(org_id: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(delivered_there(), job_change=OuterRef("pk"), org_id=org_id)
