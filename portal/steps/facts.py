"""Everything the steps look at, loaded once for any number of customers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, prefetch_related_objects
from django.utils import timezone

from accounts.models import Customer, Membership, Role, SignupLink, User
from integrations.models import ConnectAttempt, Connection, OrgEpoch
from integrations.selectors import connections_by_customer
from jobchanges.models import (
    Delivery,
    EnvironmentSettings,
    OutputSettings,
    Review,
    RunApproval,
    TestRun,
    Verdict,
)
from portal.models import Confirmation, Waiver

# An attempt older than this is no longer worth a word on the home page.
ATTEMPT_SHOWN_FOR = timedelta(days=7)

Said = TypeVar("Said", Confirmation, Waiver)
Row = TypeVar("Row", Confirmation, Waiver, SignupLink, ConnectAttempt, Membership)


@dataclass(frozen=True)
class DeliveryFacts:
    """One delivery of a run: its state and what each side says of its latest attempt."""

    state: str
    verdicts: Mapping[str, str]
    released: bool = True

    @property
    def set_aside(self) -> bool:
        """Whether both sides set it aside."""
        return all(self.verdicts.get(side) == Verdict.SET_ASIDE for side in ("customer", "vendor"))


@dataclass(frozen=True)
class RunFacts:
    """A test run with what its step needs."""

    run: TestRun
    deliveries: Sequence[DeliveryFacts] = ()
    approved_by: Mapping[str, RunApproval] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many job changes are in the run."""
        return len(self.deliveries)

    def counted(self, *states: str) -> int:
        """How many deliveries are in one of these states and not set aside by both sides."""
        return sum(1 for d in self.deliveries if d.state in states and not d.set_aside)

    def unreviewed(self, side: str, *states: str) -> int:
        """How many job changes with an answer (or in these states) a side has not judged."""
        answered = states or (Delivery.State.DELIVERED, Delivery.State.REFUSED)
        return sum(1 for d in self.deliveries if d.state in answered and side not in d.verdicts)

    @property
    def unsent(self) -> int:
        """How many job changes were picked and not sent."""
        return sum(1 for d in self.deliveries if not d.released)

    @property
    def disagreed(self) -> int:
        """How many job changes the two sides judge differently."""
        return sum(1 for d in self.deliveries if len(set(d.verdicts.values())) > 1)

    @property
    def off(self) -> int:
        """How many job changes a side says are off."""
        return sum(1 for d in self.deliveries if Verdict.OFF in d.verdicts.values())


@dataclass(frozen=True)
class Facts:
    """What is known about one customer."""

    customer: Customer
    connections: Mapping[str, Connection] = field(default_factory=dict)
    confirmations: Sequence[Confirmation] = ()
    waivers: Sequence[Waiver] = ()
    output: OutputSettings | None = None
    environment_settings: Mapping[str, EnvironmentSettings] = field(default_factory=dict)
    runs: Sequence[RunFacts] = ()
    links: Sequence[SignupLink] = ()
    attempts: Sequence[ConnectAttempt] = ()
    members: Sequence[Membership] = ()
    # The reader pressed "Check again" at this moment and waits for the answer.
    asked_at: datetime | None = None

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
        """The waiver of the step, about the org connected now."""
        return self._of_this_org(self.waivers, step, environment)

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

    def admins(self) -> list[User]:
        """The customer's admins, the first one first."""
        return [member.user for member in self.members if member.role == Role.ADMIN]

    def role_of(self, person: User | None) -> str:
        """The person's role at this customer, empty for everybody else."""
        return next(
            (m.role for m in self.members if person is not None and m.user_id == person.pk), ""
        )


def facts_load(
    customers: Iterable[Customer], *, asked_at: datetime | None = None
) -> dict[int, Facts]:
    """Facts of each customer, by its id.

    The number of queries does not depend on the number of customers (held by a test).
    """
    listed = list(customers)
    if not listed:
        return {}
    prefetch_related_objects(listed, "implementation_manager")
    here = Q(customer__in=[customer.pk for customer in listed])
    standing = here & Q(withdrawn_at=None)
    connections = connections_by_customer(listed)
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
    runs = _runs_load(here)
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
            asked_at=asked_at,
        )
        for customer in listed
    }


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by customer, in their order."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.customer_id].append(row)
    return groups


def _runs_load(here: Q) -> dict[int, list[RunFacts]]:
    """Runs by customer, newest first, with the state and the verdicts of each delivery."""
    runs = list(TestRun.objects.filter(here).order_by("-created_at"))
    ids = [run.pk for run in runs]
    verdicts: dict[int, dict[str, str]] = defaultdict(dict)
    for delivery, side, verdict in Review.objects.filter(
        attempt__delivery__test_run__in=ids,
        attempt__number=F("attempt__delivery__attempts_made"),
    ).values_list("attempt__delivery_id", "side", "verdict"):
        verdicts[delivery][side] = verdict
    deliveries: dict[int, list[DeliveryFacts]] = defaultdict(list)
    for pk, run_id, state, released_at in Delivery.objects.filter(test_run__in=ids).values_list(
        "pk", "test_run_id", "state", "released_at"
    ):
        if run_id is not None:
            released = released_at is not None
            deliveries[run_id].append(DeliveryFacts(state, verdicts[pk], released))
    approvals: dict[int, dict[str, RunApproval]] = defaultdict(dict)
    for approval in (
        RunApproval.objects.filter(test_run__in=ids).defer("content").select_related("by")
    ):
        approvals[approval.test_run_id][approval.side] = approval
    grouped: dict[int, list[RunFacts]] = defaultdict(list)
    for run in runs:
        grouped[run.customer_id].append(RunFacts(run, deliveries[run.pk], approvals[run.pk]))
    return grouped
