"""How often new job changes go by themselves: set, stopped, let go on, held.

What is due is released by `services/regular.py`.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import JSON
from accounts.models import Customer, Environment, User
from accounts.services import event_record
from accounts.services.events import SideName
from integrations.models import OrgEpoch
from jobchanges.due import due_next, zone_find
from jobchanges.gates import NotNow, regular_not_now
from jobchanges.models import Batch, SendingSchedule, Side
from jobchanges.services.batch_rights import speaks_for
from jobchanges.services.errors import BatchError
from jobchanges.signals import schedule_held, schedule_resumed, schedule_stopped

Cadence = SendingSchedule.Cadence
REASON_LENGTH: Final = 500
_SIDES: Final[dict[str, SideName]] = {
    Side.CUSTOMER.value: "customer",
    Side.VENDOR.value: "vendor",
    "system": "system",
}


def schedule_of(customer: Customer) -> SendingSchedule | None:
    """The customer's schedule, None before somebody set one."""
    return (
        SendingSchedule.objects.select_related("customer", "set_by", "stopped_by", "last_batch")
        .filter(customer=customer)
        .first()
    )


def live_org(customer: Customer) -> OrgEpoch | None:
    """The production org in which a batch is through; None before go-live, and after production
    was replaced until a batch is through in the new one."""
    return (
        OrgEpoch.objects.filter(
            connection__customer=customer,
            connection__environment=Environment.PRODUCTION,
            ended_at=None,
            batches__state=Batch.State.ENDED,
        )
        .distinct()
        .first()
    )


def schedule_set(
    *,
    customer: Customer,
    cadence: str,
    weekday: int = 0,
    hour: int = 6,
    time_zone: str = "UTC",
    by: User,
    side: str,
) -> SendingSchedule:
    """Choose how often, and at which hour of the customer's own day (Monday is 0).

    A day that has had its batch gets no second one. Raises BatchError for somebody who may not,
    before go-live, and for a time that there is not.
    """
    speaks_for(customer, side, by)
    if cadence not in Cadence.values:
        raise BatchError(_("Choose how often new job changes are sent."))
    zone = zone_find(time_zone)
    if zone is None:
        raise BatchError(_("This time zone is not known. Choose one from the list."))
    if not 0 <= hour <= 23 or not 0 <= weekday <= 6:
        raise BatchError(_("Choose an hour and a day of the week."))
    if live_org(customer) is None:
        raise BatchError(
            _("New job changes go by themselves only when the first batch is through.")
        )
    with transaction.atomic():
        row, _made = SendingSchedule.objects.get_or_create(customer=customer)
        row = SendingSchedule.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        row.cadence, row.weekday, row.hour, row.time_zone = cadence, weekday, hour, time_zone
        row.set_by, row.set_at = by, timezone.now()
        row.next_due_at = due_after(row, row.set_at)
        row.save(
            update_fields=[
                *("cadence", "weekday", "hour", "time_zone"),
                *("set_by", "set_at", "next_due_at"),
            ]
        )
        _event(
            row,
            "schedule.set",
            by=by,
            side=side,
            cadence=cadence,
            weekday=weekday,
            hour=hour,
            time_zone=time_zone,
        )
    # What is in the way is said at once, not at the first due time.
    schedule_look(customer=customer)
    row.refresh_from_db()
    return row


def schedule_stop(*, customer: Customer, side: str, by: User, reason: str) -> SendingSchedule:
    """Let nothing more go by itself, with the reason that the other side reads.

    What is being sent goes on: its batch is stopped by itself. Only this side lets it go on.
    """
    speaks_for(customer, side, by)
    reason = reason.strip()
    if not reason:
        raise BatchError(_("Write why it stops; both sides will read it."))
    row = _row(customer)
    with transaction.atomic():
        moved = (
            SendingSchedule.objects.filter(pk=row.pk, stopped_side="")
            .exclude(cadence=Cadence.OFF)
            .update(
                stopped_side=side,
                stopped_by=by,
                stopped_at=timezone.now(),
                stop_reason=reason[:REASON_LENGTH],
            )
        )
        if moved:
            row.refresh_from_db()
            _event(row, "schedule.stopped", by=by, side=side)
            schedule_stopped.send(sender=SendingSchedule, schedule=row)
    row.refresh_from_db()
    if not moved and not row.is_on:
        raise BatchError(_("Nothing goes by itself, so there is nothing to stop."))
    if not moved and row.stopped_side != side:
        raise BatchError(_("The other side stopped it already."))
    return row


def schedule_go_on(*, customer: Customer, side: str, by: User) -> SendingSchedule:
    """Let it go on, from the next time on. Only for the side that stopped it."""
    speaks_for(customer, side, by)
    row = _row(customer)
    if row.is_stopped and row.stopped_side != side:
        raise BatchError(_("Only the side that stopped it may let it go on."))
    with transaction.atomic():
        now = timezone.now()
        moved = SendingSchedule.objects.filter(pk=row.pk, stopped_side=side).update(
            stopped_side="",
            stopped_by=None,
            stopped_at=None,
            stop_reason="",
            # The time that passed while it stood still is not made up for behind anybody's back.
            next_due_at=due_after(row, now),
        )
        if moved:
            row.refresh_from_db()
            _event(row, "schedule.resumed", by=by, side=side)
            schedule_resumed.send(sender=SendingSchedule, schedule=row)
    if moved:
        schedule_look(customer=customer)
    row.refresh_from_db()
    return row


def schedule_look(*, customer: Customer) -> None:
    """Ask whether what people decided still lets new job changes go, and say so on the schedule.

    Called after a change of it; what only matters when something is due is asked for then.
    """
    row = SendingSchedule.objects.select_related("customer").filter(customer=customer).first()
    if row is None:
        return
    not_now = regular_not_now(customer=customer, checks=False) if row.is_on else None
    due = row.is_on and row.next_due_at is not None and row.next_due_at <= timezone.now()
    if not_now is not None:
        schedule_hold(row, not_now)
    elif row.held_reason and (row.held_turn == "both" or not due):
        # What is due has its own reasons, which whoever releases it looks at.
        SendingSchedule.objects.filter(pk=row.pk).update(
            held_reason="", held_turn="", held_since=None
        )


def schedules_held() -> list[Customer]:
    """Customers whose schedule is held: what held it may have passed."""
    rows = SendingSchedule.objects.exclude(held_reason="").select_related("customer")
    return [row.customer for row in rows.order_by("pk")]


def schedule_hold(row: SendingSchedule, not_now: NotNow) -> None:
    """Note why nothing goes; told to people once, and again when they have something else to do."""
    sentence = not_now.sentence[:REASON_LENGTH]
    if (row.held_reason, row.held_turn) == (sentence, not_now.turn):
        return
    with transaction.atomic():
        moved = SendingSchedule.objects.filter(
            pk=row.pk, held_reason=row.held_reason, held_turn=row.held_turn
        ).update(
            held_reason=sentence,
            held_turn=not_now.turn,
            held_since=row.held_since or timezone.now(),
        )
        told = moved and not_now.turn and not_now.turn != row.held_turn
        row.refresh_from_db()
        if told:
            _event(row, "schedule.held", by=None, side="system", turn=not_now.turn)
            schedule_held.send(sender=SendingSchedule, schedule=row)


def due_after(row: SendingSchedule, moment: datetime) -> datetime | None:
    """The schedule's first due time later than a moment, on a day that had no batch yet."""
    zone = zone_find(row.time_zone) or zone_find("UTC")
    assert zone is not None  # noqa: S101 (for the type checker)
    return due_next(
        cadence=row.cadence,
        weekday=row.weekday,
        hour=row.hour,
        zone=zone,
        after=moment,
        served=row.last_released_at,
    )


def _row(customer: Customer) -> SendingSchedule:
    row = schedule_of(customer)
    if row is None:
        raise BatchError(_("Nothing goes by itself, so there is nothing to stop."))
    return row


def _event(row: SendingSchedule, action: str, *, by: User | None, side: str, **data: JSON) -> None:
    event_record(
        customer=row.customer,
        action=action,
        by=by,
        side=_SIDES[side],
        environment=Environment.PRODUCTION,
        data=data,
    )
