"""Regular batches: what the schedule releases after go-live, under the signatures of go-live.

A due time is done once: whoever moves `next_due_at` on releases the batch, in one transaction.
While something is in the way the due time stays and is looked at again each minute, so that it
goes by itself when that has passed; several that were missed become one.
"""

from datetime import datetime
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer
from integrations.models import OrgEpoch
from jobchanges.gates import NotNow, regular_not_now
from jobchanges.models import Batch, SendingSchedule, TestRun
from jobchanges.requeue import regular_job_changes
from jobchanges.services.batch_rights import production_org
from jobchanges.services.batches import batch_make, release_check, released_note
from jobchanges.services.errors import BatchError
from jobchanges.services.schedules import (
    due_after,
    live_org,
    schedule_hold,
    schedule_look,
    schedules_held,
)

log = structlog.get_logger(__name__)
Cadence = SendingSchedule.Cadence
SYSTEM: Final = "system"


def schedules_due(now: datetime) -> list[int]:
    """Schedules whose time has come and that nobody stopped."""
    return list(
        SendingSchedule.objects.filter(next_due_at__lte=now, stopped_side="")
        .exclude(cadence=Cadence.OFF)
        .order_by("next_due_at")
        .values_list("pk", flat=True)
    )


def schedules_work(now: datetime) -> None:
    """Every minute: what is due goes, and what was in the way is looked at again.

    One customer's trouble keeps nobody else waiting (rule 10).
    """
    for customer in schedules_held():
        try:
            schedule_look(customer=customer)
        except Exception:
            log.exception("schedule_not_looked_at", customer=customer.pk)
    for pk in schedules_due(now):
        try:
            regular_batch_release(schedule_pk=pk, now=now)
        except Exception:
            log.exception("regular_batch_not_released", schedule=pk)


def regular_batch_release(*, schedule_pk: int, now: datetime | None = None) -> Batch | None:
    """Release what waits, if the schedule is due and nothing is in the way; else say why not.

    Returns the batch, None where there is none. Whoever comes second finds it done.
    """
    now = now or timezone.now()
    row = SendingSchedule.objects.select_related("customer", "set_by").get(pk=schedule_pk)
    if row.pk not in schedules_due(now) or row.next_due_at is None:
        return None
    epoch = live_org(row.customer)
    if epoch is not None and not regular_job_changes(row.customer, epoch.org_id, now).exists():
        _empty(row, now)
        return None
    if not_now := _in_the_way(row.customer):
        schedule_hold(row, not_now)
        return None
    try:
        return _release(row, now)
    except BatchError as error:
        # Somebody else was faster, or it changed this moment: looked at again in a minute.
        schedule_hold(row, NotNow(error.sentence))
        return None
    except IntegrityError:
        log.info("regular_batch_released_by_another", schedule=row.pk)
        return None


def _in_the_way(customer: Customer) -> NotNow | None:
    """What keeps the batch, the first reason; asks the org for its checks where they are old."""
    epoch = live_org(customer)
    if epoch is None:
        return NotNow(
            _("Production is another org now. Both sides sign a new summary for it first."), "both"
        )
    if not_now := regular_not_now(customer=customer, checks=False):
        return not_now
    if reason := _under_way(epoch):
        return NotNow(reason)
    try:
        production_org(customer)
    except BatchError as error:
        # People are told of a lost connection by itself.
        return NotNow(error.sentence)
    return regular_not_now(customer=customer, checks=True)


def _under_way(epoch: OrgEpoch) -> str:
    """Another batch or a test in the org; nothing joins it silently."""
    batch = Batch.objects.filter(epoch=epoch, state__in=Batch.OPEN_STATES).first()
    if batch is not None:
        said = {
            Batch.State.PAUSED.value: _("Batch %(number)s is paused."),
            Batch.State.STOPPED.value: _("Batch %(number)s is stopped."),
        }.get(batch.state, _("Batch %(number)s is still being sent."))
        said += " " + _("What waits goes when it is through.")
        return said % {"number": batch.number}
    run = TestRun.objects.filter(epoch=epoch, state__in=TestRun.OPEN_STATES).first()
    if run is not None:
        return _(
            "Test %(number)s in production is still open. What waits goes when it is finished or "
            "closed."
        ) % {"number": run.number}
    return ""


def _empty(row: SendingSchedule, now: datetime) -> None:
    """Nothing waits: the time passes, and says so. What people have to sign stays said."""
    values: dict[str, Any] = {"next_due_at": due_after(row, now), "last_empty_at": row.next_due_at}
    if row.held_turn != "both":
        values |= {"held_reason": "", "held_turn": "", "held_since": None}
    SendingSchedule.objects.filter(pk=row.pk, next_due_at=row.next_due_at).update(**values)


def _release(row: SendingSchedule, now: datetime) -> Batch | None:
    epoch = production_org(row.customer)
    with transaction.atomic():
        # As the release at go-live: two take turns here, the customer's row comes last.
        OrgEpoch.objects.select_for_update(of=("self",), no_key=True).get(pk=epoch.pk)
        row.last_released_at = now
        moved = (
            SendingSchedule.objects.filter(
                pk=row.pk, next_due_at=row.next_due_at, stopped_side="", cadence=row.cadence
            )
            .exclude(cadence=Cadence.OFF)
            .update(
                next_due_at=due_after(row, now),
                last_released_at=now,
                held_reason="",
                held_turn="",
                held_since=None,
            )
        )
        if not moved:
            return None
        release_check(epoch)
        signed = _signed_batch(epoch)
        batch = batch_make(
            customer=row.customer,
            epoch=epoch,
            kind=Batch.Kind.REGULAR,
            cut_off=now,
            signed_hash=signed.signed_hash,
            customer_signer_id=signed.customer_signer_id,
            vendor_signer_id=signed.vendor_signer_id,
            released_by_id=row.set_by_id or signed.released_by_id,
            failure_limit=signed.failure_limit,
        )
        released_note(batch, by=None, side=SYSTEM, schedule_set_by=row.set_by_id)
        SendingSchedule.objects.filter(pk=row.pk).update(last_batch=batch)
        log.info("regular_batch_released", batch=batch.pk)
    batch.refresh_from_db()
    return batch


def _signed_batch(epoch: OrgEpoch) -> Batch:
    """The last batch of the org: what both sides signed for it covers this one, too (rule 1)."""
    batch = Batch.objects.filter(epoch=epoch, state=Batch.State.ENDED).order_by("-number").first()
    if batch is None:
        raise BatchError(_("Nothing goes by itself before the first batch is through."))
    return batch
