"""Figures of the first batch: speed against a naive loop, and what ten times the size costs.

Each measuring is a process of its own (`python -m tests.bench_batches STEP …`) on a database file
and rehearsal orgs of its own, so that nothing that ran before weighs on memory or caches.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "portal" / "demo" / "data" / "job-changes.csv"
ORG = "northwind"
ANSWER_SECONDS = 0.1
SPEED_SIZE = 300
SAMPLE = 20
SMALL, LARGE = 150, 1_500
# The delay of the speed figure stands until its rehearsal ends.
ALL_CALLS = 1_000_000


def batch_figures(folder: Path) -> Iterator[Any]:
    """The three figures, one after the other."""
    from tests.bench_figures import Figure

    ours, naive = speeds(folder / "speed")
    yield Figure(
        "job_changes_per_second",
        ours["job_changes"] / ours["seconds"],
        "per second",
        baseline=naive["job_changes"] / naive["seconds"],
        ratio=ours["job_changes"] / ours["seconds"] * naive["seconds"] / naive["job_changes"],
        detail={
            "org answers after seconds": ANSWER_SECONDS,
            "ours": ours,
            "one by one": naive,
        },
    )
    small, large = batch_run(folder / "small", SMALL), batch_run(folder / "large", LARGE)
    cost = {run["job_changes"]: 1000 * run["cpu"] / run["job_changes"] for run in (small, large)}
    yield Figure(
        "delivery_growth",
        cost[LARGE],
        "ms CPU each",
        baseline=cost[SMALL],
        ratio=cost[LARGE] / cost[SMALL],
        detail={
            "what": "CPU time of our process for one job change, the org's time left out",
            str(SMALL): small,
            str(LARGE): large,
        },
    )
    yield Figure(
        "delivery_memory_growth",
        large["peak_mb"],
        "MB peak",
        baseline=small["peak_mb"],
        ratio=large["peak_mb"] / small["peak_mb"],
        detail={"at job changes": {str(SMALL): small["peak_mb"], str(LARGE): large["peak_mb"]}},
    )


def speeds(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """One batch and a sample done one by one, in the same slow org."""
    from tests.rehearsal_server import rehearsal_running

    with rehearsal_running(folder / "orgs") as rehearsal:
        step(folder, "prepare", rehearsal.port, SPEED_SIZE, SAMPLE)
        rehearsal.fault("delay", times=ALL_CALLS, seconds=ANSWER_SECONDS, org=ORG)
        return step(folder, "deliver", rehearsal.port), step(folder, "naive", rehearsal.port)


def batch_run(folder: Path, size: int) -> dict[str, Any]:
    """Deliver one batch of this size."""
    from tests.rehearsal_server import rehearsal_running

    with rehearsal_running(folder / "orgs") as rehearsal:
        step(folder, "prepare", rehearsal.port, size, 0)
        return step(folder, "deliver", rehearsal.port)


def step(folder: Path, name: str, *arguments: int) -> dict[str, Any]:
    """Run a step in a process of its own; answers the line of JSON it ends with."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench_batches", name, *map(str, arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.jobchanges.chaos_settings",
            "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The step {name} of the bench failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def prepare(port: int, size: int, more: int) -> dict[str, Any]:
    """Tables, a connected production org, `size` job changes released; then `more` imported."""
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Environment
    from jobchanges.models import Batch
    from jobchanges.services import batch_release, imports_read
    from tests import factories as make
    from tests.rehearsal_server import Rehearsal

    call_command("migrate", run_syncdb=True, verbosity=0)
    rehearsal = Rehearsal(port)
    customer = make.CustomerFactory(name="Northwind Traders", slug="northwind")
    manager = customer.implementation_manager
    signer = make.MembershipFactory(customer=customer).user
    rehearsal.package_install(ORG)
    connection = rehearsal.connect(customer, ORG)
    owner = next(user for user in rehearsal.records(ORG, "User") if user["IsActive"])
    make.OutputSettingsFactory(customer=customer)
    make.EnvironmentSettingsFactory(
        customer=customer, environment=Environment.PRODUCTION, default_owner_id=owner["Id"]
    )
    # Once a first batch has ended, the sign-off is history and no summary is looked at.
    make.BatchFactory(customer=customer, epoch=connection.epoch, state=Batch.State.ENDED)
    lines = FILE.read_bytes().splitlines(keepends=True)

    def read(first: int, count: int) -> None:
        part = b"".join([lines[0], *lines[first + 1 : first + 1 + count]])
        imports_read(customer=customer, file_name=FILE.name, content=part, by=manager)

    read(0, size)
    batch = batch_release(
        customer=customer,
        cut_off=timezone.now(),
        signed_hash="b" * 64,
        customer_signer=signer,
        vendor_signer=manager,
        by=manager,
    )
    if more:
        read(size, more)
    return {"batch": batch.pk}


def deliver(port: int) -> dict[str, Any]:
    """Send the whole batch, as a worker does; what it took."""
    from django.db import connection

    from jobchanges.delivery.worker import org_deliver
    from jobchanges.models import Batch, Delivery
    from tests.rehearsal_server import Rehearsal

    batch = Batch.objects.get(state=Batch.State.SENDING)
    rehearsal = Rehearsal(port)
    calls = len(rehearsal.calls(ORG))
    queries = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    started, cpu = time.monotonic(), time.process_time()
    with connection.execute_wrapper(count):
        while org_deliver(batch.epoch_id):
            pass
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    peak = peak_mb()
    batch.refresh_from_db()
    states = Counter(Delivery.objects.filter(batch=batch).values_list("state", flat=True))
    if batch.state != Batch.State.ENDED:
        raise SystemExit(f"The batch did not end: {batch.state}, {batch.halt_reason}, {states}")
    total = sum(states.values())
    return {
        "job_changes": total,
        "seconds": round(seconds, 2),
        "cpu": round(cpu, 3),
        "peak_mb": round(peak, 1),
        "queries_each": round(queries / total, 2),
        "calls_each": round((len(rehearsal.calls(ORG)) - calls) / total, 3),
        "states": dict(states),
    }


def peak_mb() -> float:
    """The most memory this process ever had, in MB."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # Counts what the process that started this one had, too; only Linux knows better.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def naive(port: int) -> dict[str, Any]:
    """The same matching, writes and reading back for the sample, one call after the other."""
    import requests
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceError

    from integrations.models import Connection
    from integrations.services import org_open
    from jobchanges.matching import matches_ask
    from jobchanges.models import JobChange
    from jobchanges.plan_settings import plan_settings_load
    from jobchanges.planning import plan_make
    from jobchanges.planning.types import JobChangeData, Ref
    from tests.rehearsal_server import Rehearsal

    connection = Connection.objects.select_related("customer", "epoch").get()
    settings = plan_settings_load(connection.customer, "production", org_open(connection))

    class Loopback(requests.Session):
        """The library writes https always; the rehearsal orgs answer on this machine only."""

        def request(self, method: str, url: str, *rest: Any, **options: Any) -> Any:
            return super().request(method, url.replace("https:", "http:", 1), *rest, **options)

    salesforce = Salesforce(
        session_id=connection.access_token,
        instance_url=connection.epoch.instance_url,
        version="66.0",
        session=Loopback(),
    )

    class OneByOne:
        """Asks each query in a call of its own."""

        def queries(self, soqls: Any) -> list[list[dict[str, Any]]]:
            return [salesforce.query_all(soql)["records"] for soql in soqls]

    rehearsal = Rehearsal(port)
    calls = len(rehearsal.calls(ORG))
    sample = [JobChangeData.of(item) for item in JobChange.objects.filter(deliveries=None)]
    refused = 0
    started = time.monotonic()
    for job_change in sample:
        matches = matches_ask(OneByOne(), [job_change], settings)[job_change.key]
        ids: dict[str, str] = {}
        try:
            for write in plan_make(job_change, settings, matches).writes:
                values = {
                    name: ids[value.reference] if isinstance(value, Ref) else value
                    for name, value in write.fields.items()
                }
                records = getattr(salesforce, write.object_name)
                if write.record_id:
                    records.update(write.record_id, values, headers=dict(write.headers))
                    ids[write.role] = write.record_id
                else:
                    made = records.create(values, headers=dict(write.headers))
                    ids[write.role] = made["id"]
                records.get(ids[write.role])
        except SalesforceError:
            refused += 1
    seconds = time.monotonic() - started
    return {
        "job_changes": len(sample),
        "seconds": round(seconds, 2),
        "calls_each": round((len(rehearsal.calls(ORG)) - calls) / len(sample), 3),
        "refused": refused,
    }


def main() -> int:
    """One step."""
    import django

    django.setup()
    name, *arguments = sys.argv[1:]
    steps = {"prepare": prepare, "deliver": deliver, "naive": naive}
    print(json.dumps(steps[name](*map(int, arguments))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
