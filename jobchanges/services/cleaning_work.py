"""Clean-ups as a queue: a worker claims the row, asks the org, records (style examples, 9)."""

import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.waking import task_wake
from integrations.salesforce.errors import SalesforceError
from jobchanges import tasks
from jobchanges.delivery import cleanup, leases
from jobchanges.delivery.allowed import run_event
from jobchanges.delivery.context import Visit
from jobchanges.delivery.states import IN_FLIGHT, delivery_move
from jobchanges.delivery.visits import CannotVisit, sandbox_problem, visit_open
from jobchanges.models import CleanUp, CleanUpItem, Delivery, RecordWrite, TestRun
from jobchanges.services.approvals import approvals_withdraw

log = structlog.get_logger(__name__)

State = CleanUp.State
Outcome = CleanUpItem.Outcome
WORKING = (State.LOOKING, State.REMOVING)


class _Lost(Exception):
    """Somebody else has the clean-up, or the org: this worker stores nothing more."""


def clean_up_work(*, clean_up_pk: int) -> bool:
    """Look, or remove what was confirmed; returns whether the row was this worker's.

    Safe to call at any time and any number of times. What cannot be done now is said on the row
    in a sentence and tried again by the sweep.
    """
    claim = _Claim(clean_up_pk)
    clean_up = claim.take()
    if clean_up is None:
        return False
    error = ""
    try:
        if clean_up.state == State.LOOKING:
            _look(clean_up, claim)
        else:
            _remove(clean_up, claim)
    except _Lost:
        log.info("clean_up_lost", clean_up=clean_up_pk)
    except CannotVisit as reason:
        error = str(reason)
    except cleanup.StillUnanswered:
        error = _("Salesforce did not answer. What it did is asked for, then it goes on by itself.")
    except SalesforceError as refused:
        log.warning("clean_up_unasked", clean_up=clean_up_pk, reason=refused.code)
        error = refused.sentence
    except Exception:
        log.exception("clean_up_broke", clean_up=clean_up_pk)
        # Said, so that it is not repeated each minute; what was removed is known.
        _break_off(clean_up, claim)
    claim.end(error=error[:500])
    return True


def clean_ups_left(now: datetime) -> list[int]:
    """Clean-ups that wait for a worker, for the sweep; those of a replaced org are ended."""
    for clean_up in CleanUp.objects.filter(
        state__in=CleanUp.OPEN_STATES, test_run__epoch__ended_at__isnull=False
    ).select_related("test_run__customer", "test_run__epoch"):
        with transaction.atomic():
            if CleanUp.objects.filter(pk=clean_up.pk, state__in=CleanUp.OPEN_STATES).update(
                state=State.FAILED,
                ended_at=now,
                lease_until=None,
                error=_("The sandbox was refreshed. The records are gone with the old one."),
            ):
                _failed_note(clean_up, "refreshed")
    return list(_free(now).values_list("pk", flat=True))


def _free(now: datetime) -> QuerySet[CleanUp]:
    return CleanUp.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), state__in=WORKING)


class _Claim:
    """A worker's hold on one clean-up."""

    def __init__(self, clean_up_pk: int) -> None:
        self.pk = clean_up_pk
        self.until: datetime | None = None
        self.visit: Visit | None = None
        self._kept_at = time.monotonic()

    def take(self) -> CleanUp | None:
        """The clean-up, or None when there is nothing to do or somebody else is at it."""
        now = timezone.now()
        until = now + timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS)
        if not _free(now).filter(pk=self.pk).update(lease_until=until):
            return None
        self.until = until
        return CleanUp.objects.select_related(
            "test_run__customer", "test_run__epoch__connection"
        ).get(pk=self.pk)

    def keep(self) -> None:
        """Hold it, and the org, for one more call. Raises _Lost."""
        if not self._extend():
            raise _Lost
        if self.visit is None:
            return
        if not leases.lease_extend(self.visit.epoch.org_id, self.visit.holder):
            raise _Lost
        if problem := sandbox_problem(self.visit.connection):
            raise CannotVisit(problem)

    def keep_in_time(self) -> None:
        """Before any call, of which looking at a record takes many: hold it on.

        Not for each of many quick ones. Whether it still is ours is asked before writing.
        """
        if time.monotonic() - self._kept_at > settings.DELIVERY_CLAIM_SECONDS / 6:
            self._extend()

    def _extend(self) -> bool:
        self._kept_at = time.monotonic()
        until = timezone.now() + timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS)
        if not self._mine().update(lease_until=until):
            return False
        self.until = until
        return True

    def end(self, **values: Any) -> bool:
        """Give it back, with what is to be stored; False when it was somebody else's by now."""
        return bool(self._mine().update(lease_until=None, **values))

    def _mine(self) -> QuerySet[CleanUp]:
        return CleanUp.objects.filter(pk=self.pk, lease_until=self.until, state__in=WORKING)


def _look(clean_up: CleanUp, claim: _Claim) -> None:
    """Ask the org, and keep what was found for a person to read."""
    run = clean_up.test_run
    # Reading only: it needs no lease of the org.
    with visit_open(
        run.epoch_id, uuid.uuid4().hex, writes=False, bulk=False, before=claim.keep_in_time
    ) as visit:
        claim.keep()
        items = cleanup.items_find(visit, clean_up)
    with transaction.atomic():
        clean_up.items.all().delete()
        CleanUpItem.objects.bulk_create(items)
        if not claim.end(state=State.FOUND, looked_at=timezone.now(), error=""):
            transaction.set_rollback(True)


def _remove(clean_up: CleanUp, claim: _Claim) -> None:
    """Remove, alone in the org, then end what is through."""
    run = clean_up.test_run
    if Delivery.objects.filter(test_run=run, state__in=IN_FLIGHT).exists():
        raise CannotVisit(_("Something of this test is still being sent. It waits for that."))
    with visit_open(run.epoch_id, uuid.uuid4().hex, bulk=False, before=claim.keep_in_time) as visit:
        claim.visit = visit
        try:
            cleanup.remove(visit, clean_up, claim.keep)
            claim.keep()
            gone = cleanup.keys_gone(visit, clean_up)
        finally:
            # Whatever happens next: what is known to be removed is not read again as ours.
            _writes_mark(clean_up)
        _finish(clean_up, gone, claim)


def _break_off(clean_up: CleanUp, claim: _Claim) -> None:
    """End it as failed by our mistake, unless somebody else has it by now."""
    with transaction.atomic():
        if claim.end(
            state=State.FAILED,
            ended_at=timezone.now(),
            error=_("It failed because of a mistake of ours. UserGems looks into it."),
        ):
            _failed_note(clean_up, "ours")


def _failed_note(clean_up: CleanUp, why: str) -> None:
    """Log that nobody goes on with it. `why`: ours, or refreshed."""
    run = clean_up.test_run
    run_event(run, "test_run.clean_up_failed", None, "system", clean_up=clean_up.pk, why=why)


def _finish(clean_up: CleanUp, gone: Sequence[Delivery], claim: _Claim) -> None:
    """Let wait again what is out of the org, and end the clean-up or hand its rest to a person.

    The same order as everywhere: run, delivery, customer (in the event).
    """
    now = timezone.now()
    with transaction.atomic():
        run = (
            TestRun.objects.select_for_update(of=("self",))
            .select_related("customer", "epoch")
            .get(pk=clean_up.test_run_id)
        )
        items = list(clean_up.items.select_related("write__attempt__delivery__job_change"))
        listed = any(item.outcome == Outcome.REFUSED for item in items)
        if not claim.end(
            state=State.LISTED if listed else State.DONE,
            ended_at=None if listed else now,
            error="",
        ):
            return
        freed = [item.delivery_key for item in gone if _wait_again(item)]
        if freed and run.is_open:
            approvals_withdraw(run, by=None, unless_same=False)
            TestRun.objects.filter(pk=run.pk).update(plan_requested_at=now, plan_error="")
            transaction.on_commit(partial(task_wake, tasks.test_run_plan, run.pk))
        action = "test_run.clean_up_listed" if listed else "test_run.cleaned_up"
        told = {"clean_up": clean_up.pk, "deliveries": freed, "records": _records(items)}
        run_event(run, action, None, "system", **told)


def _wait_again(delivery: Delivery) -> bool:
    """Delivered → waiting, to be sent by a person. Its attempts and verdicts stay as history."""
    mine = Delivery.objects.filter(pk=delivery.pk, org_id=delivery.org_id, batch=None)
    return bool(
        delivery_move(
            mine,
            [Delivery.State.DELIVERED],
            Delivery.State.WAITING,
            released_at=None,
            delivered_at=None,
            correction_asked_at=None,
            outcome="",
            plan={},
            plan_hash="",
            display={},
            not_before=None,
            releases=0,
            held_reason="",
            held_code="",
            waiting_reason=_("Removed from the sandbox by a clean-up. It can be sent anew."),
        )
    )


def _writes_mark(clean_up: CleanUp) -> None:
    """Mark in the ledger what is deleted or put back; a record with all that was written of it.

    It is not read again later: what is not there cannot settle.
    """
    now = timezone.now()
    through = clean_up.items.filter(outcome__in=[Outcome.DONE, Outcome.GONE])
    mine = RecordWrite.objects.filter(removed_at=None)
    put_back = through.filter(action=CleanUpItem.Action.PUT_BACK)
    deleted = through.filter(action=CleanUpItem.Action.DELETE)
    _mark(mine.filter(pk__in=put_back.values("write")), now)
    for delivery_id, record_id in deleted.values_list(
        "write__attempt__delivery", "write__record_id"
    ):
        _mark(mine.filter(attempt__delivery=delivery_id, record_id=record_id), now)


def _mark(writes: QuerySet[RecordWrite], now: datetime) -> None:
    ids = list(writes.values_list("pk", flat=True))
    RecordWrite.objects.filter(pk__in=ids, settled_at=None).update(settled_at=now)
    RecordWrite.objects.filter(pk__in=ids).update(removed_at=now, settle_due_at=None)


def _records(items: Iterable[CleanUpItem]) -> list[dict[str, Any]]:
    """What became of each record: ids and hashes, no personal data."""
    return [
        {
            "key": item.write.attempt.delivery.delivery_key,
            "role": item.write.role,
            "object": item.write.object_name,
            "id": item.write.record_id,
            "do": item.action,
            "outcome": item.outcome,
            "codes": [str(error.get("code", "")) for error in item.errors],
            "fields": item.fields,
            "put_back": content_hash({name: item.write.before.get(name) for name in item.fields})
            if item.fields
            else "",
        }
        for item in items
    ]
