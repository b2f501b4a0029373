"""Where queries find rows: records from the org's storage, set-up rows from its configuration."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from integrations.rehearsal.access import Access
from integrations.rehearsal.indexes import merged
from integrations.rehearsal.setup import (
    automation,
    conversion,
    definitions,
    layouts,
    people,
    record_pages,
    record_types,
    reports,
    rights,
    sandboxes,
)
from integrations.rehearsal.setup.made import KEY
from integrations.rehearsal.store import Row

Maker = Callable[[Access], list[Row]]
MAKERS: dict[str, Maker] = {
    **automation.MAKERS,
    **conversion.MAKERS,
    **definitions.MAKERS,
    **layouts.MAKERS,
    **people.MAKERS,
    **record_pages.MAKERS,
    **record_types.MAKERS,
    **reports.MAKERS,
    **rights.MAKERS,
    **sandboxes.MAKERS,
}


class Rows:
    """The rows one user can ask for; what is made is made once a query."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._space = access.org.space
        self._made: dict[str, dict[str, Row]] = {}

    def all(self, name: str) -> list[Row]:
        """All rows of an object."""
        return list(self._table(name).values()) if name in MAKERS else self._space.rows(name)

    def get(self, name: str, key: str) -> Row | None:
        """One row by its id (or durable id), or None."""
        return self._table(name).get(key) if name in MAKERS else self._space.get(name, key)

    def having(self, name: str, field: str, values: list[Any]) -> list[Collection[str]] | None:
        """The keys of rows whose field has one of the values; None if all have to be read."""
        return None if name in MAKERS else self._space.having(name, field, values)

    def holding(self, name: str, field: str, texts: list[str]) -> list[Collection[str]] | None:
        """The keys of rows whose field can hold all the texts; None if all have to be read."""
        return None if name in MAKERS else self._space.holding(name, field, texts)

    def picked(self, name: str, found: list[Collection[str]]) -> list[Row]:
        """The rows of keys, each once, in the order of all."""
        if name not in MAKERS:
            return self._space.picked(name, found)
        keys = set(merged(found))
        return [row for key, row in self._table(name).items() if key in keys]

    def _table(self, name: str) -> dict[str, Row]:
        if name not in self._made:
            made = MAKERS[name](self._access)
            self._made[name] = {row.get(KEY) or row["Id"]: row for row in made}
        return self._made[name]
