"""The PDF of a pack. It shows what the JSON holds and nothing else; texts are data, not markup."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
import typst
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import verify_evidence
from portal.evidence.blocks import MONO, Block, chapter, code, facts, heading, mark, paragraph
from portal.evidence.chapters import checks_chapter, orgs_chapter, summaries_chapter
from portal.evidence.layout import laid_out
from portal.evidence.proof import (
    allowances_chapter,
    batches_chapter,
    events_chapter,
    numbers_chapter,
)
from portal.evidence.reading import Pack
from portal.evidence.tried import tests_chapter
from portal.signoff.pdf import printed
from portal.signoff.printable import fonts

log = structlog.get_logger(__name__)

TEMPLATE = Path(__file__).with_name("document.typ")
SCRIPT = Path(verify_evidence.__file__)


def pack_pdf(pack: dict[str, Any], json_sha256: str) -> bytes:
    """The pack typeset, with the hash of its JSON file. Works without any network."""
    return typeset(pack_document(pack, json_sha256), datetime.fromisoformat(pack["made_at"]))


def typeset(document: dict[str, Any], at: datetime) -> bytes:
    """A document as PDF/UA, or as a plain PDF where something in it does not allow that."""
    inputs = {"data": json.dumps(laid_out(document))}
    ways: list[Any] = ["ua-1", []]
    for standards in ways:
        try:
            made = typst.Compiler(input=TEMPLATE, font_paths=fonts(), sys_inputs=inputs).compile(
                format="pdf", pdf_standards=standards, timestamp=int(at.timestamp())
            )
        except typst.TypstError as error:
            if not standards:
                raise
            log.warning("document_not_accessible", reason=error.message[:200])
        else:
            if isinstance(made, bytes):
                return made
    raise TypeError("The typesetter gave no PDF.")


def pack_document(pack: dict[str, Any], json_sha256: str) -> dict[str, Any]:
    """What the template shows, every text of it printable."""
    read = Pack(pack)
    title = _("Evidence pack, %(customer)s") % {"customer": pack["customer"]["name"]}
    return printed(
        {
            "title": title,
            "brand": _("UserGems onboarding"),
            "heading": _("Evidence pack"),
            "customer": pack["customer"]["name"],
            "lang": (get_language() or "en").split("-")[0],
            "lede": _(
                "What was checked, tested, allowed, signed and written, for both parties to keep. "
                "It can be verified without UserGems."
            ),
            "glance": _glance(read, json_sha256)["rows"],
            "contents": _("Contents"),
            "chapters": [
                numbers_chapter(read),
                allowances_chapter(read),
                summaries_chapter(read),
                tests_chapter(read),
                batches_chapter(read),
                checks_chapter(read),
                orgs_chapter(read),
                events_chapter(read),
                _verify_chapter(read, json_sha256),
            ],
            "footer": title,
            "page": _("Page {page} of {pages}"),
        },
        _(
            "Characters that could not be shown here are written by their Unicode numbers, as in "
            "[U+76F4]. The JSON file has them as they are."
        ),
    )


def _glance(pack: Pack, json_sha256: str) -> Block:
    """The first page: what it comes to, and the hashes that hold it together."""
    data = pack.data
    signed = [one for one in data["summaries"] if len(one["signatures"]) > 1]
    standing = [one for one in signed if not one["voided_at"]]
    first = [one for one in data["batches"] if one["in_full"]]
    problems = data["reconciliation"]["org"].get("problems")
    return facts(
        (_("Customer"), data["customer"]["name"]),
        (_("Vendor"), "UserGems"),
        (_("Made"), pack.by_at(data["made_by"], data["made_at"])),
        (
            _("Signed"),
            _("by both sides") if standing or signed else _("not by both sides yet"),
            mark(bool(signed)),
        ),
        (
            _("First batch"),
            _batch_words(first),
            mark(bool(first) and not first[-1]["counts"]["not_answered"]),
        ),
        (
            _("The org agrees"),
            _("yes, asked when this was made") if problems == [] else _("see the next chapter"),
            mark(problems == []),
        ),
        (
            _("Event log"),
            _("%(count)s events, the newest has this hash:")
            % {"count": intcomma(data["chain"]["events"])},
        ),
        (" ", data["chain"]["hash"], MONO),
        (_("JSON file"), _("Everything in full. Its SHA-256:")),
        ("  ", json_sha256, MONO),
    )


def _batch_words(first: list[dict[str, Any]]) -> str:
    if not first:
        return _("not released yet")
    counts = first[-1]["counts"]
    done = sum(counts[name] for name in ("created", "enriched", "past_only", "package_only"))
    return _("%(total)s job changes: %(done)s in production, %(rest)s with a stated reason") % {
        "total": intcomma(counts["total"]),
        "done": intcomma(done),
        "rest": intcomma(counts["refused"] + counts["held"]),
    }


def _verify_chapter(pack: Pack, json_sha256: str) -> Block:
    source = SCRIPT.read_text(encoding="utf-8")
    name = SCRIPT.name
    return chapter(
        _("How to verify this"),
        _(
            "The JSON file holds everything that stands here, and more. The program below "
            "recomputes every hash in it. It is one file, needs nothing but Python from 3.8, and "
            "uses no network."
        ),
        heading(_("What to do")),
        paragraph(
            _(
                "Save the JSON file as evidence.json and the program as %(name)s beside it (both "
                "are on the evidence page), and run:"
            )
            % {"name": name}
        ),
        code(f"python3 {name} evidence.json --sha256 \\\n  {json_sha256}"),
        paragraph(
            _(
                "It says that everything holds, or names each place that was changed: a path in "
                "the file, or the number of an event. UserGems compares the file with its own "
                "records by:"
            )
        ),
        code("manage.py events_verify --pack evidence.json"),
        heading(_("The program")),
        paragraph(
            _("%(name)s, SHA-256 %(hash)s.")
            % {"name": name, "hash": verify_evidence.sha256(source.encode())}
        ),
        code(source),
    )
