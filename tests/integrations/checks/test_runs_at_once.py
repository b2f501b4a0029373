"""Several people and workers at the same moment: one round per org, asked by one worker."""

import threading

import pytest
from django.db import connection as database

from accounts.models import Event
from integrations.checks import running
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_start, check_runs_sweep
from integrations.models import CheckRun
from integrations.salesforce.errors import SalesforceError
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    monkeypatch.setattr("integrations.tasks.check_run.delay", lambda *_: None)


@pytest.fixture
def connection(customer):
    return ConnectionFactory(customer=customer)


def at_once(do):
    """What each of several threads got from doing the same."""
    barrier = threading.Barrier(AT_ONCE)
    found = []

    def one():
        barrier.wait(timeout=30)
        try:
            found.append(do())
        finally:
            database.close()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == AT_ONCE
    return found


def test_whoever_asks_at_the_same_moment_gets_the_same_round(connection):
    found = at_once(
        lambda: check_run_start(connection=connection, reason="asked", names=["package"])
    )
    assert len({run.pk for run in found}) == 1
    assert CheckRun.objects.count() == 1


def test_a_round_is_taken_up_by_one_worker(connection, monkeypatch):
    opened = []

    def nobody_there(_connection):
        opened.append(1)
        raise SalesforceError("NO_ANSWER")

    monkeypatch.setattr(running, "org_open", nobody_there)
    run = check_run_start(connection=connection, reason="asked")
    at_once(lambda: check_run_work(run_pk=run.pk))
    assert opened == [1]
    run.refresh_from_db()
    assert run.state == CheckRun.State.FAILED


def test_a_dead_round_is_ended_by_one_sweep(connection):
    run = check_run_start(connection=connection, reason="asked")
    CheckRun.objects.filter(pk=run.pk).update(
        state=CheckRun.State.RUNNING, lease_until=run.asked_at
    )
    at_once(check_runs_sweep)
    assert Event.objects.filter(action="checks.broke_off").count() == 1
