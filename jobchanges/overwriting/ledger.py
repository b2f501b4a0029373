"""Every existing record that was touched, from the ledger, record by record. Only reads."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Customer
from integrations.models import OrgEpoch
from integrations.salesforce.manifest import manifest_get
from jobchanges.models import Attempt, RecordWrite, WriteRole
from jobchanges.overwriting.verdicts import (
    MISSING,
    FieldFacts,
    Touched,
    TouchedField,
    field_verdict,
    is_empty,
)
from jobchanges.services.retention import values_removed

RECORDS_AT_ONCE = 300
Place = tuple[str, str]  # org id, record id


@dataclass(frozen=True)
class Kept:
    """Until when a customer's before-images are gone, and which attempts kept theirs."""

    until: datetime | None
    left: Collection[int]

    def lacks(self, attempt_id: int, started_at: datetime) -> bool:
        """Whether the before-images of an attempt went when their time was over."""
        return self.until is not None and started_at <= self.until and attempt_id not in self.left


def places(customer: Customer) -> QuerySet[RecordWrite, Any]:
    """Org and id of every existing record we wrote to, in order; few bytes each."""
    return _updates(customer).order_by("attempt__delivery__org_id", "record_id").distinct()


def places_newest(customer: Customer) -> QuerySet[RecordWrite, Any]:
    """The same with the latest write of each, newest first."""
    return _updates(customer).order_by().annotate(last=Max("pk")).order_by("-last")


def _updates(customer: Customer) -> QuerySet[RecordWrite, Any]:
    return (
        RecordWrite.objects.filter(
            attempt__delivery__job_change__customer=customer,
            operation=RecordWrite.Operation.UPDATE,
        )
        .exclude(record_id="")
        .values_list("attempt__delivery__org_id", "record_id")
    )


def overwrites(customer: Customer) -> Iterator[Touched]:
    """Every write to an existing record, in any org, writes to one record one after the other.

    Memory does not grow with the ledger but for the ids.
    """
    wanted: list[Place] = []
    for place in list(places(customer)):
        wanted.append(place)
        if len(wanted) == RECORDS_AT_ONCE:
            yield from overwrites_of(customer, wanted)
            wanted = []
    if wanted:
        yield from overwrites_of(customer, wanted)


def overwrites_of(customer: Customer, wanted: Collection[Place]) -> list[Touched]:
    """The same for some records, in their order."""
    rows = _rows(customer, wanted)
    epochs = OrgEpoch.objects.in_bulk({row.attempt__delivery__epoch_id for row in rows})
    kept = Kept(*values_removed(customer))
    replaces = _replaces(rows)
    touched: list[Touched] = []
    ours: dict[str, list[Any]] = {}
    created, last = False, ("", "")
    for row in rows:
        place = (row.attempt__delivery__org_id, row.record_id)
        if place != last:
            ours, created, last = defaultdict(list), False, place
        if row.operation == RecordWrite.Operation.UPDATE:
            epoch = epochs[row.attempt__delivery__epoch_id]
            touched.append(_touched(row, epoch, ours, created, kept, replaces))
        created = created or row.operation == RecordWrite.Operation.CREATE
        for name, value in row.sent.items():
            ours[name] += [
                value,
                *(part[name] for part in (row.stored, row.settled) if part and name in part),
            ]
    return touched


# What is read of each write: plans are large and stand in the ledger already.
_READ = (
    *("pk", "sequence", "role", "object_name", "record_id", "operation", "names", "removed_at"),
    *("before", "sent", "stored", "settled"),
    *("attempt_id", "attempt__number", "attempt__started_at", "attempt__ended_at"),
    *("attempt__delivery__org_id", "attempt__delivery__epoch_id"),
    *("attempt__delivery__environment", "attempt__delivery__job_change__customer_id"),
    *("attempt__delivery__job_change__key", "attempt__delivery__job_change__last_name"),
)


def _rows(customer: Customer, wanted: Collection[Place]) -> list[Any]:
    """All writes to these records, those that created them among them, oldest first."""
    places_wanted = set(wanted)
    found = (
        # By the records alone: there are few, and the customer's ledger may be large.
        RecordWrite.objects.filter(record_id__in={record_id for _org, record_id in places_wanted})
        .order_by("attempt__delivery__org_id", "record_id", "attempt__started_at", "pk")
        .values_list(*_READ, named=True)
    )
    return [
        row
        for row in found
        if (row.attempt__delivery__org_id, row.record_id) in places_wanted
        and row.attempt__delivery__job_change__customer_id == customer.pk
    ]


def _replaces(rows: Sequence[Any]) -> Mapping[tuple[int, str], Collection[str]]:
    """What the plans say may be replaced, by attempt and role; asked only where it may matter."""
    asked = {
        row.attempt_id
        for row in rows
        if row.operation == RecordWrite.Operation.UPDATE
        and any(not is_empty(row.before.get(name)) for name in row.sent)
    }
    plans = Attempt.objects.filter(pk__in=asked).order_by().values_list("pk", "plan")
    return {
        (pk, planned["role"]): planned.get("replaces", ())
        for pk, plan in plans
        for planned in plan.get("writes", ())
    }


def _touched(
    row: Any,
    epoch: OrgEpoch,
    ours: Mapping[str, list[Any]],
    created: bool,
    kept: Kept,
    replaces: Mapping[tuple[int, str], Collection[str]],
) -> Touched:
    package = _package_fields(epoch.package_manifest, row.object_name)
    stored, settled = row.stored or {}, row.settled or {}
    chosen = replaces.get((row.attempt_id, row.role), ())
    not_kept = kept.lacks(row.attempt_id, row.attempt__started_at)
    fields = []
    for name in sorted(row.sent):
        facts = FieldFacts(
            name=name,
            sent=row.sent[name],
            before=row.before.get(name, MISSING),
            stored=stored.get(name, MISSING),
            role=row.role,
            package_fields=package,
            replaces=chosen,
            our_values=ours.get(name, ()),
            not_kept=not_kept,
        )
        verdict, reason = field_verdict(facts)
        fields.append(
            TouchedField(
                name=name,
                before=facts.before,
                sent=facts.sent,
                stored=facts.stored,
                settled=settled.get(name, MISSING),
                verdict=verdict,
                reason=reason,
            )
        )
    return Touched(
        write_id=row.pk,
        job_change=row.attempt__delivery__job_change__key,
        org_id=row.attempt__delivery__org_id,
        org_name=epoch.name,
        epoch_id=epoch.pk,
        environment=row.attempt__delivery__environment,
        object_name=row.object_name,
        record_id=row.record_id,
        url=epoch.record_url(row.record_id),
        role=row.role,
        role_word=_ROLES.get(row.role, row.role),
        attempt=row.attempt__number,
        at=row.attempt__ended_at or row.attempt__started_at,
        fields=fields,
        note=_note(row),
        ours=created,
        names=row.names,
    )


_ROLES = {str(value): label for value, label in WriteRole.choices}


def _note(row: Any) -> str:
    if row.removed_at is not None:
        return _("A clean-up put it back as it was.")
    if row.sent:
        return ""
    if not row.attempt__delivery__job_change__last_name:
        return _("The values were erased with the person.")
    return _("Written by another copy of this portal: what was sent is not known here.")


def _package_fields(manifest: str, object_name: str) -> frozenset[str]:
    try:
        return manifest_get(manifest).fields_on(object_name)
    except KeyError:
        return frozenset()
