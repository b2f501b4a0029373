"""Chapters of the PDF about what was written: allowances, batches, numbers, events."""

from collections.abc import Iterator
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import Batch
from portal.evidence.blocks import (
    MONO,
    NUMBER,
    Block,
    chapter,
    facts,
    heading,
    mark,
    quote,
    table,
)
from portal.evidence.reading import Pack, outcome_words, when

KINDS = dict(Batch.Kind.choices)


def allowances_chapter(pack: Pack) -> Block:
    """What the customer allowed to be written to production."""
    rows = pack.data["allowances"]
    intro = _(
        "Nothing is written to production before the customer allowed it. Each allowance covers "
        "exactly the plans that it shows, by their hash; the JSON file holds them."
    )
    if not rows:
        intro = _("Nothing was allowed to be written to production yet.")
    return chapter(
        _("Allowed by the customer"),
        intro,
        [
            quote(
                pack.person(one["by"]),
                one["role"].capitalize(),
                one["meaning"],
                (_("Test"), str(one["test"])),
                (_("Allowed"), when(one["at"])),
                (_("From"), when(one["starts_at"])),
                (_("Address"), one["address"] or _("not known"), MONO),
                (_("Browser"), one["browser"] or _("not known")),
                (_("Hash of what was allowed"), one["content_sha256"], MONO),
                (_("Taken back"), when(one["withdrawn_at"]), "", one["withdrawn_reason"]),
            )
            for one in rows
        ],
        breaks=False,
    )


def batches_chapter(pack: Pack) -> Block:
    """The first batch line by line, later ones in numbers."""
    rows = pack.data["batches"]
    intro = _(
        "What was sent to production. The JSON file has every record of the first batch with every "
        "field before and after; of regular batches it has the numbers."
    )
    if not rows:
        intro = _("No batch was released yet.")
    blocks = (block for one in rows if one["in_full"] for block in _batch(pack, one))
    return chapter(_("Batches"), intro, blocks, _regular(rows))


def _batch(pack: Pack, batch: dict[str, Any]) -> Iterator[Block]:
    kind = KINDS.get(batch["kind"], batch["kind"])
    yield heading(f"{kind} ({batch['number']})")
    yield facts(
        (_("Org"), f"{batch['org']} ({batch['org_id']})"),
        (_("State"), batch["state_words"]),
        (_("Released"), pack.by_at(batch["released_by"], batch["released_at"])),
        (_("Imported until"), when(batch["cut_off"])),
        (_("Ended"), when(batch["ended_at"])),
        (_("Under the hash signed"), batch["signed_sha256"], MONO),
        *_counts(batch["counts"]),
    )
    yield table(
        [
            (_("ID"), "19%", MONO),
            (_("Person"), "20%", ""),
            (_("What became of it"), "17%", ""),
            (_("Records"), "25%", MONO),
            (_("Why not"), "1fr", ""),
        ],
        [
            (one["key"], one["person"], outcome_words(one), _records(one), _why_not(one))
            for one in batch["job_changes"]
        ],
    )


def _counts(counts: dict[str, int]) -> list[tuple[str, str]]:
    named = [
        (_("In the batch"), "total"),
        (_("Record created"), "created"),
        (_("Existing record enriched"), "enriched"),
        (_("Past record only"), "past_only"),
        (_("UserGem record only"), "package_only"),
        (_("Refused by Salesforce"), "refused"),
        (_("Held"), "held"),
        (_("Not answered"), "not_answered"),
    ]
    return [(words, intcomma(counts[name])) for words, name in named if counts[name]]


def _records(one: dict[str, Any]) -> str:
    found: dict[str, str] = {}
    for attempt in one["attempts"]:
        for record in attempt["records"]:
            if record["id"]:
                found[record["id"]] = record["object"]
    return ", ".join(f"{name} {pk}" for pk, name in found.items())


def _why_not(one: dict[str, Any]) -> str:
    if one["state"] == "held":
        return str(one["held_reason"])
    if one["state"] != "refused" or not one["attempts"]:
        return ""
    errors = one["attempts"][-1]["errors"]
    words = [f"{error.get('code', '')}: {error.get('message', '')}" for error in errors]
    return " ".join(dict.fromkeys(words))


def _regular(rows: list[dict[str, Any]]) -> Iterator[Block]:
    found = [one for one in rows if not one["in_full"]]
    if not found:
        return
    yield heading(_("Regular batches"))
    names = ("total", "created", "enriched", "past_only", "package_only", "refused", "held")
    titles = (
        *(_("All"), _("Created"), _("Enriched"), _("Past only"), _("UserGem only")),
        *(_("Refused"), _("Held")),
    )
    yield table(
        [
            (_("No."), "auto", NUMBER),
            (_("Released"), "1fr", ""),
            *((title, "auto", NUMBER) for title in titles),
        ],
        [
            (
                str(one["number"]),
                when(one["released_at"]),
                *(intcomma(one["counts"][name]) for name in names),
            )
            for one in found
        ],
    )


def numbers_chapter(pack: Pack) -> Block:
    """Whether the numbers add up, and whether the org itself agrees."""
    found = pack.data["reconciliation"]
    tried, org = found["tried"], found["org"]
    by: dict[str, int] = {}
    for one in tried["job_changes"]:
        by[one["production"]] = by.get(one["production"], 0) + 1
    titles = {
        "delivered": _("of these in production"),
        "refused": _("refused by Salesforce, with its reason"),
        "held": _("held, with the reason"),
        "next": _("imported later: in the next batch"),
        "waiting": _("waiting for the first batch"),
        "missing": _("nowhere"),
    }
    return chapter(
        _("Do the numbers add up?"),
        _(
            "In a batch = created + enriched + past record only + UserGem record only + refused + "
            "held. Everything that was ever sent to the sandbox is found in production, or has a "
            "stated reason."
        ),
        facts(
            *(
                (
                    _("Batch %(number)s") % {"number": one["number"]},
                    _sum(one["counts"]),
                    mark(not one["counts"]["not_answered"]),
                )
                for one in pack.data["batches"]
            ),
            (_("Delivered by the production test"), intcomma(found["delivered_by_test"])),
            (
                _("Ever sent to the sandbox"),
                intcomma(tried["total"]),
                mark(not by.get("missing")),
                ", ".join(f"{intcomma(by[key])} {titles[key]}" for key in titles if by.get(key)),
            ),
            _org_says(org),
        ),
    )


def _sum(counts: dict[str, int]) -> str:
    names = ("created", "enriched", "past_only", "package_only", "refused", "held", "not_answered")
    parts = " + ".join(
        intcomma(counts[name]) for name in names if counts[name] or name != names[-1]
    )
    return f"{intcomma(counts['total'])} = {parts}"


def _org_says(org: dict[str, Any]) -> tuple[str, str, str, str]:
    label = _("What the org itself says")
    if not org["asked"]:
        return label, _("Not asked."), mark(False), org["why"]
    if not org["problems"]:
        words = ngettext(
            "It holds %(count)s job change of ours, the one that the ledger names.",
            "It holds %(count)s job changes of ours, exactly those that the ledger names.",
            org["keys_in_org"],
        ) % {"count": intcomma(org["keys_in_org"])}
        return label, words, mark(True), ""
    words = ngettext(
        "%(count)s difference to the ledger.",
        "%(count)s differences to the ledger.",
        len(org["problems"]),
    ) % {"count": len(org["problems"])}
    return label, words, mark(False), " ".join(one["sentence"] for one in org["problems"][:20])


def events_chapter(pack: Pack) -> Block:
    """The chain of events, a line each, with the beginning of each hash."""
    return chapter(
        _("Everything that happened"),
        _(
            "The customer’s event log. Each event’s hash covers its contents and the hash of the "
            "event before it, so that none can be changed, added, moved or taken out; the JSON "
            "file holds what exactly is hashed."
        ),
        table(
            [
                (_("No."), "auto", NUMBER),
                (_("When (UTC)"), "19%", ""),
                (_("What"), "1fr", ""),
                (_("Hash, beginning"), "20%", MONO),
            ],
            [
                (
                    str(one["sequence"]),
                    when(one["created_at"]).removesuffix(" UTC"),
                    pack.sentence(one),
                    one["hash"][:16],
                )
                for one in pack.data["events"]
            ],
        ),
    )
