"""Going to an org and leaving it again: the lease, the client, the settings."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.models import Connection, OrgEpoch
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.manifest import manifest_get
from integrations.services import org_open
from jobchanges import gates
from jobchanges.delivery import leases
from jobchanges.delivery.context import Visit, names_from_settings
from jobchanges.delivery.holds import Hold
from jobchanges.delivery.package import package_problem
from jobchanges.delivery.queue import sendable
from jobchanges.delivery.resting import org_rest
from jobchanges.delivery.states import call_may_start
from jobchanges.delivery.unknown import unknown_due
from jobchanges.plan_settings import PlanSettingsError, plan_settings_load

logger = structlog.get_logger(__name__)


class CannotVisit(Exception):
    """The org cannot be asked now; the sentence says why."""


def sandbox_problem(connection: Connection) -> str:
    """Why nothing is written to a sandbox now, as a sentence; "" for an open one and production.

    Asked before a visit and before each group. A gate that fails counts as a no.
    """
    if connection.environment != Environment.SANDBOX:
        return ""
    call_may_start()
    try:
        return gates.gate_reason(gates.sandbox_gate, customer=connection.customer)
    except Exception:
        logger.exception("sandbox_gate_failed", customer=connection.customer_id)
        return _("The portal could not check whether the sandbox may be written to now.")


@contextmanager
def visit_open(
    epoch_id: int,
    holder: str,
    *,
    writes: bool = True,
    fresh: bool = False,
    bulk: bool | None = None,
    before: Callable[[], None] | None = None,
) -> Iterator[Visit]:
    """Be in an org, alone when `writes`. Raises CannotVisit with a sentence.

    Loads the customer's settings with describe of the objects they touch. An org that cannot be
    asked is left alone for a while. `fresh` asks for the describes again, kept ones or not.
    `bulk` work leaves a part of the org's day to others; by default, when `writes`, that of a
    batch (`_only_batches_wait`). `before` is called before each call, to keep what the caller
    holds besides.
    """
    epoch = OrgEpoch.objects.select_related("connection__customer", "connection__epoch").get(
        pk=epoch_id
    )
    connection = epoch.connection
    if epoch.ended_at is not None or connection.epoch_id != epoch.pk:
        raise CannotVisit(_("The org was replaced by another one."))
    if not connection.is_live:
        raise CannotVisit(_("The org has to be connected again first."))
    if problem := package_problem(epoch):
        raise CannotVisit(problem)
    # What got no answer is still asked for while a sandbox is closed for writing.
    if writes and (problem := sandbox_problem(connection)) and not unknown_due(epoch):
        raise CannotVisit(problem)
    if writes and not leases.lease_take(epoch.org_id, holder):
        raise CannotVisit(_("Somebody else is sending to this org, or it needs a rest."))
    org = None
    try:
        try:
            call_may_start()
            if bulk is None:
                bulk = writes and _only_batches_wait(epoch)
            keeping = [before] if before else []
            if writes:
                keeping.append(Hold(epoch.org_id, holder).keep_in_time)
            org = org_open(connection, bulk=bulk, before=partial(_call_all, keeping))
            settings = plan_settings_load(
                connection.customer,
                connection.environment,
                org,
                manifest_get(epoch.package_manifest),
                fresh=fresh,
            )
        except PlanSettingsError as error:
            raise CannotVisit(str(error)) from error
        except SalesforceError as error:
            if writes and not isinstance(error, ConnectionLost):
                org_rest(connection, org, error)
            raise CannotVisit(error.sentence) from error
        visit = Visit(connection, epoch, org, settings, holder)
        names_from_settings(visit)
        yield visit
    finally:
        try:
            if org is not None:
                org.close()
        finally:
            if writes:
                leases.lease_release(epoch.org_id, holder)


def _call_all(wanted: Iterable[Callable[[], None]]) -> None:
    for each in wanted:
        each()


def _only_batches_wait(epoch: OrgEpoch) -> bool:
    """Whether a batch waits for this org, and no test run, which never waits for the reserve."""
    waiting = sendable().filter(epoch=epoch)
    return (
        waiting.filter(batch__isnull=False).exists()
        and not waiting.filter(batch__isnull=True).exists()
    )
