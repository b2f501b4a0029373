"""JSON of an answer, made harmless: nothing in it can break what reads, stores or shows it later.

Python reads more than JSON allows (NaN, Infinity, 1e999, lone surrogates) and keeps what a
database refuses (null characters). Such numbers make the answer unreadable; such characters are
taken out. Nesting far beyond anything Salesforce sends is refused before it meets a recursion.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

# describe, layouts and composites of queries nest about a dozen levels.
DEEPEST = 60
_TROUBLE = re.compile("[\x00\ud800-\udfff]")


def json_read(body: bytes | str) -> Any:
    """The value of a JSON text; ValueError for anything that is none, too deep or no number."""
    text = body.decode("utf-8", errors="replace") if isinstance(body, bytes) else body
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("The answer is nested too deeply.") from None
    return json_checked(value)


def json_checked(value: Any) -> Any:
    """The value itself without null characters and lone surrogates; ValueError if too deep."""
    holder = [value]
    todo: list[tuple[Any, int]] = [(holder, 0)]
    while todo:
        container, depth = todo.pop()
        if depth > DEEPEST:
            raise ValueError("The answer is nested too deeply.")
        if isinstance(container, dict):
            for name in [name for name in container if _TROUBLE.search(name)]:
                container[text_cleaned(name)] = container.pop(name)
            parts: Any = container.items()
        else:
            parts = enumerate(container)
        for place, part in list(parts):
            if isinstance(part, str):
                if _TROUBLE.search(part):
                    container[place] = text_cleaned(part)
            elif isinstance(part, dict | list):
                todo.append((part, depth + 1))
            elif isinstance(part, float) and not math.isfinite(part):
                raise ValueError("The answer holds something that is no number.")
    return holder[0]


def text_cleaned(text: str) -> str:
    """A text that every database takes: no null characters, no halves of a character."""
    return _TROUBLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("A number of the answer is too large.")
    return value
