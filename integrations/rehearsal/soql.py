"""SOQL text to a tree. Reading is by grammar (`soql.lark`); errors are worded as the platform's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from integrations.rehearsal.errors import SalesforceError, refuse

LONGEST = 100_000
# Types of fields that can be shown only: not filtered, sorted, grouped or counted.
COMPOUND = ("address", "complexvalue")
ESCAPES = {"n": "\n", "N": "\n", "r": "\r", "R": "\r", "t": "\t", "T": "\t", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Path_:
    """A field as written, perhaps over relationships, with its place in the query."""

    text: str
    position: int

    @property
    def parts(self) -> list[str]:
        """The names between the dots."""
        return self.text.split(".")


@dataclass(frozen=True)
class Item:
    """One entry of the SELECT list; `function` is set for aggregates and FIELDS()."""

    path: Path_ | None
    function: str = ""
    alias: str = ""
    query: Query | None = None


@dataclass(frozen=True)
class Literal:
    """A value as written; `raw` keeps a string's escapes, which LIKE needs."""

    kind: str
    raw: str = ""
    number: int = 0


@dataclass(frozen=True)
class Comparison:
    """`operator` is a sign, or `like`, `in`, `not in`."""

    path: Path_
    operator: str
    values: tuple[Literal, ...] = ()
    query: Query | None = None


@dataclass(frozen=True)
class Group:
    """Conditions joined by `and`, `or`; `not` has one."""

    joiner: str
    conditions: tuple[Any, ...]


@dataclass(frozen=True)
class Sort:
    """One entry of ORDER BY."""

    path: Path_
    descending: bool = False
    nulls_last: bool = False


@dataclass
class Query:
    """A whole query. `text` is what the caller wrote, for error messages."""

    text: str = ""
    select: list[Item] = field(default_factory=list)
    sobject: Path_ = field(default_factory=lambda: Path_("", 0))
    alias: str = ""
    where: Any = None
    group: list[Path_] = field(default_factory=list)
    order: list[Sort] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0

    @property
    def count_only(self) -> bool:
        """`SELECT count() FROM …`: the number is `totalSize`, there are no records."""
        return len(self.select) == 1 and self.select[0].path is None and not self.select[0].query

    @property
    def aggregates(self) -> bool:
        """Whether the answer has aggregate rows."""
        return bool(self.group) or any(
            item.function and item.function != "fields" for item in self.select
        )


def located(code: str, text: str, position: int, message: str) -> SalesforceError:
    """An error with the query's neighbourhood and a caret, as SOQL errors come."""
    before = text[:position]
    row = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1)
    line = text.splitlines()[row - 1] if text.splitlines()[row - 1 : row] else ""
    start = max(0, column - 60)
    shown, indent = line[start : column + 40], column - start
    return refuse(
        code,
        f"\n{shown}\n{' ' * indent}^\nERROR at Row:{row}:Column:{column + 1}\n{message}",
    )


def malformed(text: str, position: int, message: str) -> SalesforceError:
    """A MALFORMED_QUERY error at a place in the query."""
    return located("MALFORMED_QUERY", text, position, message)


class _Tree(Transformer[Token, Any]):
    """Turns the parser's matches into the classes above, while it parses."""

    def field(self, args: list[Any]) -> Item:
        return Item(_path(args[0]))

    def aliased_field(self, args: list[Any]) -> Item:
        return Item(_path(args[0]), alias=str(args[1]))

    def bare_function(self, args: list[Any]) -> Item:
        return Item(None, function=str(args[0]).lower())

    def function(self, args: list[Any]) -> Item:
        alias = str(args[2]) if len(args) > 2 else ""
        return Item(_path(args[1]), str(args[0]).lower(), alias)

    def subquery(self, args: list[Any]) -> Item:
        return Item(None, query=args[0])

    def select_list(self, args: list[Any]) -> list[Item]:
        return args

    def all_of(self, args: list[Any]) -> Group:
        return Group("and", tuple(item for item in args if not isinstance(item, Token)))

    def any_of(self, args: list[Any]) -> Group:
        return Group("or", tuple(item for item in args if not isinstance(item, Token)))

    def negation(self, args: list[Any]) -> Group:
        return Group("not", (args[-1],))

    def compare(self, args: list[Any]) -> Comparison:
        operator = "!=" if args[1] == "<>" else str(args[1])
        return Comparison(_path(args[0]), operator, (args[2],))

    def like(self, args: list[Any]) -> Comparison:
        return Comparison(_path(args[0]), "like", (Literal("text", str(args[2])[1:-1]),))

    def contained(self, args: list[Any]) -> Comparison:
        return self._in(args[0], "in", args[-1])

    def not_contained(self, args: list[Any]) -> Comparison:
        return self._in(args[0], "not in", args[-1])

    def _in(self, path: Token, operator: str, what: Any) -> Comparison:
        if isinstance(what, Query):
            return Comparison(_path(path), operator, query=what)
        return Comparison(_path(path), operator, tuple(what))

    def values(self, args: list[Any]) -> list[Literal]:
        return args

    def semijoin(self, args: list[Any]) -> Query:
        found: Query = args[0]
        return found

    def text(self, args: list[Any]) -> Literal:
        return Literal("text", str(args[0])[1:-1])

    def number(self, args: list[Any]) -> Literal:
        return Literal("number", str(args[0]))

    def moment(self, args: list[Any]) -> Literal:
        return Literal("moment", str(args[0]))

    def date(self, args: list[Any]) -> Literal:
        return Literal("date", str(args[0]))

    def true(self, args: list[Any]) -> Literal:
        return Literal("boolean", "true")

    def false(self, args: list[Any]) -> Literal:
        return Literal("boolean")

    def null(self, args: list[Any]) -> Literal:
        return Literal("null")

    def relative_date(self, args: list[Any]) -> Literal:
        return Literal("relative", str(args[0]).upper(), _whole(args[1]) if len(args) > 1 else 0)

    def where(self, args: list[Any]) -> tuple[str, Any]:
        return "where", args[1]

    def group(self, args: list[Any]) -> tuple[str, Any]:
        return "group", [_path(item) for item in args[2:]]

    def sort(self, args: list[Any]) -> Sort:
        words = [str(word).lower() for part in args[1:] for word in part.children]
        return Sort(_path(args[0]), "desc" in words, "last" in words)

    def order(self, args: list[Any]) -> tuple[str, Any]:
        return "order", args[2:]

    def limit(self, args: list[Any]) -> tuple[str, Any]:
        return "limit", _whole(args[1])

    def offset(self, args: list[Any]) -> tuple[str, Any]:
        return "offset", _whole(args[1])

    def for_clause(self, args: list[Any]) -> tuple[str, Any]:
        return "alias", None

    def query(self, args: list[Any]) -> Query:
        alias = str(args[4]) if args[4] is not None else ""
        query = Query(select=args[1], sobject=_path(args[3]), alias=alias)
        for name, value in args[5:]:
            if value is not None:
                setattr(query, name, value)
        return query

    def start(self, args: list[Any]) -> Query:
        found: Query = args[0]
        return found


def _path(token: Token) -> Path_:
    return Path_(str(token), token.start_pos or 0)


def _whole(token: Token) -> int:
    return max(0, int(float(token[:18])))


_PARSER = Lark(
    (Path(__file__).parent / "soql.lark").read_text(encoding="utf-8"),
    parser="lalr",
    transformer=_Tree(),
    maybe_placeholders=True,
)


def parse(text: str) -> Query:
    """The tree of a query.

    Raises SalesforceError (MALFORMED_QUERY) where the platform refuses; mixing AND and OR without
    parentheses is refused too, as there.
    """
    if len(text) > LONGEST:
        raise refuse(
            "MALFORMED_QUERY", f"SOQL statement is longer than {LONGEST} characters: {len(text)}"
        )
    try:
        query: Query = _PARSER.parse(text)  # type: ignore[assignment]
    except UnexpectedToken as error:
        end = error.token.type == "$END"
        position = len(text) if end else error.token.start_pos or 0
        shown = "<EOF>" if end else str(error.token)[:60]
        raise malformed(text, position, f"unexpected token: '{shown}'") from error
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        shown = text[position : position + 1]
        raise malformed(text, position, f"unexpected token: '{shown}'") from error
    except UnexpectedInput as error:
        raise malformed(text, 0, "unexpected token: '<EOF>'") from error
    query.text = text
    return query


def unescape(raw: str) -> str:
    """The text a string literal stands for."""
    result, position = "", 0
    while position < len(raw):
        character = raw[position]
        if character == "\\" and position + 1 < len(raw):
            position += 1
            character = ESCAPES.get(raw[position], raw[position])
        result += character
        position += 1
    return result
