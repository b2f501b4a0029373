"""Comparing what both orgs said last. Asks nobody: snapshots are taken by check runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.hashing import content_hash
from accounts.models import Customer, Environment
from accounts.services import event_record
from integrations.models import CheckRun, Snapshot
from integrations.snapshots.comparison import compare, unknown
from integrations.snapshots.content import Content
from integrations.snapshots.difference import Difference
from portal.mirror.facts import baseline_of
from portal.mirror.standing import standing_of, subject_of
from portal.models import Comparison, Waiver


def comparison_make(*, customer: Customer) -> Comparison | None:
    """Compare the tested sandbox with production, and with itself as it is now.

    By the newest snapshots. None, and nothing changes, while one of the two sides has not said
    how it is set up. An event is recorded when something else was found than the time before.
    """
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        baseline, production = baseline_of(customer), production_now(customer)
        if baseline is None or production is None:
            return None
        before = Comparison.objects.filter(customer=customer).first()
        tested, now = Content.from_json(baseline.content), Content.from_json(production.content)
        sandbox = sandbox_now(baseline)
        drift = compare(tested, Content.from_json(sandbox.content)) if sandbox is not None else []
        moment = timezone.now()
        comparison, _created = Comparison.objects.update_or_create(
            customer=customer,
            defaults={
                "baseline": baseline,
                "production": production,
                "sandbox": sandbox,
                "differences": _stored(
                    compare(tested, now), before.differences if before else (), moment
                ),
                "drift": _stored(drift, before.drift if before else (), moment, drift=True),
                "unknown": unknown(tested, now),
                "compared_at": moment,
            },
        )
        comparison_settle(comparison)
        if before is None or _found(before) != _found(comparison):
            _event(comparison)
    return comparison


def comparison_settle(comparison: Comparison) -> None:
    """Note the moment when nothing is left open: what differs later is shown as new."""
    waivers = Waiver.objects.filter(customer=comparison.customer_id, withdrawn_at=None)
    if not standing_of(comparison, waivers).open:
        comparison.settled_at = timezone.now()
        comparison.save(update_fields=["settled_at"])


def comparisons_due() -> QuerySet[Customer]:
    """Customers with a newer snapshot than their comparison, or with none where there could be."""
    production = Snapshot.objects.filter(
        purpose=CheckRun.Snapshot.CURRENT,
        epoch__ended_at=None,
        epoch__connection__environment=Environment.PRODUCTION,
    )
    sandbox = Snapshot.objects.filter(
        epoch__ended_at=None, epoch__connection__environment=Environment.SANDBOX
    )
    old = Q(epoch__connection__customer__comparison=None) | Q(
        epoch__connection__customer__comparison__compared_at__lt=F("taken_at")
    )
    key = "epoch__connection__customer"
    return Customer.objects.filter(
        # Both sides have to have said something: a baseline, and production as it is.
        Q(pk__in=production.filter(old).values(key))
        | Q(pk__in=sandbox.filter(old).values(key)) & Q(pk__in=production.values(key)),
        pk__in=Snapshot.objects.filter(purpose=CheckRun.Snapshot.BASELINE).values(key),
    )


def production_now(customer: Customer) -> Snapshot | None:
    """Production as it said last, of the org connected now."""
    return (
        Snapshot.objects.filter(
            purpose=CheckRun.Snapshot.CURRENT,
            epoch__ended_at=None,
            epoch__connection__environment=Environment.PRODUCTION,
            epoch__connection__customer=customer,
        )
        .select_related("epoch")
        .order_by("-taken_at", "-pk")
        .first()
    )


def sandbox_now(baseline: Snapshot) -> Snapshot | None:
    """The tested org as it said after its test was approved; None once it was refreshed."""
    if baseline.epoch.ended_at is not None:
        return None
    return (
        baseline.epoch.snapshots.filter(
            purpose=CheckRun.Snapshot.CURRENT, taken_at__gt=baseline.taken_at
        )
        .order_by("-taken_at", "-pk")
        .first()
    )


def _stored(
    found: Sequence[Difference],
    before: Sequence[Mapping[str, Any]],
    moment: datetime,
    *,
    drift: bool = False,
) -> list[dict[str, Any]]:
    """As the comparison keeps them, each with the moment since when it is exactly so."""
    known = {}
    for one in before:
        earlier = Difference.from_json(one)
        known[subject_of(earlier, drift=drift), earlier.hash] = one.get("since", "")
    return [
        {
            **difference.as_json(),
            "since": known.get((subject_of(difference, drift=drift), difference.hash))
            or moment.isoformat(),
        }
        for difference in found
    ]


def _found(comparison: Comparison) -> str:
    """A hash of what was found: names, grades and values, not the words or the moments."""
    return content_hash(
        {
            "differences": sorted(_names(comparison.differences)),
            "drift": sorted(_names(comparison.drift)),
            "unknown": sorted(comparison.unknown),
        }
    )


def _names(stored: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    differences = [Difference.from_json(one) for one in stored]
    return [[one.kind, one.key, str(one.grade), one.hash] for one in differences]


def _event(comparison: Comparison) -> None:
    """What was found, by number: a difference can hold names of the customer's own."""
    grades: dict[str, int] = {}
    for _kind, _key, grade, _hash in _names(comparison.differences):
        grades[grade] = grades.get(grade, 0) + 1
    event_record(
        customer=comparison.customer,
        action="mirror.compared",
        by=None,
        side="system",
        environment=Environment.PRODUCTION.value,
        org_id=comparison.production.epoch.org_id,
        data={
            "baseline": comparison.baseline_id,
            "grades": grades,
            "drift": len(comparison.drift),
            "unknown": sorted(comparison.unknown),
            "content_hash": _found(comparison),
        },
    )
