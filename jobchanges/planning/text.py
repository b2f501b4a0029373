"""Small questions about text that planning and matching share."""

from __future__ import annotations

import unicodedata

from jobchanges.planning.types import JobChangeData

# Longer than this, a value is worth looking at in a test (standard lengths in an org: 40–128).
LONG = {"first_name": 40, "last_name": 80, "new_title": 80, "new_company_name": 80, "new_email": 80}


def utf16_length(text: str) -> int:
    """How long Salesforce finds a text: it counts UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, length: int) -> str:
    """The longest beginning of a text that fits, never half a character or a bare accent."""
    units = 0
    for index, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > length:
            end = index
            # The first character left out may be an accent of the last one kept.
            while end > 0 and unicodedata.combining(text[end]):
                end -= 1
            return text[:end].rstrip()
    return text


def as_data(text: str) -> str:
    """Text that a composite call takes as it is.

    `@{person.id}` inside a value would be read as a reference to another node of the graph, and
    Salesforce knows no way to escape it; a space keeps the words and takes the meaning away.
    Control characters are dropped: no field of ours can hold them.
    """
    clean = "".join(
        character if character in "\n\t" or unicodedata.category(character) != "Cc" else ""
        for character in text
    )
    return clean.replace("@{", "@ {").strip()


def long_or_non_latin(job_change: JobChangeData) -> bool:
    """Whether names or title are in another script or unusually long."""
    for name, limit in LONG.items():
        value = str(getattr(job_change, name))
        if len(value) > limit:
            return True
        if not value.isascii() and any(_is_foreign(character) for character in value):
            return True
    return False


def _is_foreign(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "").startswith(
        ("LATIN", "FEMININE", "MASCULINE", "MODIFIER")
    )
