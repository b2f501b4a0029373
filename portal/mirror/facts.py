"""What the mirror's step looks at, loaded once for any number of customers."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Customer, Environment
from integrations.models import CheckRun, Snapshot
from portal.models import Comparison

# Contents are large, and only the worksheet reads them.
_LARGE = ("baseline__content", "production__content", "sandbox__content")


@dataclass(frozen=True)
class MirrorFacts:
    """The newest comparison, and the sandbox as it was when its test was approved.

    Both without the contents of their snapshots: reading those costs a query each.
    """

    comparison: Comparison | None = None
    baseline: Snapshot | None = None


NO_MIRROR = MirrorFacts()


def mirror_load(customers: Iterable[Customer]) -> dict[int, MirrorFacts]:
    """By customer id; two queries, however many customers there are."""
    keys = [customer.pk for customer in customers]
    comparisons = {
        comparison.customer_id: comparison
        for comparison in Comparison.objects.filter(customer__in=keys)
        .select_related("baseline__epoch", "production__epoch", "sandbox")
        .defer(*_LARGE)
    }
    baselines: dict[int, Snapshot] = {}
    # The oldest first, so that the newest one stays.
    for snapshot in (
        Snapshot.objects.filter(
            purpose=CheckRun.Snapshot.BASELINE,
            epoch__connection__environment=Environment.SANDBOX,
            epoch__connection__customer__in=keys,
        )
        .select_related("epoch__connection")
        .defer("content")
        .order_by("taken_at", "pk")
    ):
        baselines[snapshot.epoch.connection.customer_id] = snapshot
    return {pk: MirrorFacts(comparisons.get(pk), baselines.get(pk)) for pk in keys}


def baseline_of(customer: Customer) -> Snapshot | None:
    """The sandbox as it was when its newest approved test was approved, with its content.

    It outlives the sandbox: a refresh takes nothing of it away.
    """
    return (
        Snapshot.objects.filter(
            purpose=CheckRun.Snapshot.BASELINE,
            epoch__connection__environment=Environment.SANDBOX,
            epoch__connection__customer=customer,
        )
        .select_related("epoch__connection")
        .order_by("-taken_at", "-pk")
        .first()
    )
