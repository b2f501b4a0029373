"""What a document is made of: plain dictionaries that the typesetting template knows by `kind`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.signoff.types import MONO, OK, WARN

Block = dict[str, Any]
Fact = tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, str]

# Kinds of a column. "" is text in the size of a table.
NUMBER = "number"


def chapter(title: str, intro: str, *blocks: Block | Iterable[Block], breaks: bool = True) -> Block:
    """A chapter: in the table of contents and the bookmarks; `breaks`: on a page of its own."""
    inside: list[Block] = []
    for one in blocks:
        inside += [one] if isinstance(one, dict) else one
    return {"title": title, "intro": intro, "blocks": inside, "breaks": breaks}


def heading(text: str, level: int = 2) -> Block:
    """Level 2 is a section (in the contents), level 3 and 4 stand below it (bookmarks only)."""
    return {"kind": "heading", "text": text, "level": level}


def paragraph(text: str) -> Block:
    """Running text in the quiet color."""
    return {"kind": "paragraph", "text": text}


def facts(*rows: Fact) -> Block:
    """Label and value, a line each; a third part says how it is set (MONO, OK, WARN), a fourth is
    a note below. Lines without a value are left out."""
    shown = []
    for row in rows:
        label, value, kind, note = (*row, "", "")[:4]
        if value:
            shown.append({"label": label, "value": value, "kind": kind, "note": note})
    return {"kind": "facts", "rows": shown}


def table(columns: Sequence[tuple[str, str, str]], rows: Iterable[Sequence[str]]) -> Block:
    """Columns are (title, width as typst knows it, kind); rows are plain texts."""
    return {
        "kind": "table",
        "columns": [
            {"title": title, "width": width, "kind": kind} for title, width, kind in columns
        ],
        "rows": [[str(cell) for cell in row] for row in rows],
    }


def code(text: str) -> Block:
    """A program or a hash, as it is."""
    return {"kind": "code", "text": text}


def quote(name: str, role: str, meaning: str, *rows: Fact) -> Block:
    """A signature: who, what it means, and the facts of it."""
    return {"kind": "quote", "name": name, "role": role, "meaning": meaning, **_rows(rows)}


def _rows(rows: Sequence[Fact]) -> Block:
    return {"rows": facts(*rows)["rows"]}


def mark(good: bool) -> str:
    """How a line is set that is right or needs a look."""
    return OK if good else WARN


def value_words(value: Any, names: dict[str, Any] | None = None) -> str:
    """A field's value as a person reads it; ids with the name behind them."""
    if value is None or value == "":
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    name = (names or {}).get(text)
    return f"{name} ({text})" if name else text


__all__ = [
    "MONO",
    "NUMBER",
    "OK",
    "WARN",
    "Block",
    "chapter",
    "code",
    "facts",
    "heading",
    "mark",
    "paragraph",
    "quote",
    "table",
    "value_words",
]
