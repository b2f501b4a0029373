"""Several configurations on one org, over a refresh and a restart, and while calls come in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import INTEGRATION, Server, free_port
from tests.rehearsal.laying import FULL, PRODUCTION, configure, take_away
from tests.rehearsal.local import LEAD, Make

PEOPLE, SAMPLE = 4245, 1408
NEW_LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France"}


def count(org: OrgClient, name: str = "Contact") -> int:
    """How many records the org says it has."""
    total: int = org.get("/query", q=f"SELECT count() FROM {name}").json()["totalSize"]
    return total


@pytest.mark.parametrize(
    "names", [("partial-copy", "package-old"), ("package-old", "partial-copy")]
)
def test_records_and_package_change_side_by_side_in_any_order(
    server: Server, names: tuple[str, str]
) -> None:
    configure(server, FULL, *names)
    org = server.full_copy()
    assert count(org) == SAMPLE
    assert org.get("/sobjects/UserGem__UserGem__c").status_code == 200
    take_away(server, FULL, "partial-copy")
    assert count(org) == PEOPLE
    assert org.get("/sobjects/UserGem__UserGem__c").status_code == 200
    take_away(server, FULL, "package-old")
    assert org.get("/sobjects/UserGem__UserGem__c").status_code == 404


def test_the_kind_of_copy_laid_last_holds_and_the_one_before_comes_back(server: Server) -> None:
    configure(server, FULL, "partial-copy", "developer-sandbox")
    org = server.full_copy()
    assert count(org) < 10
    take_away(server, FULL, "developer-sandbox")
    assert count(org) == SAMPLE
    take_away(server, FULL)
    assert count(org) == PEOPLE


def test_two_refreshes_copy_productions_old_package_twice(server: Server) -> None:
    configure(server, PRODUCTION, "package-old")
    made = server.production().create("Lead", **NEW_LEAD)
    org_ids = set()
    for _ in range(2):
        configure(server, FULL, "refreshed-sandbox")
        org = server.full_copy()
        org_ids.add(org.tokens["id"].split("/")[-2])
        assert org.get(f"/sobjects/Lead/{made}").status_code == 200
        assert count(org, "Lead WHERE LastName = 'Made here'") == 0
        soql = "SELECT MajorVersion, MinorVersion FROM SubscriberPackageVersion"
        version = org.get("/tooling/query", q=soql).json()["records"][0]
        assert (version["MajorVersion"], version["MinorVersion"]) == (1, 38)
        org.create("Lead", **{**NEW_LEAD, "LastName": "Made here"})
    assert len(org_ids) == 2


@pytest.mark.servers
def test_a_restart_keeps_all_of_them_and_a_reset_takes_all_away(tmp_path: Path) -> None:
    names = ("partial-copy", "package-old", "duplicate-block", "api-limit-nearly-used")
    first = Server(free_port(), tmp_path, "--reset")
    configure(first, FULL, "refreshed-sandbox", *names)
    tokens = first.full_copy().tokens
    url = f"{first.url(FULL)}/rehearsal/"
    before = requests.get(url + "configuration", timeout=TIMEOUT).json()
    rows = requests.get(url + "records/Contact", timeout=TIMEOUT).json()
    assert first.stop() == 0
    second = Server(first.port, tmp_path)
    try:
        assert requests.get(url + "configuration", timeout=TIMEOUT).json() == before
        assert requests.get(url + "records/Contact", timeout=TIMEOUT).json() == rows
        org = OrgClient(tokens)
        assert count(org) == SAMPLE
        used = org.get("/limits").headers["Sforce-Limit-Info"]
        assert used.startswith("api-usage=126")
        requests.post(url + "reset", timeout=TIMEOUT).raise_for_status()
        assert requests.get(url + "configuration", timeout=TIMEOUT).json()["names"] == []
        fresh = second.full_copy(f"{INTEGRATION}.full")
        assert count(fresh) == PEOPLE
    finally:
        second.stop()


def test_calls_go_on_while_configurations_come_and_go(full: OrgClient, server: Server) -> None:
    done = threading.Event()

    def ask(number: int) -> list[int]:
        org, statuses = OrgClient(full.tokens), []
        while not done.is_set():
            values: dict[str, Any] = {**NEW_LEAD, "LastName": f"Doe {number} {len(statuses)}"}
            answers = (
                org.get("/query", q="SELECT Id, Account.Name FROM Contact LIMIT 50"),
                org.get("/sobjects/Lead/describe"),
                org.post("/sobjects/Lead", values),
                org.get("/query", q="SELECT Status, COUNT(Id) FROM Lead GROUP BY Status"),
            )
            statuses += [answer.status_code for answer in answers]
        return statuses

    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(ask, number) for number in range(8)]
        try:
            for name in ("partial-copy", "two-record-types", "package-old", "storage-full"):
                configure(server, FULL, name)
            for name in ("package-old", "partial-copy"):
                take_away(server, FULL, name)
            take_away(server, FULL)
        finally:
            done.set()
        seen = {status for one in asking for status in one.result(timeout=60)}
    assert seen <= {200, 201, 400}


def test_only_a_slow_org_waits(local: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    org = local()
    monkeypatch.setattr("integrations.rehearsal.world.time.sleep", waits.append)
    assert org.api("GET", "/limits").status_code == 200
    assert waits == []
    slow = {"org": {"slow_seconds": 3}}
    assert org.send("POST", "/rehearsal/configuration", json=slow).status_code == 200
    org.create("Lead", **LEAD)
    assert waits == [3]
