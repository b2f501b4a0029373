"""Reading back what an org stored, at save and a little later (write-protocol)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.models import OrgEpoch
from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit, extra_fields, ids_in, names_ask
from jobchanges.delivery.states import call_may_start
from jobchanges.models import Attempt, RecordWrite

logger = structlog.get_logger(__name__)

# One composite call reads five collections of 200 records.
RECORDS_A_CALL = 1_000
SETTLE_AGAIN_SECONDS = 300
ROWS_A_STATEMENT = 100
LAST_CHANGE = ("LastModifiedById", "LastModifiedDate")


def read_back(visit: Visit, attempts: Sequence[Attempt]) -> int:
    """Read what was stored at save, one call for the whole group; how many records were read.

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
    values = {item.pk: _values(visit, item, found[item.record_id]) for item in writes
              if item.record_id in found}  # fmt: skip
    _names_learn(visit, writes, found)
    names_ask(visit, {one for stored in values.values() for one in ids_in(stored)})
    due = now + timedelta(seconds=settings.DELIVERY_SETTLE_SECONDS)
    read = [write for write in writes if write.pk in values]
    for write in read:
        write.stored = values[write.pk]
        write.stored_at = now
        write.settle_due_at = due
        write.names = _names(visit, write, values[write.pk])
    _store(read, ["stored", "stored_at", "settle_due_at", "names"], stored__isnull=True)
    return len(values)


def records_due(epoch: OrgEpoch) -> list[RecordWrite]:
    """Records of one org whose later reading is due, oldest first, as many as one call reads."""
    return list(
        RecordWrite.objects.filter(
            attempt__delivery__epoch=epoch, settled_at=None, settle_due_at__lte=timezone.now()
        )
        .exclude(record_id="")
        .select_related("attempt")
        .order_by("settle_due_at", "pk")[:RECORDS_A_CALL]
    )


def records_settle(visit: Visit, writes: Sequence[RecordWrite]) -> int:
    """Read records again, one call for many groups; who changed them last explains differences.

    When the org cannot be asked they are read later.
    """
    if not writes:
        return 0
    try:
        found = _ask(visit, writes, more=LAST_CHANGE)
    except SalesforceError as error:
        logger.info("settled_not_read", org=visit.epoch.org_id, code=error.code)
        settle_later(writes)
        return 0
    changed = [item for item in writes if _differs(visit, item, found)]
    values = {
        item.pk: _values(visit, item, found[item.record_id])
        for item in writes
        if item.record_id in found
    }
    wanted = {one for settled in values.values() for one in ids_in(settled)}
    names_ask(visit, wanted | {str(found[item.record_id][LAST_CHANGE[0]]) for item in changed})
    now = timezone.now()
    for write in writes:
        _settled(visit, write, found.get(write.record_id), values.get(write.pk), now)
    fields = ["settled_at", "settled", "gone", "names", "changed_by", "changed_at"]
    _store(writes, fields, settled_at=None)
    return len(writes)


def settle_later(writes: Iterable[RecordWrite]) -> None:
    """Put off the later reading: the org cannot be asked, and asking at every sweep costs calls."""
    RecordWrite.objects.filter(pk__in=[item.pk for item in writes], settled_at=None).update(
        settle_due_at=timezone.now() + timedelta(seconds=SETTLE_AGAIN_SECONDS)
    )


def _settled(
    visit: Visit,
    write: RecordWrite,
    row: dict[str, Any] | None,
    values: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Put into the row what the later reading found. It is not saved here."""
    write.settled_at, write.settled, write.gone = now, values, row is None
    if row is not None and values is not None:
        by = str(row.get(LAST_CHANGE[0]) or "")
        write.names = write.names | _names(visit, write, values)
        if write.stored is not None and values != write.stored:
            write.changed_by = visit.names.get(by, "")[:200]
            write.changed_at = _moment(row.get(LAST_CHANGE[1]))


def _store(writes: Sequence[RecordWrite], fields: Sequence[str], **still: Any) -> None:
    """Save what was read, in few statements, of the rows of which `still` holds.

    A row that somebody else read meanwhile keeps what they found.
    """
    with transaction.atomic():
        ids = [write.pk for write in writes]
        mine = set(
            RecordWrite.objects.select_for_update()
            .filter(pk__in=ids, **still)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        RecordWrite.objects.bulk_update(
            [write for write in writes if write.pk in mine], fields, batch_size=ROWS_A_STATEMENT
        )


def _ask(
    visit: Visit, writes: Iterable[RecordWrite], *, more: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The records of these writes as they are now: one call for up to 1,000."""
    wanted: dict[str, tuple[set[str], set[str]]] = {}
    for write in writes:
        ids, fields = wanted.setdefault(write.object_name, (set(), set()))
        ids.add(write.record_id)
        fields.update(_fields(visit, write))
    call_may_start()
    return visit.org.records_get(
        [
            (name, sorted(ids), [*sorted(fields), *more])
            for name, (ids, fields) in sorted(wanted.items())
        ]
    )


def _fields(visit: Visit, write: RecordWrite) -> list[str]:
    """What to read of a record: what was sent, and what a created one got by itself.

    When it is not known what was sent, what describe shows is too much; the extras do.
    """
    known = visit.settings.fields.get(write.object_name, {})
    sent = [name for name in write.sent if name in known]
    if write.operation == RecordWrite.Operation.CREATE:
        sent += [
            name for name in extra_fields(visit.settings, write.object_name) if name not in sent
        ]
    return sent


def _values(visit: Visit, write: RecordWrite, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in _fields(visit, write)}


def _names(visit: Visit, write: RecordWrite, values: dict[str, Any]) -> dict[str, str]:
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


def _differs(visit: Visit, write: RecordWrite, found: dict[str, dict[str, Any]]) -> bool:
    row = found.get(write.record_id)
    return (
        row is not None
        and bool(row.get(LAST_CHANGE[0]))
        and write.stored is not None
        and _values(visit, write, row) != write.stored
    )


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
