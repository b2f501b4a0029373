"""Reads an address or error text that a person pasted from Salesforce's own error page.

It may hold an authorization code or a state: nothing of it is stored or logged, and what is shown
back is only what names the error.
"""

import re
from urllib.parse import unquote_plus

from integrations.oauth.problem_table import ROWS, Problem
from integrations.oauth.problems import problem_of

LONGEST = 4_000
SHOWN = 300
# People copy what fits the address bar: the beginning of a known text, at the end, is enough.
_ENOUGH = 10
_PAIR = re.compile(r"(?:^|[?&#;\s])(error|error_code|error_description)=([^&#\s]*)", re.IGNORECASE)
# Looks like a code or a token wherever it stands.
_SECRET = re.compile(r"(?=[A-Za-z_!=%+-]*[0-9])[A-Za-z0-9_!=%+-]{32,}")


def pasted_problem(text: str) -> Problem | None:
    """The row whose words stand in the text, the most exact first; None when it is not known."""
    plain = _plain(text)
    if not plain:
        return None
    return _by_words(plain) or _by_code(text) or _by_general_page(plain)


def pasted_shown(text: str) -> str:
    """What may stand on the page again: the address without its parameters, and the error."""
    text = _decoded(text.strip()[:LONGEST])
    if "=" not in text:
        return _SECRET.sub("…", text)[:SHOWN]
    errors = [f"{name}={_only_words(value)}" for name, value in _pairs(text)]
    address = re.split(r"[?#;&\s]", text, maxsplit=1)[0]
    kept = "" if "=" in address else _SECRET.sub("…", address)
    return "?".join(part for part in (kept, "&".join(errors)) if part)[:SHOWN]


def _by_words(plain: str) -> Problem | None:
    found = [(words, row) for row in ROWS for words in row.address_bar if _stands_in(words, plain)]
    return max(found, key=lambda one: len(one[0]))[1] if found else None


def _by_general_page(plain: str) -> Problem | None:
    for row in ROWS:
        if any(_stands_in(words, plain) for words in row.general_page):
            return row
    return None


def _by_code(text: str) -> Problem | None:
    pairs = dict(_pairs(_decoded(text[:LONGEST])))
    code = pairs.get("error") or pairs.get("error_code") or text.strip()
    row = problem_of(code[:80], pairs.get("error_description", ""))
    general = row.code == "unknown" or code.strip().lower() in row.general_page
    return None if general else row


def _stands_in(words: str, plain: str) -> bool:
    if words in plain:
        return True
    return any(plain.endswith(words[:end]) for end in range(_ENOUGH, len(words)))


def _pairs(decoded: str) -> list[tuple[str, str]]:
    return [(found[1].lower(), found[2]) for found in _PAIR.finditer(decoded)]


def _only_words(value: str) -> str:
    """An error text holds words; a token or code hidden in it has other characters or is long."""
    words = re.findall(r"[A-Za-z_'’-]{1,40}(?![A-Za-z0-9_'’-])", value)
    return "+".join(words)


def _decoded(text: str) -> str:
    """Percent-encoding taken away, also where an address stands inside another."""
    for _again in range(3):
        # A plus stays one here, so that the parameters keep their ends.
        further = unquote_plus(text.replace("+", "%2B")).replace("\0", "")
        if further == text:
            break
        text = further
    return text


def _plain(text: str) -> str:
    decoded = _decoded(text.strip()[:LONGEST]).lower()
    return " ".join(decoded.replace("+", " ").replace("’", "'").split())
