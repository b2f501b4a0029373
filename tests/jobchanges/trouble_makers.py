"""Everything that can go wrong around a delivery, for the chaos test and the bench."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils import timezone

from jobchanges.models import Batch, Delivery, OrgLease
from tests.rehearsal_server import Rehearsal

GRAPH = "composite/graph"
# A lost answer to a token refresh is a lost connection, by the platform's rules: not our matter.
API = "/services/data/v"
# What strikes any call, and what strikes writing ones only.
ANY_CALL = (
    "drop_before", "drop_answer_after_commit", "cut_off_body", "http_503_html", "proxy_text",
    "expired_session", "concurrent_limit",
)  # fmt: skip
WRITES = ("drop_before", "drop_answer_after_commit", "cut_off_body", "proxy_text")
# A trace of a fault in the settings of the processes: a writing call is given up after so long,
# and what was claimed and not heard of is looked at again. All times are short here.
WRITE_TIMEOUT = 5
QUICK = {
    "SALESFORCE_CONNECT_TIMEOUT": 2,
    "SALESFORCE_WRITE_TIMEOUT": WRITE_TIMEOUT,
    "ORG_CALL_WAIT_SECONDS": 0.5,
    "DELIVERY_CLAIM_SECONDS": 8,
    "SALESFORCE_LONGEST_CALL": 8,
}
LATE = WRITE_TIMEOUT + 2


# In Northwind, leads from Germany need an e-mail address or a phone number; contacts too, here.
REFUSING_RULE = {
    "sobject": "Contact",
    "name": "Reachable_contacts_in_Germany",
    "blank": ["Email", "Phone"],
    "message": "New contacts in Germany need an e-mail address or a phone number.",
    "on": ["insert"],
    "when": ["MailingCountry", "Germany"],
}


def every_kind(org: str, *, times: int, chance: float, seed: int) -> list[dict[str, Any]]:
    """Each kind of fault so many times, struck with this chance at each call that it fits."""
    common = {"times": times, "chance": chance, "seed": seed}
    here, writing = {"org": org, "path": API}, {"org": org, "path": GRAPH}
    return [
        *({"kind": kind, "match": here, **common} for kind in ANY_CALL),
        *({"kind": kind, "match": writing, **common} for kind in WRITES),
        # The answer comes after we have given up, and what was asked is written all the same.
        {"kind": "delay", "match": writing, "seconds": LATE, **common},
        {"kind": "halted_graphs", "match": writing, "after": 2, **common},
        *(
            {"kind": "lock_row", "match": {"org": org, "sobject": name}, **common}
            for name in ("Lead", "Contact", "Account")
        ),
    ]


def faults_add(rehearsal: Rehearsal, faults: list[dict[str, Any]]) -> None:
    """Have them wait to happen."""
    rehearsal.control("production", "faults", body=faults)


def faults_left(rehearsal: Rehearsal) -> int:
    """How many strikes are still to come."""
    return sum(item["times"] for item in rehearsal.control("production", "faults", "GET"))


def faults_struck(rehearsal: Rehearsal, times: int) -> dict[str, int]:
    """How often each kind has struck, of faults that were to strike `times`."""
    struck: Counter[str] = Counter()
    for item in rehearsal.control("production", "faults", "GET"):
        struck[item["kind"]] += times - item["times"]
    return dict(struck)


def hurry() -> None:
    """Let rests end that the portal gives an org or a job change in trouble; they are minutes."""
    now = timezone.now()
    OrgLease.objects.filter(paused_until__gt=now).update(paused_until=None)
    waiting = [Delivery.State.WAITING, Delivery.State.CLAIMED]
    Delivery.objects.filter(state__in=waiting, not_before__gt=now).update(not_before=None)


def has_ended(batch: Batch) -> bool:
    """Whether the batch has ended; looks after rests meanwhile. Raises when a limit halted it."""
    hurry()
    batch.refresh_from_db()
    assert batch.state in (Batch.State.SENDING, Batch.State.ENDED), (
        batch.state,
        batch.halt_reason,
    )
    return batch.state == Batch.State.ENDED
