"""A worker's way through a round of checks: claim it, ask the org, store what each check finds.

No transaction is open while the org is asked. The round is held by a lease, renewed before each
call; whoever lost it stores nothing more (identity-and-state, Checks).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.deadlocks import deadlock_retried
from accounts.hashing import JSON
from integrations.checks.answers import CannotAsk
from integrations.checks.base import Check, CheckContext, Finding, Outcome, not_looked_at
from integrations.checks.facts import FACTS, facts_of_survey
from integrations.checks.registry import checks_for
from integrations.checks.results import (
    ORG_STANDS,
    RunLost,
    cannot,
    error_store,
    finding_store,
    lease_renew,
)
from integrations.checks.services import check_run_end
from integrations.checks.survey import Survey
from integrations.models import CheckRun, Connection, OrgEpoch
from integrations.salesforce.client import Org
from integrations.salesforce.config import ApiUsage
from integrations.salesforce.errors import SalesforceError
from integrations.services.facts import VersionNotOffered, newest_version
from integrations.services.orgs import org_open
from integrations.services.pace import connection_usage_store
from integrations.signals import check_context_wanted
from integrations.snapshots.taking import NEEDS as SNAPSHOT_NEEDS
from integrations.snapshots.taking import snapshot_store

log = structlog.get_logger(__name__)


def check_run_work(*, run_pk: int) -> None:
    """Ask an org what a round wants to know; nothing when somebody else has taken it.

    Each check's answer is stored as soon as it is found. An org that gives no answer ends the
    round with a sentence, and the results keep what they said, with the error beside it.
    """
    now = timezone.now()
    claimed = CheckRun.objects.filter(
        ORG_STANDS, pk=run_pk, state=CheckRun.State.WAITING, ended_at=None
    ).update(
        state=CheckRun.State.RUNNING,
        started_at=now,
        lease_until=now + timedelta(seconds=settings.CHECK_LEASE_SECONDS),
    )
    if not claimed:
        return
    run = CheckRun.objects.select_related("epoch__connection__customer", "asked_by").get(pk=run_pk)
    work = _Work(run)
    try:
        work.do()
    except RunLost:
        log.info("check_run_lost", run=run.pk)
        work.end(CheckRun.State.FAILED, _("Another org took its place while it was asked."))
    except SalesforceError as error:
        work.org_failed(error)
    except Exception:
        log.exception("check_run_broke", run=run.pk)
        work.end(
            CheckRun.State.FAILED,
            _("The round broke off because of a mistake of ours. UserGems looks into it."),
        )


def check_context_of(connection: Connection) -> CheckContext:
    """What the floors above know of the org; the first receiver's answer."""
    for _receiver, answer in check_context_wanted.send(sender=None, connection=connection):
        if isinstance(answer, CheckContext):
            return answer
    return CheckContext(environment=connection.environment)


class _Work:
    """One round in one worker."""

    def __init__(self, run: CheckRun) -> None:
        self.run = run
        self.connection = run.epoch.connection
        self.environment = self.connection.environment
        self.whole = not run.names
        self.outcomes: Counter[str] = Counter()
        self.changed: dict[str, str] = {}
        self.survey: Survey | None = None
        self.usage: ApiUsage | None = None
        self.facts: dict[str, Any] = {}

    def do(self) -> None:
        """Ask and store. Raises SalesforceError where the org cannot be asked at all."""
        context = check_context_of(self.connection)
        checks = checks_for(self.environment, self.run.names)
        if self.whole:
            # The sweep that looks for packages need not ask the same now.
            OrgEpoch.objects.filter(pk=self.run.epoch_id).update(facts_tried_at=timezone.now())
        with closing(org_open(self.connection)) as org:
            newest = self._newest_version(org) if self.whole else ""
            self.survey = Survey(
                org,
                context,
                user_id=self.run.epoch.user_id,
                before_call=lambda: lease_renew(self.run),
            )
            try:
                self._ask(self.survey, context, checks)
                self._snapshot(self.survey, context)
                self.facts = facts_of_survey(self.run.epoch, self.survey, newest=newest)
            finally:
                self.usage = org.usage
        failed = self.survey.failed
        if failed is not None:
            self.org_failed(failed)
        else:
            self.end(CheckRun.State.ENDED)

    def _newest_version(self, org: Org) -> str:
        """Raises VersionNotOffered where the org does not speak our version; costs no allowance."""
        versions = org.versions()
        newest = newest_version(versions)
        if settings.SALESFORCE_API_VERSION not in versions:
            raise VersionNotOffered(newest)
        return newest

    def _ask(self, survey: Survey, context: CheckContext, checks: Sequence[Check]) -> None:
        """Each check looks at its answers as soon as they are there."""
        waiting = [check for check in checks if not self._not_needed(check, context)]
        needs = [name for check in waiting for name in check.needs]
        if self.whole:
            needs += FACTS
        if self.run.snapshot:
            needs += SNAPSHOT_NEEDS
        for _call in survey.asking(needs):
            ready = [check for check in waiting if survey.settled(check.needs)]
            for check in ready:
                waiting.remove(check)
                self._look(check, survey, context)
        for check in waiting:
            self._look(check, survey, context)

    def _not_needed(self, check: Check, context: CheckContext) -> bool:
        if check.applies(context):
            return False
        self._found(check, not_looked_at(check.not_needed(context)))
        return True

    def _look(self, check: Check, survey: Survey, context: CheckContext) -> None:
        """Run one check; what goes wrong in it is its own."""
        try:
            finding = check.run(survey, context)
        except RunLost:
            raise
        except CannotAsk as refused:
            finding = cannot(refused.right)
        except SalesforceError as error:
            self._unasked(check, error.sentence)
            return
        except Exception:
            log.exception("check_broke", check=check.name, run=self.run.pk)
            self._unasked(
                check, _("This check failed because of a mistake of ours. UserGems looks into it.")
            )
            return
        self._found(check, finding)

    def _found(self, check: Check, finding: Finding) -> None:
        self.outcomes[str(finding.outcome)] += 1
        outcome = finding_store(self.run, check, finding)
        if outcome:
            self.changed[check.name] = outcome

    def _unasked(self, check: Check, sentence: str) -> None:
        self.outcomes[str(Outcome.ERROR)] += 1
        error_store(self.run, check, sentence)

    def _snapshot(self, survey: Survey, context: CheckContext) -> None:
        """How the org is set up, where that was wanted and the org answered."""
        if not self.run.snapshot or survey.failed is not None:
            return
        lease_renew(self.run)
        try:
            snapshot_store(survey=survey, context=context, run=self.run)
        except SalesforceError as error:
            log.warning("snapshot_not_taken", run=self.run.pk, reason=error.code)
        except RunLost:
            raise
        except Exception:
            # What the checks found stands; the mirror asks again.
            log.exception("snapshot_broke", run=self.run.pk)

    def org_failed(self, error: SalesforceError) -> None:
        """The org gave no answer, or not to us: every check that is not answered says so."""
        log.warning("check_run_unanswered", run=self.run.pk, reason=error.code)
        try:
            if self.survey is None:
                for check in checks_for(self.environment, self.run.names):
                    self._unasked(check, error.sentence)
        except RunLost:
            log.info("check_run_lost", run=self.run.pk)
        if self.whole:
            self.facts = {"facts_error": error.sentence[:500]}
            if isinstance(error, VersionNotOffered):
                self.facts["newest_api_version"] = error.newest
        self.end(CheckRun.State.FAILED, error.sentence)

    @deadlock_retried
    def end(self, state: str, error: str = "") -> None:
        """Close the round with what it told about the org, unless somebody else has closed it."""
        told: dict[str, JSON] = {"outcomes": dict(self.outcomes), "changed": dict(self.changed)}
        if self.run.snapshot:
            told["snapshot"] = self.run.snapshot
        calls = self.survey.calls if self.survey else 0
        with transaction.atomic():
            if self.facts:
                # An epoch that ended while the org was asked is history: leave it alone.
                current = OrgEpoch.objects.filter(pk=self.run.epoch_id, ended_at=None)
                current.update(**self.facts)
            check_run_end(run=self.run, state=state, error=error, api_calls=calls, told=told)
        if self.usage is not None:
            connection_usage_store(connection=self.connection, usage=self.usage)
