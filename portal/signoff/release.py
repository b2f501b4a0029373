"""Releasing the first batch: by us, inside the customer's window, under two signatures.

Rows are locked as the delivery floor locks them, the batch before the customer. What was looked
at before is therefore looked at again under the customer's lock; a no takes everything back.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.deadlocks import deadlock_retried
from accounts.models import Environment, User
from integrations.services.locks import customer_lock
from jobchanges.delivery.batches import batches_lock
from jobchanges.models import Batch, Side
from jobchanges.services.batches import batch_go_on, batch_release
from jobchanges.services.errors import BatchError
from portal.checking.gates import check_reason_asking
from portal.models import Signature, Summary
from portal.signoff.conditions import release_reasons, side_reason
from portal.signoff.errors import SignOffError
from portal.signoff.standing import (
    event_summary,
    first_batch_open,
    is_current,
    summary_check,
    summary_standing,
)


@deadlock_retried
def launch_release(
    *, summary: Summary, wait_after_first: bool = False, failure_limit: int = 20, by: User
) -> Batch:
    """Release the first batch, or let the halted one go on under the new signatures.

    `failure_limit`: per cent of the answered. A second click returns the batch of the first.
    Raises SignOffError unless both signatures stand on what is still so, and it may start now.
    """
    if reason := side_reason(summary.customer, Side.VENDOR, by):
        raise SignOffError(reason)
    if not 1 <= failure_limit <= 100:
        raise SignOffError(_("The failure limit is a percentage from 1 to 100."))
    summary_check(summary.customer)
    released = _released(summary)
    if released is not None:
        return released
    # Here, not under the lock below: what is too old is asked for, also where this ends.
    check_reason_asking(summary.customer, Environment.PRODUCTION)
    standing = _releasable(summary)
    signatures = {one.side: one for one in standing.signatures.select_related("by")}
    running = first_batch_open(standing.customer)
    try:
        with transaction.atomic():
            if running is not None:
                return _go_on(standing, running, signatures, wait_after_first, failure_limit, by)
            if standing.continues_id is not None:
                # Its last job changes were answered while people signed.
                raise SignOffError(_("The batch that this summary is for has ended meanwhile."))
            batch = batch_release(
                customer=standing.customer,
                cut_off=standing.cut_off,
                signed_hash=standing.signed_hash,
                customer_signer=signatures[Side.CUSTOMER].by,
                vendor_signer=signatures[Side.VENDOR].by,
                wait_after_first=wait_after_first,
                failure_limit=failure_limit,
                by=by,
            )
            return _released_as(standing, batch, by, "launch.released")
    except BatchError as error:
        # Somebody else clicked in the same moment.
        released = _released(summary)
        if released is not None:
            return released
        raise SignOffError(error.sentence) from error


def _released(summary: Summary) -> Batch | None:
    """The batch that was released under exactly this summary, while it stands."""
    row = Summary.objects.select_related("batch").filter(pk=summary.pk, voided_at=None).first()
    return row.batch if row else None


def _releasable(summary: Summary) -> Summary:
    """The summary as it stands, if it may be released now. Raises SignOffError."""
    standing = summary_standing(summary.customer)
    if standing is None or standing.pk != summary.pk:
        raise SignOffError(
            _("This summary ended: something changed, or it was taken back. A new one is signed.")
        )
    if not is_current(standing):
        raise SignOffError(
            _("Something that was signed has changed this moment. Read the page again.")
        )
    reasons = release_reasons(standing)
    if reasons:
        raise SignOffError(" ".join(reasons))
    return standing


def _released_as(summary: Summary, batch: Batch, by: User, action: str, **data: str) -> Batch:
    """Bind batch and summary, if under the lock everything still is as it was looked at."""
    customer_lock(summary.customer_id)
    _releasable(summary)
    Summary.objects.filter(pk=summary.pk, voided_at=None).update(batch=batch)
    event_summary(summary, action, by=by, signed_hash=summary.signed_hash, batch=batch.pk, **data)
    return batch


def _go_on(
    summary: Summary,
    batch: Batch,
    signatures: Mapping[str, Signature],
    wait_after_first: bool,
    failure_limit: int,
    by: User,
) -> Batch:
    """The batch that a change halted goes on, with the members it has, under the new hash.

    What a side has stopped stays stopped until that side lets it go on.
    """
    batch = batches_lock([batch.pk])[batch.pk]
    before = batch.signed_hash
    if before == summary.signed_hash:
        return batch  # the other one of two clicks
    moved = Batch.objects.filter(
        pk=batch.pk, state__in=Batch.OPEN_STATES, signed_hash=before
    ).update(
        signed_hash=summary.signed_hash,
        customer_signer=signatures[Side.CUSTOMER].by,
        vendor_signer=signatures[Side.VENDOR].by,
        wait_after_first=wait_after_first,
        failure_limit=failure_limit,
    )
    if not moved:
        raise SignOffError(_("The batch that this summary is for has ended meanwhile."))
    _released_as(summary, batch, by, "launch.continued", before_hash=before)
    batch.refresh_from_db()
    if batch.state == Batch.State.PAUSED:
        batch = batch_go_on(batch=batch, side=Side.VENDOR.value, by=by)
    return batch
