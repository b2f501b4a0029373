"""Three thousand job changes while everything goes wrong, and what came of it.

Three real workers and a scheduler on PostgreSQL and a broker of their own; every fifth call meets
trouble, a process is killed every few seconds, answers come after we gave up on them and what they
were about is written all the same, and the broker is emptied once. Then the org is compared record
by record with the plans. Rotation of refresh tokens is off here: a worker killed between a refresh
and its record would rightly lose the connection.

`python -m tests.bench_chaos PORT FOLDER` is the process that watches; it prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from tests.bench_figures import Figure

ROOT = Path(__file__).resolve().parents[1]
ORG = "northwind"
COUNT = int(os.environ.get("BENCH_CHAOS", "3000"))
WORKERS = 3
# Seconds from one SIGKILL to the next, and after which it counts as never ending: a machine with
# other work beside it took twenty minutes for the 3,000.
KILL_EVERY = (4.0, 8.0)
LONGEST = 3600.0
# Of each kind of trouble at a call that it fits; together they strike about every fifth call.
CHANCE = 0.024
ENDLESS = 1_000_000


def chaos_figure(folder: Path) -> Figure:
    """Start the world, watch, compare."""
    from tests.rehearsal_server import rehearsal_running
    from tests.servers import postgresql

    chaos = folder / "chaos"
    with postgresql() as server, rehearsal_running(chaos / "orgs") as rehearsal:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench_chaos", str(rehearsal.port), str(chaos)],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.bench_settings",
                "DATABASE_URL": server,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"The chaos of the bench did not end well:\n{done.stderr[-4000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Figure(
        "chaos_job_changes",
        found["states"].get("delivered", 0) + found["states"].get("refused", 0),
        "exactly once",
        baseline=found["job_changes"],
        ratio=sum(found["states"].values()) / found["job_changes"],
        detail=found,
    )


def watch(port: int, folder: Path) -> dict[str, Any]:
    """Have the batch sent under fire; what was done to it and what the org holds."""
    from django.core.management import call_command

    from jobchanges.models import Attempt, Batch, Delivery, RecordMode
    from tests import factories as make
    from tests.bench_world import CAMPAIGN
    from tests.jobchanges.batch_world import batch_of
    from tests.jobchanges.comparing import Contents, as_planned
    from tests.jobchanges.generated import job_changes_csv
    from tests.jobchanges.processes import portal_running
    from tests.jobchanges.trouble_makers import (
        QUICK,
        REFUSING_RULE,
        every_kind,
        faults_add,
        faults_struck,
    )
    from tests.rehearsal_server import Rehearsal

    call_command("migrate", run_syncdb=True, verbosity=0)
    rehearsal = Rehearsal(port)
    rehearsal.package_install(ORG)
    rehearsal.configure(ORG, validation_rules=[REFUSING_RULE], token_rotation=False)
    before = Contents.read(rehearsal, ORG)
    batch = batch_of(
        rehearsal,
        make.CustomerFactory(name="Northwind Traders", slug="northwind"),
        ORG,
        COUNT,
        files=[job_changes_csv(COUNT, seed=5)],
        output={"record_mode": RecordMode.ALWAYS_CONTACT},
        in_the_org={"campaign_id": CAMPAIGN, "campaign_status": "Sent"},
    )
    calls = rehearsal.calls_total(ORG)
    faults_add(rehearsal, every_kind(ORG, times=ENDLESS, chance=CHANCE, seed=11))
    started = time.monotonic()
    logs = folder / "portal"
    logs.mkdir()
    with portal_running(rehearsal, logs, **QUICK) as portal:
        killed, emptied = _under_fire(portal, batch)
    seconds = time.monotonic() - started
    struck = faults_struck(rehearsal, ENDLESS)
    rehearsal.control("production", "faults", "DELETE")
    deliveries = Delivery.objects.filter(batch=batch)
    found = as_planned(deliveries, before, Contents.read(rehearsal, ORG))
    outcomes = Attempt.objects.filter(delivery__batch=batch).values_list("outcome", flat=True)
    assert Batch.objects.get(pk=batch.pk).state == Batch.State.ENDED
    assert set(found.states) <= {"delivered", "refused", "held"}, found.states
    assert sum(found.states.values()) == deliveries.count()
    return {
        "job_changes": deliveries.count(),
        "seconds": round(seconds, 1),
        "workers": WORKERS,
        "killed": killed,
        "broker emptied": emptied,
        "API calls": rehearsal.calls_total(ORG) - calls,
        "trouble met": struck,
        "attempts by outcome": dict(Counter(outcomes)),
        **found.shown(),
    }


def _under_fire(portal: Any, batch: Any) -> tuple[int, int]:
    """Kill and start again until the batch has ended; how often, and how often the broker lost."""
    from jobchanges.models import Delivery
    from tests.jobchanges.trouble_makers import has_ended

    random = Random(3)
    portal.scheduler()
    workers = [portal.worker() for _ in range(WORKERS)]
    killed = emptied = 0
    give_up_at = time.monotonic() + LONGEST
    next_kill = time.monotonic() + random.uniform(*KILL_EVERY)
    while not has_ended(batch):
        if time.monotonic() > give_up_at:
            states = Counter(Delivery.objects.filter(batch=batch).values_list("state", flat=True))
            raise SystemExit(f"The batch did not end in {LONGEST} s: {states}")
        time.sleep(0.25)
        if time.monotonic() < next_kill:
            continue
        place = random.randrange(WORKERS)
        portal.forget(workers[place])
        workers[place] = portal.worker(wait=False)
        killed += 1
        next_kill = time.monotonic() + random.uniform(*KILL_EVERY)
        delivered = Delivery.objects.filter(batch=batch, state=Delivery.State.DELIVERED).count()
        if not emptied and delivered > COUNT / 3:
            portal.broker_empty()
            emptied += 1
    return killed, emptied


def main() -> int:
    """The process that watches."""
    import django

    django.setup()
    print(json.dumps(watch(int(sys.argv[1]), Path(sys.argv[2]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
