"""Names as they are looked for in an org: SOQL conditions, and the same test on this side.

Whoever typed a name left out accents, apostrophes and hyphens or did not: those places match
anything. The test on this side sees that a row which another question brought along counts only
if the own question would have found it, too: so many job changes asked about together get the
same answer as each alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from integrations.salesforce.soql import escape, quote
from jobchanges.planning.names import company_words

# With fewer signs that have to be there, a pattern would find half of the org.
FEWEST_OF_COMPANY = 3
FEWEST_OF_PERSON = 2
_LATIN = "LATIN"


@dataclass(frozen=True)
class Like:
    """Signs that stand one after the other, with anything in the gaps; one piece: that text.

    `("", "Nestl", "")` is `%Nestl%`.
    """

    pieces: tuple[str, ...]

    def soql(self, column: str) -> str:
        """The condition on a column."""
        if len(self.pieces) == 1:
            return f"{column}={quote(self.pieces[0])}"
        return f"{column} LIKE '{'%'.join(_plainly(piece) for piece in self.pieces)}'"

    @property
    def exact(self) -> str:
        """The text, where nothing may stand in between; else empty."""
        return self.pieces[0] if len(self.pieces) == 1 else ""

    def fits(self, text: str) -> bool:
        """Whether the org would find this text; case does not count, as there."""
        text, pieces = text.lower(), [piece.lower() for piece in self.pieces]
        if len(pieces) == 1:
            return text == pieces[0]
        first, *middle, last = pieces
        if not text.startswith(first):
            return False
        # The earliest place for each leaves the most room for those behind it.
        place = len(first)
        for piece in middle:
            place = text.find(piece, place)
            if place < 0:
                return False
            place += len(piece)
        return len(text) - place >= len(last) and text.endswith(last)


@lru_cache(maxsize=20_000)
def company_likes(name: str) -> tuple[Like, ...]:
    """A company by its first words in their order, with anything between and behind them."""
    words = _company_words(name)
    if not words:
        return (Like((name,)),) if name.strip() else ()
    if _begins_with_sign(name):
        return company_like_anywhere(name)
    if _signs(words) < FEWEST_OF_COMPANY:
        short = " ".join(company_words(name))
        return tuple(dict.fromkeys((Like((name,)), Like((short,)), Like((f"{short} ", "")))))
    return (_like([*words, [""]]), _like([["The "], *words, [""]], glue_first=True))


@lru_cache(maxsize=20_000)
def company_like_anywhere(name: str) -> tuple[Like, ...]:
    """As `company_likes`, with anything before it: for a search that is narrow otherwise."""
    words = _company_words(name)
    if not words or (_signs(words) < FEWEST_OF_COMPANY and not _begins_with_sign(name)):
        return company_likes(name)
    return (_like([[""], *words, [""]]),)


@lru_cache(maxsize=20_000)
def company_exact(name: str) -> tuple[str, ...]:
    """The name as written and without its legal form: where a pattern finds far too much."""
    return tuple(dict.fromkeys((name, " ".join(company_words(name)) or name)))


def last_name_like(name: str) -> Like:
    """A last name; accents, apostrophes, hyphens and spaces may be written otherwise."""
    pieces = _loosely(unicodedata.normalize("NFC", name.strip()))
    if len(pieces) == 1 or _signs([pieces]) < FEWEST_OF_PERSON:
        return Like((name,))
    return Like(tuple(pieces))


def any_fits(likes: Iterable[Like], text: str) -> bool:
    """Whether one of them would find the text."""
    return any(like.fits(text) for like in likes)


def _like(words: list[list[str]], *, glue_first: bool = False) -> Like:
    """Words one after the other; `glue_first`: nothing stands between the first two."""
    pieces = [piece for word in words for piece in word]
    if glue_first:
        pieces = [pieces[0] + pieces[1], *pieces[2:]]
    # Two gaps side by side are one.
    kept = [pieces[0], *(piece for piece in pieces[1:-1] if piece), pieces[-1]]
    return Like(tuple(kept))


def _loosely(word: str) -> list[str]:
    """The pieces of a word between signs that people write in several ways, or not at all."""
    pieces = [""]
    for sign in word:
        loose = not sign.isalnum() or (not sign.isascii() and _is_latin(sign))
        if not loose:
            pieces[-1] += sign
        elif pieces[-1] or len(pieces) == 1:
            pieces.append("")
    return pieces


def _company_word(word: str) -> list[str]:
    """As `_loosely`; Lowes may be written Lowe's."""
    pieces = _loosely(word)
    last = pieces[-1]
    if len(last) > 3 and last[-1] in "sS":
        pieces[-1:] = [last[:-1], last[-1]]
    return pieces


def _begins_with_sign(name: str) -> bool:
    """Whether something stands before the first word: @properties, (RED), 't Hooft."""
    return not name.lstrip()[:1].isalnum()


def _company_words(name: str) -> list[list[str]]:
    return [_company_word(word) for word in company_words(unicodedata.normalize("NFC", name))]


def _is_latin(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(_LATIN)


def _signs(words: Iterable[Iterable[str]]) -> int:
    return sum(len(piece) for word in words for piece in word)


def _plainly(text: str) -> str:
    return escape(text).replace("%", "\\%").replace("_", "\\_")
