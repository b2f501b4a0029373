"""Questions to an org: conditions packed into as few queries as the addresses have room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.salesforce.soql import in_address, quote

# A query travels in an address, percent-encoded; what is longer is asked in several.
LONGEST = 12_000
# Rows of one page. An answer that has so many was cut off: the question was too broad.
MOST_ROWS = 2_000
# One call's worth of queries.
PARTS = 5


@dataclass(frozen=True)
class Term:
    """One of the conditions of a question, of which any has to hold.

    With a column, `text` is a literal of its IN list; without, a whole condition. `narrow` is
    asked instead where the condition alone finds more than an answer holds.
    """

    text: str
    column: str = ""
    narrow: str = ""


def listed(column: str, values: Iterable[str]) -> list[Term]:
    """The column has one of these values."""
    return [Term(quote(value), column) for value in values]


@dataclass(frozen=True)
class Question:
    """One query: which rows of an object, by any of its terms, and `also` in any case."""

    object_name: str
    columns: tuple[str, ...]
    terms: tuple[Term, ...]
    also: str = ""

    @property
    def soql(self) -> str:
        """The query; values in its terms have been through `quote` before."""
        where = " OR ".join(self._conditions())
        if self.also:
            where = f"({where}) AND {self.also}"
        text = select(self.columns, self.object_name, where)
        return f"{text} LIMIT {MOST_ROWS}"

    def _conditions(self) -> list[str]:
        lists: dict[str, list[str]] = {}
        conditions = []
        for term in self.terms:
            if term.column:
                lists.setdefault(term.column, []).append(term.text)
            else:
                conditions.append(term.text)
        return [f"{name} IN ({','.join(each)})" for name, each in lists.items()] + conditions

    def narrower(self) -> list[Question]:
        """What to ask instead when the answer was cut off; nothing when it cannot be helped."""
        if len(self.terms) > 1:
            size = -(-len(self.terms) // PARTS)
            return [
                replace(self, terms=self.terms[start : start + size])
                for start in range(0, len(self.terms), size)
            ]
        narrow = self.terms[0].narrow
        return [replace(self, terms=(Term(narrow),))] if narrow else []


def select(columns: Sequence[str], object_name: str, where: str) -> str:
    """A query from its parts; values in `where` have been through `quote` before."""
    return " ".join(("SELECT", ",".join(columns), "FROM", object_name, "WHERE", where))


def packed(
    object_name: str,
    columns: Sequence[str],
    terms: Iterable[Term],
    fields: Mapping[str, object],
    also: str = "",
) -> list[Question]:
    """As few questions as the terms fit into; none for an object the user may not see."""
    if object_name not in fields:
        return []
    empty = Question(object_name, tuple(columns), (Term(""),), also)
    frame = len(in_address(empty.soql))
    questions: list[Question] = []
    waiting: list[Term] = []
    named: set[str] = set()
    length = frame
    for term in dict.fromkeys(terms):
        size = _size(term, named)
        if waiting and length + size > LONGEST:
            questions.append(replace(empty, terms=tuple(waiting)))
            waiting, named, length = [], set(), frame
            size = _size(term, named)
        waiting.append(term)
        named.add(term.column)
        length += size
    if waiting:
        questions.append(replace(empty, terms=tuple(waiting)))
    return questions


def _size(term: Term, named: set[str]) -> int:
    """Encoded characters that a term adds to a query, a little too many rather than too few."""
    size = len(in_address(term.text)) + len("+OR+")
    if term.column and term.column not in named:
        size += len(term.column) + len("+IN+()")
    return size
