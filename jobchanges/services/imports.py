"""Importing job changes: every row is validated before anything is written."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services import event_record
from jobchanges.imports.reading import FileRows, ImportRefused, file_read
from jobchanges.imports.rows import RowRead, row_read
from jobchanges.models import ImportRow, ImportRun, JobChange
from jobchanges.person_keys import person_keys_store

__all__ = ["ImportRefused", "Source", "imports_read", "job_changes_take"]

Outcome = ImportRow.Outcome
ROWS_A_STATEMENT = 500
# A file can repeat one id in every row; each of them says so.
MOST_LINES_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where rows came from: a file that a person or a command read, or a client by HTTP."""

    name: str
    content_hash: str
    by: User | None = None
    client: str = ""
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class _Judged:
    """A row and what becomes of it."""

    read: RowRead
    outcome: str
    reasons: list[str]


def imports_read(
    *, customer: Customer, file_name: str, content: bytes, by: User | None
) -> ImportRun:
    """Import a file of job changes and report on every row.

    1. The file is read and each row validated; nothing is written yet.
    2. In one transaction that serialises imports of this customer: new rows are added, a row
       known with the same contents is left alone, one known with other contents is reported and
       left alone; then the report and the event are written.
    An id twice in one file with different contents is rejected wherever it stands. Repeating an
    import changes nothing. Raises ImportRefused, with a sentence, for a file refused as a whole.
    """
    file_rows = file_read(content)
    now = timezone.now()
    source = Source(
        name=file_name,
        content_hash=hashlib.sha256(content).hexdigest(),
        by=by,
        encoding=file_rows.encoding,
        notes=_notes(file_rows),
    )
    reads = [row_read(row, now=now) for row in file_rows.rows]
    return job_changes_take(customer=customer, reads=reads, source=source)


def job_changes_take(*, customer: Customer, reads: Sequence[RowRead], source: Source) -> ImportRun:
    """Add what is new among validated rows and report on each of them; one transaction.

    Where the rows come from makes no difference to what becomes of them.
    """
    with transaction.atomic():
        # Two imports at once would each find the other's rows missing.
        Customer.objects.select_for_update().get(pk=customer.pk)
        known = _known(customer, {read.key for read in reads if not read.reasons})
        judged = _judge(reads, known)
        added = JobChange.objects.bulk_create(
            (
                JobChange(
                    customer=customer, content_hash=item.read.content_hash, **item.read.values
                )
                for item in judged
                if item.outcome == Outcome.ADDED
            ),
            batch_size=ROWS_A_STATEMENT,
        )
        person_keys_store(added)
        run = _run_create(customer, source, judged)
        sender: dict[str, str] = {"client": source.client} if source.client else {}
        event_record(
            customer=customer,
            action="job_changes.imported",
            by=source.by,
            side=_side(source.by),
            data={
                "import": run.pk,
                "file_hash": run.file_hash,
                "added": run.rows_added,
                "unchanged": run.rows_unchanged,
                "conflicting": run.rows_conflicting,
                "rejected": run.rows_rejected,
                **sender,
            },
        )
    return run


def _notes(file_rows: FileRows) -> list[str]:
    if not file_rows.unknown_columns:
        return []
    return [
        _("Unknown columns were left out: %(columns)s.")
        % {"columns": ", ".join(file_rows.unknown_columns)[:500]}
    ]


def _side(by: User | None) -> Literal["customer", "vendor", "system"]:
    if by is None:
        return "system"
    return "vendor" if by.is_staff else "customer"


def _known(customer: Customer, keys: Iterable[str]) -> dict[str, str]:
    """Content hashes of the job changes that are there already, by key."""
    wanted = sorted(keys)
    known: dict[str, str] = {}
    for start in range(0, len(wanted), ROWS_A_STATEMENT):
        known.update(
            JobChange.objects.filter(
                customer=customer, key__in=wanted[start : start + ROWS_A_STATEMENT]
            ).values_list("key", "content_hash")
        )
    return known


def _judge(reads: Sequence[RowRead], known: dict[str, str]) -> list[_Judged]:
    """Say of each row what becomes of it."""
    same_key: dict[str, list[RowRead]] = defaultdict(list)
    contents: dict[str, set[str]] = defaultdict(set)
    for read in reads:
        if read.key:
            same_key[read.key].append(read)
            contents[read.key].add(read.content_hash)
    judged = []
    for read in reads:
        if read.reasons:
            judged.append(_Judged(read, Outcome.REJECTED, read.reasons))
            continue
        twins = same_key[read.key]
        first = twins[0]
        if len(contents[read.key]) > 1:
            lines = ", ".join(str(twin.line) for twin in twins[:MOST_LINES_NAMED])
            if len(twins) > MOST_LINES_NAMED:
                lines += " …"
            reason = _("Lines %(lines)s have the same id and different contents; none was taken.")
            judged.append(_Judged(read, Outcome.REJECTED, [reason % {"lines": lines}]))
        elif first is not read:
            reason = _("The same as line %(line)d.") % {"line": first.line}
            judged.append(_Judged(read, Outcome.UNCHANGED, [reason]))
        elif read.key not in known:
            judged.append(_Judged(read, Outcome.ADDED, []))
        elif known[read.key] == read.content_hash:
            judged.append(_Judged(read, Outcome.UNCHANGED, []))
        else:
            reason = _("This id is known with other contents. What is known was not changed.")
            judged.append(_Judged(read, Outcome.CONFLICT, [reason]))
    return judged


def _run_create(customer: Customer, source: Source, judged: Sequence[_Judged]) -> ImportRun:
    counts = {outcome: sum(1 for item in judged if item.outcome == outcome) for outcome in Outcome}
    run = ImportRun.objects.create(
        customer=customer,
        file_name=source.name[-200:],
        file_hash=source.content_hash,
        encoding=source.encoding,
        by=source.by,
        client=source.client,
        rows_total=len(judged),
        rows_added=counts[Outcome.ADDED],
        rows_unchanged=counts[Outcome.UNCHANGED],
        rows_conflicting=counts[Outcome.CONFLICT],
        rows_rejected=counts[Outcome.REJECTED],
        notes=source.notes,
    )
    keys = {item.read.key for item in judged if item.outcome != Outcome.REJECTED}
    ids = _row_ids(customer, keys)
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                run=run,
                line=item.read.line,
                key=item.read.key[:100].replace("\0", ""),
                outcome=item.outcome,
                reasons=item.reasons,
                job_change_id=(
                    ids.get(item.read.key) if item.outcome != Outcome.REJECTED else None
                ),
            )
            for item in judged
        ),
        batch_size=ROWS_A_STATEMENT,
    )
    return run


def _row_ids(customer: Customer, keys: Iterable[str]) -> dict[str, int]:
    wanted = sorted(keys)
    ids: dict[str, int] = {}
    for start in range(0, len(wanted), ROWS_A_STATEMENT):
        ids.update(
            JobChange.objects.filter(
                customer=customer, key__in=wanted[start : start + ROWS_A_STATEMENT]
            ).values_list("key", "pk")
        )
    return ids
