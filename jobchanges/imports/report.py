"""What became of a file, row by row, for a person and for a spreadsheet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jobchanges.imports.export import csv_text
from jobchanges.models import ImportRow, ImportRun


def report_csv(run: ImportRun) -> str:
    """The row-by-row report of an import as CSV text, formulas made harmless."""
    rows = ImportRow.objects.filter(run=run).order_by("line")
    return csv_text(
        [_("Line"), _("ID"), _("Outcome"), _("Reasons")],
        (
            [row.line, row.key, row.get_outcome_display(), " ".join(row.reasons)]
            for row in rows.iterator(chunk_size=2000)
        ),
    )
