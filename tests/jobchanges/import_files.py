"""Small files of job changes for the import's tests."""

import csv
import io
from collections.abc import Mapping, Sequence

from jobchanges.imports.columns import COLUMNS

__all__ = ["COLUMNS", "csv_file", "row"]


def row(key: str = "jc-1", **changes: str) -> dict[str, str]:
    """A valid row."""
    values = {
        "id": key,
        "kind": "joined",
        "first_name": "Cathy",
        "last_name": "Manning",
        "past_email": "cmanning@lowes.example",
        "past_company_name": "Lowe's",
        "past_contact_id": "0037z00000002DBAAY",
        "relationship_type": "User",
        "new_email": "cmanning@swedbank.example",
        "new_company_name": "Swedbank",
        "new_company_domain": "swedbank.example",
        "new_company_employees": "15614",
        "new_title": "Director",
        "job_started_date": "2026-03-27",
        "is_target_company": "false",
        "detected_at": "2026-04-01T18:39:00Z",
    }
    return {**dict.fromkeys(COLUMNS, ""), **values, **changes}


def csv_file(
    *rows: Mapping[str, str],
    columns: Sequence[str] = COLUMNS,
    header: Sequence[str] | None = None,
    delimiter: str = ",",
    line_end: str = "\r\n",
) -> str:
    """The rows as the text of a file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(header or columns)
    writer.writerows([item[name] for name in columns] for item in rows)
    return out.getvalue()
