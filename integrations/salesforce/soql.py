"""Values inside SOQL. Every value that comes from data goes through `quote`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import quote_plus

# Salesforce takes 100,000 characters; shorter queries keep each answer's time low.
MAX_LENGTH = 20_000
MAX_VALUES = 500

Value = str | int | float | bool | dt.date | dt.datetime | None

_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
# What has no sign of its own in a literal goes by its number.
_SIGNS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_ESCAPED = {sign: f"\\u{sign:04x}" for sign in _SIGNS} | {
    ord(sign): escaped for sign, escaped in _ESCAPES.items()
}
_SURROGATE = re.compile("[\ud800-\udfff]")


def escape(text: str) -> str:
    """The text as it stands between the quotes of a string literal."""
    return _SURROGATE.sub("\ufffd", text).translate(_ESCAPED)


def quote(value: Value) -> str:
    """A value as a SOQL literal: quoted text, number, `true`, `null`, date or date-time.

    A date-time has to know its time zone; ValueError otherwise.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("A date-time in a query has to know its time zone.")
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"'{escape(value)}'"


def quote_like(value: str, *, before: str = "", after: str = "%") -> str:
    """A pattern for LIKE in which `%` and `_` of the value stand for themselves."""
    text = escape(value).replace("%", "\\%").replace("_", "\\_")
    return f"'{before}{text}{after}'"


def in_address(soql: str) -> str:
    """A query as the value of `q` in an address: spaces as `+`, and no sign encoded needlessly.

    A brace always is: composite calls take `@{…}` for a reference to another subrequest.
    """
    return quote_plus(soql, safe="'(),=@:*!/-._~")


def in_list(values: Iterable[Value]) -> str:
    """`('a','b')`, each value once. Raises ValueError for none: `IN ()` is no SOQL."""
    literals = list(dict.fromkeys(quote(value) for value in values))
    if not literals:
        raise ValueError("IN needs at least one value.")
    return f"({','.join(literals)})"


def chunked_in(
    before: str,
    values: Iterable[Value],
    after: str = "",
    *,
    max_length: int = MAX_LENGTH,
    max_values: int = MAX_VALUES,
) -> list[str]:
    """Queries `{before} IN (…){after}`, as many as the values need; none for no values.

    Each query stays within `max_length` characters and `max_values` values. Raises ValueError
    when a single value does not fit.
    """
    frame = len(before) + len(" IN ()") + len(after)
    queries: list[str] = []
    chunk: list[str] = []
    length = frame
    for literal in dict.fromkeys(quote(value) for value in values):
        if frame + len(literal) > max_length:
            raise ValueError("One value is longer than a query may be.")
        if chunk and (length + len(literal) + 1 > max_length or len(chunk) == max_values):
            queries.append(f"{before} IN ({','.join(chunk)}){after}")
            chunk, length = [], frame
        length += len(literal) + (1 if chunk else 0)
        chunk.append(literal)
    if chunk:
        queries.append(f"{before} IN ({','.join(chunk)}){after}")
    return queries
