"""The summary that stands, compared with the facts: a change of what is hashed voids it."""

from dataclasses import asdict
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Customer, Environment, User
from accounts.services import event_record
from accounts.services.events import SideName
from integrations.services.locks import customer_lock
from jobchanges.models import Batch
from jobchanges.services.batches import batch_pause
from jobchanges.services.errors import BatchError
from portal.models import Summary
from portal.signoff.content import content_of, facts_of, shown_of
from portal.signoff.differences import differences_of
from portal.signoff.signals import summary_voided
from portal.signoff.types import Difference

log = structlog.get_logger(__name__)

REASON_LENGTH = 500


def summary_standing(customer: Customer) -> Summary | None:
    """The customer's summary that nothing and nobody has ended."""
    return (
        Summary.objects.select_related("customer", "batch", "continues", "frozen_by")
        .filter(customer=customer, voided_at=None)
        .first()
    )


def first_batch_ended(customer: Customer) -> bool:
    """Whether a batch is through in the org that is production now: the customer is live."""
    return Batch.objects.filter(
        customer=customer, state=Batch.State.ENDED, epoch__ended_at=None
    ).exists()


def was_live(customer: Customer) -> bool:
    """Whether a batch was ever through, in whatever org production was then."""
    return Batch.objects.filter(customer=customer, state=Batch.State.ENDED).exists()


def is_history(summary: Summary) -> bool:
    """Whether the batch that was released under it is through: it is compared no more.

    Regular batches go on under it, as far as `covering` says.
    """
    return summary.batch is not None and summary.batch.state == Batch.State.ENDED


def batch_name(customer: Customer) -> str:
    """What both sides sign for now, in a sentence: the first batch to this org, or the next one."""
    return _("the next batch") if first_batch_ended(customer) else _("the first batch")


def summary_batch_name(summary: Summary) -> str:
    """What a summary was signed for, also when its batch is through."""
    org_id = (summary.content.get("org") or {}).get("id", "")
    before = Batch.objects.filter(
        customer=summary.customer_id, epoch__org_id=org_id, ended_at__lt=summary.frozen_at
    )
    later = before.filter(state=Batch.State.ENDED).exists()
    return _("the next batch") if later else _("the first batch")


def first_batch_open(customer: Customer) -> Batch | None:
    """The batch that is being sent, paused or stopped: one at a time."""
    return (
        Batch.objects.filter(customer=customer, state__in=Batch.OPEN_STATES)
        .order_by("number")
        .first()
    )


def void_batch(customer: Customer) -> Batch | None:
    """The last batch, if another org took production's place before it ended."""
    last = Batch.objects.select_related("epoch").filter(customer=customer).order_by("number").last()
    return last if last is not None and last.state == Batch.State.VOID else None


def is_current(summary: Summary) -> bool:
    """Whether what it says is still so. Reads the facts; changes nothing."""
    customer = Customer.objects.get(pk=summary.customer_id)
    return content_hash(content_of(customer, facts_of(customer))) == summary.content_hash


def summary_check(customer: Customer) -> Summary | None:
    """The standing summary, if it is still so; one that is not is voided and what changed is said.

    A batch that runs under it is paused with it. After that batch ended nothing voids it.
    Called by pages, before signing, releasing and each group of a batch, and every minute.
    """
    summary = summary_standing(customer)
    if summary is None or is_history(summary) or is_current(summary):
        return summary
    with transaction.atomic():
        fresh = customer_lock(customer.pk)
        summary = summary_standing(fresh)
        # Somebody may have been faster, or have put back what was changed.
        if summary is None or is_history(summary) or is_current(summary):
            return summary
        _void(summary, fresh)
    return None


def _void(summary: Summary, customer: Customer) -> None:
    """End it with the differences. Belongs into a transaction that holds the customer's row."""
    facts = facts_of(customer)
    after = content_of(customer, facts)
    changes = differences_of(
        summary.content,
        after,
        before_shown=summary.shown,
        after_shown=shown_of(customer, facts),
    )
    if not summary_end(summary, differences=changes, by=None):
        return
    event_summary(
        summary,
        "sign_off.voided",
        by=None,
        content_hash=summary.content_hash,
        now_hash=content_hash(after),
        differences_hash=content_hash(summary.differences),
        batch=summary.batch_id,
    )
    if summary.batch_id is not None:
        # Afterwards: the delivery floor locks the batch before the customer. Until then, and if
        # this process ends here, the gate of the batch lets nothing more through.
        transaction.on_commit(partial(_batch_pause, summary.batch_id, pause_reason(changes)))
    summary_voided.send(sender=Summary, summary=summary)


def _batch_pause(batch_pk: int, reason: str) -> None:
    batch = Batch.objects.select_related("customer", "epoch__connection").get(pk=batch_pk)
    if batch.state != Batch.State.SENDING:
        return
    try:
        batch_pause(batch=batch, side="system", by=None, reason=reason)
    except BatchError:
        # Its last job change was answered meanwhile: what was signed was carried out.
        log.info("batch_ended_before_pause", batch=batch_pk)


def pause_reason(changes: list[Difference]) -> str:
    """Why the batch stands still, within the length of its column."""
    words = _("What was signed has changed. %(changes)s Both sides sign the new summary.") % {
        "changes": " ".join(change.sentence for change in changes)
    }
    return words if len(words) <= REASON_LENGTH else f"{words[: REASON_LENGTH - 1]}…"


def summary_end(summary: Summary, *, differences: list[Difference], by: User | None) -> bool:
    """Mark it as ended, unless it has ended already. Returns whether it moved."""
    summary.voided_at = timezone.now()
    summary.voided_by = by
    summary.differences = [asdict(change) for change in differences]
    return bool(
        Summary.objects.filter(pk=summary.pk, voided_at=None).update(
            voided_at=summary.voided_at,
            voided_by=by,
            differences=summary.differences,
        )
    )


def event_summary(summary: Summary, action: str, *, by: User | None, **data: Any) -> None:
    """Log what happened to it: identifiers and hashes, no names (identity-and-state, Events)."""
    side: SideName = "system"
    if by is not None:
        side = "vendor" if by.is_staff else "customer"
    event_record(
        customer=summary.customer,
        action=action,
        by=by,
        side=side,
        environment=Environment.PRODUCTION,
        org_id=(summary.content.get("org") or {}).get("id", ""),
        data={"summary": summary.pk} | data,
    )
