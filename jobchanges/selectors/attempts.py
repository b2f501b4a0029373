"""Two attempts at one job change side by side: what was sent otherwise, and what the org held.

No queries. What an attempt sent is in its plan, also where Salesforce refused it and no record is
left to look at.
"""

from collections.abc import Sequence
from itertools import pairwise

from jobchanges.selectors.rows import field_place
from jobchanges.selectors.types import AttemptPair, AttemptView, ComparedRow, FieldRow, RecordTab

# A field of an attempt: its record and what was sent, and what was read of it afterwards.
Cell = tuple[RecordTab, FieldRow, FieldRow | None]


def attempts_compared(attempts: Sequence[AttemptView], attempt_field: str) -> list[AttemptPair]:
    """Each attempt beside the one before it, newest first.

    `attempt_field` is the package's own field that counts attempts: it always differs and says
    nothing.
    """
    sent: dict[str, Cell] = {}
    pairs = []
    for one, two in pairwise(attempts):
        # A correction writes only what it corrects: beside it stands what was sent before it.
        sent = {**sent, **_cells(one)} if one.is_correction else _cells(one)
        now = _cells(two)
        both = {**sent, **now}
        names = sorted(now if two.is_correction else both, key=lambda name: _place(both[name]))
        rows = [_row(both[name], sent.get(name), now.get(name)) for name in names]
        shown = [
            row
            for row in rows
            if row.name != attempt_field
            and (two.is_correction or row.before_sent != row.after_sent)
        ]
        pairs.append(AttemptPair(one, two, shown))
    return pairs[::-1]


def _cells(attempt: AttemptView) -> dict[str, Cell]:
    """What the attempt sent, by role and field."""
    read = {(tab.role, row.name): row for tab in attempt.tabs for row in tab.rows}
    return {
        f"{tab.role} {row.name}": (tab, row, read.get((tab.role, row.name)))
        for tab in attempt.planned
        for row in tab.rows
    }


def _row(cell: Cell, before: Cell | None, after: Cell | None) -> ComparedRow:
    tab, row, _read = cell
    return ComparedRow(
        record=tab.label,
        name=row.name,
        field=row.label,
        before_sent=before[1].sent if before else None,
        before_held=_held(before),
        after_sent=after[1].sent if after else None,
        after_held=_held(after),
    )


def _held(cell: Cell | None) -> str | None:
    """What the org held in the end, where that is something else than was sent."""
    read = cell[2] if cell else None
    if read is None or not read.changed:
        return None
    return read.stored if read.settled is None else read.settled


def _place(cell: Cell) -> tuple[str, tuple[int, str]]:
    return cell[0].role, field_place(cell[1].name)
