"""Taking answers apart: another form than the documented one is an error, never a guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18

# Refusals of a question that mean "this user may not ask that", or "this org does not know it":
# Salesforce gives the same answer to both (platform reference, 3.2 and 4.1).
NOT_READABLE = frozenset(
    {
        "INVALID_TYPE",
        "INVALID_FIELD",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "NOT_FOUND",
    }
)


def odd(detail: str) -> SalesforceError:
    """The error for an answer to a read that has not the form we know."""
    return SalesforceError("UNEXPECTED_ANSWER", detail=detail)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Whatever goes wrong while an answer is taken apart is `UNEXPECTED_ANSWER`."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError):
        raise odd(what) from None


def text(value: Any) -> str:
    """The text itself, "" for null; TypeError for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value


def named(value: Any) -> str:
    """A text that is not empty; TypeError or ValueError for anything else."""
    found = text(value)
    if not found:
        raise ValueError
    return found


def flag(value: Any) -> bool:
    """True or false, null as false; TypeError for anything else."""
    if value is None:
        return False
    if not isinstance(value, bool):
        raise TypeError
    return value


def number(value: Any) -> int:
    """A whole number, null as 0; TypeError for anything else."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def items(value: Any) -> list[Mapping[str, Any]]:
    """A list of objects, null as none; TypeError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise TypeError
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, null as none; TypeError for anything else."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError
    return tuple(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, null as an empty one; TypeError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def record_id(value: Any) -> str:
    """A record id in its 18-character form; ValueError or TypeError for anything else."""
    if not isinstance(value, str):
        raise TypeError
    return id18(value)


def record_id_or_none(value: Any) -> str:
    """As `record_id`, with "" for null and for an empty text."""
    return record_id(value) if value else ""
