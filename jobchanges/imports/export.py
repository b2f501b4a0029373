"""Cells of a CSV file that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# Spreadsheets take these, also in their wide forms, for the beginning of a formula.
_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")


def csv_safe(value: object) -> str:
    """A value as a cell: text that could be a formula gets an apostrophe in front.

    Numbers stay numbers; None is empty.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = str(value)
    if text[:1] in {"\t", "\r", "\n"} or text.lstrip().startswith(_STARTS):
        return f"'{text}"
    return text


def csv_text(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A whole CSV file with every cell made safe, lines ending in CR LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([csv_safe(cell) for cell in header])
    writer.writerows([csv_safe(cell) for cell in row] for row in rows)
    return out.getvalue()
