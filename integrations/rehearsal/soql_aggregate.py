"""Aggregate queries: functions over all rows or over groups of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.rehearsal.schema import Field
from integrations.rehearsal.schema.fields import NUMBERS
from integrations.rehearsal.soql import COMPOUND, Item, Query, malformed
from integrations.rehearsal.soql_run import Getter, Runner
from integrations.rehearsal.store import Row

AGGREGATES = ("count", "count_distinct", "sum", "avg", "min", "max")
LONG_TEXT = 255
LONGEST_AGGREGATED = 4000


def aggregate(runner: Runner) -> list[dict[str, Any]]:
    """The rows of a query with functions or GROUP BY."""
    query = runner.query
    keys = [(path.text.split(".")[-1], *runner.resolve(path)) for path in query.group]
    for path, (_, field, _) in zip(query.group, keys, strict=True):
        if field.type in COMPOUND or (field.type == "textarea" and field.length > LONG_TEXT):
            message = f"field '{field.name}' can not be grouped in a query call"
            raise malformed(query.text, path.position, message)
    groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): []}
    for row in runner.rows():
        groups.setdefault(tuple(get(row) for _, _, get in keys), []).append(row)
    columns: list[tuple[str, Callable[[list[Row]], Any]]] = []
    for item in query.select:
        if item.path is None:
            raise malformed(query.text, 0, "Grouped query cannot use count()")
        field, get = runner.resolve(item.path)
        if item.function:
            number = sum(1 for name, _ in columns if name.startswith("expr"))
            columns.append((item.alias or f"expr{number}", _function(query, item, field, get)))
        elif any(field == grouped for _, grouped, _ in keys):
            columns.append((item.alias or field.name, _first(get)))
        else:
            message = f"Field must be grouped or aggregated: {item.path.text}"
            raise malformed(query.text, item.path.position, message)
    records = []
    for rows in groups.values():
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        record.update((name, compute(rows)) for name, compute in columns)
        records.append(record)
    return records[query.offset :][: query.limit]


def _first(get: Getter) -> Callable[[list[Row]], Any]:
    return lambda rows: get(rows[0])


def _function(query: Query, item: Item, field: Field, get: Getter) -> Callable[[list[Row]], Any]:
    name = item.function
    position = item.path.position if item.path else 0
    if name not in AGGREGATES:
        raise malformed(query.text, position, f"unexpected token: '{name}'")
    plain = field.type not in (*COMPOUND, "boolean") and field.length <= LONGEST_AGGREGATED
    if not plain or (name in ("sum", "avg") and field.type not in NUMBERS):
        message = f"field {field.name} does not support aggregate operator {name.upper()}"
        raise malformed(query.text, position, message)

    def compute(rows: list[Row]) -> Any:
        values = [value for value in map(get, rows) if value is not None]
        if name == "count":
            return len(values)
        if name == "count_distinct":
            return len({v.lower() if isinstance(v, str) else str(v) for v in values})
        if name in ("min", "max"):
            return (min if name == "min" else max)(values, default=None)
        numbers = [value for value in values if isinstance(value, int | float)]
        if not numbers:
            return None
        return sum(numbers) if name == "sum" else sum(numbers) / len(numbers)

    return compute
