"""Chapters of the PDF about orgs, settings, checks, and what people said of them."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.registry import all_checks
from integrations.models import Outcome
from portal.evidence.blocks import (
    MONO,
    Block,
    chapter,
    facts,
    heading,
    mark,
    paragraph,
    quote,
    table,
)
from portal.evidence.reading import Pack, org_word, side_words, when
from portal.signoff.types import Row

OUTCOMES = dict(Outcome.choices)


def orgs_chapter(pack: Pack) -> Block:
    """The orgs, and the people of both sides."""
    roles = {"admin": _("Admin"), "approver": _("Approver"), "reviewer": _("Reviewer")}
    return chapter(
        _("Orgs and people"),
        _("Every Salesforce org that was connected, and everybody who had access or acted."),
        (block for one in reversed(pack.data["orgs"]) for block in _org(pack, one)),
        heading(_("People")),
        table(
            [
                (_("Name"), "20%", ""),
                (_("E-mail"), "1fr", ""),
                (_("For"), "20%", ""),
                (_("Role"), "11%", ""),
                (_("Access"), "17%", ""),
            ],
            [
                (
                    one["name"],
                    one["email"],
                    side_words(one["side"], pack.data["customer"]["name"]),
                    roles.get(one["role"], ""),
                    _access(one),
                )
                for one in pack.data["people"]
            ],
        ),
    )


def _access(one: dict[str, Any]) -> str:
    if one["left_at"]:
        return _("until %(when)s") % {"when": when(one["left_at"])}
    return _("since %(when)s") % {"when": when(one["since"])} if one["since"] else ""


def _org(pack: Pack, one: dict[str, Any]) -> Iterator[Block]:
    yield heading(f"{org_word(one['environment'])}: {one['name']}")
    yield facts(
        (_("Org ID"), one["org_id"], MONO),
        (_("Address"), one["instance_url"], MONO),
        (_("Edition"), one["edition"]),
        (_("Connected as"), f"{one['username']} ({one['user_id']})"),
        (_("Connected by"), pack.by_at(one["connected_by"], one["since"])),
        (_("Scopes"), one["scopes"]),
        (_("UserGems package"), one["package_version"]),
        (_("Replaced by another org"), when(one["until"])),
    )


def checks_chapter(pack: Pack) -> Block:
    """What the orgs answered, and how production differs from the tested sandbox."""
    intro = _(
        "The portal asks the orgs themselves. This is the newest answer of each connected org; "
        "what both sides signed about it stands in the go-live summary."
    )
    return chapter(_("Checks and differences"), intro, _checks(pack), _mirror(pack), _said(pack))


def _checks(pack: Pack) -> Iterator[Block]:
    for environment in ("sandbox", "production"):
        rows = [one for one in pack.data["checks"] if one["environment"] == environment]
        if not rows:
            continue
        yield heading(_("What the org answered: %(org)s") % {"org": org_word(environment)})
        # As the checks page has them: what else depends on it comes first.
        places = {check.name: place for place, check in enumerate(all_checks())}
        rows.sort(key=lambda one: places.get(one["name"], len(places)))
        yield facts(*(_check(one) for one in rows))


def _check(one: dict[str, Any]) -> tuple[str, str, str, str]:
    outcome = str(OUTCOMES.get(one["outcome"], one["outcome"]))
    points = " ".join(
        str(item["sentence"]) for item in one["points"] if item["outcome"] != Outcome.PASS
    )
    note = f"{points} {_('Asked %(when)s.') % {'when': when(one['checked_at'])}}".strip()
    good = one["outcome"] == Outcome.PASS
    return one["question"], f"{outcome}. {one['found']}", mark(good), note


def _mirror(pack: Pack) -> Iterator[Block]:
    found = pack.data["mirror"]
    if found is None:
        return
    yield heading(_("Production and the tested sandbox"))
    rows = found["differences"]
    said = _("Compared %(when)s.") % {"when": when(found["compared_at"])}
    yield paragraph(said if rows else said + " " + _("Nothing differs."))
    if rows:
        columns = [(_("What"), "20%", ""), (_("How much it matters"), "18%", ""), ("", "1fr", "")]
        columns[2] = (_("Difference"), "1fr", "")
        yield table(columns, [(one["key"], one["grade"], one["sentence"]) for one in rows])


def _said(pack: Pack) -> Iterator[Block]:
    rows = pack.data["said"]
    if not rows:
        return
    yield heading(_("Waived, accepted and confirmed by people"))
    yield table(
        [
            (_("What"), "27%", ""),
            (_("How"), "13%", ""),
            (_("In their words"), "1fr", ""),
            (_("Who and when"), "25%", ""),
        ],
        [
            (
                one["subject"] or one["step_title"],
                _("Waived") if one["what"] == "waiver" else _("Confirmed"),
                one["content"],
                pack.by_at(one["by"], one["at"]) + _ended(pack, one),
            )
            for one in rows
        ],
    )


def _ended(pack: Pack, one: dict[str, Any]) -> str:
    if not one["withdrawn_at"]:
        return ""
    return "; " + _("taken back by %(who)s") % {
        "who": pack.by_at(one["withdrawn_by"], one["withdrawn_at"])
    }


def summaries_chapter(pack: Pack) -> Block:
    """What both sides signed, in the words in which they read it, and the signatures."""
    rows = pack.data["summaries"]
    intro = _("What both sides read and signed. Both signatures are over the same hash.")
    if not rows:
        intro = _("No go-live summary was prepared yet.")
    blocks = (block for one in reversed(rows) for block in _summary(pack, one))
    return chapter(_("The go-live summary"), intro, blocks)


def _summary(pack: Pack, one: dict[str, Any]) -> Iterator[Block]:
    yield heading(_("Prepared %(when)s") % {"when": when(one["frozen_at"])})
    yield facts(
        (_("Prepared by"), pack.person(one["frozen_by"])),
        (_("Hash signed"), one["signed_sha256"], MONO),
        (_("Void since"), when(one["voided_at"])),
        (_("Released as batch"), str(one["batch"] or "")),
    )
    for part in one["in_words"]:
        yield heading(part["title"], 3)
        if part["sentence"]:
            yield paragraph(part["sentence"])
        rows = [Row(**row) for row in part["rows"]]
        yield facts(*((row.label, row.value, row.kind, row.note) for row in rows))
        if part["notice"]:
            yield paragraph(part["notice"])
    yield heading(_("Signatures"), 3)
    if not one["signatures"]:
        yield paragraph(_("Nobody has signed it."))
    for signature in one["signatures"]:
        yield _signature(pack, signature)


def _signature(pack: Pack, signature: dict[str, Any]) -> Block:
    said = signature["content"]
    window = ""
    if said["starts_at"]:
        times = {"start": when(said["starts_at"]), "end": when(said["ends_at"])}
        window = _("from %(start)s until %(end)s") % times
    return quote(
        said["name"],
        said["role"],
        said["meaning"],
        (_("For"), side_words(said["side"], pack.data["customer"]["name"])),
        (_("E-mail"), said["email"]),
        (_("Signed"), when(said["at"])),
        (_("The batch may start"), window),
        (_("Address"), said["address"] or _("not known"), MONO),
        (_("Browser"), said["browser"] or _("not known")),
        (_("Hash signed"), said["signed_hash"], MONO),
        (_("Hash of this signature"), signature["content_sha256"], MONO),
    )
