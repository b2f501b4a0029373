"""Downloads of this floor: every record written, with what was there before (product.md, 7)."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Customer
from jobchanges.differences import difference_of, field_reading
from jobchanges.imports.export import csv_safe
from jobchanges.models import RecordWrite

ROWS_AT_ONCE = 500
# Lines go out together: a small piece each would cost more than its contents.
CHARACTERS_AT_ONCE = 64_000


def records_csv(customer: Customer, org_id: str) -> Iterator[str]:
    """A CSV file in pieces: a line for each field of each record we wrote in an org, oldest first.

    Empty cells are empty fields, or what was not read (yet). Streams: memory does not grow with
    the number of records. Cells that a spreadsheet would run are made safe.
    """
    piece = io.StringIO(newline="")
    line = csv.writer(piece)
    line.writerow(
        [
            _("Job change"),
            _("Role"),
            _("Object"),
            _("Record ID"),
            _("Link"),
            _("Created or updated"),
            _("Written (UTC)"),
            _("Field"),
            _("Before"),
            _("Sent"),
            _("Stored at save"),
            _("Settled a little later"),
            _("Difference"),
            _("Explanation"),
        ]
    )
    for write in _writes(customer, org_id):
        line.writerows(_lines(write))
        if piece.tell() >= CHARACTERS_AT_ONCE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def _lines(write: RecordWrite) -> Iterator[Sequence[str]]:
    """A record's lines, one for each field that was sent or had a value before."""
    delivery = write.attempt.delivery
    record = (
        delivery.job_change.key,
        write.get_role_display(),
        write.object_name,
        write.record_id,
        delivery.epoch.record_url(write.record_id) if write.record_id else "",
        write.get_operation_display(),
        _moment(write.attempt.ended_at),
    )
    # Once a record: most of a line is the same for all of its fields.
    safe = [csv_safe(cell) for cell in record]
    values = (write.before, write.sent, write.stored, write.settled)
    for name in sorted({*write.sent, *write.before}):
        found = difference_of(field_reading(write, name, write.names))
        yield [
            *safe,
            csv_safe(name),
            *(csv_safe(_value(item, name)) for item in values),
            found.word,
            csv_safe(found.sentence),
        ]


def _writes(customer: Customer, org_id: str) -> Iterator[RecordWrite]:
    return (
        RecordWrite.objects.filter(
            attempt__delivery__job_change__customer=customer, attempt__delivery__org_id=org_id
        )
        .select_related("attempt__delivery__job_change", "attempt__delivery__epoch")
        # Plans are large and stand in the ledger already.
        .defer(
            "attempt__plan",
            "attempt__display",
            "attempt__errors",
            "attempt__delivery__plan",
            "attempt__delivery__display",
        )
        .order_by("attempt__delivery_id", "attempt__number", "sequence")
        .iterator(chunk_size=ROWS_AT_ONCE)
    )


def _value(values: dict[str, Any] | None, name: str) -> object:
    """A field's value as a cell: text and numbers as they are, anything else as JSON."""
    value = (values or {}).get(name)
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
