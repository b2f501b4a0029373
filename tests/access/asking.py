"""Asks an address as each person. Nothing an answer changes is there for the next."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from tests.access.rows import Row
from tests.access.urls import path_of
from tests.access.world import World

_WRITE = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@dataclass(frozen=True)
class Answer:
    """`short` is what a cell of the table says; `text` everything that the person can read.

    `changed`: the tables in which the question changed something that is Northwind's.
    """

    short: str
    text: str
    error: str = ""
    changed: frozenset[str] = frozenset()


class Written:
    """Which tables were written to: to look for changes only there."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Note the table and go on."""
        if found := _WRITE.match(sql):
            self.tables.add(found[1])
        return execute(sql, params, many, context)


def path_for(row: Row, world: World) -> str:
    """The address of a row, with the query."""
    path = row.path or path_of(row.label, world.values(row.args))
    return f"{path}?{row.query}" if row.query else path


def own_transaction() -> transaction.Atomic:
    """A transaction of the tests' own: it does not count for what must not run inside one."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


def ask(row: Row, world: World, person: str, *, method: str = "", csrf: bool = False) -> Answer:
    """One person asks one row; the database is put back afterwards."""
    cache.clear()
    client = Client(raise_request_exception=False, enforce_csrf_checks=csrf)
    if person in world.sessions:
        client.cookies["sessionid"] = world.sessions[person]
    path = path_for(row, world)
    written = Written()
    with own_transaction(), connection.execute_wrapper(written):
        if (method or row.method) == "GET":
            response = client.get(path)
        else:
            response = client.post(path, {name: _typed(v, world) for name, v in row.data.items()})
        changed = world.northwind_changed(written.tables)
        transaction.set_rollback(True)
    location = response.headers.get("Location", "")
    error = getattr(response, "exc_info", None)
    body = b"".join(response) if response.streaming else response.content
    return Answer(
        short=_short(response.status_code, location, world),
        text=f"{response.headers}\n{body.decode(errors='replace')}",
        error=repr(error[1]) if error else "",
        changed=frozenset(changed),
    )


def _typed(value: str, world: World) -> object:
    return world.value(value[1:]) if value.startswith("@") else value


def _short(status: int, location: str, world: World) -> str:
    if not location:
        return str(status)
    if location.startswith(world.closed_host):
        return f"{status} to Salesforce"
    parts = urlsplit(location)
    if parts.netloc and parts.netloc != "testserver":
        return f"{status} to {parts.netloc}"
    try:
        return f"{status} to {resolve(parts.path).view_name}"
    except Resolver404:
        return f"{status} to {re.sub(r'[0-9]+', '…', parts.path)}"
