"""The proof as files: streamed, whatever the size of the ledger."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.imports.export import csv_safe
from jobchanges.overwriting.verdicts import MISSING, Sums, Touched, TouchedField

CHARACTERS_AT_ONCE = 64_000


def overwrites_csv(touched: Iterable[Touched], *, asked: bool = False) -> Iterator[str]:
    """A CSV file in pieces: a line for each field of each existing record that was written.

    Empty cells are empty fields, or what was not read or is not kept. `asked`: with what the org
    holds now. Cells that a spreadsheet would run are made safe.
    """
    piece = io.StringIO(newline="")
    line = csv.writer(piece)
    header = [
        *(_("Verdict"), _("Reason"), _("Environment"), _("Org ID"), _("Object")),
        *(_("Record ID"), _("Link"), _("Role"), _("Job change"), _("Attempt")),
        *(_("Written (UTC)"), _("Field"), _("Before"), _("Sent")),
        *(_("Stored at save"), _("Settled a little later")),
        *((_("Now"),) if asked else ()),
    ]
    line.writerow(header)
    for one in touched:
        record = [
            *(one.environment, one.org_id, one.object_name, one.record_id, one.url),
            *(one.role_word, one.job_change, one.attempt, _moment(one)),
        ]
        for item in one.fields:
            reason = " ".join(part for part in (item.reason, one.note) if part)
            values = [item.before, item.sent, item.stored, item.settled]
            values += [item.now] if asked else []
            line.writerow(
                csv_safe(cell)
                for cell in (
                    item.word,
                    reason,
                    *record,
                    item.name,
                    *(_cell(value) for value in values),
                )
            )
        if not one.fields:
            line.writerow(csv_safe(cell) for cell in ("", one.note, *record))
        if piece.tell() >= CHARACTERS_AT_ONCE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def overwrites_json(
    customer: str, touched: Iterable[Touched], sums: Sums, *, asked: bool = False
) -> Iterator[str]:
    """One JSON document in pieces. `sums` counts what goes by: give it a new one."""
    yield f'{{"customer": {json.dumps(customer)}, "records": ['
    comma = ""
    for one in touched:
        sums.add(one)
        yield comma + json.dumps(_record(one, asked), ensure_ascii=False)
        comma = ",\n"
    yield f'], "sum": {json.dumps(sums.as_json())}}}'


def _record(one: Touched, asked: bool) -> dict[str, Any]:
    return {
        "environment": one.environment,
        "org_id": one.org_id,
        "object": one.object_name,
        "record_id": one.record_id,
        "role": one.role,
        "job_change": one.job_change,
        "attempt": one.attempt,
        "at": one.at.isoformat() if one.at else None,
        "created_by_us": one.ours,
        "note": one.note,
        "fields": [_field(item, asked) for item in one.fields],
    }


def _field(item: TouchedField, asked: bool) -> dict[str, Any]:
    """What is not known has no key."""
    values = {
        "before": item.before,
        "sent": item.sent,
        "stored": item.stored,
        "settled": item.settled,
        **({"now": item.now} if asked else {}),
    }
    known = {name: value for name, value in values.items() if value is not MISSING}
    return {"name": item.name, "verdict": str(item.verdict), "reason": item.reason, **known}


def _cell(value: Any) -> object:
    if value is MISSING:
        return ""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def _moment(one: Touched) -> str:
    return f"{one.at:%Y-%m-%d %H:%M:%S}" if one.at else ""
