"""`make bench`: figures of one run on this machine, as a table and in bench-results.json.

Machines are shared and noisy, so speed is told as a ratio to something measured in the same run.
Counts (queries, API calls) are exact.
"""

import http.client
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench_batches import call_figure, growth_figures, speed_figure
from tests.bench_chaos import chaos_figure
from tests.bench_checks import check_figures
from tests.bench_desk import desk_figures
from tests.bench_figures import Figure

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 5.0
CLIENTS = 4


def figures(folder: Path) -> Iterator[Figure]:
    """Measure everything, one after the other."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings.test"
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
    import django

    django.setup()
    logging.getLogger().setLevel(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    ten = test_of_ten(folder)
    cookie = home_person_sign_in()
    yield home_queries(cookie)
    yield home_speed(cookie)
    yield from desk_figures(folder)
    yield from check_figures(folder)
    yield call_figure(folder, ten)
    yield speed_figure(folder)
    yield from growth_figures(folder)
    yield chaos_figure(folder)


def test_of_ten(folder: Path) -> dict[str, Any]:
    """A test run of ten, from planning to read-back, counted by the org that answered."""
    from django.utils import timezone

    from integrations.services import org_facts_refresh
    from jobchanges.models import JobChange, TestRun
    from jobchanges.services import imports_read, test_run_create, test_run_send
    from tests.factories import (
        CustomerFactory,
        EnvironmentSettingsFactory,
        OutputSettingsFactory,
        org_checked,
    )
    from tests.rehearsal_server import rehearsal_running

    customer = CustomerFactory(name="Northwind Traders", slug="northwind")
    manager = customer.implementation_manager
    file = ROOT / "portal" / "demo" / "data" / "job-changes.csv"
    imports_read(customer=customer, file_name=file.name, content=file.read_bytes(), by=manager)
    orgs = folder / "orgs"
    orgs.mkdir()
    with rehearsal_running(orgs) as rehearsal:
        rehearsal.package_install("northwind-full")
        connection = rehearsal.connect(customer)
        org_facts_refresh(connection=connection)
        owner = next(
            user for user in rehearsal.records("northwind-full", "User") if user["IsActive"]
        )
        OutputSettingsFactory(customer=customer)
        EnvironmentSettingsFactory(
            customer=customer,
            default_owner_id=owner["Id"],
            validated_org_id=connection.epoch.org_id,
            validated_at=timezone.now(),
        )
        ten = JobChange.objects.filter(customer=customer).order_by("detected_at")[:10]
        before = rehearsal.calls_total("northwind-full")
        run = test_run_create(
            customer=customer, environment="sandbox", job_changes=list(ten), by=manager
        )
        planned = rehearsal.calls_total("northwind-full")
        run.refresh_from_db()
        org_checked(connection.epoch)
        test_run_send(test_run=run, by=manager)
        sent = rehearsal.calls_total("northwind-full")
    run.refresh_from_db()
    states = sorted(run.deliveries.values_list("state", flat=True))
    if run.state != TestRun.State.REVIEW:
        raise SystemExit(f"The test run of the bench did not reach review: {run.state}, {states}")
    return {
        "calls each": (sent - before) / 10,
        "planning": planned - before,
        "sending and reading back": sent - planned,
        "states": {state: states.count(state) for state in set(states)},
    }


def home_person_sign_in() -> str:
    """A session of Northwind's administrator; returns the cookie."""
    from django.test import Client

    from accounts.models import Customer, Role
    from tests.factories import MembershipFactory

    member = MembershipFactory(customer=Customer.objects.get(slug="northwind"), role=Role.ADMIN)
    client = Client()
    client.force_login(member.user)
    return client.cookies["sessionid"].value


def home_queries(cookie: str) -> Figure:
    """Queries of the customer's home, with ever more other customers beside it."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Customer
    from tests.factories import ConnectionFactory, CustomerFactory

    client = Client()
    client.cookies["sessionid"] = cookie
    counts: dict[str, int] = {}
    for wanted in (1, 25, 100):
        while Customer.objects.count() < wanted:
            ConnectionFactory(customer=CustomerFactory())
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get("/")
        if answer.status_code != 200:
            raise SystemExit(f"The home answered {answer.status_code} in the bench.")
        counts[str(wanted)] = len(queries)
    return Figure(
        "home_queries",
        counts["100"],
        "queries",
        baseline=counts["1"],
        ratio=counts["100"] / counts["1"],
        detail={"at customers": counts},
    )


def home_speed(cookie: str) -> Figure:
    """Requests a second of the customer's home against an empty view, same server, same run."""
    with site_running() as port:
        empty = requests_per_second(port, "/bench/empty/", cookie)
        home = requests_per_second(port, "/", cookie)
    return Figure(
        "home_requests_per_second",
        home,
        "requests/s",
        baseline=empty,
        ratio=home / empty,
        detail={"clients": CLIENTS, "workers": 2, "seconds": SECONDS},
    )


@contextmanager
def site_running() -> Iterator[int]:
    """gunicorn with two workers on the bench's database; yields its port."""
    from tests.servers import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.bench_site:application"]
    command += ["--workers", "2", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "ROOT_URLCONF": "tests.bench_site"},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                http_get(port, "/bench/empty/", "")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def http_get(port: int, path: str, cookie: str) -> int:
    """One request on a connection of its own; returns the status."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
        answer = link.getresponse()
        answer.read()
        return answer.status
    finally:
        link.close()


def requests_per_second(port: int, path: str, cookie: str) -> float:
    """How many requests a few clients get answered, over a few seconds, after a warm-up."""
    for _ in range(5):
        if http_get(port, path, cookie) != 200:
            raise SystemExit(f"{path} did not answer 200 in the bench.")
    counts = [0] * CLIENTS
    end = time.monotonic() + SECONDS

    def work(number: int) -> None:
        while time.monotonic() < end:
            http_get(port, path, cookie)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started)


def main() -> int:
    """Measure, print, write."""
    results: list[Figure] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for figure in figures(Path(folder)):
            results.append(figure)
            ratio = "" if figure.ratio is None else f"  ratio {figure.ratio:.3f}"
            base = "" if figure.baseline is None else f"  baseline {figure.baseline:g}"
            took = f"  ({time.monotonic() - started:.0f} s)"
            print(
                f"{figure.name:28} {figure.value:10.3f} {figure.unit:12}{base}{ratio}{took}"
                f"  {json.dumps(figure.detail, ensure_ascii=False)}",
                flush=True,
            )
            started = time.monotonic()
    (ROOT / "bench-results.json").write_text(
        json.dumps([asdict(figure) for figure in results], indent=2) + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
