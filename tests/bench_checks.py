"""What the whole set of checks costs an org, counted by the org that answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench_figures import Figure

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "portal" / "demo" / "data" / "job-changes.csv"
# At most so many (issue 5): the org's day of calls belongs to the customer.
PROMISED = 15
SANDBOX, PRODUCTION = "northwind-full", "northwind"


def check_figures(folder: Path) -> Iterator[Figure]:
    """All checks and the snapshot of each of two orgs, with settings and waiting job changes."""
    from jobchanges.services import imports_read
    from tests.factories import CustomerFactory, EnvironmentSettingsFactory, OutputSettingsFactory
    from tests.rehearsal_server import rehearsal_running

    _orgs_let_go()
    customer = CustomerFactory(name="Northwind Checked", slug="northwind-checked")
    manager = customer.implementation_manager
    imports_read(customer=customer, file_name=FILE.name, content=FILE.read_bytes(), by=manager)
    OutputSettingsFactory(customer=customer)
    orgs = folder / "orgs-checked"
    orgs.mkdir()
    counted: dict[str, int] = {}
    with rehearsal_running(orgs) as rehearsal:
        for org, label in ((SANDBOX, "sandbox"), (PRODUCTION, "production")):
            rehearsal.package_install(org)
            connection = rehearsal.connect(customer, org)
            EnvironmentSettingsFactory(customer=customer, environment=connection.environment)
            counted[label] = _whole_round(rehearsal, org, connection)
        rehearsal.configure(SANDBOX, "low-rights-user")
        sandbox = customer.connections.get(environment="sandbox")
        counted["sandbox, user without rights"] = _whole_round(rehearsal, SANDBOX, sandbox)
    _orgs_let_go()
    most = max(counted.values())
    yield Figure(
        "check_run_api_calls",
        most,
        "calls",
        baseline=PROMISED,
        ratio=most / PROMISED,
        detail=counted,
    )


def _orgs_let_go() -> None:
    """Other figures connect the same orgs, and an org belongs to one customer at a time."""
    from django.utils import timezone

    from integrations.models import OrgEpoch

    OrgEpoch.objects.filter(ended_at=None).update(ended_at=timezone.now())


def _whole_round(rehearsal: Any, org: str, connection: Any) -> int:
    from integrations.checks.services import check_run_start
    from integrations.models import CheckRun

    before = len(rehearsal.calls(org))
    # In the bench a woken worker works at once.
    run = check_run_start(
        connection=connection,
        reason=CheckRun.Reason.ASKED,
        snapshot=CheckRun.Snapshot.CURRENT,
    )
    assert run is not None
    run.refresh_from_db()
    if run.state != CheckRun.State.ENDED:
        raise SystemExit(f"The checks of the bench did not end well: {run.state}, {run.error}")
    return len(rehearsal.calls(org)) - before
