"""The record of a summary for both parties: JSON that can be verified offline, and a PDF."""

from datetime import UTC, datetime
from typing import Any

from accounts.hashing import canonical_json, content_hash
from portal.models import Signature, Summary
from portal.signoff.forecasting import signed_content
from portal.signoff.pdf import pdf_of
from portal.signoff.services import signature_content
from portal.signoff.verifying import COMMAND, HOW_TO_VERIFY

FORMAT = "usergems-go-live-record-1"


def summary_record(summary: Summary) -> dict[str, Any]:
    """Everything both parties keep, as plain JSON.

    `signed` is what was hashed. Each signature carries the hash that stands in the event log;
    `events` are the links of that log's chain which speak of this summary.
    """
    return {
        "format": FORMAT,
        "customer": {"name": summary.customer.name, "slug": summary.customer.slug},
        "frozen_at": _moment(summary.frozen_at),
        "voided_at": _moment(summary.voided_at),
        "differences": summary.differences,
        "signed": signed_content(summary),
        "content_hash": summary.content_hash,
        "signed_hash": summary.signed_hash,
        "signatures": [_signature(one) for one in summary.signatures.select_related("by")],
        "batch": summary.batch.number if summary.batch else None,
        "events": [
            {
                "sequence": event.sequence,
                "action": event.action,
                "at": _moment(event.created_at),
                "data": event.data,
                "previous_hash": event.previous_hash,
                "hash": event.hash,
            }
            for event in summary.customer.events.filter(data__summary=summary.pk).order_by(
                "sequence"
            )
        ],
        "how_to_verify": HOW_TO_VERIFY,
        "command": COMMAND,
    }


def summary_json(summary: Summary) -> bytes:
    """The record as canonical JSON: the same bytes whenever it is asked for again."""
    return canonical_json(summary_record(summary)).encode()


def summary_pdf(summary: Summary) -> bytes:
    """The record for people, with everything that is signed, in A4.

    Works without any network. Names in a script for which no font is there are spelt by their
    numbers, with a note; the JSON record has them as they are.
    """
    return pdf_of(summary)


def _signature(signature: Signature) -> dict[str, Any]:
    content = signature_content(signature)
    return content | {"signature_hash": content_hash(content)}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
