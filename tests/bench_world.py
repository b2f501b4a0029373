"""Steps of the bench, each a process of its own, so that nothing that ran before weighs on it.

`python -m tests.bench_world STEP JSON`: tables and released batches (`prepare`), a worker that
sends one (`deliver`), the later reading (`settle`), and the naive loop (`naive`). Each prints one
line of JSON; one that does not end as it should ends the bench.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CAMPAIGN = "7017z000000000AAAQ"
ROWS_A_FILE = 10_000
Found = dict[str, Any]


def step(database: str, name: str, **given: Any) -> Found:
    """Run a step; answers what it found."""
    return step_end(step_start(database, name, **given), name)


def step_start(database: str, name: str, **given: Any) -> subprocess.Popen[str]:
    """Start a step, for several side by side."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench_world", name, json.dumps(given)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.bench_settings",
            "DATABASE_URL": database,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def step_end(process: subprocess.Popen[str], name: str) -> Found:
    """Wait for a step's last line."""
    said, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"The step {name} of the bench failed:\n{errors[-3000:]}")
    found: Found = json.loads(said.splitlines()[-1])
    return found


def prepare(port: int, orgs: dict[str, list[int]], **output: Any) -> Found:
    """Tables; for each org a customer with so many job changes released, and so many imported."""
    from django.core.management import call_command

    from tests.rehearsal_server import Rehearsal

    call_command("migrate", run_syncdb=True, verbosity=0)
    started = time.monotonic()
    for org, (size, sample) in orgs.items():
        released(Rehearsal(port), org, size, sample, **output)
    return {"seconds": round(time.monotonic() - started, 1)}


def released(rehearsal: Any, org: str, size: int, sample: int, **output: Any) -> None:
    """A batch of generated job changes, released to the org, and `sample` more imported."""
    from tests import factories as make
    from tests.jobchanges.batch_world import batch_of
    from tests.jobchanges.generated import job_changes_csv
    from tests.rehearsal_server import INTEGRATION, MORE

    number = org.removeprefix(MORE)
    username = INTEGRATION if org == number else f"usergems.integration@more{number}.example"
    customer = make.CustomerFactory(name=f"Customer of {org}", slug=org)
    header, *lines = job_changes_csv(size + sample).splitlines(keepends=True)
    parts = [lines[at : at + ROWS_A_FILE] for at in range(0, size, ROWS_A_FILE)]
    parts[-1] = parts[-1][: size - ROWS_A_FILE * (len(parts) - 1)]
    batch_of(
        rehearsal,
        customer,
        org,
        size,
        username=username,
        files=[b"".join([header, *part]) for part in parts],
        output=output,
        in_the_org={"campaign_id": CAMPAIGN, "campaign_status": "Sent"},
    )
    if sample:
        from jobchanges.services import imports_read

        imports_read(
            customer=customer,
            file_name="sample.csv",
            content=b"".join([header, *lines[size:]]),
            by=customer.implementation_manager,
        )


def deliver(port: int, org: str) -> Found:
    """Send the whole batch of an org, as a worker does; what it took."""
    from django.db import connection

    from jobchanges.delivery.worker import org_deliver
    from jobchanges.models import Batch, Delivery
    from tests.rehearsal_server import Rehearsal

    batch = Batch.objects.get(state=Batch.State.SENDING, customer__slug=org)
    rehearsal = Rehearsal(port)
    before = calls_by_kind(rehearsal, org)
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
    if batch.state != Batch.State.ENDED or set(states) > {"delivered", "refused", "held"}:
        raise SystemExit(f"The batch did not end: {batch.state}, {batch.halt_reason}, {states}")
    total = sum(states.values())
    calls = calls_by_kind(rehearsal, org) - before
    return {
        "job_changes": total,
        "seconds": round(seconds, 2),
        "cpu": round(cpu, 3),
        "peak_mb": round(peak, 1),
        "queries_each": round(queries / total, 2),
        "calls_each": round(calls.total() / total, 4),
        "calls": dict(calls),
        "states": dict(states),
    }


def settle(port: int, org: str) -> Found:
    """Read everything again that was written, as the worker does a few minutes later."""
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    from jobchanges.delivery.settle import org_settle
    from jobchanges.models import Batch, RecordWrite
    from tests.rehearsal_server import Rehearsal

    batch = Batch.objects.filter(customer__slug=org).latest("pk")
    rehearsal = Rehearsal(port)
    before = calls_by_kind(rehearsal, org)
    writes = RecordWrite.objects.filter(attempt__delivery__batch=batch).exclude(record_id="")
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        for _ in range(100):
            if not writes.filter(settled_at=None).exists():
                break
            org_settle(batch.epoch_id)
    left = writes.filter(settled_at=None).count()
    if left:
        raise SystemExit(f"{left} records of {writes.count()} were not read again.")
    return {"calls": dict(calls_by_kind(rehearsal, org) - before), "records": writes.count()}


def naive(port: int, org: str) -> Found:
    """The same matching, writes and reading back for the sample, one call after the other."""
    from tests.bench_naive import one_by_one
    from tests.rehearsal_server import Rehearsal

    rehearsal = Rehearsal(port)
    before = rehearsal.calls_total(org)
    found = one_by_one(org)
    calls = rehearsal.calls_total(org) - before
    return {**found, "calls_each": round(calls / found["job_changes"], 2)}


def calls_by_kind(rehearsal: Any, org: str) -> Counter[str]:
    """API calls since the org's start, in the words of the protocol."""
    counts = rehearsal.control(org, "calls?list=no", "GET")["counts"]
    found: Counter[str] = Counter()
    for call, count in counts.items():
        tail = call.partition("/services/data/")[2].partition("/")[2]
        if tail == "composite/graph":
            kind = "writes"
        elif "describe" in tail or tail == "sobjects":
            kind = "describes"
        elif tail.startswith(("composite", "query")):
            kind = "questions"
        else:
            kind = "other"
        found[kind] += count
    return found


def peak_mb() -> float:
    """The most memory this process ever had, in MB."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        # Counts what the process that started this one had, too; only Linux knows better.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> int:
    """One step."""
    import django

    django.setup()
    steps = {"prepare": prepare, "deliver": deliver, "settle": settle, "naive": naive}
    print(json.dumps(steps[sys.argv[1]](**json.loads(sys.argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
