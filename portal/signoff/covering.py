"""Whether what both sides signed at go-live covers the regular batches that follow (rule 1).

It does while production is the org that was signed, written to by the same user, and job changes
go where was signed. Checks, tests and the mirror were for the launch: what they say now is asked
before each batch and not compared with what was signed.
"""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Customer
from jobchanges.models import Batch
from portal.models import Summary
from portal.signoff.content import content_of, facts_of, shown_of
from portal.signoff.differences import differences_of
from portal.signoff.standing import first_batch_ended
from portal.signoff.types import Difference

ORG = ("id", "user_id", "username")


def covering_batch(customer: Customer) -> Batch | None:
    """The last batch to the org that is production now; None before the first one."""
    return (
        Batch.objects.select_related("customer", "epoch")
        .filter(customer=customer, epoch__ended_at=None)
        .exclude(state=Batch.State.VOID)
        .order_by("-number")
        .first()
    )


def covering_summary(batch: Batch) -> Summary | None:
    """What both sides signed for the batch, also where it was replaced since."""
    return (
        Summary.objects.filter(customer=batch.customer_id, signed_hash=batch.signed_hash)
        .order_by("-frozen_at")
        .first()
    )


def is_regular(batch: Batch) -> bool:
    """Whether a batch goes under signatures that were given for an earlier one.

    One that a change halted goes on under its own, as the first batch does.
    """
    return batch.kind == Batch.Kind.REGULAR and not batch.summaries.exists()


def batch_signed(batch: Batch) -> bool:
    """Whether what was signed for the batch stands; after its end it is history and does."""
    if batch.state == Batch.State.ENDED:
        return True
    if is_regular(batch):
        return not covering_reason(batch)
    return batch.summaries.filter(voided_at=None).exists()


def is_covered(customer: Customer) -> bool:
    """Whether nothing is left to sign: the customer is live, and what was signed still holds."""
    if not first_batch_ended(customer):
        return False
    batch = covering_batch(customer)
    if batch is not None and batch.is_open:
        return batch_signed(batch)
    return not covering_reason(batch)


def covering_differences(summary: Summary) -> list[Difference]:
    """What is no longer as it was signed, of what regular batches depend on."""
    customer = Customer.objects.get(pk=summary.customer_id)
    facts = facts_of(customer)
    now = content_of(customer, facts)
    return differences_of(
        summary.content,
        _with(summary.content, now),
        before_shown=summary.shown,
        after_shown=shown_of(customer, facts),
    )


def covering_reason(batch: Batch | None) -> str:
    """Why new signatures are needed before anything goes on from this batch; "" where none are."""
    summary = covering_summary(batch) if batch is not None else None
    if summary is None:
        return _("Production is another org now: both sides sign a new summary for it first.")
    changes = covering_differences(summary)
    if not changes:
        return ""
    return _("What was signed has changed. %(changes)s Both sides sign the new summary.") % {
        "changes": " ".join(change.sentence for change in changes)
    }


def _with(signed: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What was signed, with those parts as they are now."""
    before, after = signed.get("org") or {}, now.get("org") or {}
    org = dict(before)
    if [before.get(name) for name in ORG[:2]] != [after.get(name) for name in ORG[:2]]:
        # A user who was renamed is the same one.
        org |= {name: after.get(name) for name in ORG}
    return signed | {"org": org, "settings": now["settings"]}
