"""Questions that this floor asks upwards before it writes; upper floors answer by receivers.

A receiver answers a sentence that says why not, or "" where nothing is in the way. A receiver that
fails counts as a no: nothing is written because somebody could not be asked.
"""

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


def gate_reason(gate: Signal, **asked: Any) -> str:
    """The first sentence that says why not, "" when all agree. Errors go on to the caller."""
    for _receiver, answer in gate.send(sender=None, **asked):
        if answer:
            return str(answer)
    return ""
