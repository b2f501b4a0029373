"""Having orgs asked how they are set up: the sandbox at its approval, both again on demand.

Runs are rows; workers take them. Nothing here waits for an org.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, Path, User
from integrations.checks.services import check_run_start
from integrations.models import CheckRun, Connection, Snapshot
from integrations.selectors import connection_find
from jobchanges.models import Batch, TestRun
from portal.mirror.comparing import comparison_make, comparisons_due
from portal.mirror.facts import baseline_of
from portal.models import Comparison

log = structlog.get_logger(__name__)

# An org that did not answer is left alone for so long before it is asked again by itself.
ASK_AGAIN_AFTER = timedelta(minutes=15)


class MirrorError(Exception):
    """Cannot be done; says why in a sentence."""


def reference_of(test_run: TestRun) -> str:
    """What the baseline of an approved test is filed under."""
    return f"test-run-{test_run.pk}"


def baseline_ask(test_run: TestRun) -> CheckRun | None:
    """Have the sandbox say how it is set up, at the approval of its test.

    None for a production test, for an org that cannot be asked, and for one that is no longer the
    tested one. An org being asked for something else is asked again by `mirrors_look`.
    """
    if test_run.environment != Environment.SANDBOX:
        return None
    connection = connection_find(test_run.customer, Environment.SANDBOX)
    if connection is None or not connection.is_live or connection.epoch_id != test_run.epoch_id:
        return None
    return check_run_start(
        connection=connection,
        reason=CheckRun.Reason.APPROVED,
        snapshot=CheckRun.Snapshot.BASELINE,
        reference=reference_of(test_run),
    )


def mirror_ask(*, customer: Customer, by: User) -> list[CheckRun]:
    """Have both orgs asked again in the background ("Compare again").

    The sandbox only while it is the tested one: a refreshed one says nothing about its changes.
    Raises MirrorError with why not when none of them can be asked.
    """
    baseline = baseline_of(customer)
    if baseline is None:
        runs = [baseline_ask(test_run) for test_run in _newest_approved(customer=customer)]
    else:
        sandbox = connection_find(customer, Environment.SANDBOX)
        tested = sandbox is not None and sandbox.epoch_id == baseline.epoch_id
        runs = [_ask_now(sandbox, by) if sandbox is not None and tested else None]
    production = connection_find(customer, Environment.PRODUCTION)
    if production is not None:
        runs.append(_ask_now(production, by))
    begun = [run for run in runs if run is not None]
    if not begun:
        raise MirrorError(_("Neither org is connected, so none of them can be asked."))
    return begun


def mirrors_look() -> None:
    """Every minute: ask for what is missing, and compare what was not compared.

    An approved sandbox test without its baseline, production that has not said how it is set
    up since there is one (connected before the portal compared orgs), and compared orgs that
    nobody looked at for a day: what drifts is noticed although nobody opens a page.
    """
    for test_run in _without_baseline():
        baseline_ask(test_run)
    for connection in (*_production_unknown(), *_not_looked_at()):
        check_run_start(
            connection=connection,
            reason=CheckRun.Reason.AGED,
            snapshot=CheckRun.Snapshot.CURRENT,
        )
    for customer in comparisons_due():
        try:
            comparison_make(customer=customer)
        except Exception:
            # Looked at again in a minute; the others do not wait for it.
            log.exception("comparison_not_made", customer=customer.pk)


def _ask_now(connection: Connection, by: User) -> CheckRun | None:
    return check_run_start(
        connection=connection,
        reason=CheckRun.Reason.ASKED,
        snapshot=CheckRun.Snapshot.CURRENT,
        by=by,
    )


def _newest_approved(**which: Customer) -> list[TestRun]:
    """The newest approved sandbox test of each customer, where its org is still the same."""
    newest: dict[int, TestRun] = {}
    for test_run in (
        TestRun.objects.filter(
            environment=Environment.SANDBOX,
            state=TestRun.State.APPROVED,
            customer__path=Path.SANDBOX_FIRST,
            epoch__ended_at=None,
            **which,
        )
        .exclude(customer__in=_live())
        .select_related("customer")
        .order_by("number")
    ):
        newest[test_run.customer_id] = test_run
    return list(newest.values())


def _without_baseline() -> list[TestRun]:
    """Approved sandbox tests whose org has not said yet how it was set up."""
    approved = _newest_approved()
    filed = set(
        Snapshot.objects.filter(
            purpose=CheckRun.Snapshot.BASELINE,
            epoch__in={test_run.epoch_id for test_run in approved},
        ).values_list("epoch_id", "reference")
    )
    return [
        test_run
        for test_run in approved
        if (test_run.epoch_id, reference_of(test_run)) not in filed
        and not _asked_lately(test_run.epoch_id, CheckRun.Snapshot.BASELINE)
    ]


def _production_unknown() -> list[Connection]:
    """Production orgs of customers with a baseline that never said how they are set up."""
    tested = Snapshot.objects.filter(purpose=CheckRun.Snapshot.BASELINE)
    connections = (
        Connection.objects.filter(
            environment=Environment.PRODUCTION,
            epoch__isnull=False,
            customer__in=tested.values("epoch__connection__customer"),
        )
        .exclude(epoch__snapshots__purpose=CheckRun.Snapshot.CURRENT)
        .exclude(customer__in=_live())
        .select_related("customer", "epoch")
    )
    return [
        connection
        for connection in connections
        if connection.is_live and not _asked_lately(connection.epoch_id, CheckRun.Snapshot.CURRENT)
    ]


def _not_looked_at() -> list[Connection]:
    """Both orgs of each comparison, where the last whole round was asked for too long ago."""
    since = timezone.now() - timedelta(hours=settings.CHECK_FRESH_HOURS)
    compared = Comparison.objects.exclude(customer__in=_live())
    runs = CheckRun.objects.exclude(snapshot=CheckRun.Snapshot.NONE)
    connections = (
        Connection.objects.filter(
            Q(epoch__in=compared.values("production__epoch"))
            | Q(epoch__in=compared.values("baseline__epoch"))
        )
        .exclude(epoch__in=runs.filter(asked_at__gt=since).values("epoch"))
        .exclude(epoch__in=CheckRun.objects.filter(ended_at=None).values("epoch"))
        .exclude(epoch__in=Snapshot.objects.filter(taken_at__gt=since).values("epoch"))
        .select_related("customer", "epoch")
    )
    return [connection for connection in connections if connection.is_live]


def _live() -> QuerySet[Batch, int]:
    """Customers whose first batch is through: nothing of theirs is compared any more."""
    return Batch.objects.filter(state=Batch.State.ENDED).values_list("customer", flat=True)


def _asked_lately(epoch_pk: int | None, purpose: str) -> bool:
    """Whether the org is being asked for anything, or was asked for this a moment ago."""
    lately = timezone.now() - ASK_AGAIN_AFTER
    runs = CheckRun.objects.filter(epoch=epoch_pk)
    return runs.filter(Q(ended_at=None) | Q(snapshot=purpose, asked_at__gt=lately)).exists()
