"""Storage: rows in memory, written through to one SQLite file at the end of each transaction.

A `Space` is one org's records (or the sign-in state). Its lock is held for a whole transaction, so
calls that write to one org run one after the other, and a failed one leaves nothing behind. Rows
are never changed in place: a reader that holds one may keep it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from integrations.rehearsal.indexes import Indexes, index_key, merged
from integrations.rehearsal.indexes import Row as Row


class Database:
    """The file behind all spaces."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=20)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS document (space TEXT, kind TEXT, id TEXT, body TEXT,"
            " PRIMARY KEY (space, kind, id))"
        )
        self._connection.commit()

    def load(self, space: str) -> Iterator[tuple[str, str, Row]]:
        """All rows of a space in the order they were first kept."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT kind, id, body FROM document WHERE space = ? ORDER BY rowid", (space,)
            ).fetchall()
        for kind, key, body in rows:
            yield kind, key, json.loads(body)

    def write(self, space: str, changes: dict[tuple[str, str], Row | None]) -> None:
        """Keep or delete (None) rows in one transaction."""
        with self._lock, self._connection:
            for (kind, key), row in changes.items():
                if row is None:
                    self._connection.execute(
                        "DELETE FROM document WHERE space = ? AND kind = ? AND id = ?",
                        (space, kind, key),
                    )
                else:
                    self._connection.execute(
                        "INSERT INTO document VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (space, kind, id) DO UPDATE SET body = excluded.body",
                        (space, kind, key, json.dumps(row, ensure_ascii=False)),
                    )

    def clear(self, space: str) -> None:
        """Delete all rows of a space."""
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM document WHERE space = ?", (space,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


class Space:
    """The rows of one org by kind and id, with transactions that nest."""

    def __init__(self, database: Database, name: str) -> None:
        self.name = name
        self.lock = threading.RLock()
        self._database = database
        self._tables: dict[str, dict[str, Row]] = {}
        # When each row came, to give what an index finds in the order of all rows.
        self._places: dict[tuple[str, str], int] = {}
        self._last_place = 0
        self._indexes = Indexes()
        self._undo: list[tuple[str, str, Row | None]] = []
        self._depth = 0
        self._first_day: dict[str, dict[str, Row]] | None = None
        self._reload()

    def _reload(self) -> None:
        self._tables.clear()
        self._places.clear()
        self._indexes.clear()
        for kind, key, row in self._database.load(self.name):
            self._set(kind, key, row)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is kept together or not at all; an inner one is a savepoint."""
        with self.lock:
            mark = len(self._undo)
            self._depth += 1
            try:
                yield
            except BaseException:
                while len(self._undo) > mark:
                    self._set(*self._undo.pop())
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._flush()

    def _flush(self) -> None:
        touched = {(kind, key) for kind, key, _ in self._undo}
        self._undo.clear()
        if touched:
            # Sorted, so that rows made in one transaction keep their order over a restart.
            changes = {(k, i): self.get(k, i) for k, i in sorted(touched)}
            self._database.write(self.name, changes)

    def _set(self, kind: str, key: str, row: Row | None) -> None:
        table = self._tables.setdefault(kind, {})
        self._indexes.change(kind, key, table.get(key), row)
        if row is None:
            table.pop(key, None)
            self._places.pop((kind, key), None)
            return
        if key not in table:
            self._last_place += 1
            self._places[kind, key] = self._last_place
        table[key] = row

    def put(self, kind: str, key: str, row: Row) -> None:
        """Keep `row`; only inside a transaction."""
        self._undo.append((kind, key, self.get(kind, key)))
        self._set(kind, key, row)

    def drop(self, kind: str, key: str) -> None:
        """Remove a row for good; only inside a transaction."""
        if self.get(kind, key) is not None:
            self._undo.append((kind, key, self.get(kind, key)))
            self._set(kind, key, None)

    def get(self, kind: str, key: str) -> Row | None:
        """A row, or None."""
        return self._tables.get(kind, {}).get(key)

    def rows(self, kind: str) -> list[Row]:
        """All rows of a kind in the order they came."""
        with self.lock:
            return list(self._tables.get(kind, {}).values())

    def kinds(self) -> list[str]:
        """The kinds that have had rows."""
        with self.lock:
            return list(self._tables)

    def items(self, kind: str) -> list[tuple[str, Row]]:
        """Ids and rows of a kind in the order they came."""
        with self.lock:
            return list(self._tables.get(kind, {}).items())

    def find(self, kind: str, name: str, values: Sequence[Any]) -> list[Row]:
        """Rows whose field has one of the values (case ignored), in the order they came."""
        with self.lock:
            return self.picked(kind, self.having(kind, name, values))

    def having(self, kind: str, name: str, values: Sequence[Any]) -> list[Collection[str]]:
        """The keys of those rows, unmerged; belongs under the lock, as do the next two."""
        index = self._indexes.by_value(kind, name, self._tables.get(kind, {}))
        return index.under(map(index_key, values))

    def holding(self, kind: str, name: str, texts: Sequence[str]) -> list[Collection[str]] | None:
        """The keys of rows whose field can hold all the texts; None if all have to be read."""
        return self._indexes.by_piece(kind, name, self._tables.get(kind, {})).rarest(texts)

    def picked(self, kind: str, found: Sequence[Collection[str]]) -> list[Row]:
        """The rows of keys, each once, in the order they came."""
        table, places = self._tables.get(kind, {}), self._places
        keys = sorted((key for key in merged(found) if key in table), key=lambda k: places[kind, k])
        return [table[key] for key in keys]

    def count_up(self, counter: str, start: int) -> int:
        """The next number of a counter; only inside a transaction."""
        row = self.get("counter", counter)
        value = row["value"] + 1 if row else start
        self.put("counter", counter, {"value": value})
        return int(value)

    def keep_first_day(self) -> None:
        """Remember the present as what `reset` leads back to; rows never change in place."""
        self._first_day = {kind: dict(table) for kind, table in self._tables.items()}

    def reset(self) -> bool:
        """Back to the first day, on disk too; False if that was in an earlier process."""
        if self._first_day is None:
            self.clear()
            return False
        with self.transaction():
            for kind, table in list(self._tables.items()):
                kept = self._first_day.get(kind, {})
                for key, row in list(table.items()):
                    if kept.get(key) is not row:
                        self.drop(kind, key)
            for kind, kept in self._first_day.items():
                now = self._tables.get(kind, {})
                for key, row in kept.items():
                    if key not in now:
                        self.put(kind, key, row)
                if list(self._tables.get(kind, {})) != list(kept):
                    # What was put back is where it was: queries without ORDER BY show it.
                    self._tables[kind] = dict(kept)
                    for key in kept:
                        self._last_place += 1
                        self._places[kind, key] = self._last_place
        return True

    def clear(self) -> None:
        """Forget everything, on disk too."""
        with self.lock:
            self._database.clear(self.name)
            self._reload()
