"""Salesforce record ids: 15 case-sensitive characters and a 3-character check suffix."""

from __future__ import annotations

import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SUFFIX_ALPHABET = string.ascii_uppercase + "012345"
_ALLOWED = frozenset(ALPHABET)


def suffix(id15: str) -> str:
    """The three characters that make a 15-character id safe where case is lost.

    For each block of five characters, bit i is set if character i is an upper-case letter.
    """
    result = ""
    for start in (0, 5, 10):
        number = 0
        for bit, character in enumerate(id15[start : start + 5]):
            if "A" <= character <= "Z":
                number |= 1 << bit
        result += SUFFIX_ALPHABET[number]
    return result


def to18(value: object) -> str | None:
    """The 18-character form of an id, or None if it is not an id (wrong length or suffix)."""
    if not isinstance(value, str) or len(value) not in (15, 18) or not set(value) <= _ALLOWED:
        return None
    full = value[:15] + suffix(value[:15])
    if len(value) == 18 and value[15:].upper() != full[15:]:
        return None
    return full


def make(prefix: str, number: int, instance: str = "7z") -> str:
    """An id as an org hands it out: key prefix, instance, counter in base 62."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    body = prefix + instance + digits.rjust(15 - len(prefix) - len(instance), "0")
    return body + suffix(body)
