"""A batch moves on when its deliveries have answers: the look after the first part, the limit of
failures, the end. Halting it, by itself or for a person.

Rows are locked in the same order as everywhere: run, batch, delivery, allowance, customer (in the
event).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, User
from accounts.services import event_record
from accounts.services.events import SideName
from jobchanges import gates
from jobchanges.delivery.states import ENDED, call_may_start
from jobchanges.models import Batch, Delivery
from jobchanges.models.batches import FIRST_PART
from jobchanges.signals import batch_ended, batch_halted

logger = structlog.get_logger(__name__)
State = Batch.State
SYSTEM: Final = "system"
# `Delivery.held_code` of what was sent again when what was signed no longer stood.
NOT_SIGNED: Final = "not_signed"
# So many answers are counted in full; then all of them count half.
RECENT: Final = 500
_HALTED_FROM: Final[Mapping[str, Sequence[str]]] = {
    State.PAUSED: [State.SENDING],
    State.STOPPED: [State.SENDING, State.PAUSED],
    State.VOID: [State.SENDING, State.PAUSED, State.STOPPED],
}
_HALTED: Final[Mapping[str, str]] = {
    State.PAUSED: "batch.paused",
    State.STOPPED: "batch.stopped",
    State.VOID: "batch.voided",
}


@dataclass
class Tally:
    """What became of a group's deliveries of one batch."""

    answered: int = 0
    failed: int = 0


def batches_lock(batch_ids: Iterable[int]) -> dict[int, Batch]:
    """Hold the rows of batches until the end of the transaction; by primary key."""
    ids = set(batch_ids)
    if not ids:
        return {}
    rows = Batch.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return {batch.pk: batch for batch in rows.order_by("pk")}


def batches_move_on(tallies: Mapping[int, Tally]) -> None:
    """Count a group's answers and look at what they mean for their batches.

    Belongs into the transaction of the answers, after `batches_lock`.
    """
    for pk, tally in sorted(tallies.items()):
        Batch.objects.filter(pk=pk, state__in=Batch.OPEN_STATES).update(
            counted_answers=F("counted_answers") + tally.answered,
            counted_failures=F("counted_failures") + tally.failed,
        )
        batch_look(Batch.objects.select_related("customer", "epoch").get(pk=pk))
        _older_fade(pk)


def _older_fade(batch_pk: int) -> None:
    """Let older answers count less: what goes wrong late in a large batch is seen as early."""
    Batch.objects.filter(pk=batch_pk, counted_answers__gte=RECENT).update(
        counted_answers=F("counted_answers") / 2, counted_failures=F("counted_failures") / 2
    )


def batch_look(batch: Batch) -> None:
    """End a batch that is through; pause one that waits after its first part or fails too often.

    One that a person stopped, or that paused by itself, ends when somebody lets it go on.
    """
    if not batch.is_open:
        return
    first_part_done = batch.first_done_at is None and _first_part_end(batch)
    by_itself = batch.state == State.PAUSED and batch.halted_side == SYSTEM
    if batch.state != State.STOPPED and not by_itself and not _unanswered(batch).exists():
        _end(batch)
    elif batch.state == State.SENDING and (
        reason := pause_reason(batch, first_part_done=first_part_done)
    ):
        batch_halt(batch, to=State.PAUSED, side=SYSTEM, by=None, reason=reason)


def pause_reason(batch: Batch, *, first_part_done: bool) -> str:
    """Why a batch pauses by itself now, as a sentence; "" when it goes on."""
    answered, failed = batch.counted_answers, batch.counted_failures
    if (
        (answered >= FIRST_PART or first_part_done)
        and failed * 100 > batch.failure_limit * answered
    ):  # fmt: skip
        if answered >= RECENT // 2:
            return _(
                "Of the last %(answered)d job changes %(failed)d failed, which is above the limit "
                "of %(limit)d%%. UserGems looks at the reasons before it goes on."
            ) % {"failed": failed, "answered": answered, "limit": batch.failure_limit}
        return ngettext(
            "%(failed)d of %(answered)d job change failed, which is above the limit of "
            "%(limit)d%%. UserGems looks at the reasons before it goes on.",
            "%(failed)d of %(answered)d job changes failed, which is above the limit of "
            "%(limit)d%%. UserGems looks at the reasons before it goes on.",
            answered,
        ) % {"failed": failed, "answered": answered, "limit": batch.failure_limit}
    if first_part_done and batch.wait_after_first:
        return _("The first part is in production. The rest goes when UserGems has looked at it.")
    return ""


def batch_halt(batch: Batch, *, to: str, side: SideName, by: User | None, reason: str) -> bool:
    """Pause, stop or void a batch; False when it stands still already (a stop replaces a pause).

    What is being written is finished; nothing new is begun.
    """
    sources = _HALTED_FROM[to]
    with transaction.atomic():
        # A group that is being begun goes first; its moment lies before this one's.
        batches_lock([batch.pk])
        moved = Batch.objects.filter(pk=batch.pk, state__in=sources).update(
            state=to,
            halted_side=side,
            halted_by=by,
            halted_at=timezone.now(),
            halt_reason=reason[:500],
        )
        if moved:
            batch.refresh_from_db()
            batch_event(batch, _HALTED[to], by=by, side=side)
            batch_halted.send(sender=Batch, batch=batch)
    return bool(moved)


def gates_ask(batches: Iterable[Batch]) -> bool:
    """Ask upper floors whether more may be written; a batch that may not pauses by itself.

    Returns whether all may go on. A gate that fails counts as a no.
    """
    open_to_all = True
    for batch in batches:
        if batch.state != State.SENDING:
            continue
        if sentence := batch_gate_sentence(batch):
            open_to_all = False
            batch_halt(batch, to=State.PAUSED, side=SYSTEM, by=None, reason=sentence)
    return open_to_all


def batch_gate_sentence(batch: Batch) -> str:
    """Why nothing more of the batch may be written, "" when nothing is in the way."""
    call_may_start()
    try:
        return gates.gate_reason(gates.batch_gate, batch=batch)
    except Exception:
        logger.exception("batch_gate_failed", batch=batch.pk)
        return _unasked_sentence()


def _unasked_sentence() -> str:
    return _(
        "The portal could not check whether what was signed still stands, so nothing more is "
        "sent. UserGems looks into it."
    )


def late_gate_sentence(customer: Customer) -> str:
    """The same for what was sent again in a batch that had ended: do the signatures still hold?"""
    call_may_start()
    try:
        not_now = gates.regular_not_now(customer=customer, checks=False)
    except Exception:
        logger.exception("regular_gate_failed", customer=customer.pk)
        return _unasked_sentence()
    return not_now.sentence if not_now is not None else ""


def batch_event(batch: Batch, action: str, *, by: User | None, side: SideName, **data: Any) -> None:
    """One event about a batch: identifiers, counts and hashes."""
    event_record(
        customer=batch.customer,
        action=action,
        by=by,
        side=side,
        environment=batch.epoch.connection.environment,
        org_id=batch.epoch.org_id,
        data={"batch": batch.pk, "number": batch.number} | data,
    )


def _unanswered(batch: Batch) -> QuerySet[Delivery]:
    return Delivery.objects.filter(batch=batch).exclude(state__in=ENDED)


def _first_part_end(batch: Batch) -> bool:
    """Let the rest of the batch follow when every one of the first part has its answer."""
    if _unanswered(batch).filter(in_first_part=True).exists():
        return False
    batch.first_done_at = timezone.now()
    Batch.objects.filter(pk=batch.pk).update(first_done_at=batch.first_done_at)
    batch_event(
        batch,
        "batch.first_part_done",
        by=None,
        side=SYSTEM,
        answered=batch.counted_answers,
        failed=batch.counted_failures,
    )
    return True


def _end(batch: Batch) -> None:
    now = timezone.now()
    if Batch.objects.filter(pk=batch.pk, state__in=Batch.OPEN_STATES).update(
        state=State.ENDED, ended_at=now
    ):
        batch.refresh_from_db()
        counts = {
            row["state"]: row["count"]
            for row in Delivery.objects.filter(batch=batch)
            .order_by()
            .values("state")
            .annotate(count=Count("pk"))
        }
        batch_event(batch, "batch.ended", by=None, side=SYSTEM, counts=counts)
        batch_ended.send(sender=Batch, batch=batch)
