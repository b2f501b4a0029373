"""WHERE: conditions to functions over a row, with the platform's rules of comparison."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.errors import SalesforceError
from integrations.rehearsal.indexes import END, START
from integrations.rehearsal.schema import Field
from integrations.rehearsal.schema.fields import NUMBERS, TEXTS
from integrations.rehearsal.soql import COMPOUND, Comparison, Literal, Query, located, unescape
from integrations.rehearsal.world import stamp

Test = Callable[[Any], bool]
ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
KINDS = {"date": "date", "datetime": "dateTime", "boolean": "boolean", "int": "int"}
LONGEST_FILTERED = 255
# Wild cards of a pattern, told apart from text by characters that no text has.
ANY_RUN, ANY_ONE = "\x00", "\x01"


def value_test(
    query: Query, comparison: Comparison, field: Field, found: list[Any] | None = None
) -> Test:
    """A test of one field's value. `found` holds what a semi-join's inner query selected.

    Strings compare without regard to case unless the field is case-sensitive; `!=` and `NOT IN`
    hold for empty fields too; an empty string means empty.
    """
    sign = comparison.operator
    if field.type in COMPOUND or (field.type == "textarea" and field.length > LONGEST_FILTERED):
        raise _at(
            query,
            comparison,
            "INVALID_FIELD",
            f"field '{field.name}' can not be filtered in a query call",
        )
    if sign == "like":
        if field.type not in TEXTS:
            raise _at(
                query,
                comparison,
                "INVALID_QUERY_FILTER_OPERATOR",
                f"invalid operator on {field.type} field",
            )
        return like_test(comparison.values[0].raw)
    if found is None and any(item.kind == "relative" for item in comparison.values):
        return _day_test(query, comparison, field)
    fold = _folder(field)
    if found is None:
        wanted = [_convert(query, comparison, field, literal) for literal in comparison.values]
    else:
        wanted = found
    if sign in ("=", "in"):
        accepted = {fold(value) for value in wanted}
        return lambda value: fold(value) in accepted
    if sign in ("!=", "not in"):
        refused = {fold(value) for value in wanted}
        return lambda value: fold(value) not in refused
    if field.type in ("boolean", "id", "reference"):
        raise _at(
            query,
            comparison,
            "INVALID_QUERY_FILTER_OPERATOR",
            f"invalid operator on {field.type} field",
        )
    bound, compare = fold(wanted[0]), ORDERED[sign]
    if bound is None:
        return lambda value: False
    return lambda value: value is not None and bool(compare(fold(value), bound))


def _folder(field: Field) -> Callable[[Any], Any]:
    if field.type in TEXTS and not field.case_sensitive:
        return lambda value: value.lower() if isinstance(value, str) else value
    return lambda value: value


def _at(query: Query, comparison: Comparison, code: str, message: str) -> SalesforceError:
    return located(code, query.text, comparison.path.position, message)


def _convert(query: Query, comparison: Comparison, field: Field, literal: Literal) -> Any:
    """The literal as a value of the field's type; a literal of another kind is refused."""
    kind = literal.kind
    if kind == "null":
        return False if field.type == "boolean" else None
    if field.type in TEXTS and kind == "text":
        return unescape(literal.raw) or None
    if field.type in ("id", "reference") and kind == "text":
        if not literal.raw:
            return None
        full = ids.to18(literal.raw)
        if full is None:
            message = f"invalid ID field: {unescape(literal.raw)}"
            raise _at(query, comparison, "INVALID_QUERY_FILTER_OPERATOR", message)
        return full
    if field.type in NUMBERS and kind == "number":
        return float(literal.raw)
    if field.type == "boolean" and kind == "boolean":
        return literal.raw == "true"
    if field.type in ("date", "datetime") and kind in ("moment", "date"):
        moment = _moment(query, comparison, literal)
        if field.type == "date" and kind != "moment":
            return moment.date().isoformat()
        if field.type == "datetime" and kind != "date":
            return stamp(moment)
    quoted = field.type in TEXTS or field.type in ("id", "reference")
    enclosed = "should be enclosed in quotes" if quoted else "should not be enclosed in quotes"
    expected = "string" if quoted else KINDS.get(field.type, "double")
    raise _at(
        query,
        comparison,
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {expected} and "
        f"{enclosed}",
    )


def _moment(query: Query, comparison: Comparison, literal: Literal) -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if literal.kind == "moment":
            written = literal.raw.upper().replace("Z", "+00:00")
            return datetime.fromisoformat(written).astimezone(UTC)
        if literal.kind == "date":
            return datetime.combine(date.fromisoformat(literal.raw), datetime.min.time(), UTC)
        days = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1, "LAST_N_DAYS": -literal.number}
        return today + timedelta(days=days[literal.raw])
    except (ValueError, KeyError, OverflowError) as error:
        message = f"unexpected token: '{literal.raw}'"
        raise _at(query, comparison, "MALFORMED_QUERY", message) from error


def _day_test(query: Query, comparison: Comparison, field: Field) -> Test:
    """Words such as TODAY mean whole days, also where the field has a time."""
    literal = comparison.values[0]
    if field.type not in ("date", "datetime") or len(comparison.values) != 1:
        message = f"unexpected token: '{literal.raw}'"
        raise _at(query, comparison, "MALFORMED_QUERY", message)
    day = _moment(query, comparison, literal).date().isoformat()
    sign = comparison.operator
    if literal.raw == "LAST_N_DAYS" and sign in ("=", "in"):
        sign = ">="
    if sign in ORDERED:
        return lambda value: value is not None and bool(ORDERED[sign](value[:10], day))
    equal = sign in ("=", "in")
    return lambda value: (value is not None and value[:10] == day) == equal


def like_test(raw: str) -> Test:
    """LIKE: `%` any run, `_` one character, both escapable; case never counts."""
    parts = list(_like_parts(raw))
    texts = [part for part in parts if part not in (ANY_RUN, ANY_ONE)]
    if len(texts) == 1 and parts == [ANY_RUN, texts[0], ANY_RUN]:
        plain = texts[0]
        return lambda value: isinstance(value, str) and plain in value.lower()
    wild = {ANY_RUN: ".*", ANY_ONE: "."}
    pattern = "".join(wild.get(part) or re.escape(part) for part in parts)
    matches = re.compile(pattern, re.DOTALL).fullmatch
    return lambda value: isinstance(value, str) and matches(value.lower()) is not None


def like_texts(raw: str) -> list[str]:
    """What a text that meets the pattern holds, as an index of pieces keeps texts."""
    parts = [START, *_like_parts(raw), END]
    runs = "".join(ANY_RUN if part == ANY_ONE else part for part in parts).split(ANY_RUN)
    return [run for run in runs if run]


def _like_parts(raw: str) -> Iterator[str]:
    """The pattern in lower case, runs of plain text between `ANY_RUN` and `ANY_ONE`."""
    plain, position = "", 0
    while position < len(raw):
        character = raw[position]
        wild = {"%": ANY_RUN, "_": ANY_ONE}.get(character)
        if character == "\\" and position + 1 < len(raw):
            position += 1
            escaped = raw[position] in "%_"
            plain += (raw[position] if escaped else unescape("\\" + raw[position])).lower()
        elif wild is None:
            plain += character.lower()
        else:
            if plain:
                yield plain
            plain = ""
            yield wild
        position += 1
    if plain:
        yield plain
