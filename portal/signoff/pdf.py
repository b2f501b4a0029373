"""The record as a PDF. What people wrote is passed as data, never as markup."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import typst
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.models import Signature, Summary
from portal.signoff.differences import difference_sentence
from portal.signoff.printable import fonts, printable
from portal.signoff.sections import sections_of
from portal.signoff.standing import summary_batch_name
from portal.signoff.types import MONO, Difference, Row, Section
from portal.signoff.verifying import COMMAND

log = structlog.get_logger(__name__)

TEMPLATE = Path(__file__).with_name("record.typ")


def pdf_of(summary: Summary) -> bytes:
    """Typeset it: PDF/UA, or a plain PDF where something in it does not allow that."""
    data = document_of(summary)
    inputs = {"data": json.dumps(data)}
    try:
        return _compile(summary, inputs, standard=True)
    except typst.TypstError as error:
        log.warning("record_not_accessible", summary=summary.pk, reason=error.message[:200])
        return _compile(summary, inputs, standard=False)


def _compile(summary: Summary, inputs: dict[str, str], *, standard: bool) -> bytes:
    made = typst.Compiler(input=TEMPLATE, font_paths=fonts(), sys_inputs=inputs).compile(
        format="pdf",
        pdf_standards="ua-1" if standard else [],
        # The same bytes for the same record.
        timestamp=int((summary.forecast_at or summary.frozen_at).timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("The typesetter gave no PDF.")
    return made


def document_of(summary: Summary) -> dict[str, Any]:
    """What the template shows, every text of it printable."""
    signatures = list(summary.signatures.all())
    title = _("Go-live summary, %(customer)s") % {"customer": summary.customer.name}
    document = {
        "title": title,
        "brand": _("UserGems onboarding"),
        "heading": _("Go-live summary"),
        "customer": summary.customer.name,
        "lang": (get_language() or "en").split("-")[0],
        "status": _status(summary, signatures),
        "changes": [difference_sentence(Difference(**one)) for one in summary.differences],
        "summary": [
            _line(_("Customer"), summary.customer.name),
            _line(_("Vendor"), "UserGems"),
            _line(
                _("Prepared"),
                _("%(when)s by %(person)s")
                % {
                    "when": moment(summary.frozen_at),
                    "person": summary.frozen_by,
                },
            ),
            _line(_("Hash"), summary.signed_hash or _("none yet"), MONO),
        ],
        "sections": [_section(one) for one in sections_of(summary, moment=moment)],
        "signatures_title": _("Signatures"),
        "unsigned": _("Nobody has signed yet."),
        "signatures": [_signature(one, summary) for one in signatures],
        "verify_title": _("How to verify this"),
        "verify_intro": _("Both signatures are over this SHA-256 hash:"),
        "hash": summary.signed_hash or _("none yet"),
        "verify": _(
            "The JSON record of this summary holds exactly what was hashed. Save it as record.json "
            "and run this command, which stands in it, too, with any Python 3. It prints True when "
            "everything agrees."
        ),
        "command": COMMAND,
        "footer": title,
        "page": _("Page {page} of {pages}"),
    }
    return printed(
        document,
        _(
            "Characters that could not be shown here are written by their Unicode numbers, as in "
            "[U+76F4]. The JSON record has them as they are."
        ),
    )


def printed(document: dict[str, Any], note: str) -> dict[str, Any]:
    """The document with every text printable; `escaped` is the note where one had to be spelt."""
    found: set[bool] = set()
    shown: dict[str, Any] = _printable(document, found)
    shown["escaped"] = note if True in found else ""
    return shown


def moment(at: datetime) -> str:
    """A moment in UTC, and in the reader's zone where that is another."""
    words = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    local = timezone.localtime(at)
    if local.utcoffset():
        words += f" ({local:%Y-%m-%d %H:%M} {timezone.get_current_timezone_name()})"
    return words


def _status(summary: Summary, signatures: list[Signature]) -> str:
    if summary.voided_at is not None:
        return _("Void since %(when)s.") % {"when": moment(summary.voided_at)}
    if len(signatures) > 1:
        return _("Signed by both sides.")
    count = 2 - len(signatures)
    return ngettext(
        "Not complete: %(count)s signature is missing.",
        "Not complete: %(count)s signatures are missing.",
        count,
    ) % {"count": count}


def _section(section: Section) -> dict[str, Any]:
    return asdict(section) | {"rows": [asdict(row) for row in section.rows]}


def _signature(signature: Signature, summary: Summary) -> dict[str, Any]:
    rows = [
        _line(_("For"), summary.customer.name if signature.side == "customer" else "UserGems"),
        _line(_("E-mail"), signature.email),
        _line(_("Signed"), moment(signature.at)),
    ]
    if signature.starts_at is not None and signature.ends_at is not None:
        rows.append(
            _line(
                _("%(batch)s may start") % {"batch": capfirst(summary_batch_name(summary))},
                _("from %(start)s until %(end)s")
                % {"start": moment(signature.starts_at), "end": moment(signature.ends_at)},
            )
        )
    rows += [
        _line(_("Address"), signature.address or _("not known"), MONO),
        _line(_("Browser"), signature.browser or _("not known")),
        _line(_("Hash signed"), signature.signed_hash, MONO),
    ]
    return {
        "name": signature.name,
        "role": signature.role,
        "meaning": signature.meaning,
        "rows": rows,
    }


def _line(label: str, value: str, kind: str = "") -> dict[str, str]:
    return asdict(Row(label, value, kind))


def _printable(value: Any, found: set[bool]) -> Any:
    """Plain data with every text printable; `found` gets whether something had to be spelt."""
    if isinstance(value, str):
        text, spelt = printable(value)
        found.add(spelt)
        return text
    if isinstance(value, dict):
        return {key: _printable(one, found) for key, one in value.items()}
    if isinstance(value, list):
        return [_printable(one, found) for one in value]
    return value
