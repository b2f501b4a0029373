"""Asks, compares, counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _

from accounts.models import Customer, Environment
from integrations.models import Connection, OrgEpoch
from jobchanges.delivery.package import package_problem
from jobchanges.models import Batch, Delivery
from jobchanges.reconcile.asking import org_ask, our_rows
from jobchanges.reconcile.comparison import compare, counts_of
from jobchanges.reconcile.types import (
    OrgAnswer,
    OurRow,
    ReconcileError,
    Reconciliation,
    Stopped,
    Tried,
)

State = Delivery.State
Ask = Callable[[OrgEpoch], OrgAnswer]


def reconcile(customer: Customer, ask: Ask | None = None) -> Reconciliation:
    """Ask the customer's production org and compare. Raises ReconcileError with a sentence.

    `ask`: how the org is asked; `org_ask` unless a test says otherwise.
    """
    connection = (
        Connection.objects.select_related("epoch", "customer")
        .filter(customer=customer, environment=Environment.PRODUCTION)
        .first()
    )
    if connection is None or connection.epoch is None:
        raise ReconcileError(_("%s has not connected a production org yet.") % customer.name)
    epoch = connection.epoch
    if not connection.is_live:
        raise ReconcileError(
            _("The connection to %(org)s does not work (%(why)s). It has to be connected again.")
            % {"org": epoch.name, "why": connection.health_reason or connection.health}
        )
    if problem := package_problem(epoch):
        raise ReconcileError(problem)
    answer = (ask or org_ask)(epoch)
    ours = our_rows(epoch)
    batches = list(Batch.objects.filter(epoch=epoch).order_by("number"))
    return Reconciliation(
        org_id=epoch.org_id,
        org_name=epoch.name,
        org_keys=len(answer.rows),
        calls=answer.calls,
        batches=tuple(
            counts_of(
                _("Batch %(number)d") % {"number": batch.number},
                [row for row in ours if row.batch == batch.number],
            )
            for batch in batches
        ),
        test=counts_of(
            _("Delivered by the test"),
            [row for row in ours if row.batch is None and row.state == State.DELIVERED],
        ),
        tried=_tried(customer, ours, batches),
        stopped=tuple(
            Stopped(row.key, row.state, row.reason)
            for row in ours
            if row.state in (State.REFUSED, State.HELD)
        ),
        unknown=tuple(row.key for row in ours if row.state in (State.UNKNOWN, State.CLAIMED)),
        problems=tuple(compare(ours, answer.rows)),
    )


def _tried(customer: Customer, ours: Iterable[OurRow], batches: Sequence[Batch]) -> Tried:
    """Where production has everything that was ever sent to a sandbox (rule 4)."""
    cut_off = max((batch.cut_off for batch in batches), default=None)
    tried = dict(
        Delivery.objects.filter(
            job_change__customer=customer,
            environment=Environment.SANDBOX,
            attempts__isnull=False,
        )
        .values_list("job_change__key", "job_change__imported_at")
        .distinct()
    )
    state_of = {row.key: row.state for row in ours}
    by: Counter[str] = Counter()
    missing = []
    for key, imported_at in sorted(tried.items()):
        state = state_of.get(key)
        if state in (State.DELIVERED, State.REFUSED, State.HELD):
            by[state] += 1
        elif cut_off is None or imported_at <= cut_off:
            missing.append(key)
        else:
            by["next"] += 1
    return Tried(
        total=len(tried),
        delivered=by[State.DELIVERED],
        refused=by[State.REFUSED],
        held=by[State.HELD],
        next_batch=by["next"],
        missing=tuple(missing),
    )
