"""One process of test_sigkill.py: `python -m tests.jobchanges.chaos STEP REHEARSAL_PORT [WHERE]`.

Steps: `prepare` makes the tables and a run that was sent; `deliver` is a worker that stops for
ever when it comes to WHERE (`module.function` of jobchanges.delivery, see killable.py) and says so;
`sweep` is the scheduler half an hour later. Each prints one line of JSON.
"""

import datetime
import json
import sys
import threading
from typing import Any

import django


def prepare(port: int) -> None:
    from django.core.management import call_command

    from tests.factories import CustomerFactory, ManagerFactory
    from tests.jobchanges.conftest import sandbox_make
    from tests.rehearsal_server import Rehearsal

    call_command("migrate", run_syncdb=True, verbosity=0)
    manager = ManagerFactory(full_name="Maya Rao")
    customer = CustomerFactory(name="Northwind Traders", implementation_manager=manager)
    sandbox = sandbox_make(Rehearsal(port), customer, manager)
    sandbox.send(sandbox.run())
    say(state())


def deliver(where: str) -> None:
    from jobchanges.delivery import worker
    from tests.jobchanges.killable import stop_at

    def stop() -> None:
        say({"reached": where})
        threading.Event().wait()

    if where:
        stop_at(where, stop)
    say({"started": True})
    worker.org_deliver(state()["epoch"])


def sweep() -> None:
    import time_machine
    from celery import current_app
    from django.utils import timezone

    from jobchanges import tasks

    current_app.conf.task_always_eager = True
    # Twice: one half hour for the claim, another for the platform's longest call.
    for minutes in (30, 60):
        moment = timezone.now() + datetime.timedelta(minutes=minutes)
        with time_machine.travel(moment, tick=True):
            tasks.deliveries_sweep()
    say(state())


def state() -> dict[str, Any]:
    from jobchanges.models import TestRun

    run = TestRun.objects.get()
    return {
        "epoch": run.epoch_id,
        "run": run.state,
        "deliveries": [item.state for item in run.deliveries.all()],
        "keys": sorted(item.delivery_key for item in run.deliveries.all()),
        "people": sorted(
            write.record_id
            for item in run.deliveries.all()
            for attempt in item.attempts.all()
            for write in attempt.writes.filter(role="person")
        ),
    }


def say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    step, port, *rest = sys.argv[1:]
    if step == "prepare":
        prepare(int(port))
    elif step == "deliver":
        deliver(rest[0] if rest else "")
    else:
        sweep()
