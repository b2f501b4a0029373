"""Questions that this floor asks upwards before it writes; upper floors answer by receivers.

A receiver answers a sentence that says why not, or "" where nothing is in the way. A receiver that
fails counts as a no: nothing is written because somebody could not be asked.
"""

from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal

# customer=: may job changes go to the customer's sandbox now? (Not between the first signature
# and the end of the first batch: identity-and-state, Sign-off.)
sandbox_gate = Signal()
# customer=, environment=: has the org answered for itself, so that a test may be sent to it or
# allowed? (Checks: product.md, section 5.) May have the org asked again: not in a transaction that
# a no takes back.
org_gate = Signal()
# batch=: may more of the batch be written? (Not when what was signed has changed: rule 1.)
batch_gate = Signal()
# customer=, checks=: may the schedule release a regular batch? A receiver answers a `NotNow` or
# None. Without `checks` only what people decided counts; with it also whether production answered
# its checks lately, which may have it asked: not in a transaction that a no takes back.
regular_gate = Signal()


@dataclass(frozen=True)
class NotNow:
    """Why a regular batch does not go now. `turn`: who acts ("customer", "vendor", "both"); ""
    where it passes by itself, or where the people concerned are told elsewhere."""

    sentence: str
    turn: str = ""


def gate_reason(gate: Signal, **asked: Any) -> str:
    """The first sentence that says why not, "" when all agree. Errors go on to the caller."""
    for _receiver, answer in gate.send(sender=None, **asked):
        if answer:
            return str(answer)
    return ""


def regular_not_now(**asked: Any) -> NotNow | None:
    """The first answer of the regular gate that says why not. Errors go on to the caller."""
    for _receiver, answer in regular_gate.send(sender=None, **asked):
        found: object = answer
        if found is not None:
            return found if isinstance(found, NotNow) else NotNow(str(found))
    return None
