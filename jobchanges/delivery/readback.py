"""Reading back what an org stored, at save and a little later (write-protocol)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit, extra_names, ids_in, names_ask
from jobchanges.delivery.due import TOGETHER_SECONDS, parts
from jobchanges.delivery.moments import org_moment
from jobchanges.delivery.reading import Found, records_ask, wanted_of
from jobchanges.models import Attempt, ChangedBy, RecordWrite

logger = structlog.get_logger(__name__)

ROWS_A_STATEMENT = 500
LAST_CHANGE = ("LastModifiedById", "LastModifiedDate")
# Users that nobody signs in as: Salesforce's own, by the names it gives them.
AUTOMATED = {"Automated Process", "Platform Integration User", "Security User"}


def read_back(visit: Visit, attempts: Sequence[Attempt]) -> int:
    """Read what was stored at save, however many groups; how many records were read.

    A read that fails costs nothing but that column: the later read still comes.
    """
    writes = list(
        RecordWrite.objects.filter(attempt__in=attempts, stored__isnull=True)
        .exclude(record_id="")
        .order_by("pk")
    )
    if not writes:
        return 0
    try:
        found = _ask(visit, writes, more=())
    except SalesforceError as error:
        logger.info("read_back_failed", org=visit.epoch.org_id, code=error.code)
        return 0
    now = timezone.now()
    _names_learn(visit, writes, found.rows)
    read = [write for write in writes if write.record_id in found.rows]
    for write in read:
        write.stored = _values(visit, write, found)
        write.hidden = _hidden(visit, write, found)
    names_ask(visit, {one for write in read for one in ids_in(write.stored or {})})
    due = now + timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    for write in read:
        write.stored_at = now
        write.settle_due_at = due
        write.names = _names(visit, write, write.stored or {})
    _store(
        read,
        ["stored", "stored_at", "settle_due_at", "names", "hidden"],
        Q(stored__isnull=True),
    )
    return len(read)


def records_settle(visit: Visit, writes: Sequence[RecordWrite]) -> int:
    """Read claimed records again, few calls for many groups; who changed them last explains
    differences. How many were read; the others are due again by themselves.
    """
    if not writes:
        return 0
    for write in writes:
        visit.names.update({one: name for one, name in write.names.items() if name})
    began = timezone.now()
    try:
        found = _ask(visit, writes, more=LAST_CHANGE)
    except SalesforceError as error:
        logger.info("settled_not_read", org=visit.epoch.org_id, code=error.code)
        return 0
    read = [
        write
        for write in writes
        if write.object_name not in found.refused or write.object_name in found.visible
    ]
    changed = {write for write in read if _differs(visit, write, found)}
    # Names of what is new; those of what was read at save were asked for then.
    wanted = {
        one
        for write in read
        if write.record_id in found.rows and (write.stored is None or write in changed)
        for one in ids_in(_values(visit, write, found))
    }
    wanted |= {str(found.rows[write.record_id].get(LAST_CHANGE[0])) for write in changed}
    names_ask(visit, wanted)
    claims: dict[datetime | None, list[RecordWrite]] = {}
    for write in read:
        claims.setdefault(write.settle_due_at, []).append(write)
        _settled(visit, write, found, began)
    for claim, mine in claims.items():
        # Asked for anew meanwhile, or its values are not kept any more: left alone.
        _store(
            mine,
            [
                *("settled_at", "settled", "settle_due_at", "gone", "names", "hidden"),
                *("changed_by", "changed_by_kind", "changed_at"),
            ],
            Q(settle_due_at=claim),
        )
    return len(read)


def _settled(visit: Visit, write: RecordWrite, found: Found, began: datetime) -> None:
    """Put into the row what the later reading found. It is not saved here."""
    row = found.rows.get(write.record_id)
    no_object = found.visible.get(write.object_name) == frozenset()
    write.settled_at, write.settle_due_at = began, _due_after(write, began)
    write.hidden = sorted({*write.hidden, *write.sent}) if no_object else write.hidden
    write.gone = row is None and not no_object
    if row is None:
        write.settled = None
        return
    values = _values(visit, write, found)
    write.settled = values
    write.hidden = _hidden(visit, write, found)
    write.names = write.names | _names(visit, write, values)
    write.changed_by, write.changed_by_kind, write.changed_at = "", "", None
    if _differs(visit, write, found):
        by = str(row.get(LAST_CHANGE[0]) or "")
        write.changed_by = visit.names.get(by, "")[:200]
        write.changed_by_kind = _kind_of(visit, by)
        write.changed_at = org_moment(row.get(LAST_CHANGE[1]))


def _due_after(write: RecordWrite, began: datetime) -> datetime | None:
    """When it is read again: never, unless somebody asked before the settling time was over."""
    if write.stored_at is None:
        return None
    due = write.stored_at + timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    return due if due - began > timedelta(seconds=TOGETHER_SECONDS) else None


def _kind_of(visit: Visit, user_id: str) -> str:
    if not user_id:
        return ""
    if user_id[:15] == visit.epoch.user_id[:15]:
        return ChangedBy.US
    return ChangedBy.AUTOMATED if visit.names.get(user_id) in AUTOMATED else ChangedBy.PERSON


def _store(writes: Sequence[RecordWrite], fields: Sequence[str], still: Q) -> None:
    """Save what was read, in few statements, of the rows of which `still` holds.

    A row that somebody else read meanwhile keeps what they found.
    """
    with transaction.atomic():
        mine: set[int] = set()
        for part in parts([write.pk for write in writes]):
            mine.update(
                RecordWrite.objects.select_for_update()
                .filter(still, pk__in=part)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
        # One upsert instead of a CASE for each value: the rows are there, held and whole.
        RecordWrite.objects.bulk_create(
            [write for write in writes if write.pk in mine],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=fields,
            batch_size=ROWS_A_STATEMENT,
        )


def _ask(visit: Visit, writes: Iterable[RecordWrite], *, more: Sequence[str]) -> Found:
    """The records of these writes as they are now."""
    wanted: dict[str, tuple[set[str], set[str]]] = {}
    for write in writes:
        ids, fields = wanted.setdefault(write.object_name, (set(), set()))
        ids.add(write.record_id)
        fields.update(_fields(visit, write, visit.settings.fields.get(write.object_name, {})))
        fields.update(more)
    return records_ask(visit.org, wanted_of(wanted))


def _fields(visit: Visit, write: RecordWrite, visible: Collection[str]) -> list[str]:
    """What to read of a record: what was sent, and what a created one got by itself.

    When it is not known what was sent, what describe shows is too much; the extras do.
    """
    fields = [name for name in write.sent if name in visible]
    if write.operation == RecordWrite.Operation.CREATE:
        extra = extra_names(visit.settings, write.object_name)
        fields += [name for name in extra if name in visible and name not in fields]
    return fields


def _visible(visit: Visit, write: RecordWrite, found: Found) -> Collection[str]:
    """The fields of its object that the connected user may read, as of this reading."""
    name = write.object_name
    return found.visible.get(name, visit.settings.fields.get(name, {}))


def _values(visit: Visit, write: RecordWrite, found: Found) -> dict[str, Any]:
    row = found.rows[write.record_id]
    return {name: row.get(name) for name in _fields(visit, write, _visible(visit, write, found))}


def _hidden(visit: Visit, write: RecordWrite, found: Found) -> list[str]:
    """What we sent and may not read: it is not known what stands there."""
    return sorted(set(write.sent) - set(_visible(visit, write, found)))


def _names(visit: Visit, write: RecordWrite, values: Mapping[str, Any]) -> dict[str, str]:
    return {
        one: visit.names[one] for one in ids_in(values) | ids_in(write.sent) if one in visit.names
    }


def _names_learn(
    visit: Visit, writes: Iterable[RecordWrite], found: Mapping[str, Mapping[str, Any]]
) -> None:
    """What we created carries its own name: no call is needed to ask for it."""
    for write in writes:
        row = found.get(write.record_id)
        if row is None or write.operation != RecordWrite.Operation.CREATE:
            continue
        parts = (row.get("FirstName"), row.get("LastName"))
        name = row.get("Name") or " ".join(part for part in parts if part)
        if name:
            visit.names.setdefault(write.record_id, str(name))


def _differs(visit: Visit, write: RecordWrite, found: Found) -> bool:
    """Whether a field that was read at save holds something else now."""
    row = found.rows.get(write.record_id)
    if row is None or write.stored is None or not row.get(LAST_CHANGE[0]):
        return False
    values = _values(visit, write, found)
    return any(values[name] != write.stored[name] for name in values if name in write.stored)
