"""Long words get places to break, so that no name, address or hash leaves its column."""

import re
from typing import Any

# Zero-width space: invisible, and a line may end there.
BREAK = "\u200b"
# How many letters of a word always fit, by where it stands.
LINE, LABEL, CELL, FIXED_CELL = 40, 24, 20, 22
_WORDS = {most: re.compile(rf"\S{{{most + 1},}}") for most in (LINE, LABEL, CELL, FIXED_CELL)}


def breakable(text: str, most: int = LINE) -> str:
    """The text with places to break inside words of more than `most` letters."""
    if len(text) <= most:
        return text
    return _WORDS[most].sub(lambda found: _broken(found[0], most), text)


def _broken(word: str, most: int) -> str:
    """API names break after an underscore where that is enough, other words anywhere."""
    parts = re.findall(r"[^_]*_+|[^_]+", word)
    if all(len(part) <= most for part in parts):
        return BREAK.join(parts)
    return BREAK.join(word)


def laid_out(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every text breakable where it stands; programs stay as they are."""
    return document | {
        "customer": breakable(document["customer"]),
        "footer": breakable(document["footer"]),
        "glance": _facts(document["glance"]),
        "chapters": [
            one | {"blocks": [_block(inside) for inside in one["blocks"]]}
            for one in document["chapters"]
        ],
    }


def _block(block: dict[str, Any]) -> dict[str, Any]:
    kind = block["kind"]
    if kind == "table":
        most = [FIXED_CELL if one["kind"] == "mono" else CELL for one in block["columns"]]
        rows = [
            [breakable(cell, fits) for cell, fits in zip(row, most, strict=True)]
            for row in block["rows"]
        ]
        return block | {"rows": rows}
    if kind == "facts":
        return block | {"rows": _facts(block["rows"])}
    if kind == "quote":
        texts = {name: breakable(block[name]) for name in ("name", "role", "meaning")}
        return block | texts | {"rows": _facts(block["rows"])}
    if kind in ("heading", "paragraph"):
        return block | {"text": breakable(block["text"])}
    return block


def _facts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        row
        | {
            "label": breakable(row["label"], LABEL),
            # Hashes fit on a line and are better copied whole.
            "value": row["value"] if _is_hash(row["value"]) else breakable(row["value"]),
            "note": breakable(row["note"]),
        }
        for row in rows
    ]


def _is_hash(text: str) -> bool:
    return len(text) == 64 and text.isalnum()
