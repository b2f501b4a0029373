"""`manage.py import_job_changes --customer SLUG FILE`: import and report on every row."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer
from jobchanges.imports.reading import ImportRefused
from jobchanges.imports.report import report_csv
from jobchanges.models import ImportRow
from jobchanges.services.imports import imports_read

REFUSED = 2


class Command(BaseCommand):
    """Ends with 0 unless the file as a whole is refused (2); rows do not count as failures."""

    help = "Import a file of job changes for one customer and report on every row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Customer, file and where the report goes."""
        parser.add_argument("--customer", required=True, metavar="SLUG")
        parser.add_argument("--report", metavar="FILE", help="write the report as CSV")
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print totals and each row that was not added."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.", returncode=REFUSED)
        path = Path(options["file"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(
                f"{path} cannot be read: {error.strerror}.", returncode=REFUSED
            ) from None
        try:
            run = imports_read(customer=customer, file_name=path.name, content=content, by=None)
        except ImportRefused as refused:
            raise CommandError(f"{path.name}: {refused}", returncode=REFUSED) from None
        for note in run.notes:
            self.stdout.write(note)
        rows = ImportRow.objects.filter(run=run).exclude(outcome=ImportRow.Outcome.ADDED)
        for row in rows.order_by("line").iterator(chunk_size=2000):
            words = " ".join([f"{row.get_outcome_display()}.", *row.reasons])
            self.stdout.write(_printable(f"line {row.line}, {row.key or 'no id'}: {words}"))
        self.stdout.write(
            f"{run.rows_total} rows: {run.rows_added} added, {run.rows_unchanged} known already, "
            f"{run.rows_conflicting} known with other contents, {run.rows_rejected} rejected."
        )
        if options["report"]:
            try:
                Path(options["report"]).write_text(report_csv(run), encoding="utf-8-sig")
            except OSError as error:
                raise CommandError(
                    f"The report cannot be written: {error.strerror}.", returncode=1
                ) from None


def _printable(text: str) -> str:
    """Text of strangers without what moves a terminal's cursor, in the terminal's encoding."""
    kept = "".join(character if character.isprintable() else "�" for character in text)
    encoding = sys.stdout.encoding or "utf-8"
    return kept.encode(encoding, "replace").decode(encoding)
