"""Ways straight to a row: by a field's value, and by a piece of a field's text.

An index is made when it is first asked for and kept up to date with each write, so that neither a
query nor a rule has to read every record of an org that has taken tens of thousands of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Keys = dict[str, None]

# Stand before and after each text, so that what it begins and ends with can be looked up, too.
START, END = "\x02\x02", "\x03\x03"
PIECE = 3


def index_key(value: Any) -> Any:
    """Text is compared without regard to case; the caller compares exactly where it must."""
    return value.lower() if isinstance(value, str) else value


class ByValue:
    """The keys of one field's rows by the field's value."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._keys: dict[Any, Keys] = {}

    def entries(self, row: Row | None) -> Iterable[Any]:
        """Under what the row stands."""
        return () if row is None else (index_key(row.get(self.name)),)

    def change(self, key: str, before: Row | None, after: Row | None) -> None:
        """Take the row out where it stood and put it where it now belongs."""
        old, new = self.entries(before), self.entries(after)
        if old == new:
            return
        for entry in old:
            self._keys[entry].pop(key, None)
        for entry in new:
            self._keys.setdefault(entry, {})[key] = None

    def under(self, entries: Iterable[Any]) -> list[Collection[str]]:
        """The keys that stand under each of the entries."""
        return [self._keys[entry] for entry in dict.fromkeys(entries) if self._keys.get(entry)]


class ByPiece(ByValue):
    """The same by every three neighbouring characters of a text, case ignored."""

    def entries(self, row: Row | None) -> Iterable[str]:
        """The pieces of the row's text."""
        value = None if row is None else row.get(self.name)
        return _pieces(f"{START}{value.lower()}{END}") if isinstance(value, str) else ()

    def change(self, key: str, before: Row | None, after: Row | None) -> None:
        """Nothing, as a rule: few writes change the text."""
        if before is None or after is None or before.get(self.name) != after.get(self.name):
            super().change(key, before, after)

    def rarest(self, texts: Sequence[str]) -> list[Collection[str]] | None:
        """The keys of rows that can hold all the texts; None if these are too short to tell."""
        wanted = [piece for text in texts for piece in _pieces(text)]
        if not wanted:
            return None
        return min((self.under([piece]) for piece in wanted), key=size)


def _pieces(text: str) -> tuple[str, ...]:
    return tuple({text[start : start + PIECE]: None for start in range(len(text) - PIECE + 1)})


def size(found: Iterable[Collection[str]]) -> int:
    """How many rows that is at most."""
    return sum(map(len, found))


class Indexes:
    """All indices of one org; belongs under the lock of its space."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], ByValue] = {}
        self._pieces: dict[tuple[str, str], ByPiece] = {}
        self._of: dict[str, list[ByValue]] = {}

    def clear(self) -> None:
        """Forget them all; they are made anew when asked for."""
        for made in (self._values, self._pieces, self._of):
            made.clear()

    def change(self, kind: str, key: str, before: Row | None, after: Row | None) -> None:
        """A row of this kind is no longer `before` but `after`."""
        for index in self._of.get(kind, ()):
            index.change(key, before, after)

    def by_value(self, kind: str, name: str, rows: Mapping[str, Row]) -> ByValue:
        """The index of a field's values."""
        if (kind, name) not in self._values:
            self._values[kind, name] = ByValue(name)
            self._fill(kind, self._values[kind, name], rows)
        return self._values[kind, name]

    def by_piece(self, kind: str, name: str, rows: Mapping[str, Row]) -> ByPiece:
        """The index of the pieces of a field's texts."""
        if (kind, name) not in self._pieces:
            self._pieces[kind, name] = ByPiece(name)
            self._fill(kind, self._pieces[kind, name], rows)
        return self._pieces[kind, name]

    def _fill(self, kind: str, index: ByValue, rows: Mapping[str, Row]) -> None:
        self._of.setdefault(kind, []).append(index)
        for key, row in rows.items():
            index.change(key, None, row)


def merged(found: Iterable[Collection[str]]) -> Iterator[str]:
    """Each key once."""
    return iter(dict.fromkeys(key for keys in found for key in keys))
