"""sObject Collections: up to 200 records a call, each with its own result (platform, 2.3).

For records without a key of ours there is no asking afterwards what an unanswered call did:
deliveries go as graphs. This is for test records, clean-up and upserts by external id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import ApiError, OutcomeUnknown, errors_in
from integrations.salesforce.ids import checked_id, checked_name, id18
from integrations.salesforce.shapes import flag, mapping, record_id

MAX_RECORDS = 200
# Salesforce cuts the list into runs of one type, and takes ten of them.
MAX_RUNS = 10
_SPOKEN_FOR = ("Sforce-Auto-Assign", "Sforce-Duplicate-Rule-Header")


@dataclass(frozen=True)
class Record:
    """One record to write; `record_id` for one that is there already."""

    object_name: str
    values: Mapping[str, Any]
    record_id: str = ""


@dataclass(frozen=True)
class RowResult:
    """What became of one record. A failed one has no id; `created` is told by upserts only."""

    success: bool
    record_id: str | None
    created: bool | None
    errors: tuple[ApiError, ...]

    @property
    def rolled_back(self) -> bool:
        """Whether it failed only because another record of the call did."""
        return not self.success and all(error.is_neighbour for error in self.errors)


def create(
    door: Door,
    records: Sequence[Record],
    *,
    headers: Mapping[str, str],
    all_or_none: bool = False,
) -> list[RowResult]:
    """Create the records in one call; results in their order.

    `headers` has to say what becomes of assignment rules (`Sforce-Auto-Assign`) and of duplicate
    rules (`Sforce-Duplicate-Rule-Header`): Salesforce's own defaults are nobody's choice.
    Raises ValueError before sending for what limits or forms forbid, OutcomeUnknown when the
    records may have been written, SalesforceError when none was.
    """
    if any(record.record_id for record in records):
        raise ValueError("A record to create has no id yet.")
    return _written(door, "POST", "composite/sobjects", records, headers, all_or_none)


def update(
    door: Door,
    records: Sequence[Record],
    *,
    headers: Mapping[str, str],
    all_or_none: bool = False,
) -> list[RowResult]:
    """Change the records by their ids in one call; otherwise as `create`."""
    for record in records:
        checked_id(record.record_id)
    return _written(door, "PATCH", "composite/sobjects", records, headers, all_or_none)


def upsert(
    door: Door,
    records: Sequence[Record],
    *,
    external_id: str,
    headers: Mapping[str, str],
    all_or_none: bool = False,
) -> list[RowResult]:
    """Create or change records of one object by an external id field; otherwise as `create`.

    Raises ValueError for a record whose external id is empty (it would be inserted blindly), and
    for two records with the same one: which of them wins is not said anywhere.
    """
    kinds = {record.object_name for record in records}
    if len(kinds) > 1:
        raise ValueError("An upsert takes records of one object.")
    keys = [record.values.get(external_id) for record in records]
    if any(record.record_id for record in records) or not all(
        isinstance(key, str) and key.strip() for key in keys
    ):
        raise ValueError(f"Each record needs a text in {external_id}, and no id.")
    if len({str(key).lower() for key in keys}) != len(keys):
        raise ValueError(f"Two records have the same {external_id}.")
    if not records:
        return []
    path = f"composite/sobjects/{checked_name(kinds.pop())}/{checked_name(external_id)}"
    return _written(door, "PATCH", path, records, headers, all_or_none)


def delete(door: Door, record_ids: Sequence[str], *, all_or_none: bool = False) -> list[RowResult]:
    """Delete records of up to ten objects by their ids in one call; results in their order."""
    wanted = [id18(checked_id(one)) for one in record_ids]
    if len(set(wanted)) != len(wanted):
        raise ValueError("A record can be deleted once.")
    # The first three characters of an id name its object.
    order = _in_runs([one[:3] for one in wanted])
    if not wanted:
        return []
    params = {
        "ids": ",".join(wanted[place] for place in order),
        "allOrNone": "true" if all_or_none else "false",
    }
    answer = door.write("composite/sobjects", method="DELETE", params=params)
    return _results(answer, order, wanted)


def _written(
    door: Door,
    method: str,
    path: str,
    records: Sequence[Record],
    headers: Mapping[str, str],
    all_or_none: bool,
) -> list[RowResult]:
    spoken = {name.lower() for name in headers}
    if not all(name.lower() in spoken for name in _SPOKEN_FOR):
        raise ValueError(f"The call has to say what it wants: {', '.join(_SPOKEN_FOR)}.")
    ids = [id18(record.record_id) if record.record_id else "" for record in records]
    if len(set(filter(None, ids))) != len(list(filter(None, ids))):
        raise ValueError("A record can be changed once in a call.")
    order = _in_runs([checked_name(record.object_name) for record in records])
    bodies = [_body(record, one) for record, one in zip(records, ids, strict=True)]
    if not records:
        return []
    body = {"allOrNone": all_or_none, "records": [bodies[place] for place in order]}
    answer = door.write(path, body, method=method, headers=headers)
    return _results(answer, order, ids)


def _in_runs(kinds: Sequence[str]) -> list[int]:
    """Places of the records so that those of one kind stand together, else in their order."""
    first = {kind: place for place, kind in reversed(list(enumerate(kinds)))}
    if len(kinds) > MAX_RECORDS or len(first) > MAX_RUNS:
        raise ValueError(
            f"One call takes {MAX_RECORDS} records of {MAX_RUNS} objects; these are "
            f"{len(kinds)} of {len(first)}."
        )
    return sorted(range(len(kinds)), key=lambda place: (first[kinds[place]], place))


def _body(record: Record, full_id: str) -> dict[str, Any]:
    values = {checked_name(name): value for name, value in record.values.items()}
    if "id" in {name.lower() for name in values}:
        raise ValueError("The id of a record stands beside its values.")
    json.dumps(values, allow_nan=False)
    marked = {"attributes": {"type": record.object_name}, **values}
    return {**marked, "id": full_id} if full_id else marked


def _results(answer: Any, order: Sequence[int], ids: Sequence[str]) -> list[RowResult]:
    """The answer in the caller's order. What cannot be read may still have been written."""
    try:
        if not isinstance(answer, list) or len(answer) != len(order):
            raise ValueError
        found = {
            place: _result(mapping(item), ids[place])
            for place, item in zip(order, answer, strict=True)
        }
    except (KeyError, TypeError, ValueError):
        raise OutcomeUnknown("the answer to a collection has an odd form", status=200) from None
    return [found[place] for place in range(len(order))]


def _result(item: Mapping[str, Any], expected_id: str) -> RowResult:
    success = item["success"]
    if not isinstance(success, bool):
        raise TypeError
    if not success:
        # In upserts, rolled back rows even say `created`: nothing but `success` counts.
        errors = tuple(errors_in(item.get("errors")))
        if not errors:
            raise ValueError
        return RowResult(False, None, None, errors)
    written = record_id(item["id"])
    if expected_id and written[:15] != expected_id[:15]:
        raise ValueError
    created = flag(item["created"]) if "created" in item else None
    return RowResult(True, written, created, ())
