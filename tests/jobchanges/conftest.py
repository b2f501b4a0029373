"""A sandbox that answers over HTTP, and runs of job changes in it."""

import dataclasses
import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer, User
from integrations.models import Connection
from jobchanges.delivery import preview, worker
from jobchanges.models import Delivery, JobChange, TestRun
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_send as run_send
from tests.factories import EnvironmentSettingsFactory, JobChangeFactory, OutputSettingsFactory
from tests.rehearsal_server import Rehearsal

ORG = "northwind-full"
PACKAGE = "UserGem__UserGem__c"


@dataclasses.dataclass
class Sandbox:
    """The customer's connected sandbox: what is in it, and runs that are sent to it."""

    rehearsal: Rehearsal
    connection: Connection
    customer: Customer
    manager: User
    org: str = ORG
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
            customer=self.customer, environment="sandbox", job_changes=picked, by=self.manager
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
        return Delivery.objects.get(job_change=job_change)

    def states(self, run: TestRun) -> list[str]:
        """The states of a run's deliveries, in its order."""
        return [item.state for item in run.deliveries.all()]


def sandbox_make(rehearsal: Rehearsal, customer: Customer, manager: User) -> Sandbox:
    """Northwind's full copy with the package, connected, with settings."""
    rehearsal.package_install(ORG)
    connection = rehearsal.connect(customer, ORG)
    OutputSettingsFactory(customer=customer)
    owner = next(row for row in rehearsal.records(ORG, "User") if row["IsActive"])
    campaign = next(row for row in rehearsal.records(ORG, "Campaign") if row["IsActive"])
    EnvironmentSettingsFactory(
        customer=customer,
        default_owner_id=owner["Id"],
        default_owner_name=owner["Name"],
        campaign_id=campaign["Id"],
        campaign_name=campaign["Name"],
        campaign_status="Sent",
    )
    return Sandbox(rehearsal, connection, customer, manager)


@pytest.fixture
def sandbox(rehearsal: Rehearsal, customer: Customer, manager: User) -> Sandbox:
    """See `sandbox_make`."""
    return sandbox_make(rehearsal, customer, manager)
