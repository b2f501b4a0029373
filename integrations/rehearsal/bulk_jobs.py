"""Ingest jobs of Bulk API 2.0: what is kept of them, and how they work through their rows."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass, field
from random import Random
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import Fault, SalesforceError, refuse
from integrations.rehearsal.options import Options
from integrations.rehearsal.records import Ambiguous, Writer
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

KIND = "bulk_job"
# Beside each job, so that counting on does not write all its rows again: `upload` and, at the
# end, `successes`, `failures` and `unprocessed`.
ROWS = "bulk_rows"
DELIMITERS = {
    "COMMA": ",",
    "SEMICOLON": ";",
    "TAB": "\t",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
EMPTY = "#N/A"
# Rows that are written without letting other calls in between.
AT_ONCE = 200


@dataclass
class Outcome:
    """What became of the rows, as lines of the three result files."""

    successes: list[list[str]] = field(default_factory=list)
    failures: list[list[str]] = field(default_factory=list)
    done: int = 0


class CannotStart(Exception):
    """The upload cannot be read at all; the message is the job's `errorMessage`."""


def rows_of(job: Row, upload: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the upload. Raises CannotStart."""
    ending = "\r\n" if job["lineEnding"] == "CRLF" else "\n"
    if ("\r\n" in upload) != (ending == "\r\n") and upload.strip():
        text = "LineEnding is invalid on user data. Current LineEnding setting is "
        raise CannotStart(f"ClientInputError : {text}{job['lineEnding']}")
    delimiter = DELIMITERS[job["columnDelimiter"]]
    reader = csv.reader(io.StringIO(upload, newline=""), delimiter=delimiter)
    try:
        found = [row for row in reader if row]
    except csv.Error as error:
        raise CannotStart(f"InvalidBatch : Failed to parse CSV: {error}") from error
    if not found:
        raise CannotStart("InvalidBatch : Failed to parse CSV header. Header row is missing.")
    return found[0], found[1:]


class Worker:
    """One job's way through its rows, as the user who made it."""

    def __init__(self, access: Access, sobject: SObject, job: Row, upload: str) -> None:
        self.access, self.sobject, self.job = access, sobject, job
        self.header, self.rows = rows_of(job, upload)
        self.references = self._check_header()
        rule = job.get("assignmentRuleId")
        self.writer = Writer(access, Options(assignment=rule or "false"))

    def _check_header(self) -> dict[str, tuple[str, SObject, str]]:
        """Columns that name a parent by its external id: field, parent object, external id."""
        found = {}
        for column in self.header:
            if self.access.field(self.sobject, column):
                continue
            relation, _, name = column.partition(".")
            reference = self.access.relationship(self.sobject, relation) if name else None
            parent = self.access.sobject(reference.reference_to[-1]) if reference else None
            if reference is None or parent is None or self.access.field(parent, name) is None:
                raise CannotStart(f"InvalidBatch : Field name not found : {column}")
            found[column] = (reference.name, parent, name)
        external = self.job.get("externalIdFieldName")
        names = {column.lower() for column in self.header}
        wanted = {"upsert": external, "update": "Id", "delete": "Id"}.get(self.job["operation"])
        if wanted and wanted.lower() not in names:
            raise CannotStart(f"InvalidBatch : Field name not found : {wanted}")
        return found

    def write(self, row: list[str], outcome: Outcome) -> None:
        """Write one row and note what became of it."""
        cells = [*row, *([""] * len(self.header))][: len(self.header)]
        try:
            key, created = self._write(dict(zip(self.header, cells, strict=True)))
        except Ambiguous as error:
            found = "INVALID_FIELD:More than one record found for external id field: "
            outcome.failures.append(["", f"{found}{error.record_ids}:--", *cells])
        except SalesforceError as error:
            named = cells[self.header.index("Id")] if "Id" in self.header else ""
            text = ";".join(_shown(fault) for fault in error.faults)
            outcome.failures.append([named, text, *cells])
        else:
            outcome.successes.append([key, str(created).lower(), *cells])
        outcome.done += 1

    def _write(self, cells: dict[str, str]) -> tuple[str, bool]:
        operation = self.job["operation"]
        external = str(self.job.get("externalIdFieldName") or "")
        values: dict[str, Any] = {}
        key = name_value = ""
        for column, text in cells.items():
            if column.lower() == external.lower() and external:
                name_value = text
            elif column.lower() == "id" and operation in ("update", "delete"):
                key = ids.to18(text) or ""
            elif column in self.references and text:
                values[self.references[column][0]] = self._parent(column, text)
            elif text:
                # An empty cell leaves the field alone.
                values[column] = None if text == EMPTY else text
        if operation == "insert":
            return self.writer.create(self.sobject, values), True
        if operation == "upsert":
            if not name_value:
                text = f"{external} not specified"
                raise refuse("MISSING_ARGUMENT", text, [])
            return self.writer.upsert(self.sobject, external, name_value, values)
        if not key:
            raise refuse("MALFORMED_ID", "bad id", ["Id"])
        if operation == "update":
            self.writer.update(self.sobject, key, values)
        else:
            self.writer.delete(self.sobject, key)
        return key, False

    def _parent(self, column: str, text: str) -> str | None:
        _, parent, external = self.references[column]
        if text == EMPTY:
            return None
        _, found = self.writer.external_matches(parent, external, text)
        if len(found) == 1:
            return str(found[0]["Id"])
        message = (
            f"Foreign key external ID: {text} not found for field {external} in entity "
            f"{parent.name}"
        )
        raise refuse("INVALID_FIELD", message, [])


def _shown(fault: Fault) -> str:
    """As `sf__Error` words it: `CODE:text:FIELDS --`."""
    fields = " ".join([*(fault.fields or []), "--"])
    return f"{fault.code}:{fault.message}:{fields}"


def to_csv(header: list[str], rows: list[list[str]], job: Row) -> bytes:
    """A result file: every value quoted, in the job's delimiter and line ending."""
    out = io.StringIO()
    writer = csv.writer(
        out,
        quoting=csv.QUOTE_ALL,
        delimiter=DELIMITERS[job["columnDelimiter"]],
        lineterminator="\r\n" if job["lineEnding"] == "CRLF" else "\n",
    )
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def shuffled(rows: list[list[str]], job_id: str) -> list[list[str]]:
    """The rows in another order, the same each time: nobody may count on their own."""
    mixed = list(rows)
    # Repeatable on purpose; nothing secret hangs on it.
    Random(job_id).shuffle(mixed)  # noqa: S311
    return mixed


class Running:
    """Which jobs are being worked on in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: set[tuple[Org, str]] = set()

    def begin(self, key: tuple[Org, str]) -> bool:
        """Whether the job is ours to work on now."""
        with self._lock:
            if key in self._jobs:
                return False
            self._jobs.add(key)
            return True

    def end(self, key: tuple[Org, str]) -> None:
        """The job is done."""
        with self._lock:
            self._jobs.discard(key)
