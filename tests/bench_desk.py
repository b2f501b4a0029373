"""What the managers' desk costs a lead with a hundred and with ten thousand customers.

`python -m tests.bench_desk` makes the customers in an empty database and prints one line of JSON:
a process of its own, so that nothing that ran before weighs on it. The page shows the same fifty
customers at both sizes, so that what differs is what the others cost.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench_figures import Figure

ROOT = Path(__file__).resolve().parents[1]
SIZES = tuple(map(int, os.environ.get("BENCH_DESK", "100,10000").split(",")))
# So many have a connected org with all its answers, one of them wrong: they stand first.
BUSY = 70
TIMES = 9
PAGES = {
    "home": "/admin/",
    "search": "/admin/?q=company+77",
    "filtered": "/admin/?show=stuck&stage=sandbox&sort=since",
    "a later page": "/admin/?sort=name&page=2",
    "list": "/admin/accounts/customer/",
}


def desk_figures(folder: Path) -> Iterator[Figure]:
    """Queries and milliseconds of the home; the other pages, memory and the sweep as details."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench_desk"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.bench_settings",
            "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise SystemExit(f"The desk of the bench failed:\n{said.stderr[-3000:]}")
    found: dict[str, dict[str, Any]] = json.loads(said.stdout.splitlines()[-1])
    least, most = (found[str(size)] for size in (min(SIZES), max(SIZES)))
    yield Figure(
        "desk_queries",
        most["home"]["queries"],
        "queries",
        baseline=least["home"]["queries"],
        ratio=most["home"]["queries"] / least["home"]["queries"],
        detail={"at customers": {size: _each(each, "queries") for size, each in found.items()}},
    )
    yield Figure(
        "desk_milliseconds",
        most["home"]["ms"],
        "ms",
        baseline=least["home"]["ms"],
        ratio=most["home"]["ms"] / least["home"]["ms"],
        detail={
            "what": "processor time, SQLite included; the ratio is to the smallest number of "
            "customers in the same run",
            "at customers": {size: _each(each, "ms") for size, each in found.items()},
            "home to a page with nothing on it": {
                size: round(each["home"]["ms"] / each["nothing"]["ms"], 1)
                for size, each in found.items()
            },
            "MB at most": {size: each["home"]["MB"] for size, each in found.items()},
            "a look at 200": {size: each["look"] for size, each in found.items()},
        },
    )


def _each(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {page: found[page][name] for page in PAGES}


def measure() -> dict[int, dict[str, Any]]:
    """Everything, at each number of customers."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests.factories import LeadFactory
    from tests.signing_in import Browser

    call_command("migrate", run_syncdb=True, verbosity=0)
    lead = LeadFactory()
    client = Browser()
    client.force_login(lead)
    found: dict[int, dict[str, Any]] = {}
    for size in SIZES:
        customers_make(size, lead)
        look = _look()
        pages = {name: _page(client, where) for name, where in PAGES.items()}
        pages["nothing"] = _page(client, "/health/live")
        found[size] = {**pages, "look": look}
    return found


def customers_make(size: int, lead: Any) -> None:
    """So many customers, each with a person and a link; the first of them with an org."""
    from accounts.models import Customer, Membership, Role, SignupLink, User
    from accounts.services.links import token_hash
    from tests.factories import ConnectionFactory, org_checked

    there = Customer.objects.count()
    numbers = range(there, size)
    customers = Customer.objects.bulk_create(
        [
            Customer(
                name=f"Company {number}",
                slug=f"company-{number}",
                plan="enterprise",
                path="sandbox_first",
                implementation_manager=lead if number % 3 else None,
                created_at=_ago(hours=number % 100),
            )
            for number in numbers
        ]
    )
    people = User.objects.bulk_create(
        [User(email=f"person@company{number}.example") for number in numbers]
    )
    Membership.objects.bulk_create(
        [
            Membership(customer=customer, user=person, role=Role.ADMIN)
            for customer, person in zip(customers, people, strict=True)
        ]
    )
    SignupLink.objects.bulk_create(
        [
            SignupLink(
                customer=customer,
                environment="sandbox",
                person_name="Priya Shah",
                email=person.email,
                token_hash=token_hash(person.email),
                created_by=lead,
                created_at=_ago(hours=customer.pk % 100),
                expires_at=_ago(days=-14),
            )
            for customer, person in zip(customers, people, strict=True)
        ]
    )
    for customer in customers[: max(0, BUSY - there)]:
        org_checked(ConnectionFactory(customer=customer).epoch, field_access="fail")


def _ago(**time_ago: float) -> Any:
    from django.utils import timezone

    return timezone.now() - timedelta(**time_ago)


def _look() -> dict[str, float]:
    """The sweep's rounds until nobody is left to look at; the last whole one in milliseconds."""
    from portal.standing import ROUND, standings_look

    took = []
    while True:
        started = time.process_time()
        looked = standings_look()
        if looked < ROUND:
            break
        took.append(1000 * (time.process_time() - started))
    rounds = took or [1000 * (time.process_time() - started)]
    return {"ms": round(statistics.median(rounds), 1), "rounds": len(rounds)}


def _page(client: Any, where: str) -> dict[str, Any]:
    """A page: queries, milliseconds (the median of some), and memory at its peak."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def get() -> None:
        answer = client.get(where)
        if answer.status_code != 200:
            raise SystemExit(f"{where} answered {answer.status_code} in the bench.")

    get()
    with CaptureQueriesContext(connection) as queries:
        get()
    # The next request begins to count anew.
    counted = len(queries)
    tracemalloc.start()
    get()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"queries": counted, "ms": _median(get), "MB": round(peak / 1e6, 1)}


def _median(work: Callable[[], None]) -> float:
    """Of the processor's time, the database's included: what else the machine does is left out."""
    took = []
    for _time in range(TIMES):
        started = time.process_time()
        work()
        took.append(1000 * (time.process_time() - started))
    return round(statistics.median(took), 1)


if __name__ == "__main__":
    print(json.dumps(measure()))
