"""An org without HTTP: a few records that are asked in SOQL, read by the rehearsal's grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.rehearsal.soql import Comparison, Group, parse, unescape
from integrations.rehearsal.soql_match import like_test

Row = dict[str, Any]
MAX_QUERIES = 5


class SoqlOrg:
    """Rows by object, nested where a lookup leads (`{"Account": {"Name": …}}`)."""

    def __init__(self, **rows: Sequence[Row]) -> None:
        self.rows = rows
        self.asked: list[list[str]] = []

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.asked)

    def queries(self, soqls: Sequence[str]) -> list[list[Row]]:
        """Answer at most five queries."""
        assert 0 < len(soqls) <= MAX_QUERIES
        self.asked.append(list(soqls))
        return [self._query(soql) for soql in soqls]

    def _query(self, soql: str) -> list[Row]:
        tree = parse(soql)
        test = _test(tree.where)
        found = [row for row in self.rows.get(tree.sobject.text, ()) if test(row)]
        wanted = [item.path.text for item in tree.select if item.path]
        return [_shown(row, wanted) for row in found[: tree.limit]]


def _shown(row: Row, wanted: Sequence[str]) -> Row:
    tops = {name.partition(".")[0] for name in wanted}
    return {name: row.get(name) for name in tops}


def _test(condition: Any) -> Callable[[Row], bool]:
    if isinstance(condition, Group):
        tests = [_test(one) for one in condition.conditions]
        joined = all if condition.joiner == "and" else any
        return lambda row: joined(test(row) for test in tests)
    assert isinstance(condition, Comparison)
    path = condition.path.parts
    if condition.operator == "like":
        like = like_test(condition.values[0].raw)
        return lambda row: like(_value(row, path))
    assert condition.operator in ("=", "in")
    values = {_folded(path, unescape(one.raw)) for one in condition.values}
    return lambda row: _folded(path, _value(row, path) or "") in values - {""}


def _folded(path: Sequence[str], value: str) -> str:
    return value[:15] if path[-1].endswith("Id") else value.lower()


def _value(row: Mapping[str, Any] | None, path: Sequence[str]) -> Any:
    for name in path:
        row = row.get(name) if row else None
    return row
