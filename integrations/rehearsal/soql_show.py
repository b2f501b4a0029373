"""From selected rows to the JSON of a query answer: records, relations, aggregates, pages."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.rehearsal import soql
from integrations.rehearsal.access import Access
from integrations.rehearsal.errors import refuse
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.setup.made import KEY
from integrations.rehearsal.soql import Item, Query, malformed
from integrations.rehearsal.soql_aggregate import aggregate
from integrations.rehearsal.soql_run import Getter, Runner
from integrations.rehearsal.store import Row
from integrations.rehearsal.values import read

Build = Callable[[Row], dict[str, Any]]
LARGEST_PAGE = 2000
SMALLEST_PAGE = 200
LIFE = timedelta(days=2)


@dataclass
class Cursor:
    """What is left of an answer after its first page."""

    build: Build
    rows: list[Row]
    page: int
    user: str
    # The object's name in a query of the Tooling API, whose answers look a little different.
    tooling: str = ""
    opened: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))


class Cursors:
    """Open answers of one org. They do not outlive the process; then the locator is invalid."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._open: dict[str, Cursor] = {}
        self._lock = threading.Lock()

    def add(self, cursor: Cursor) -> str:
        """Keep a cursor; returns its locator."""
        key = "0r8" + secrets.token_hex(8).upper()[:15]
        with self._lock:
            self._open[key] = cursor
            while len(self._open) > self._most:
                self._open.pop(next(iter(self._open)))
        return key

    def get(self, key: str) -> Cursor | None:
        """An open cursor, or None. They live for two days."""
        with self._lock:
            found = self._open.get(key)
        alive = found is not None and datetime.now(UTC) - found.opened < LIFE
        return found if alive else None


def attributes(sobject: SObject, key: str, version: str, tooling: bool = False) -> dict[str, str]:
    """The `attributes` part of a record."""
    middle = "tooling/sobjects" if tooling else "sobjects"
    url = f"/services/data/v{version}/{middle}/{sobject.name}/{key}"
    return {"type": sobject.name, "url": url}


def answer(
    access: Access,
    text: str,
    version: str,
    cursors: Cursors,
    page: int = LARGEST_PAGE,
    tooling: bool = False,
    deleted: bool = False,
) -> dict[str, Any]:
    """The whole answer to a query, first page."""
    try:
        query = soql.parse(text)
        runner = Runner(access, query, tooling, deleted)
        with access.org.space.lock:
            return _answer(runner, version, cursors, page)
    except RecursionError as error:
        raise malformed(text, 0, "SOQL statement is too complicated") from error


def _answer(runner: Runner, version: str, cursors: Cursors, page: int) -> dict[str, Any]:
    query = runner.query
    if query.count_only:
        if query.select[0].function != "count":
            raise malformed(query.text, 0, "unexpected token: '('")
        result = {"totalSize": len(runner.slice()), "done": True, "records": []}
        return _tooling(result, runner.sobject.name) if runner.tooling else result
    if query.aggregates:
        records = aggregate(runner)
        result = {"totalSize": len(records), "done": True, "records": records}
        return _tooling(result, runner.sobject.name) if runner.tooling else result
    build = builder(runner, version)
    rows = runner.slice()
    page = max(SMALLEST_PAGE, min(LARGEST_PAGE, page))
    name = runner.sobject.name if runner.tooling else ""
    cursor = Cursor(build, rows, page, runner.access.user["Id"], name)
    key = cursors.add(cursor) if len(rows) > page else ""
    return _page(cursor, key, 0, version)


def _page(cursor: Cursor, key: str, begin: int, version: str) -> dict[str, Any]:
    """The rows from `begin` on, as many as a page holds."""
    end = begin + cursor.page
    result: dict[str, Any] = {"totalSize": len(cursor.rows), "done": end >= len(cursor.rows)}
    if end < len(cursor.rows):
        path = "tooling/query" if cursor.tooling else "query"
        result["nextRecordsUrl"] = f"/services/data/v{version}/{path}/{key}-{end}"
    result["records"] = [cursor.build(row) for row in cursor.rows[begin:end]]
    return _tooling(result, cursor.tooling) if cursor.tooling else result


def _tooling(result: dict[str, Any], name: str) -> dict[str, Any]:
    following = result.get("nextRecordsUrl")
    more = {"nextRecordsUrl": following} if following else {}
    return {
        "size": len(result["records"]),
        "totalSize": result["totalSize"],
        "done": result["done"],
        **more,
        "queryLocator": following.rpartition("/")[2] if following else None,
        "entityTypeName": name,
        "records": result["records"],
    }


def next_page(access: Access, locator: str, version: str, cursors: Cursors) -> dict[str, Any]:
    """A later page, by the locator that the page before named."""
    key, _, start = locator.rpartition("-")
    cursor = cursors.get(key)
    valid = cursor is not None and start.isdecimal() and len(start) < 10
    if cursor is None or not valid or cursor.user != access.user["Id"]:
        raise refuse("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(cursor, key, int(start), version)


def builder(runner: Runner, version: str) -> Build:
    """A function that makes a record of the answer from a row."""
    tree: dict[str, Any] = {}
    for item in runner.select_items():
        if item.query is not None:
            name, build = _child(runner, item, version)
            tree[name] = build
        elif item.path is not None and not item.function and not item.alias:
            runner.resolve(item.path)
            _graft(tree, runner._parts(item.path))
        else:
            position = item.path.position if item.path else 0
            raise malformed(runner.query.text, position, "unexpected token: '('")
    return _record(runner, runner.sobject, tree, version)


def _graft(tree: dict[str, Any], parts: list[str]) -> None:
    key = parts[0].lower()
    if len(parts) == 1:
        tree.setdefault(key, None)
    else:
        branch = tree.setdefault(key + ".", {})
        _graft(branch, parts[1:])


def _record(runner: Runner, sobject: SObject, tree: dict[str, Any], version: str) -> Build:
    steps: list[tuple[str, Getter]] = []
    for key, branch in tree.items():
        if callable(branch):
            steps.append((key, branch))
        elif key.endswith("."):
            reference = runner.access.relationship(sobject, key[:-1])
            if reference is not None:
                steps.append(
                    (reference.relationship or key, _parent(runner, reference, branch, version))
                )
        else:
            field = runner.access.field(sobject, key)
            if field is not None:
                steps.append((field.name, _reader(runner, sobject, field)))

    def build(row: Row) -> dict[str, Any]:
        record: dict[str, Any] = {
            "attributes": attributes(sobject, row.get(KEY) or row["Id"], version, runner.tooling)
        }
        for name, get in steps:
            record[name] = get(row)
        return record

    return build


def _reader(runner: Runner, sobject: SObject, field: Field) -> Getter:
    def value(row: Row) -> Any:
        found = read(runner.space, sobject, field, row)
        # Metadata is made only for the one row that is shown.
        return found() if callable(found) else found

    return value


def _parent(runner: Runner, reference: Field, tree: dict[str, Any], version: str) -> Getter:
    builds = {
        target.name: _record(runner, target, tree, version) for target in runner.targets(reference)
    }

    def get(row: Row) -> Any:
        for name, build in builds.items():
            parent = runner.kept.get(name, row.get(reference.name) or "")
            if parent is not None:
                return build(parent)
        return None

    return get


def _child(runner: Runner, item: Item, version: str) -> tuple[str, Getter]:
    """A nested query over child records, such as `(SELECT Id FROM Contacts)`."""
    inner = item.query or Query()
    inner.text = runner.query.text
    wanted = inner.sobject.text.lower()
    for child in runner.access.sobjects():
        for field in child.fields:
            own = runner.sobject.name in field.reference_to
            if own and (field.children or "").lower() == wanted:
                inner.sobject = soql.Path_(child.name, inner.sobject.position)
                nested = Runner(runner.access, inner)
                return field.children or "", _children(nested, field.name, version)
    message = f"Didn't understand relationship '{inner.sobject.text}' in FROM part of query call."
    raise soql.located("INVALID_TYPE", runner.query.text, inner.sobject.position, message)


def _children(nested: Runner, name: str, version: str) -> Getter:
    """A function that gives a parent row's children as a nested answer; null if none."""
    query, build = nested.query, builder(nested, version)
    by_parent: dict[str, list[Row]] = {}
    for row in nested.rows():
        by_parent.setdefault(row.get(name) or "", []).append(row)

    def get(row: Row) -> Any:
        rows = by_parent.get(row["Id"], [])[query.offset :][: query.limit]
        if not rows:
            return None
        records = [build(found) for found in rows]
        return {"totalSize": len(rows), "done": True, "records": records}

    return get
