"""Two real workers refresh one rotating connection 200 times and never lose it (issue 4)."""

import json
import re
from collections import Counter

import pytest
from celery import Celery

from accounts.models import Event
from integrations.models import Connection, Health
from integrations.services import connection_token_renew
from tests.integrations.conftest import is_alive
from tests.jobchanges.processes import portal_running

pytestmark = [
    pytest.mark.servers,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]
REFRESHES = 200
WORKERS = 2
# Of each handful of wake-up calls: the product's own task, and the one that uses what it got.
HANDFUL = 12
KEEP_ALIVE = "integrations.tasks.connection_keep_alive"
RENEW_AND_USE = "tests.integrations.refresh_tasks.token_renew_and_use"
DONE = re.compile(rf"Task (?:{KEEP_ALIVE}|{RENEW_AND_USE})\[[\w-]+\] succeeded")
# How often a worker's lease is taken away in the middle of a refresh.
LEASES_LOST = (40, 120)
# Every third refresh takes a while at Salesforce.
SLOW = {"kind": "delay", "match": {"path": "refresh:"}, "seconds": 0.1, "times": 10_000}
SLOW |= {"chance": 0.3, "seed": 4}
HELD = {"kind": "hang", "match": {"path": "refresh:"}}
# Nobody stops waiting for a refresh that is held up, however slow the machine is.
PATIENT = {"SALESFORCE_READ_TIMEOUT": 300, "REFRESH_LEASE_SECONDS": 400}
# No setting may be shorter than what it waits for (portal.checks).
PATIENT |= {"CHECK_LEASE_SECONDS": 1_000}


class Load:
    """One connection and the workers who refresh it."""

    def __init__(self, portal, rehearsal, connection, report):
        self.portal = portal
        self.rehearsal = rehearsal
        self.connection = connection
        self.report = report
        self.report.touch()
        self.woken = 0
        self.started = self.generation()

    def now(self):
        return Connection.objects.get(pk=self.connection.pk)

    def generation(self):
        return Connection.objects.values_list("token_generation", flat=True).get(
            pk=self.connection.pk
        )

    def refreshes(self):
        """How many were stored."""
        return self.generation() - self.started

    def used(self):
        """What was handed out and used, with the answer to it."""
        return [json.loads(line) for line in self.report.read_text().splitlines()]

    def took_part(self):
        """The processes that used what they got."""
        return {line["process"] for line in self.used()}

    def wake(self):
        """A handful of wake-up calls through the broker."""
        with Celery(broker=self.portal.broker, set_as_current=False) as app:
            for number in range(HANDFUL):
                # Not by turns: two workers that take turns would each have one kind only.
                keeps = number % 4 in {1, 2}
                name, more = (KEEP_ALIVE, []) if keeps else (RENEW_AND_USE, [str(self.report)])
                app.send_task(name, args=[self.connection.pk, *more])
                self.woken += 1

    def until(self, count):
        """Keep the workers busy until so many refreshes were stored, and both took part."""

        def reached():
            # Half of the calls report; the rest is about as far as they are.
            if self.woken - 2 * len(self.used()) < HANDFUL:
                self.wake()
            assert self.now().health == Health.CONNECTED
            return self.refreshes() >= count and len(self.took_part()) == WORKERS

        self.portal.until(reached)

    def lose_the_lease(self):
        """The lease of a refresh that is under way is gone, as when its time ran out.

        Another worker asks Salesforce beside it and hears that the request is already being
        processed.
        """
        busy = self.said("token_refresh_failed")
        self.faults(HELD, SLOW)
        self.wake()
        self.portal.until(lambda: any(fault["held"] for fault in self.faults()))
        Connection.objects.filter(pk=self.connection.pk).update(refresh_lease_until=None)
        before = self.generation()
        self.portal.until(lambda: self.said("token_refresh_failed") > busy)
        # The first one is still at it, and comes to its end now.
        assert self.generation() == before
        heard = self.said("token_refresh_failed") - busy
        self.faults(SLOW)
        return heard

    def faults(self, *wanted):
        if wanted:
            self.rehearsal.control("production", "faults", "DELETE")
            self.rehearsal.control("production", "faults", body=list(wanted))
        return self.rehearsal.control("production", "faults", "GET")

    def said(self, words):
        return sum(part.said().count(words) for part in self.portal.parts)

    def rest(self):
        """Let the workers come to the end of what they were woken for."""
        self.faults(SLOW)
        self.portal.until(lambda: self.ended() == self.woken)

    def ended(self):
        """How many of these calls were carried out; workers have tasks of their own beside."""
        return sum(len(DONE.findall(part.said())) for part in self.portal.parts)


@pytest.fixture
def load(rehearsal, customer, tmp_path):
    settings = {"DJANGO_SETTINGS_MODULE": "tests.integrations.refresh_settings"}
    with portal_running(rehearsal, tmp_path, **settings, **PATIENT) as portal:
        connection = rehearsal.connect(customer, "northwind-full")
        yield Load(portal, rehearsal, connection, tmp_path / "used.jsonl")


def test_two_workers_refresh_one_connection_200_times_and_never_lose_it(load, rehearsal):
    for _ in range(WORKERS):
        load.portal.worker()
    load.faults(SLOW)
    heard_busy = 0
    for count in LEASES_LOST:
        load.until(count)
        heard_busy += load.lose_the_lease()
    load.until(REFRESHES)
    load.rest()

    current = load.now()
    assert current.health == Health.CONNECTED
    assert not Event.objects.filter(action="connection.lost").exists()
    # Salesforce's own books: one refresh token for each, all of one approval, one not spent.
    tokens = rehearsal.issued("refresh")
    approvals = Counter(row["approval"] for row in tokens.values())
    assert list(approvals.values()) == [load.refreshes() + 1]
    assert load.refreshes() >= REFRESHES
    assert [token for token, row in tokens.items() if not row["spent"]] == [current.refresh_token]
    assert is_alive(rehearsal, "sandbox", current.refresh_token)
    # Nobody refreshed beside anybody but where the lease was taken away, and nobody failed.
    assert heard_busy >= len(LEASES_LOST)
    assert load.said("token_refresh_failed") == heard_busy
    assert load.said("keep_alive_failed") == load.said("task_failed") == 0
    assert len(load.used()) == load.woken / 2

    used = load.used()
    assert {line["status"] for line in used} == {200}
    access = set(rehearsal.issued("access"))
    assert len(access) == load.refreshes() + 1
    assert {line["token"] for line in used} < access
    assert len(load.took_part()) == WORKERS, "both workers took part"
    # Up to four wait for one refresh, and half of the calls say what they got.
    assert len({line["token"] for line in used}) > REFRESHES / 10

    # And it goes on.
    newest = connection_token_renew(connection=current, rejected=current.access_token)
    assert newest == load.now().access_token != current.access_token
    assert load.now().health == Health.CONNECTED
