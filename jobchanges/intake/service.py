"""Taking what a client sent: the same rows, rules and report as a file's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.utils import timezone

from accounts.models import Customer
from jobchanges.imports.rows import RowRead, row_read
from jobchanges.intake.reading import Item
from jobchanges.models import ImportRun
from jobchanges.services.imports import Source, job_changes_take


def intake_take(
    *, customer: Customer, client: str, items: Sequence[Item], body: bytes
) -> ImportRun:
    """Add the new ones, report on each. Repeating a request changes nothing (idempotent by id)."""
    now = timezone.now()
    source = Source(
        name=f"{client} {now:%Y-%m-%d %H:%M:%S}",
        content_hash=hashlib.sha256(body).hexdigest(),
        client=client,
    )
    reads: list[RowRead] = []
    for item in items:
        if item.reasons and not item.row.cells:
            # Nothing of it could be read; that each field is missing, too, helps nobody.
            reads.append(RowRead(line=item.row.line, key=item.key, reasons=list(item.reasons)))
            continue
        read = row_read(item.row, now=now)
        read.reasons[:0] = item.reasons
        reads.append(read)
    return job_changes_take(customer=customer, reads=reads, source=source)
