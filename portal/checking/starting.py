"""When orgs are asked: on demand, and by itself before something depends on the answers."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import Customer, Environment, Path, User
from integrations.checks.registry import checks_for
from integrations.checks.services import check_run_start
from integrations.models import CheckResult, CheckRun, Connection
from integrations.selectors import connection_find
from jobchanges.models import TestRun
from portal.signoff.standing import first_batch_ended

# Pages from which somebody sends, allows or signs ask again when the answers are older than this.
FRESH_FOR_PAGES = timedelta(hours=1)
# An org that was asked a moment ago is not asked again by itself: it did not answer, or said no.
ASK_AGAIN_AFTER = timedelta(minutes=2)


def org_check_start(
    customer: Customer,
    environment: str,
    *,
    reason: str = CheckRun.Reason.ASKED,
    names: Sequence[str] = (),
    by: User | None = None,
) -> CheckRun | None:
    """Have an org asked in the background: all checks, or the named ones.

    A round of all of them also notes how the org is set up, where production is compared with the
    tested sandbox. Returns the run that answers, which may be under way already; None where the org
    is not connected.
    """
    connection = connection_find(customer, environment)
    if connection is None or connection.epoch is None or not connection.is_live:
        return None
    snapshot = "" if names else snapshot_wanted(connection)
    return check_run_start(
        connection=connection, reason=reason, names=names, snapshot=snapshot, by=by
    )


def snapshot_wanted(connection: Connection) -> str:
    """Whether a whole round notes how the org is set up: production, the tested sandbox."""
    customer = connection.customer
    if customer.path != Path.SANDBOX_FIRST or first_batch_ended(customer):
        return CheckRun.Snapshot.NONE.value
    if connection.environment == Environment.PRODUCTION:
        return CheckRun.Snapshot.CURRENT.value
    approved = TestRun.objects.filter(
        customer=customer, epoch=connection.epoch, state=TestRun.State.APPROVED
    )
    return (CheckRun.Snapshot.CURRENT if approved.exists() else CheckRun.Snapshot.NONE).value


def org_check_by_itself(customer: Customer, environment: str, *, reason: str) -> CheckRun | None:
    """As `org_check_start`, unless the org is being asked or was asked a moment ago."""
    lately = CheckRun.objects.filter(
        epoch__connection__customer=customer,
        epoch__connection__environment=environment,
        epoch__ended_at=None,
        asked_at__gt=timezone.now() - ASK_AGAIN_AFTER,
    )
    if lately.exists():
        return None
    return org_check_start(customer, environment, reason=reason)


def org_check_freshen(customer: Customer, environment: str) -> CheckRun | None:
    """For pages from which somebody sends, allows or signs: ask again what is an hour old.

    Never waits for the org. Returns the run that was begun; None where nothing was old.
    """
    connection = connection_find(customer, environment)
    if connection is None or connection.epoch_id is None or not connection.is_live:
        return None
    old = timezone.now() - FRESH_FOR_PAGES
    fresh = CheckResult.objects.filter(epoch=connection.epoch_id, checked_at__gt=old)
    if fresh.count() >= len(checks_for(environment)):
        return None
    return org_check_by_itself(customer, environment, reason=CheckRun.Reason.AGED)
