"""Rounds that die are noticed within minutes, and those that wait are offered again."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.checks import running, services
from integrations.checks.results import RunLost, lease_renew
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_start, check_runs_sweep
from integrations.models import CheckRun, OrgEpoch
from integrations.signals import check_run_ended
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db

State = CheckRun.State


@pytest.fixture
def connection(customer):
    return ConnectionFactory(customer=customer)


@pytest.fixture
def run(connection, admin_person):
    return check_run_start(connection=connection, reason="asked", by=admin_person)


@pytest.fixture
def woken(monkeypatch):
    """Rounds for which a worker was woken."""
    found = []
    monkeypatch.setattr(tasks.check_run, "delay", found.append)
    return found


def taken_up(run, *, lease_seconds):
    """As a worker leaves a round that it works on, or died on."""
    until = timezone.now() + datetime.timedelta(seconds=lease_seconds)
    CheckRun.objects.filter(pk=run.pk).update(state=State.RUNNING, lease_until=until)


def test_a_round_whose_worker_was_killed_says_so_within_minutes(run, woken):
    taken_up(run, lease_seconds=-1)
    check_runs_sweep()
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert run.error == "Asking the org stopped half way. Press Check again."
    assert run.ended_at is not None
    assert Event.objects.get(action="checks.broke_off").data["run"] == run.pk


def test_the_lease_of_a_dead_worker_runs_out_within_minutes(settings):
    assert settings.CHECK_LEASE_SECONDS <= 300
    schedule = settings.CELERY_BEAT_SCHEDULE["sweep-checks"]
    assert schedule["task"] == "integrations.tasks.check_runs_sweep"
    assert schedule["schedule"] <= 60


def test_the_lease_outlasts_a_call_with_its_repeats(settings):
    once = settings.SALESFORCE_CONNECT_TIMEOUT + settings.SALESFORCE_READ_TIMEOUT
    assert 3 * once + settings.ORG_CALL_WAIT_SECONDS < settings.CHECK_LEASE_SECONDS


def test_a_round_that_is_worked_on_is_left_alone(run, woken):
    taken_up(run, lease_seconds=30)
    check_runs_sweep()
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_a_worker_that_was_only_slow_renewed_its_lease_in_time(run, woken, monkeypatch):
    """The sweep looks again before it ends what it has read."""
    taken_up(run, lease_seconds=-1)
    end = services.check_run_end

    def late(**given):
        lease_renew(run)
        return end(**given)

    monkeypatch.setattr(services, "check_run_end", late)
    check_runs_sweep()
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_a_dead_worker_that_comes_back_stores_nothing(run, woken):
    taken_up(run, lease_seconds=-1)
    check_runs_sweep()
    with pytest.raises(RunLost):
        lease_renew(run)


def test_a_round_that_was_ended_is_not_ended_again(run, woken):
    taken_up(run, lease_seconds=-1)
    heard = []

    def listen(run, **_kwargs):
        heard.append(run.state)

    check_run_ended.connect(listen)
    try:
        check_runs_sweep()
        check_runs_sweep()
    finally:
        check_run_ended.disconnect(listen)
    assert heard == [State.FAILED]
    assert Event.objects.filter(action="checks.broke_off").count() == 1


def test_after_a_dead_round_another_one_begins(run, connection, woken):
    taken_up(run, lease_seconds=-1)
    check_runs_sweep()
    again = check_run_start(connection=connection, reason="before")
    assert again != run
    assert again.state == State.WAITING


def test_a_round_that_nobody_took_up_is_offered_again(run, woken):
    check_runs_sweep()
    assert woken == []
    late = timezone.now() - datetime.timedelta(minutes=2)
    CheckRun.objects.filter(pk=run.pk).update(asked_at=late)
    check_runs_sweep()
    assert woken == [run.pk]


def test_a_round_of_an_org_that_was_replaced_is_ended(run, woken):
    OrgEpoch.objects.filter(pk=run.epoch_id).update(ended_at=timezone.now())
    check_run_work(run_pk=run.pk)
    run.refresh_from_db()
    assert run.state == State.WAITING
    check_runs_sweep()
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "Another org" in run.error


def test_a_round_that_is_over_is_not_taken_up(run, woken, monkeypatch):
    CheckRun.objects.filter(pk=run.pk).update(state=State.ENDED, ended_at=timezone.now())
    monkeypatch.setattr(running, "org_open", lambda _connection: pytest.fail("asked"))
    check_run_work(run_pk=run.pk)


def test_the_sweep_is_a_task(run, woken):
    taken_up(run, lease_seconds=-1)
    tasks.check_runs_sweep()
    run.refresh_from_db()
    assert run.state == State.FAILED
