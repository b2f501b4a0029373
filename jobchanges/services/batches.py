"""Batches: released, paused, stopped, gone on with, sent again (product.md, section 7).

Moves: released → sending; sending → paused → sending; sending or paused → stopped → sending;
sending → ended by itself (`delivery/batches.py`); each open one → void when another org takes
production's place. Whatever cannot be done raises BatchError with a sentence; a click that finds
it done already changes nothing.
"""

from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Customer, User
from accounts.services.events import SideName
from accounts.waking import task_wake
from integrations.models import Connection, OrgEpoch
from jobchanges import tasks
from jobchanges.delivery.batches import (
    SYSTEM,
    batch_event,
    batch_halt,
    batch_look,
    batches_lock,
    pause_reason,
)
from jobchanges.delivery.states import delivery_move
from jobchanges.gates import regular_not_now
from jobchanges.models import Batch, Delivery, Side, TestRun
from jobchanges.models.batches import FAILURE_LIMIT
from jobchanges.requeue import sandbox_attempts
from jobchanges.services.batch_filling import batch_fill
from jobchanges.services.batch_rights import production_org, speaks_for
from jobchanges.services.errors import BatchError
from jobchanges.signals import batch_released, batch_resumed

State = Batch.State
VENDOR: Final = "vendor"


def batch_release(
    *,
    customer: Customer,
    cut_off: datetime,
    signed_hash: str,
    customer_signer: User,
    vendor_signer: User,
    wait_after_first: bool = False,
    failure_limit: int = FAILURE_LIMIT,
    by: User,
) -> Batch:
    """Release everything imported up to the cut-off that production does not have (rule 4).

    `signed_hash` is what both signers signed; one signature releases one batch. `failure_limit`:
    per cent of the answered. The first part goes alone. Raises BatchError.
    """
    speaks_for(customer, Side.VENDOR, by)
    epoch = production_org(customer)
    if not signed_hash or customer_signer.pk == vendor_signer.pk:
        raise BatchError(_("The summary is released after two different people signed it."))
    if not 1 <= failure_limit <= 100:
        raise BatchError(_("The limit of failures is between 1 and 100 per cent."))
    try:
        with transaction.atomic():
            # Two clicks take turns here. The customer's row comes last, in the event, as it does
            # wherever answers are recorded: a release that held it from the start would wait for
            # deliveries of an ended batch, which a worker holds while it waits for the customer.
            # Connecting an org holds the customer first; of the two, one is repeated.
            OrgEpoch.objects.select_for_update(of=("self",), no_key=True).get(pk=epoch.pk)
            _may_release(customer, epoch, signed_hash)
            batch = batch_make(
                customer=customer,
                epoch=epoch,
                cut_off=cut_off,
                signed_hash=signed_hash,
                customer_signer=customer_signer,
                vendor_signer=vendor_signer,
                released_by=by,
                wait_after_first=wait_after_first,
                failure_limit=failure_limit,
            )
            released_note(batch, by=by, side=VENDOR, wait_after_first=wait_after_first)
    except IntegrityError as error:
        raise BatchError(_("The batch was released already.")) from error
    batch.refresh_from_db()
    return batch


def batch_pause(*, batch: Batch, side: str, by: User | None, reason: str = "") -> Batch:
    """Begin nothing new until somebody goes on. `side`: "customer", "vendor" or "system"."""
    return _halt(batch, State.PAUSED, side, by, reason)


def batch_stop(*, batch: Batch, side: str, by: User | None, reason: str) -> Batch:
    """Stop sending, with the reason that the other side reads; only this side may go on."""
    if not reason.strip():
        raise BatchError(_("Write why sending stops; both sides will read it."))
    return _halt(batch, State.STOPPED, side, by, reason)


def batch_go_on(*, batch: Batch, side: str, by: User) -> Batch:
    """Go on after a pause or a stop; failures are counted anew.

    After a person's pause either side may, after one by itself only the vendor, after a stop the
    side that stopped.
    """
    speaks_for(batch.customer, side, by)
    with transaction.atomic():
        current = batches_lock([batch.pk])[batch.pk]
        _org_check(current)
        if current.state in (State.PAUSED, State.STOPPED):
            _may_go_on(current, side)
            _go_on(current, side, by)
    batch.refresh_from_db()
    return batch


def batch_send_again(*, delivery: Delivery, by: User) -> Delivery:
    """Send a refused or held one of a batch again, after somebody corrected what was wrong."""
    batch = delivery.batch
    if batch is None:
        raise BatchError(_("This job change belongs to no batch."))
    speaks_for(batch.customer, Side.VENDOR, by)
    epoch = production_org(batch.customer)
    if epoch.pk != delivery.epoch_id or epoch.pk != batch.epoch_id:
        raise BatchError(_("The org was replaced since this job change was sent."))
    with transaction.atomic():
        current = batches_lock([batch.pk])[batch.pk]
        _org_check(current)
        _still_signed(current)
        moved = delivery_move(
            Delivery.objects.filter(pk=delivery.pk, batch=batch),
            [Delivery.State.REFUSED, Delivery.State.HELD],
            Delivery.State.WAITING,
            released_at=timezone.now(),
            not_before=None,
            releases=0,
            waiting_reason="",
            held_reason="",
            held_code="",
        )
        if moved:
            key = delivery.delivery_key
            batch_event(current, "delivery.sent_again", by=by, side=VENDOR, delivery=key)
            transaction.on_commit(partial(task_wake, tasks.deliver_org, epoch.pk))
    delivery.refresh_from_db()
    if not moved and delivery.state not in (Delivery.State.WAITING, Delivery.State.CLAIMED):
        raise BatchError(_("It can be sent again when Salesforce refused it or when it is held."))
    return delivery


def batch_make(*, customer: Customer, epoch: OrgEpoch, **values: Any) -> Batch:
    """The row with the next number. Belongs into the transaction of the release."""
    last = Batch.objects.filter(customer=customer).aggregate(last=Max("number"))["last"]
    return Batch.objects.create(customer=customer, epoch=epoch, number=(last or 0) + 1, **values)


def released_note(batch: Batch, *, by: User | None, side: SideName, **data: Any) -> None:
    """Fill a batch that was just made, log it, and wake the org's worker once it is committed."""
    keys = batch_fill(batch)
    tried = Delivery.objects.filter(Exists(sandbox_attempts(of="job_change")), batch=batch).count()
    batch_event(
        batch,
        "batch.released",
        by=by,
        side=side,
        signed_hash=batch.signed_hash,
        cut_off=batch.cut_off.isoformat(),
        total=len(keys),
        tried_in_sandbox=tried,
        job_changes_hash=content_hash(keys),
        failure_limit=batch.failure_limit,
        **data,
    )
    batch_released.send(sender=Batch, batch=batch)
    # Nothing to send: it is through at once.
    batch_look(batch)
    transaction.on_commit(partial(task_wake, tasks.deliver_org, batch.epoch_id))


def _may_release(customer: Customer, epoch: OrgEpoch, signed_hash: str) -> None:
    """What has to hold when the row is made. Belongs into its transaction."""
    if Batch.objects.filter(customer=customer, signed_hash=signed_hash).exists():
        raise BatchError(_("The batch was released already."))
    release_check(epoch)


def release_check(epoch: OrgEpoch) -> None:
    """Nothing else is on its way to the org. Raises BatchError."""
    if Batch.objects.filter(epoch=epoch, state__in=Batch.OPEN_STATES).exists():
        raise BatchError(_("Another batch is still being sent to this org."))
    if TestRun.objects.filter(epoch=epoch, state__in=TestRun.OPEN_STATES).exists():
        raise BatchError(
            _("A production test is still open. Finish or close it, then release the batch.")
        )


def _halt(batch: Batch, to: str, side: str, by: User | None, reason: str) -> Batch:
    if side != SYSTEM or by is not None:
        speaks_for(batch.customer, side, by)
    if not batch_halt(batch, to=to, side=_side(side), by=by, reason=reason.strip()):
        batch.refresh_from_db()
        _org_check(batch)
        if batch.state == State.ENDED:
            raise BatchError(_("Everything in it was sent; there is nothing to stop."))
    return batch


def _org_check(batch: Batch) -> None:
    """What another org ended is history: everything goes on in a batch of the new org."""
    if batch.state == State.VOID:
        raise BatchError(_("The org was replaced since this batch was released."))


def _still_signed(batch: Batch) -> None:
    """Rule 1 after the end, too: what was signed still says where job changes go.

    While it is open, its own gate says so before each group is written.
    """
    if batch.state != State.ENDED:
        return
    if not_now := regular_not_now(customer=batch.customer, checks=False):
        raise BatchError(not_now.sentence)


def _may_go_on(batch: Batch, side: str) -> None:
    connection = Connection.objects.get(pk=batch.epoch.connection_id)
    if connection.epoch_id != batch.epoch_id or batch.epoch.ended_at is not None:
        raise BatchError(_("The org was replaced since this batch was released."))
    if batch.state == State.STOPPED and batch.halted_side != side:
        raise BatchError(_("Only the side that stopped sending may go on."))
    if batch.halted_side == SYSTEM and side != Side.VENDOR:
        raise BatchError(
            _("It paused by itself. UserGems looks at the reason first and then goes on.")
        )


def _go_on(batch: Batch, side: str, by: User) -> None:
    # What calls for the vendor's look stays so while nobody has gone on since: the customer's own
    # pause or stop, put in its place or around it, must not lift it.
    unseen = bool(batch.first_done_at and batch.first_done_at >= batch.counted_from)
    reason = pause_reason(batch, first_part_done=unseen) if side != Side.VENDOR else ""
    anew = {"counted_from": timezone.now(), "counted_answers": 0, "counted_failures": 0}
    Batch.objects.filter(pk=batch.pk).update(
        state=State.SENDING,
        halted_side="",
        halted_by=None,
        halted_at=None,
        halt_reason="",
        **({} if reason else anew),
    )
    batch.refresh_from_db()
    batch_event(batch, "batch.resumed", by=by, side=_side(side))
    batch_resumed.send(sender=Batch, batch=batch)
    if reason:
        batch_halt(batch, to=State.PAUSED, side=SYSTEM, by=None, reason=reason)
        return
    batch_look(batch)
    transaction.on_commit(partial(task_wake, tasks.deliver_org, batch.epoch_id))


def _side(side: str) -> SideName:
    sides: dict[str, SideName] = {"customer": "customer", "vendor": "vendor", "system": "system"}
    return sides[side]
