"""A value in the type that a field of the org has, or why it has none. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from jobchanges.planning.text import as_data
from jobchanges.planning.types import FieldFacts, Value

TEXT_TYPES = frozenset({"string", "textarea", "encryptedstring", "picklist", "combobox"})
_NUMBER_TYPES = frozenset({"int", "long", "double", "currency", "percent"})
# Field type → the kinds of sources it takes, and what it is called. Text types take them all.
TAKES: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "email": (frozenset({"email"}), "an e-mail address"),
    "url": (frozenset({"url"}), "a web address"),
    "phone": (frozenset({"phone"}), "a phone number"),
    **dict.fromkeys(_NUMBER_TYPES, (frozenset({"number"}), "a number")),
    "date": (frozenset({"date", "datetime"}), "a date such as 2026-03-27"),
    "datetime": (frozenset({"datetime"}), "a date and time such as 2026-03-27T09:30:00Z"),
    "boolean": (frozenset({"boolean"}), "“true” or “false”"),
    "multipicklist": (frozenset(), "fixed values with semicolons between them"),
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_WORDS_OF_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
_LARGEST_INT = 2**31 - 1
_LARGEST = Decimal(10) ** 18
# Salesforce knows no day outside these years.
_FIRST_DAY, _LAST_DAY = date(1700, 1, 1), date(4000, 12, 31)


class Unfit(ValueError):
    """A value that the field cannot take; the sentence says why."""


def typed(raw: Value, facts: FieldFacts) -> Value:
    """The value as the field's type has it; its length is not looked at. Raises Unfit."""
    if facts.type == "boolean":
        truth = raw if isinstance(raw, bool) else _WORDS_OF_TRUTH.get(str(raw).strip().lower())
        if truth is None:
            raise Unfit(_takes(facts, raw))
        return truth
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    text = as_data(str(raw))
    if facts.type in _NUMBER_TYPES:
        return _number(text, facts)
    if facts.type == "date":
        return _day(text, facts).isoformat()
    if facts.type == "datetime":
        return _moment(text, facts)
    if facts.type == "email" and not _EMAIL.fullmatch(text):
        raise Unfit(_takes(facts, text))
    if facts.type == "multipicklist":
        return ";".join(filter(None, (one.strip() for one in text.split(";"))))
    return text


def _number(text: str, facts: FieldFacts) -> int | float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unfit(_takes(facts, text)) from None
    if not number.is_finite():
        raise Unfit(_takes(facts, text))
    is_whole = number == number.to_integral_value()
    if facts.type in {"int", "long"} or (facts.precision and not facts.scale):
        if not is_whole:
            raise Unfit(f"This field takes whole numbers only, and “{text}” is none.")
        if facts.type == "int" and abs(number) > _LARGEST_INT:
            raise Unfit(f"“{text}” is larger than this field takes.")
    digits = facts.precision - facts.scale
    if abs(number) >= (Decimal(10) ** digits if facts.precision else _LARGEST):
        raise Unfit(f"“{text}” is larger than this field takes.")
    if facts.precision and not is_whole and number != round(number, facts.scale):
        raise Unfit(f"This field takes {facts.scale} decimals, and “{text}” has more.")
    return int(number) if is_whole else float(number)


def _day(text: str, facts: FieldFacts) -> date:
    try:
        day = date.fromisoformat(text[:10])
        if len(text) > 10:
            datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(_takes(facts, text)) from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise Unfit(f"Salesforce takes no date as far away as {text}.")
    return day


def _moment(text: str, facts: FieldFacts) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(_takes(facts, text)) from None
    if moment.tzinfo is None:
        raise Unfit(_takes(facts, text))
    if not _FIRST_DAY <= moment.date() <= _LAST_DAY:
        raise Unfit(f"Salesforce takes no date as far away as {text}.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _takes(facts: FieldFacts, raw: object) -> str:
    return f"This field takes {TAKES[facts.type][1]}, and “{raw}” is none."
