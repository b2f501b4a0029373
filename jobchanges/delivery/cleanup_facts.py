"""The ledger of a clean-up, and what has to be known to judge each of its records."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from integrations.salesforce.client import ObjectDescribe
from jobchanges.delivery import cleanup_reading as reading
from jobchanges.delivery.cleanup_rules import Around, Finding, put_back_findings
from jobchanges.delivery.context import Visit
from jobchanges.models import CleanUp, CleanUpItem, RecordWrite

Action = CleanUpItem.Action
Described = Mapping[str, ObjectDescribe]
# Answers what `delete_finding` has to know of one record, given what may stand on it.
Facts = Callable[[str, Iterable[str]], Around]


def ledger(deliveries: Any, *, removed: bool = False) -> list[RecordWrite]:
    """The records written for these, oldest first; by default without those that are removed."""
    found = (
        RecordWrite.objects.filter(attempt__delivery__in=deliveries)
        .exclude(record_id="")
        .select_related("attempt__delivery__job_change")
        .order_by("attempt__started_at", "attempt_id", "sequence")
    )
    return list(found if removed else found.filter(removed_at=None))


def by_record(writes: Iterable[RecordWrite]) -> dict[str, list[RecordWrite]]:
    """Writes by the record they touched, in their order."""
    found: dict[str, list[RecordWrite]] = defaultdict(list)
    for write in writes:
        found[write.record_id].append(write)
    return dict(found)


def facts_ask(
    visit: Visit,
    clean_up: CleanUp,
    created: Mapping[str, Sequence[RecordWrite]],
    described: Described,
    ours: Collection[str],
) -> Facts:
    """Ask what stands on these records and what was merged into them.

    `ours`: the ids of everything that the clean-up's job changes created, there or not.
    """
    ids: dict[str, list[str]] = defaultdict(list)
    for record_id, writes in created.items():
        if writes[0].object_name in reading.STANDARD:
            ids[writes[0].object_name].append(record_id)
    hanging = reading.hanging_ask(visit, ids, described)
    merged = reading.merged_ask(visit, ids, described)

    def facts(record_id: str, known: Iterable[str]) -> Around:
        name = created[record_id][0].object_name if record_id in created else ""
        on_it = hanging[record_id].beside(set(known)) if record_id in hanging else ""
        return Around(
            user_id=visit.epoch.user_id,
            key_prefix=described[name].key_prefix if name in described else "",
            hanging=on_it,
            merged=record_id in merged,
            ours=ours,
            cleaning_since=clean_up.confirmed_at,
        )

    return facts


def unseen(write: RecordWrite, described: Described) -> Finding | None:
    """Left, where the connected user does not see this kind of record any more."""
    if write.object_name in described:
        return None
    return Finding(Action.LEAVE, _("The integration user does not see this kind of record."))


def put_back_found(
    writes: Sequence[RecordWrite], row: Mapping[str, Any] | None, described: Described
) -> list[tuple[RecordWrite, Finding]]:
    """What becomes of an existing record that these writes changed, by write."""
    if hidden := unseen(writes[0], described):
        return [(write, hidden) for write in writes]
    fields = described[writes[0].object_name].fields
    writable = {name for name, field in fields.items() if field.updateable}
    found = put_back_findings(writes, row, writable)
    return [(write, found[write.pk]) for write in writes]
