"""The records of a job change over all of its attempts: what a review is about. No queries.

A correction writes only the fields that were wrong; whoever reviews it needs to see the whole
record, with the corrected fields in their newest state.
"""

from collections.abc import Iterable
from dataclasses import replace

from jobchanges.selectors.rows import field_place
from jobchanges.selectors.types import FieldRow, RecordTab


def tabs_merged(attempts: Iterable[list[RecordTab]]) -> list[RecordTab]:
    """One tab a record, in the order of first writing; later attempts win field by field.

    A record written anew in the place of another one (after a clean-up) takes its place.
    """
    by_role: dict[str, RecordTab] = {}
    for tabs in attempts:
        if tabs:
            # What a clean-up took back shows until something is written anew.
            by_role = {role: tab for role, tab in by_role.items() if not tab.removed}
        for tab in tabs:
            before = by_role.get(tab.role)
            same = before is not None and before.record_id == tab.record_id
            by_role[tab.role] = _merge(before, tab) if before is not None and same else tab
    return list(by_role.values())


def _merge(before: RecordTab, after: RecordTab) -> RecordTab:
    """The record as first written, with the fields that were written again in their place."""
    rows: dict[str, FieldRow] = {row.name: row for row in before.rows}
    rows |= {row.name: row for row in after.rows}
    return replace(
        after,
        label=before.label,
        operation=before.operation,
        rows=sorted(rows.values(), key=lambda row: field_place(row.name)),
        changed=any(row.changed for row in rows.values()),
    )
