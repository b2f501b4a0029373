"""An org in memory: answers the queries of matching and takes plans, as far as rules need it.

Made of plain rows, without a server, so that many orgs can be tried. It knows nothing of planning
but the form of a plan.
"""

import re
from typing import Any

from integrations.rehearsal.soql import Comparison, Group, Literal, parse
from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning.types import FieldFacts, Plan, Ref, Write

PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "Lead": "00Q",
    "User": "005",
    "CampaignMember": "00v",
    USERGEM_1.object_name: "a00",
}
_OBJECTS = {prefix: name for name, prefix in PREFIXES.items()}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ID = re.compile(r"\w{3}7z\w{13}")
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
# What every record has although no plan's describe needs it.
_ALWAYS = {"Id", "LastModifiedDate", "CreatedDate"}

Row = dict[str, Any]


class Refused(Exception):
    """The org would not take this."""


class OrgModel:
    """Rows by object and id. `changes` keeps every field that was ever changed on a record."""

    def __init__(self, shape: dict[str, dict[str, FieldFacts]], users: dict[str, bool]) -> None:
        self.shape = shape
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in PREFIXES}
        for user_id, active in users.items():
            self.rows["User"][user_id] = {"Id": user_id, "IsActive": active, "Name": "Somebody"}
        self.asked: list[str] = []
        self.changes: list[tuple[Write, str, Any]] = []
        self._count = 0

    # --- records -------------------------------------------------------------------------------

    def add(self, object_name: str, **values: Any) -> str:
        """A record that stands in the org; fields that are not given are empty."""
        self._count += 1
        record_id = f"{PREFIXES[object_name]}7z{self._count:010d}AAA"
        empty: Row = {
            name: False if facts.type == "boolean" else None
            for name, facts in self.shape.get(object_name, {}).items()
        }
        self.rows[object_name][record_id] = {
            **empty,
            "Id": record_id,
            "LastModifiedDate": f"2026-01-01T00:00:00.{self._count % 1000:03d}+0000",
            **values,
        }
        return record_id

    def row(self, record_id: str) -> Row:
        """One record by its id."""
        return self.rows[_OBJECTS[record_id[:3]]][record_id]

    def take(self, plan: Plan) -> dict[str, str]:
        """Write a plan, all or nothing: role → record id. Raises Refused as an org would."""
        if any(
            row[USERGEM_1.key_field] == plan.writes[-1].fields[USERGEM_1.key_field]
            for row in self.rows[USERGEM_1.object_name].values()
        ):
            raise Refused("DUPLICATE_VALUE")
        ids: dict[str, str] = {}
        for write in plan.writes:
            fields = {
                name: ids[value.reference] if isinstance(value, Ref) else value
                for name, value in write.fields.items()
            }
            if write.operation == "create":
                ids[write.role] = self.add(write.object_name, **fields)
                continue
            row = self.row(write.record_id or "")
            self.changes += [(write, name, row[name]) for name in fields]
            row.update(fields)
            ids[write.role] = row["Id"]
        return ids

    # --- queries -------------------------------------------------------------------------------

    def queries(self, soqls: list[str]) -> list[list[Row]]:
        """Answer at most five queries, as a composite call does."""
        assert len(soqls) <= 5
        self.asked += soqls
        return [self._answer(soql) for soql in soqls]

    def _answer(self, soql: str) -> list[Row]:
        query = parse(soql)
        object_name = query.sobject.text
        paths = [item.path.text for item in query.select if item.path]
        for path in paths:
            known = {*self.shape.get(object_name, {}), *_ALWAYS}
            assert object_name == "User" or "." in path or path in known, f"hidden: {path}"
        found = [row for row in self.rows[object_name].values() if self._holds(query.where, row)]
        assert query.limit is None or len(found) < query.limit
        return [self._shown(row, paths) for row in found]

    def _shown(self, row: Row, paths: list[str]) -> Row:
        shown: Row = {}
        for path in paths:
            first, _dot, rest = path.partition(".")
            if not rest:
                shown[first] = row.get(first)
            elif (target := self._target(row, first)) is not None:
                shown.setdefault(first, {})[rest] = target.get(rest)
            else:
                shown[first] = None
        return shown

    def _target(self, row: Row, relationship: str) -> Row | None:
        field = f"{relationship[:-1]}c" if relationship.endswith("__r") else f"{relationship}Id"
        record_id = row.get(field)
        return self.rows[_OBJECTS[record_id[:3]]].get(record_id) if record_id else None

    def _value(self, row: Row | None, path: str) -> Any:
        first, _dot, rest = path.partition(".")
        if row is None or not rest:
            return row and row.get(first)
        return self._value(self._target(row, first), rest)

    def _holds(self, condition: Any, row: Row) -> bool:
        if isinstance(condition, Group):
            held = (self._holds(item, row) for item in condition.conditions)
            if condition.joiner == "not":
                return not next(held)
            return all(held) if condition.joiner == "and" else any(held)
        assert isinstance(condition, Comparison)
        value = self._value(row, condition.path.text)
        return {"=": _same, "!=": _other, "in": _same, "not in": _other, "like": _like}[
            condition.operator
        ](value, condition.values)


def _same(value: Any, literals: tuple[Literal, ...]) -> bool:
    return any(_equal(value, literal) for literal in literals)


def _other(value: Any, literals: tuple[Literal, ...]) -> bool:
    return not _same(value, literals)


def _equal(value: Any, literal: Literal) -> bool:
    if literal.kind == "null":
        return value in (None, "")
    if literal.kind == "boolean":
        return bool(value) is bool(literal.raw)
    assert literal.kind == "text", literal
    if not isinstance(value, str):
        return False
    text = _plain(literal.raw)
    if _ID.fullmatch(value):
        return value[:15] == text[:15]
    return value.lower() == text.lower()


def _plain(raw: str) -> str:
    def sign(found: re.Match[str]) -> str:
        code, letter = found.groups()
        return chr(int(code, 16)) if code else _SIGNS.get(letter, letter)

    return _ESCAPED.sub(sign, raw)


def _like(value: Any, literals: tuple[Literal, ...]) -> bool:
    if not isinstance(value, str):
        return False
    pattern, raw, place = "", literals[0].raw, 0
    while place < len(raw):
        if raw[place] == "\\":
            end = place + (6 if raw[place + 1] == "u" else 2)
            pattern += re.escape(_plain(raw[place:end]).lower())
            place = end
            continue
        pattern += {"%": ".*", "_": "."}.get(raw[place], re.escape(raw[place].lower()))
        place += 1
    return re.fullmatch(pattern, value.lower(), re.DOTALL) is not None
