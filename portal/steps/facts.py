"""Everything the steps look at, loaded once for any number of customers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from accounts.models import Customer, Environment, Membership, Role, SignupLink, User
from integrations.models import (
    CheckResult,
    CheckRun,
    ConnectAttempt,
    Connection,
    OrgEpoch,
    TrackingReport,
)
from integrations.selectors import connections_by_customer
from jobchanges.models import (
    EnvironmentSettings,
    OutputSettings,
    TestRun,
)
from portal.checking.results import check_runs_load, results_load
from portal.mirror.facts import NO_MIRROR, MirrorFacts, mirror_load
from portal.models import Comparison, Confirmation, PeopleSource, Waiver
from portal.steps.go_live_facts import (
    NOT_LIVE,
    BatchFacts,
    LiveFacts,
    SummaryFacts,
    batches_load,
    summaries_load,
)
from portal.steps.run_facts import DeliveryFacts, RunFacts, runs_load

__all__ = ["DeliveryFacts", "Facts", "RunFacts", "facts_load"]

# An attempt older than this is no longer worth a word on the home page.
ATTEMPT_SHOWN_FOR = timedelta(days=7)

Said = TypeVar("Said", Confirmation, Waiver)
Row = TypeVar("Row", Confirmation, Waiver, SignupLink, ConnectAttempt, Membership, TrackingReport)


@dataclass(frozen=True)
class Facts:
    """What is known about one customer."""

    customer: Customer
    connections: Mapping[str, Connection] = field(default_factory=dict)
    confirmations: Sequence[Confirmation] = ()
    # Of whole steps, and of single points and differences (`Waiver.subject`).
    waivers: Sequence[Waiver] = ()
    output: OutputSettings | None = None
    environment_settings: Mapping[str, EnvironmentSettings] = field(default_factory=dict)
    runs: Sequence[RunFacts] = ()
    links: Sequence[SignupLink] = ()
    attempts: Sequence[ConnectAttempt] = ()
    members: Sequence[Membership] = ()
    people: PeopleSource | None = None
    # Those chosen in the production org connected now.
    tracking_reports: Sequence[TrackingReport] = ()
    # The newest go-live summary, also when it is void; the batch of the launch, and what follows.
    summary: SummaryFacts | None = None
    batch: BatchFacts | None = None
    live: LiveFacts = NOT_LIVE
    # What the orgs connected now said of themselves: by epoch and name of the check; and the newest
    # two rounds of questions by epoch, the newest first.
    checks: Mapping[int, Mapping[str, CheckResult]] = field(default_factory=dict)
    check_runs: Mapping[int, Sequence[CheckRun]] = field(default_factory=dict)
    mirror: MirrorFacts = NO_MIRROR

    @property
    def manager(self) -> User | None:
        """The implementation manager."""
        return self.customer.implementation_manager

    def connection(self, environment: str) -> Connection | None:
        """The customer's connection to one of its orgs, whatever its health."""
        return self.connections.get(environment)

    def epoch(self, environment: str) -> OrgEpoch | None:
        """The org that the connection has now."""
        connection = self.connection(environment)
        return connection.epoch if connection else None

    def confirmation(self, step: str, environment: str) -> Confirmation | None:
        """What a person said of the step, about the org connected now."""
        return self._of_this_org(self.confirmations, step, environment)

    def waiver(self, step: str, environment: str) -> Waiver | None:
        """The waiver of the whole step, about the org connected now."""
        whole = [waiver for waiver in self.waivers if not waiver.subject]
        return self._of_this_org(whole, step, environment)

    @property
    def comparison(self) -> Comparison | None:
        """Production against the tested sandbox, as last compared."""
        return self.mirror.comparison

    def results(self, environment: str) -> Mapping[str, CheckResult]:
        """What the org connected now answered last, by check."""
        epoch = self.epoch(environment)
        return self.checks.get(epoch.pk, {}) if epoch else {}

    def runs_of_checks(self, environment: str) -> Sequence[CheckRun]:
        """The newest two rounds of questions to the org connected now, the newest first."""
        epoch = self.epoch(environment)
        return self.check_runs.get(epoch.pk, ()) if epoch else ()

    def check_run_open(self, environment: str) -> CheckRun | None:
        """The round of questions under way."""
        return next((r for r in self.runs_of_checks(environment) if r.ended_at is None), None)

    def _of_this_org(self, said: Sequence[Said], step: str, environment: str) -> Said | None:
        """The newest word on a step. A new org (a refreshed sandbox) voids what was said before.

        What was said before connecting holds for the first org, and for no later one.
        """
        epoch = self.epoch(environment)
        for one in said:
            if one.step != step:
                continue
            if one.epoch_id is None and (epoch is None or epoch.number == 1):
                return one
            if epoch is not None and one.epoch_id == epoch.pk:
                return one
        return None

    def link(self, environment: str) -> SignupLink | None:
        """The newest sign-up link."""
        return next((link for link in self.links if link.environment == environment), None)

    def attempt(self, environment: str) -> ConnectAttempt | None:
        """The newest attempt to connect of the last days."""
        return next((one for one in self.attempts if one.environment == environment), None)

    def run(self, environment: str) -> RunFacts | None:
        """The run that speaks for the step: an approved one, else the open one, else the last."""
        runs = [one for one in self.runs if one.run.environment == environment]
        for wanted in ((TestRun.State.APPROVED,), TestRun.OPEN_STATES):
            for one in runs:
                if one.run.state in wanted:
                    return one
        return runs[0] if runs else None

    def approved_at(self, environment: str) -> datetime | None:
        """When the second side approved the test of an org; None before."""
        found = self.run(environment)
        if found is None or found.run.state != TestRun.State.APPROVED:
            return None
        given = [approval.at for approval in found.approved_by.values()]
        return max(given, default=found.run.ended_at)

    def opened_at(self, environment: str) -> datetime:
        """Since when a stage is open: production after a sandbox since its test was approved."""
        after = (
            self.approved_at(Environment.SANDBOX) if environment != Environment.SANDBOX else None
        )
        return after or self.customer.created_at

    def admins(self) -> list[User]:
        """The customer's admins, the first one first."""
        return [member.user for member in self.members if member.role == Role.ADMIN]

    def role_of(self, person: User | None) -> str:
        """The person's role at this customer, empty for everybody else."""
        if person is None:
            return ""
        if person.sees_customer == self.customer.pk:
            return Role.ADMIN
        return next((m.role for m in self.members if m.user_id == person.pk), "")


def facts_load(customers: Iterable[Customer], *, brief: bool = False) -> dict[int, Facts]:
    """Facts of each customer, by its id.

    The number of queries does not depend on the number of customers (held by a test). `brief`, for
    lists of customers: without the points of checks that are right, which nobody reads there.
    """
    listed = list(customers)
    if not listed:
        return {}
    prefetch_related_objects(listed, "implementation_manager")
    here = Q(customer__in=[customer.pk for customer in listed])
    standing = here & Q(withdrawn_at=None)
    connections = connections_by_customer(listed)
    epochs = epochs_now(connections.values())
    chosen: dict[int, dict[str, EnvironmentSettings]] = defaultdict(dict)
    for one in EnvironmentSettings.objects.filter(here).select_related("updated_by"):
        chosen[one.customer_id][one.environment] = one
    outputs = {
        output.customer_id: output
        for output in OutputSettings.objects.filter(here).select_related("updated_by")
    }
    confirmations = _grouped(
        Confirmation.objects.filter(standing).select_related("by").order_by("-at")
    )
    waivers = _grouped(Waiver.objects.filter(standing).select_related("by").order_by("-at"))
    links = _grouped(SignupLink.objects.filter(here).order_by("-created_at"))
    attempts = _grouped(
        ConnectAttempt.objects.filter(here, started_at__gte=timezone.now() - ATTEMPT_SHOWN_FOR)
        .defer("sealed_token")
        .order_by("-started_at")
    )
    members = _grouped(
        Membership.objects.filter(here, left_at=None).select_related("user").order_by("created_at")
    )
    runs = runs_load(here)
    people = {
        source.customer_id: source
        for source in PeopleSource.objects.filter(here).select_related("chosen_by")
    }
    reports = _grouped(
        TrackingReport.objects.filter(here, removed_at=None, epoch__ended_at=None).defer("columns")
    )
    summaries = summaries_load(here)
    batches, live = batches_load(here)
    checks, check_runs = results_load(epochs, brief=brief), check_runs_load(epochs)
    mirrors = mirror_load(listed)
    return {
        customer.pk: Facts(
            customer=customer,
            connections=connections[customer.pk],
            confirmations=confirmations[customer.pk],
            waivers=waivers[customer.pk],
            output=outputs.get(customer.pk),
            environment_settings=chosen[customer.pk],
            runs=runs[customer.pk],
            links=links[customer.pk],
            attempts=attempts[customer.pk],
            members=members[customer.pk],
            people=people.get(customer.pk),
            tracking_reports=reports[customer.pk],
            summary=summaries.get(customer.pk),
            batch=batches.get(customer.pk),
            live=live.get(customer.pk, NOT_LIVE),
            checks=checks,
            check_runs=check_runs,
            mirror=mirrors[customer.pk],
        )
        for customer in listed
    }


def epochs_now(connections: Iterable[Mapping[str, Connection]]) -> list[int]:
    """The orgs connected now, by the ids of their epochs."""
    return [one.epoch_id for by_place in connections for one in by_place.values() if one.epoch_id]


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by customer, in their order."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.customer_id].append(row)
    return groups
