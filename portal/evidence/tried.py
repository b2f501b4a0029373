"""The chapter of the PDF about tests: every record, and what both sides said of it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from jobchanges.models import RecordWrite, Review, Verdict, WriteRole
from portal.evidence.blocks import (
    MONO,
    NUMBER,
    Block,
    chapter,
    facts,
    heading,
    mark,
    paragraph,
    table,
    value_words,
)
from portal.evidence.reading import Pack, org_word, outcome_words, side_words, when

ROLES = dict(WriteRole.choices)
VERDICTS = dict(Verdict.choices)
CATEGORIES = dict(Review.Category.choices)
OPERATIONS = dict(RecordWrite.Operation.choices)


def tests_chapter(pack: Pack) -> Block:
    """Each test: what was sent and stored, what both sides said, and their approvals."""
    rows = pack.data["tests"]
    intro = _(
        "Every record of every test: what stood in a field before, what was sent, what Salesforce "
        "stored. “Later” is what stood there when it was read again a little later, where it "
        "differs."
    )
    if not rows:
        intro = _("Nothing was sent as a test yet.")
    blocks = (block for one in rows for block in _run(pack, one))
    return chapter(_("Test job changes"), intro, blocks)


def _run(pack: Pack, run: dict[str, Any]) -> Iterator[Block]:
    words = {"org": org_word(run["environment"]), "number": run["number"]}
    yield heading(_("%(org)s, test %(number)s") % words)
    yield facts(
        (_("Org"), f"{run['org']} ({run['org_id']})"),
        (_("State"), run["state_words"]),
        (_("Sent"), pack.by_at(run["sent_by"], run["sent_at"])),
        (_("Ended"), when(run["ended_at"])),
        (_("Why it was closed"), run["close_reason"]),
        *(_approval(pack, one) for one in run["approvals"]),
    )
    yield table(
        [
            (_("No."), "auto", NUMBER),
            (_("Person"), "24%", ""),
            (_("From, to"), "1fr", ""),
            (_("What became of it"), "20%", ""),
            (_("Both sides say"), "22%", ""),
        ],
        [
            (
                str(number),
                one["person"],
                " → ".join(name for name in (one["past_company"], one["new_company"]) if name),
                outcome_words(one),
                _verdicts(one),
            )
            for number, one in enumerate(run["job_changes"], start=1)
        ],
    )
    for number, one in enumerate(run["job_changes"], start=1):
        yield heading(f"{number}. {one['person']}", 3)
        yield from _job_change(pack, one)


def _approval(pack: Pack, one: dict[str, Any]) -> tuple[str, str, str, str]:
    side = side_words(one["side"], pack.data["customer"]["name"])
    answers = [
        words
        for key, words in (
            ("seen_as_rep", _("seen as a sales rep")),
            ("lead_converted", _("one lead converted")),
        )
        if one[key]
    ]
    note = _("Over the hash %(hash)s.") % {"hash": one["content_sha256"]}
    if one["removed"]:
        note += " " + _("Values that it covered are no longer kept.")
    if answers:
        note += " " + ", ".join(answers).capitalize() + "."
    return _("Approved for %(side)s") % {"side": side}, pack.by_at(one["by"], one["at"]), "", note


def _verdicts(one: dict[str, Any]) -> str:
    newest = one["attempts"][-1] if one["attempts"] else {"verdicts": []}
    said = {each["side"]: str(VERDICTS.get(each["verdict"], "")) for each in newest["verdicts"]}
    if len(said) == 2 and len(set(said.values())) == 1:
        return _("%(verdict)s, both") % {"verdict": next(iter(said.values()))}
    return "; ".join(f"{side_words(side, _('Customer'))}: {word}" for side, word in said.items())


def _job_change(pack: Pack, one: dict[str, Any]) -> Iterator[Block]:
    yield facts(
        (_("ID"), one["key"], MONO),
        (_("What became of it"), outcome_words(one), "", one["held_reason"]),
    )
    for attempt in one["attempts"]:
        yield from _attempt(pack, attempt, many=len(one["attempts"]) > 1)
    talk = [*one.get("comments", ())]
    if talk:
        yield table(
            [(_("Comment by"), "30%", ""), (_("Comment"), "1fr", "")],
            [(pack.by_at(each["by"], each["at"]), each["text"]) for each in talk],
        )


def _attempt(pack: Pack, attempt: dict[str, Any], *, many: bool) -> Iterator[Block]:
    if many:
        title = _("Attempt %(number)s") % {"number": attempt["number"]}
        yield heading(f"{title}, {when(attempt['started_at'])}", 4)
    yield facts(
        *(
            (
                _("Salesforce refused it"),
                f"{error.get('code', '')}: {error.get('message', '')}",
                mark(False),
                str(error.get("sentence", "")),
            )
            for error in attempt["errors"]
        ),
        *(
            (
                side_words(one["side"], _("Customer")),
                str(VERDICTS.get(one["verdict"], one["verdict"])),
                mark(one["verdict"] == Verdict.RIGHT),
                _verdict_note(pack, one),
            )
            for one in attempt["verdicts"]
        ),
    )
    for record in attempt["records"]:
        yield from _record(record)


def _verdict_note(pack: Pack, one: dict[str, Any]) -> str:
    category = str(CATEGORIES.get(one["category"], ""))
    parts = (category, one["comment"], pack.by_at(one["by"], one["at"]))
    return " · ".join(part for part in parts if part)


def _record(record: dict[str, Any]) -> Iterator[Block]:
    role = ROLES.get(record["role"], record["role"])
    done = OPERATIONS.get(record["operation"], record["operation"])
    yield heading(f"{role}: {record['object']} {record['id']}, {done}", 4)
    notes = [
        words
        for words, holds in (
            (_("It was not in the org any more when it was read again."), record["gone"]),
            (
                _("Removed again by a clean-up, %(when)s.") % {"when": when(record["removed_at"])},
                record["removed_at"],
            ),
        )
        if holds
    ]
    if notes:
        yield paragraph(" ".join(notes))
    names = record["names"]
    stored, settled = record["stored"] or {}, record["settled"] or {}
    rows = []
    for field in sorted({*record["sent"], *record["before"]}):
        before = value_words(record["before"][field], names) if field in record["before"] else "–"
        sent = value_words(record["sent"][field], names) if field in record["sent"] else "–"
        kept = value_words(stored[field], names) if field in stored else "–"
        if field in settled and settled[field] != stored.get(field):
            kept += " · " + _("later: %(value)s") % {"value": value_words(settled[field], names)}
        rows.append((field, before, sent, kept))
    if rows:
        yield table(
            [
                (_("Field"), "27%", MONO),
                (_("Before"), "1fr", ""),
                (_("Sent"), "1fr", ""),
                (_("Stored"), "1fr", ""),
            ],
            rows,
        )
