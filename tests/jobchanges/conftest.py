"""A sandbox that answers over HTTP, and runs of job changes in it."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer, User
from integrations import tasks
from integrations.models import Connection
from jobchanges import gates
from jobchanges.delivery import preview, worker
from jobchanges.models import Batch, Delivery, JobChange, OutputSettings, TestRun
from jobchanges.services import batch_release
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_send as run_send
from tests.factories import (
    EnvironmentSettingsFactory,
    JobChangeFactory,
    OutputSettingsFactory,
    org_checked,
)
from tests.rehearsal_server import Rehearsal

ORG = "northwind-full"
PRODUCTION = "northwind"
PACKAGE = "UserGem__UserGem__c"


@dataclasses.dataclass
class Sandbox:
    """One of the customer's connected orgs: what is in it, and what is sent to it."""

    rehearsal: Rehearsal
    connection: Connection
    customer: Customer
    manager: User
    org: str = ORG
    environment: str = "sandbox"
    made: int = 0

    def records(self, name: str, **asked: str) -> list[dict[str, Any]]:
        """Records of an object that are not deleted; what may be asked: `Rehearsal.records`."""
        rows = self.rehearsal.records(self.org, name, **asked)
        return [row for row in rows if not row.get("IsDeleted")]

    def record(self, record_id: str, name: str) -> dict[str, Any]:
        """One record as the org has it."""
        return next(iter(self.records(name, id=record_id)))

    def count(self) -> dict[str, int]:
        """How many records there are of everything we write."""
        names = ("Account", "Contact", "Lead", "CampaignMember", PACKAGE)
        return {name: len(self.records(name, fields="Id,IsDeleted")) for name in names}

    def delivery_keys(self) -> list[str]:
        """The delivery keys in the org, with repeats if there were any."""
        return sorted(row["UserGem__DeliveryKey__c"] for row in self.records(PACKAGE))

    def graph_calls(self) -> int:
        """How many graph calls the org got."""
        return sum("composite/graph" in call["path"] for call in self.rehearsal.calls(self.org))

    def job_change(self, **values: Any) -> JobChange:
        """Somebody the org does not know, who joins a company it does not know."""
        self.made += 1
        number = self.made
        words = {
            "first_name": f"Ada{chr(64 + number)}",
            "last_name": f"Lovelace{chr(64 + number)}",
            "person_country": "United States",
            "past_email": f"ada{number}@analytical{number}.example",
            "past_company_name": f"Analytical Engines {number}",
            "new_email": f"ada{number}@difference{number}.example",
            "new_company_name": f"Difference Works {chr(64 + number) * 3}",
            "new_company_domain": f"difference{number}.example",
            "new_company_website": f"https://difference{number}.example",
            "detected_at": timezone.now() - datetime.timedelta(days=100 - number),
        } | values
        return JobChangeFactory(customer=self.customer, **words)

    def run(self, job_changes: list[JobChange] | None = None) -> TestRun:
        """A run with its preview."""
        picked = [self.job_change() for _ in range(5)] if job_changes is None else job_changes
        run = run_create(
            customer=self.customer,
            environment=self.environment,
            job_changes=picked,
            by=self.manager,
        )
        preview.run_plan(run.pk)
        run.refresh_from_db()
        assert run.planned_at, run.plan_error
        return run

    def send(self, run: TestRun) -> TestRun:
        """Send it, without the worker."""
        return run_send(test_run=run, by=self.manager)

    def deliver(self) -> None:
        """One wake-up call."""
        worker.org_deliver(self.connection.epoch_id)

    def delivered_run(self, job_changes: list[JobChange] | None = None) -> TestRun:
        """A run that was sent and delivered."""
        run = self.send(self.run(job_changes))
        self.deliver()
        run.refresh_from_db()
        return run

    def delivery(self, job_change: JobChange) -> Delivery:
        """The delivery of a job change, as it stands."""
        return Delivery.objects.get(job_change=job_change, environment=self.environment)

    def states(self, run: TestRun) -> list[str]:
        """The states of a run's deliveries, in its order."""
        return [item.state for item in run.deliveries.all()]


def org_make(
    rehearsal: Rehearsal,
    customer: Customer,
    manager: User,
    org: str = ORG,
    environment: str = "sandbox",
) -> Sandbox:
    """One of Northwind's orgs with the package, connected, with settings."""
    rehearsal.package_install(org)
    connection = rehearsal.connect(customer, org)
    if not OutputSettings.objects.filter(customer=customer).exists():
        OutputSettingsFactory(customer=customer)
    owner = next(row for row in rehearsal.records(org, "User") if row["IsActive"])
    campaign = next(row for row in rehearsal.records(org, "Campaign") if row["IsActive"])
    EnvironmentSettingsFactory(
        customer=customer,
        environment=environment,
        default_owner_id=owner["Id"],
        default_owner_name=owner["Name"],
        campaign_id=campaign["Id"],
        campaign_name=campaign["Name"],
        campaign_status="Sent",
    )
    # Where somebody asks: it has answered for itself.
    org_checked(connection.epoch)
    return Sandbox(rehearsal, connection, customer, manager, org, environment)


def sandbox_make(rehearsal: Rehearsal, customer: Customer, manager: User) -> Sandbox:
    """Northwind's full copy with the package, connected, with settings."""
    return org_make(rehearsal, customer, manager)


@dataclasses.dataclass
class Production(Sandbox):
    """The customer's production org, and batches that are released to it."""

    approver: User | None = None

    def release(self, **chosen: Any) -> Batch:
        """Release what was imported until now, signed by the approver and the manager."""
        assert self.approver is not None
        values: dict[str, Any] = {
            "customer": self.customer,
            "cut_off": timezone.now(),
            "signed_hash": f"{Batch.objects.count() + 1:064d}",
            "customer_signer": self.approver,
            "vendor_signer": self.manager,
            "by": self.manager,
        } | chosen
        return batch_release(**values)

    def batch_states(self, batch: Batch) -> dict[str, int]:
        """How many of a batch's deliveries are in which state."""
        return dict(Counter(batch.deliveries.values_list("state", flat=True)))


def production_make(
    rehearsal: Rehearsal, customer: Customer, manager: User, approver: User
) -> Production:
    """Northwind's production with the package, connected, with settings."""
    made = org_make(rehearsal, customer, manager, PRODUCTION, "production")
    return Production(**vars(made), approver=approver)


@pytest.fixture(autouse=True)
def _nobody_asks_for_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the org has answered for itself is asked of the floor above (tests/portal), and no
    worker asks it beside what a test counts.
    """
    monkeypatch.setattr(gates.org_gate, "receivers", [])
    monkeypatch.setattr(tasks.check_run, "delay", lambda *_ids: None)


@pytest.fixture
def sandbox(rehearsal: Rehearsal, customer: Customer, manager: User) -> Sandbox:
    """See `sandbox_make`."""
    return sandbox_make(rehearsal, customer, manager)


@pytest.fixture
def batch_gate(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Nobody above this floor is asked about batches; connects a receiver of the test's own."""
    monkeypatch.setattr(gates.batch_gate, "receivers", [])
    monkeypatch.setattr(gates.regular_gate, "receivers", [])

    def connect(receiver: Callable[..., Any]) -> None:
        gates.batch_gate.connect(receiver, weak=False)

    return connect


@pytest.fixture
def production(
    rehearsal: Rehearsal,
    customer: Customer,
    manager: User,
    approver: User,
    batch_gate: Callable[[Callable[..., Any]], None],
) -> Production:
    """See `production_make`. What was signed is not asked for: that is the floor above."""
    return production_make(rehearsal, customer, manager, approver)
