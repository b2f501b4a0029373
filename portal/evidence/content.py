"""The pack as plain JSON. What it holds is chosen field by field: no tokens, no internal notes.

Times are UTC, people are named by number (`people` has their names), every object carries the hash
of its contents. `accounts/verify_evidence.py` says how all of it is verified, and does it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accounts.hashing import canonical_json
from accounts.models import Customer, User
from accounts.verify_evidence import FORMAT
from portal.evidence.chain import chain_head, chain_of
from portal.evidence.going_live import batches_of, org_asked, reconciliation_of, summaries_of
from portal.evidence.orgs import checks_of, mirror_of, orgs_of, said_of, settings_of
from portal.evidence.plain import Log, moment, people_of_pack, sealed
from portal.evidence.tests_of import allowances_of, test_runs_of

TRIES = 5
HOW_TO_VERIFY = (
    "Save this file as evidence.json and verify_evidence.py (from the evidence page, or the last "
    "pages of the PDF) beside it, and run: python3 verify_evidence.py evidence.json --sha256 HASH, "
    "with the hash that the PDF prints. Any Python from 3.8 does; nothing is sent anywhere."
)
# Keys whose values are people by number.
_PEOPLE = {
    *("by", "actor", "connected_by", "created_by", "sent_by", "frozen_by", "voided_by"),
    *("withdrawn_by", "released_by", "made_by", "person"),
}


class EvidenceError(Exception):
    """Why no pack can be made, as a sentence."""


def pack_content(customer: Customer, *, by: User | None, at: datetime) -> dict[str, Any]:
    """The whole pack. The production org is asked once; else it only reads our database.

    Raises EvidenceError where the customer's records do not stand still for a moment.
    """
    asked = org_asked(customer)
    for _try in range(TRIES):
        head = chain_head(customer)
        pack = _content(customer, by, at, asked)
        if chain_head(customer) == head:
            return pack
    raise EvidenceError(
        "So much happens just now that no moment could be held fast. Ask again in a few minutes."
    )


def pack_bytes(pack: dict[str, Any]) -> bytes:
    """The file: canonical JSON, so that every byte of it counts."""
    return canonical_json(pack).encode()


def _content(
    customer: Customer, by: User | None, at: datetime, asked: dict[str, Any]
) -> dict[str, Any]:
    events = chain_of(customer)
    log = Log(events)
    parts: dict[str, Any] = {
        "orgs": orgs_of(customer),
        "settings": settings_of(customer),
        "checks": checks_of(customer),
        "mirror": mirror_of(customer),
        "said": said_of(customer, log),
        "tests": test_runs_of(customer, log),
        "allowances": allowances_of(customer, log),
        "summaries": summaries_of(customer),
        "batches": batches_of(customer),
        "reconciliation": reconciliation_of(customer, asked),
        "events": events,
    }
    made_by = by.pk if by else None
    people = {made_by, *_people(parts)}
    return sealed(
        {
            "format": FORMAT,
            "made_at": moment(at),
            "made_by": made_by,
            "customer": sealed(
                {
                    "id": customer.pk,
                    "name": customer.name,
                    "slug": customer.slug,
                    "plan": str(customer.plan),
                    "path": str(customer.path),
                    "implementation_manager": customer.implementation_manager_id,
                }
            ),
            "people": people_of_pack(customer, people),
            **parts,
            "chain": sealed({"events": len(events), "hash": events[-1]["hash"] if events else ""}),
            "how_to_verify": HOW_TO_VERIFY,
        }
    )


def _people(value: Any) -> Iterator[int]:
    """Everybody who is named by number anywhere in it."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key in _PEOPLE and type(one) is int:
                yield one
            elif isinstance(one, dict | list) and key not in (
                "sent",
                "stored",
                "settled",
                "before",
            ):
                yield from _people(one)
    elif isinstance(value, list):
        for one in value:
            yield from _people(one)
