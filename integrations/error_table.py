"""The table of everything Salesforce may answer with, for `docs/errors.md` (command error_table).

Made from what the portal itself reads: the catalogue of the client and the problems of sign-in.
"""

from collections.abc import Iterable

from django.utils import translation

from integrations.oauth.problems import PROBLEMS
from integrations.salesforce.catalogue import BY_TEXT, UNKNOWN, by_status
from integrations.salesforce.families import Explanation, Family
from integrations.salesforce.messages import MESSAGES
from integrations.salesforce.messages_connection import CONNECTION
from integrations.salesforce.messages_records import RECORDS

_FAMILIES = {
    Family.TRY_AGAIN: "try again",
    Family.CUSTOMER_MUST_ACT: "customer must act",
    Family.WE_MUST_ACT: "we must act",
}
_NOTHING = "nothing was written"
_ASKED = "not known: the key is asked for"
# Bare statuses, and what each says about a write that got it (write protocol).
_STATUSES: tuple[tuple[str, int, str], ...] = (
    ("300 with addresses", 300, _NOTHING),
    ("304", 304, _NOTHING),
    ("301, 302, 307, 308", 302, _NOTHING),
    ("303", 303, _ASKED),
    ("401", 401, _ASKED),
    ("405", 405, _ASKED),
    ("408, 420, 429", 420, _ASKED),
    ("410", 410, _ASKED),
    ("412", 412, _ASKED),
    ("any other 4xx", 403, _ASKED),
    ("5xx", 503, _ASKED),
)
_INTRODUCTION = """\
# What Salesforce may answer, and what becomes of it

Made by `manage.py error_table --write` from the catalogue in `integrations/salesforce/` and the
sign-in problems in `integrations/oauth/`; a test fails when this file is behind them.

Every answer ends in one of three families. *Try again*: it is repeated by itself, or when the
limit is over. *Customer must act*: shown with cause, place in Setup and a link into that very org.
*We must act*: staff see it; nothing the customer could change. The code decides, because texts come
in the user's language; the text is shown as it came. `{object}` is the object the record is of.
"""


def error_table() -> str:
    """The whole file, in English."""
    with translation.override("en"):
        return "\n".join([_INTRODUCTION, *_sections(), ""])


def _sections() -> Iterable[str]:
    yield "## The connection, limits, answers that are none, our own mistakes\n"
    yield _table(_explained((f"`{code}`", said) for code, said in CONNECTION.items()))
    yield "\n## Records: rights, the customer’s rules, values\n"
    yield _table(_explained((f"`{code}`", said) for code, said in RECORDS.items()))
    yield "\n## Where the text inside decides\n"
    yield _table(_explained((f"`{code}`, {sign}", said) for code, sign, said in BY_TEXT))
    yield "\n## Any other code\n"
    yield "Permanent, shown with code and text as they came.\n"
    yield _table(_explained([("any other", UNKNOWN)]))
    yield "\n## Answers without a code\n"
    yield (
        "A page, a proxy’s text, an empty or cut body: only the status speaks. A read answered "
        "with 408, 420, 429 or 5xx is asked twice more.\n"
    )
    yield _table(_bare(), extra=("On a write",))
    yield "\n## Signing up with Salesforce\n"
    yield _table(_sign_in(), heads=("Problem", "What people read", "Who", "Steps", "Where"))


def _explained(rows: Iterable[tuple[str, Explanation]]) -> Iterable[tuple[str, ...]]:
    for name, said in rows:
        words = said.sentence.replace("{fields}", "(the fields)")
        where = said.where.replace("{fields}", "the field")
        path = f"`{said.setup_path}`" if said.setup_path else ""
        place = "<br>".join(filter(None, (where, path)))
        yield name, _FAMILIES[said.family], words[0].upper() + words[1:], said.who, place


def _bare() -> Iterable[tuple[str, ...]]:
    for name, status, on_write in _STATUSES:
        code = "MULTIPLE_CHOICES" if status == 300 else by_status(status)
        for row in _explained([(name, MESSAGES[code])]):
            yield *row, on_write


def _sign_in() -> Iterable[tuple[str, ...]]:
    for code, problem in PROBLEMS.items():
        path = f"{problem.setup.name}<br>`{problem.setup.path}`" if problem.setup else ""
        steps = " ".join(str(step) for step in problem.steps)
        read = f"**{problem.title}.** {problem.what}"
        yield f"`{code}`", read, str(problem.who), steps, path


def _table(
    rows: Iterable[tuple[str, ...]],
    *,
    heads: tuple[str, ...] = ("Code", "Family", "What people read", "Who", "Where"),
    extra: tuple[str, ...] = (),
) -> str:
    lines = [(*heads, *extra), tuple("---" for _ in (*heads, *extra)), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
