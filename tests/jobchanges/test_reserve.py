"""Bulk work leaves a part of an org's day to others: it stands still, says so, and goes on."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection
from integrations.services.pace import OrgPace
from jobchanges.delivery import sweep
from jobchanges.forecast import ForecastError, forecast_make
from jobchanges.models import Batch
from jobchanges.selectors import batch_progress
from jobchanges.selectors.trouble import org_trouble

COUNT = 27
SAID = "We leave the rest to your other tools"


def in_time(**delta):
    return time_machine.travel(timezone.now() + datetime.timedelta(**delta), tick=True)


def used(share):
    """The orgs said a moment ago that this share of their day is used."""
    Connection.objects.update(
        api_calls_used=round(1_000 * share),
        api_calls_limit=1_000,
        api_calls_at=timezone.now(),
        answered_at=timezone.now(),
    )


@pytest.fixture
def batch(production):
    for number in range(COUNT):
        production.job_change(new_company_name=f"Difference Works {'x' * number} {number}")
    return production.release()


def test_a_batch_stands_still_at_the_reserve_says_so_and_goes_on_by_itself(production, batch):
    used(0.8)
    calls = len(production.rehearsal.calls(production.org))
    production.deliver()
    batch.refresh_from_db()
    assert len(production.rehearsal.calls(production.org)) == calls
    assert production.batch_states(batch) == {"waiting": COUNT}
    assert batch.state == Batch.State.SENDING
    shown = batch_progress(batch).trouble
    assert SAID in shown
    assert "The next try is at" in shown
    assert sweep.epochs_to_deliver() == []
    with in_time(minutes=16):
        assert sweep.epochs_to_deliver() == [batch.epoch_id]
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})


def test_a_batch_that_comes_to_the_reserve_on_its_way_loses_nothing(production, batch, settings):
    allowed = Connection.objects.get().api_calls_limit or 5_000_000
    now_used = len(production.rehearsal.calls(production.org))
    settings.API_RESERVE_SHARE = (now_used + 12) / allowed
    production.deliver()
    batch.refresh_from_db()
    states = production.batch_states(batch)
    assert states["waiting"] > 0
    assert sum(states.values()) == COUNT
    assert SAID in batch_progress(batch).trouble
    # Still no calls to spare: one call asks, and it stands still again.
    with in_time(minutes=31):
        before = len(production.rehearsal.calls(production.org))
        production.deliver()
        assert len(production.rehearsal.calls(production.org)) - before <= 1
    settings.API_RESERVE_SHARE = 0.8
    with in_time(minutes=62):
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})
    assert len(production.delivery_keys()) == COUNT


def test_an_org_whose_day_other_programs_use_up_is_heard_and_left_alone(production, batch):
    Connection.objects.update(api_calls_at=None)
    production.rehearsal.configure(production.org, "api-limit-nearly-used")
    before = production.graph_calls()
    production.deliver()
    batch.refresh_from_db()
    assert production.graph_calls() == before, "nothing is written once the org has said it"
    assert SAID in batch_progress(batch).trouble
    said = Connection.objects.get()
    assert (said.api_calls_used, said.api_calls_limit) >= (12_600, 15_000)

    production.rehearsal.control(production.org, "configuration", "DELETE")
    with in_time(minutes=31):
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})


def test_a_test_run_is_small_and_goes_on(sandbox):
    run = sandbox.send(sandbox.run())
    used(0.95)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5


def test_a_forecast_waits_too_and_says_so(production):
    production.job_change()
    used(0.8)
    with pytest.raises(ForecastError, match=SAID):
        forecast_make(production.connection.epoch_id, timezone.now())


def test_what_the_org_said_last_is_kept_with_the_connection(production, batch):
    Connection.objects.update(api_calls_at=None, answered_at=None)
    production.deliver()
    connection = Connection.objects.get()
    assert connection.api_calls_used > 0
    assert connection.answered_at is not None


def test_an_org_that_gets_enough_of_our_calls_is_come_back_to(sandbox, settings):
    settings.ORG_CALLS_AT_ONCE = 1
    settings.ORG_CALL_WAIT_SECONDS = 0
    run = sandbox.send(sandbox.run())
    other = OrgPace(org_id=sandbox.connection.epoch.org_id)
    other.call_begins(seconds=20)
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5
    shown = org_trouble(sandbox.connection, run.epoch)
    assert "as many of our calls as we send at one time" in shown
    other.close()
    with in_time(minutes=2):
        sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
