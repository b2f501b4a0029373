"""Having an org asked: rounds of checks are begun, joined and given up here (see `running`)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import JSON
from accounts.models import User
from accounts.services import event_record
from accounts.services.events import SideName
from accounts.waking import task_wake
from integrations.checks.results import ORG_STANDS
from integrations.models import CheckRun, Connection
from integrations.services.locks import customer_lock
from integrations.signals import check_run_ended

log = structlog.get_logger(__name__)

# So soon after a round a person starts no other one for the same checks.
ASK_AGAIN_SECONDS = 15
# A round that no worker has taken up by then is offered again.
WAKE_AFTER_SECONDS = 60


def check_run_start(
    *,
    connection: Connection,
    reason: str,
    names: Sequence[str] = (),
    snapshot: str = "",
    reference: str = "",
    by: User | None = None,
) -> CheckRun | None:
    """Have an org asked in the background: all checks, or those with these names.

    One round per org at a time: one that waits takes these checks along, one that runs is
    returned as it is (after new settings: marked, see `CheckRun.is_outdated`), and so is one of
    the same checks that a person asked for a moment ago. `snapshot` of `CheckRun.Snapshot`;
    `reference` is what a baseline belongs to. Returns None where the org is not connected. A
    worker is woken when the transaction is committed.
    """
    epoch = connection.epoch
    if epoch is None or not connection.is_live:
        return None
    with transaction.atomic():
        # Always the customer's row before the round's (`check_run_end`).
        customer_lock(connection.customer_id)
        open_run = _open_run(epoch.pk)
        if open_run is None and by is not None:
            lately = _ended_lately(epoch.pk, names)
            if lately is not None:
                return lately
        if open_run is None:
            try:
                with transaction.atomic():
                    run = CheckRun.objects.create(
                        epoch=epoch,
                        reason=reason,
                        names=sorted(set(names)),
                        snapshot=snapshot,
                        reference=reference,
                        asked_by=by,
                    )
            except IntegrityError:
                # Somebody else began one in the same moment.
                open_run = _open_run(epoch.pk)
            else:
                transaction.on_commit(lambda: check_run_wake(run.pk))
                return run
        if open_run is not None and reason == CheckRun.Reason.SETTINGS:
            # By what was chosen before it answers nothing: no gate opens meanwhile.
            open_run.reason, open_run.asked_at = reason, timezone.now()
            open_run.save(update_fields=["reason", "asked_at"])
        if open_run is not None and open_run.state == CheckRun.State.WAITING:
            _widen(open_run, names=names, snapshot=snapshot, reference=reference)
        return open_run


def _open_run(epoch_id: int) -> CheckRun | None:
    return (
        CheckRun.objects.select_for_update(no_key=True)
        .filter(epoch=epoch_id, ended_at=None)
        .first()
    )


def _ended_lately(epoch_id: int, names: Sequence[str]) -> CheckRun | None:
    late = timezone.now() - timedelta(seconds=ASK_AGAIN_SECONDS)
    last = CheckRun.objects.filter(epoch=epoch_id, ended_at__gt=late).order_by("-ended_at").first()
    if last is None:
        return None
    covers = not last.names or (names and set(names) <= set(last.names))
    return last if covers else None


def _widen(run: CheckRun, *, names: Sequence[str], snapshot: str, reference: str) -> None:
    """Let a round that waits do this, too. A baseline is asked for once: it comes first."""
    run.names = sorted({*run.names, *names}) if run.names and names else []
    if snapshot and run.snapshot != CheckRun.Snapshot.BASELINE:
        run.snapshot, run.reference = snapshot, reference
    run.save(update_fields=["names", "snapshot", "reference"])


def check_run_wake(run_pk: int) -> None:
    """Ask a worker to take up a round that waits."""
    from integrations.tasks import check_run  # the tasks call the services

    task_wake(check_run, run_pk)


def check_run_end(
    *,
    run: CheckRun,
    state: str,
    error: str = "",
    api_calls: int = 0,
    told: Mapping[str, JSON] | None = None,
    still: Q | None = None,
) -> bool:
    """End an open round, once: whoever is second finds it ended and does nothing.

    `told` goes into the event; `still` is what must be true of the round besides. Returns whether
    it was open. Call it in a transaction, first of all: it locks the customer's row.
    """
    connection = run.epoch.connection
    customer_lock(connection.customer_id)
    moved = CheckRun.objects.filter(still or Q(), pk=run.pk, ended_at=None).update(
        state=state,
        ended_at=timezone.now(),
        lease_until=None,
        error=error[:500],
        api_calls=api_calls,
    )
    if not moved:
        return False
    reason = run.reason
    run.refresh_from_db()
    event_record(
        customer=connection.customer,
        action="checks.ran" if state == CheckRun.State.ENDED else "checks.broke_off",
        by=run.asked_by,
        side=_side(run.asked_by),
        environment=connection.environment,
        org_id=run.epoch.org_id,
        data={"run": run.pk, "reason": reason, "api_calls": run.api_calls, **(told or {})},
    )
    check_run_ended.send(sender=CheckRun, run=run)
    return True


def _side(by: User | None) -> SideName:
    if by is None:
        return "system"
    return "vendor" if by.is_staff else "customer"


def check_runs_sweep() -> None:
    """Every minute: end rounds whose worker died, and offer those again that nobody took up."""
    now = timezone.now()
    dead = Q(state=CheckRun.State.RUNNING, lease_until__lte=now)
    _end_all(dead, _("Asking the org stopped half way. Press Check again."))
    replaced = Q(~ORG_STANDS, state=CheckRun.State.WAITING)
    _end_all(replaced, _("Another org took its place before it was asked."))
    late = now - timedelta(seconds=WAKE_AFTER_SECONDS)
    waiting = CheckRun.objects.filter(state=CheckRun.State.WAITING, asked_at__lte=late)
    for pk in waiting.values_list("pk", flat=True):
        check_run_wake(pk)


def _end_all(which: Q, error: str) -> None:
    runs = CheckRun.objects.filter(which, ended_at=None)
    for run in runs.select_related("epoch__connection__customer", "asked_by"):
        log.warning("check_run_given_up", run=run.pk, state=run.state)
        try:
            with transaction.atomic():
                # `which` again: a worker that was only slow has renewed its lease meanwhile.
                check_run_end(run=run, state=CheckRun.State.FAILED, error=error, still=which)
        except Exception:
            # Looked at again in a minute; the other orgs do not wait for it.
            log.exception("check_run_not_ended", run=run.pk)
