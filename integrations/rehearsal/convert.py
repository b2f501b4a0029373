"""Values in a request to values in a row, refused as the platform refuses them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from integrations.rehearsal import ids
from integrations.rehearsal.errors import SalesforceError, refuse
from integrations.rehearsal.schema import Field
from integrations.rehearsal.schema.fields import NUMBERS, TEXTS
from integrations.rehearsal.world import stamp

# The platform's own check is close to this: one @, no spaces, a dot in the domain.
EMAIL = re.compile(
    r"[^\s@<>()\[\],;:\"\\]+@[\w](?:[\w-]*[\w])?(?:\.[\w](?:[\w-]*[\w])?)+", re.UNICODE
)
SHOWN = 255
JSON_KINDS = {"date": "date", "datetime": "datetime", "boolean": "boolean", "int": "int"}


def to_stored(field: Field, value: Any) -> Any:
    """The value as stored; an empty string is an empty field.

    Raises SalesforceError with the code the platform gives: JSON_PARSER_ERROR, STRING_TOO_LONG,
    INVALID_EMAIL_ADDRESS, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, MALFORMED_ID,
    NUMBER_OUTSIDE_VALID_RANGE or INVALID_TYPE_ON_FIELD_IN_RECORD.
    """
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if field.type == "boolean":
            message = f"{field.label}: value not of required type: "
            raise refuse("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field.name])
        return None
    if isinstance(value, list | dict):
        raise _unreadable(field, value)
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type in NUMBERS:
        return _number(field, value)
    if field.type in ("date", "datetime"):
        return _moment(field, value)
    if not isinstance(value, str):
        raise _unreadable(field, value)
    if field.type in ("reference", "id"):
        return reference_id(field, value)
    if field.type in TEXTS:
        return _text(field, value)
    raise _unreadable(field, value)


def reference_id(field: Field, value: str) -> str:
    """An 18-character id; anything else is an id of the wrong type."""
    full = ids.to18(value)
    if full is None:
        message = f"{field.label}: id value of incorrect type: {value[:SHOWN]}"
        raise refuse("MALFORMED_ID", message, [field.name])
    return full


def _unreadable(field: Field, value: Any) -> SalesforceError:
    kinds = {bool: "VALUE_TRUE" if value else "VALUE_FALSE", int: "VALUE_NUMBER_INT"}
    kinds |= {float: "VALUE_NUMBER_FLOAT", list: "START_ARRAY", dict: "START_OBJECT"}
    found = kinds.get(type(value), "VALUE_STRING")
    shown = "" if isinstance(value, list | dict) else f" value {str(value)[:SHOWN]}"
    wanted = "double" if field.type in NUMBERS else "string"
    message = (
        f"Cannot deserialize instance of {JSON_KINDS.get(field.type, wanted)} from {found}{shown} "
        "or request may be missing a required field at [line:1, column:1]"
    )
    return refuse("JSON_PARSER_ERROR", message)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _unreadable(field, value)


def _number(field: Field, value: Any) -> int | float:
    if isinstance(value, bool):
        raise _unreadable(field, value)
    try:
        result = float(value)
        whole = int(result)
    except (ValueError, OverflowError) as error:
        raise _unreadable(field, value) from error
    largest = 10 ** (field.digits or field.precision - field.scale or 18)
    if abs(result) >= largest:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise refuse("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    if field.type == "int":
        if result != whole:
            raise _unreadable(field, value)
        return whole
    return result


def _moment(field: Field, value: Any) -> str:
    try:
        if not isinstance(value, str):
            raise ValueError(value)
        if field.type == "date":
            return date.fromisoformat(value[:10] if "T" in value else value).isoformat()
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return stamp(moment)
    except (ValueError, OverflowError) as error:
        raise _unreadable(field, value) from error


def _text(field: Field, value: str) -> str:
    if field.length and len(value) > field.length:
        message = (
            f"{field.label}: data value too large: {value[:SHOWN]} (max length={field.length})"
        )
        raise refuse("STRING_TOO_LONG", message, [field.name])
    if field.type == "email" and not EMAIL.fullmatch(value):
        message = f"{field.label}: invalid email address: {value}"
        raise refuse("INVALID_EMAIL_ADDRESS", message, [field.name])
    if field.type == "picklist" and field.restricted:
        known = {entry.lower(): entry for entry in field.picklist}
        if value.lower() not in known:
            message = f"{field.label}: bad value for restricted picklist field: {value}"
            raise refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
        return known[value.lower()]
    return value
