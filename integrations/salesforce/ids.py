"""Record ids, object names and reference names: checked before they become part of an address."""

from __future__ import annotations

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,38}")
_GRAPH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def is_id(value: object, prefix: str | None = None) -> bool:
    """Whether the value has the form of a record id, and begins with the key prefix if given."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return False
    return prefix is None or value.startswith(prefix)


def id18(value: str) -> str:
    """The 18-character form of a record id (platform reference, 8.2).

    An id that has 18 characters already is returned as it came. Raises ValueError for anything
    that is no id.
    """
    if not is_id(value):
        raise ValueError("This is not a Salesforce record ID.")
    if len(value) == 18:
        return value
    suffix = ""
    for start in (0, 5, 10):
        block = value[start : start + 5]
        suffix += _SUFFIX[sum(1 << place for place, sign in enumerate(block) if sign.isupper())]
    return value + suffix


def checked_id(value: str) -> str:
    """The id itself, or ValueError: an odd one could lead the token to another host."""
    if not is_id(value):
        raise ValueError("This is not a Salesforce record ID.")
    return value


def checked_name(value: str) -> str:
    """The API name of an object or field itself, or ValueError."""
    if not _NAME.fullmatch(value):
        raise ValueError(f"Not an API name: {value!r}")
    return value


def checked_path(value: str) -> str:
    """A field as a query names it (`Email`, `Owner.Name`), or ValueError."""
    for part in value.split("."):
        checked_name(part)
    return value


def checked_reference(value: str) -> str:
    """The reference id of a node itself, or ValueError."""
    if not _REFERENCE.fullmatch(value):
        raise ValueError(f"Not a reference id: {value!r}")
    return value


def checked_graph_id(value: str) -> str:
    """The id of a graph itself, or ValueError: at most 39 letters, digits, `_` and `-`."""
    if not _GRAPH.fullmatch(value):
        raise ValueError(f"Not a graph id: {value!r}")
    return value
