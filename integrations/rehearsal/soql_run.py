"""Answering a query over an org's rows, as the running user."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import NO_COLUMN, UNSUPPORTED_TYPE, SalesforceError, refuse
from integrations.rehearsal.indexes import size
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.schema.tooling_objects import ONE_ROW_ONLY
from integrations.rehearsal.setup.made import KEY
from integrations.rehearsal.setup.rights import record_access
from integrations.rehearsal.setup.rows import Rows
from integrations.rehearsal.soql import (
    COMPOUND,
    Comparison,
    Group,
    Item,
    Path_,
    Query,
    Sort,
    located,
    malformed,
    unescape,
)
from integrations.rehearsal.soql_match import like_texts, value_test
from integrations.rehearsal.store import Row
from integrations.rehearsal.values import read

Getter = Callable[[Row], Any]
LARGEST_OFFSET = 2000
IDS = ("id", "reference")
# Its rows are what the query asks for.
MADE_BY_QUESTION = "UserRecordAccess"
FIELDS_LIMIT = 200


class Runner:
    """One query, resolved against what the user may see."""

    def __init__(
        self, access: Access, query: Query, tooling: bool = False, deleted: bool = False
    ) -> None:
        self.access = access
        self.space = access.org.space
        self.kept = Rows(access)
        self.query = query
        self.tooling = tooling
        self.deleted = deleted
        self.sobject = self._object(query.sobject)
        self._tests: dict[int, Callable[[Row], bool]] = {}

    def _object(self, path: Path_) -> SObject:
        found = self.access.sobject(path.text, self.tooling)
        if found is None:
            message = UNSUPPORTED_TYPE.format(name=path.text)
            if self.tooling:
                message = f"sObject type '{path.text}' is not supported."
            raise located("INVALID_TYPE", self.query.text, path.position, message)
        return found

    # Fields and relationships

    def targets(self, field: Field) -> list[SObject]:
        """The objects a reference can point to, as far as the user knows them."""
        found = (self.access.sobject(name, self.tooling) for name in field.reference_to)
        return [item for item in found if item]

    def _parts(self, path: Path_) -> list[str]:
        parts = path.parts
        names = {self.query.alias.lower(), self.query.sobject.text.lower()} - {""}
        return parts[1:] if len(parts) > 1 and parts[0].lower() in names else parts

    def resolve(self, path: Path_) -> tuple[Field, Getter]:
        """The field at the end of a path and a function that reads it from a row."""
        return self._resolve(self.sobject, self._parts(path), path)

    def _resolve(self, sobject: SObject, parts: list[str], path: Path_) -> tuple[Field, Getter]:
        if len(parts) == 1:
            field = self.access.field(sobject, parts[0])
            if field is None:
                raise self._no_column(path, parts[0], sobject)
            name = field.name
            if field.type in ("boolean", "address") or name.startswith(("NumberOf", "PhotoUrl")):
                return field, lambda row: read(self.space, sobject, field, row)
            return field, lambda row: row.get(name)
        reference = self.access.relationship(sobject, parts[0])
        if reference is None:
            message = f"Didn't understand relationship '{parts[0]}' in field path. If you are "
            message += (
                "attempting to use a custom relationship, be sure to append the '__r' after the "
                "custom relationship name. Please reference your WSDL or the describe call for the "
                "appropriate names."
            )
            raise located("INVALID_FIELD", self.query.text, path.position, message)
        getters: dict[str, tuple[Field, Getter]] = {}
        targets = self.targets(reference)
        refused: SalesforceError | None = None
        for target in targets:
            try:
                getters[target.name] = self._resolve(target, parts[1:], path)
            except SalesforceError as error:
                refused = error
        if not getters:
            raise refused or self._no_column(path, parts[1], sobject)
        key = reference.name

        def get(row: Row) -> Any:
            for name, (_, getter) in getters.items():
                parent = self.kept.get(name, row.get(key) or "")
                if parent is not None:
                    return getter(parent)
            return None

        return next(iter(getters.values()))[0], get

    def _no_column(self, path: Path_, name: str, sobject: SObject) -> SalesforceError:
        message = NO_COLUMN.format(field=name, entity=sobject.name)
        return located("INVALID_FIELD", self.query.text, path.position, message)

    # Which rows

    def rows(self) -> list[Row]:
        """All rows the query selects, in order, before aggregation."""
        where = self.query.where
        test = self._test(where) if where else None
        with self.space.lock:
            pool = None if where is None else self._fitting(where)
            if pool is None:
                pool = [row for row in self._all() if test is None or test(row)]
        found = [row for row in pool if self.deleted or not row.get("IsDeleted")]
        for sort in reversed(self.query.order):
            self._sort(found, sort)
        return found

    def _all(self) -> list[Row]:
        if self.sobject.name == MADE_BY_QUESTION:
            users, records = (self._asked(name) for name in ("UserId", "RecordId"))
            return record_access(self.access, users, records)
        return self.kept.all(self.sobject.name)

    def _asked(self, name: str) -> list[str]:
        """The ids that the query names for a field, in conditions that all have to hold."""
        top = self.query.where
        conditions = top.conditions if isinstance(top, Group) and top.joiner == "and" else (top,)
        return [
            full
            for item in conditions
            if isinstance(item, Comparison) and item.path.text.lower() == name.lower()
            for literal in item.values
            if (full := ids.to18(literal.raw))
        ]

    def _sort(self, found: list[Row], sort: Sort) -> None:
        field, get = self.resolve(sort.path)
        if field.type in COMPOUND or (field.type == "textarea" and field.length > 255):
            message = f"field '{field.name}' can not be sorted in a query call"
            raise located("MALFORMED_QUERY", self.query.text, sort.path.position, message)

        def key(row: Row) -> Any:
            value = get(row)
            return value.lower() if isinstance(value, str) else value

        empty = [row for row in found if get(row) is None]
        filled = [row for row in found if get(row) is not None]
        filled.sort(key=key, reverse=sort.descending)
        found[:] = filled + empty if sort.nulls_last else empty + filled

    def _test(self, condition: Any) -> Callable[[Row], bool]:
        made = self._tests.get(id(condition))
        if made is None:
            made = self._tests[id(condition)] = self._made_test(condition)
        return made

    def _made_test(self, condition: Any) -> Callable[[Row], bool]:
        if isinstance(condition, Group):
            tests = [self._test(item) for item in condition.conditions]
            if condition.joiner == "not":
                return lambda row: not tests[0](row)
            if condition.joiner == "and":
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        field, get = self.resolve(condition.path)
        if condition.query and field.type not in IDS:
            message = f"The left operand '{field.name}' must be of type id or reference"
            raise malformed(self.query.text, condition.path.position, message)
        found = self._inner(condition.query) if condition.query else None
        test = value_test(self.query, condition, field, found)
        return lambda row: test(get(row))

    def _inner(self, query: Query) -> list[Any]:
        query.text = self.query.text
        runner = Runner(self.access, query, self.tooling)
        if len(query.select) != 1 or query.select[0].path is None or query.aggregates:
            raise malformed(self.query.text, query.sobject.position, "Only one field is allowed")
        field, get = runner.resolve(query.select[0].path)
        if field.type not in IDS:
            message = f"The inner select field '{field.name}' must be of type id or reference"
            raise malformed(self.query.text, query.select[0].path.position, message)
        return [value for value in map(get, runner.rows()) if value is not None]

    def _fitting(self, condition: Any) -> list[Row] | None:
        """The rows that meet the condition, each branch of an OR asked alone; None: read all."""
        name = self.sobject.name
        if name == MADE_BY_QUESTION:
            return None
        branches = [condition]
        if isinstance(condition, Group) and condition.joiner == "or":
            branches = list(condition.conditions)
        found: list[Collection[str]] = []
        for branch in branches:
            keys = self._keys(branch)
            if keys is None:
                return None
            test = self._test(branch)
            candidates = self.kept.picked(name, keys)
            found.append([row.get(KEY) or row["Id"] for row in candidates if test(row)])
        return self.kept.picked(name, found)

    def _keys(self, condition: Any) -> list[Collection[str]] | None:
        """Keys of rows, among them all that meet the condition; None if no index can tell."""
        if isinstance(condition, Group):
            inner = [self._keys(item) for item in condition.conditions]
            known = [keys for keys in inner if keys is not None]
            if condition.joiner == "and":
                return min(known, key=size, default=None)
            if condition.joiner == "or" and len(known) == len(inner):
                return [one for keys in known for one in keys]
            return None
        if not isinstance(condition, Comparison) or condition.query:
            return None
        field = self.sobject.field(condition.path.text)
        if field is None or field.name == "PhotoUrl":
            return None
        if any(literal.kind != "text" or not literal.raw for literal in condition.values):
            return None
        name = self.sobject.name
        if condition.operator == "like":
            return self.kept.holding(name, field.name, like_texts(condition.values[0].raw))
        if condition.operator not in ("=", "in"):
            return None
        values: list[Any] = [unescape(literal.raw) for literal in condition.values]
        if field.type in IDS:
            values = [ids.to18(value) for value in values]
        if field.name == "Id" and self.sobject.key_prefix:
            return [[value for value in values if value is not None]]
        return self.kept.having(name, field.name, values)

    # What is shown

    def slice(self) -> list[Row]:
        """The rows after OFFSET and LIMIT."""
        query = self.query
        if query.offset > LARGEST_OFFSET:
            message = f"Maximum SOQL offset allowed is {LARGEST_OFFSET}"
            raise located("NUMBER_OUTSIDE_VALID_RANGE", query.text, 0, message)
        rows = self.rows()[query.offset :][: query.limit]
        names = {item.path.text.lower() for item in query.select if item.path}
        if len(rows) > 1 and self.tooling and any(name.lower() in names for name in ONE_ROW_ONLY):
            message = (
                "When retrieving results with Metadata or FullName fields, the query "
                "qualifications must specify no more than one row for retrieval. Result size: "
                f"{len(rows)}"
            )
            raise refuse("MALFORMED_QUERY", message)
        return rows

    def select_items(self) -> Iterator[Item]:
        """The SELECT list with FIELDS() spelled out; a field named twice is refused."""
        seen: set[str] = set()
        for item in self.query.select:
            if item.function == "fields" and item.path:
                wanted = item.path.text.lower()
                if wanted != "standard" and (self.query.limit or FIELDS_LIMIT + 1) > FIELDS_LIMIT:
                    message = "The SOQL FIELDS function must have a LIMIT of at most 200"
                    raise malformed(self.query.text, item.path.position, message)
                for field in self.sobject.fields:
                    custom_fits = wanted == "all" or (wanted == "custom") == field.custom
                    if custom_fits and self.access.readable(self.sobject, field):
                        yield Item(Path_(field.name, item.path.position))
                continue
            if item.path and not item.function:
                key = ".".join(self._parts(item.path)).lower()
                if key in seen:
                    message = f"duplicate field selected: {item.path.text}"
                    raise malformed(self.query.text, item.path.position, message)
                seen.add(key)
            yield item
