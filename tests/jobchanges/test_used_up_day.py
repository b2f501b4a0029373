"""The calls of an org's day are used up: a batch stands still, says so, and goes on by itself."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection
from jobchanges.delivery import sweep
from jobchanges.delivery.resting import calls_free_at
from jobchanges.models import Batch, OrgLease
from jobchanges.selectors import batch_progress

COUNT = 27
HOUR = datetime.timedelta(hours=1)
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
LIMIT = 1_000


@pytest.fixture
def batch(production):
    for number in range(COUNT):
        production.job_change(new_company_name=f"Difference Works {'x' * number} {number}")
    return production.release()


def later(time, delta):
    """Time passes, for us and for the org's window of calls."""
    time["now"] += delta
    time["rehearsal"].calls_age(time["org"], delta.total_seconds())
    return time_machine.travel(time["now"], tick=True)


@pytest.fixture
def time(production):
    return {
        "now": timezone.now(),
        "rehearsal": production.rehearsal,
        "org": production.org,
    }


def used_by_others(production, count, hours_ago):
    """Other programs called the org so long ago; it allows `LIMIT` calls in 24 hours."""
    production.rehearsal.configure(production.org, daily_requests=LIMIT)
    production.rehearsal.calls_age(production.org, hours_ago * 3600.0, others=count)


def test_a_day_used_up_by_others_is_waited_for_and_gone_on_with_when_it_is_free(
    production, batch, time
):
    used_by_others(production, LIMIT, hours_ago=22)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("sending", {"waiting": COUNT})
    assert "The org has used its API calls for the last 24 hours" in batch_progress(batch).trouble
    assert "Sending goes on by itself when calls are free again" in batch_progress(batch).trouble
    looks = 0
    while looks < 10 and not Batch.objects.filter(pk=batch.pk, state="ended").exists():
        with later(time, datetime.timedelta(minutes=31)):
            # The sweep wakes it: nobody has to do anything.
            assert sweep.epochs_to_deliver() == [batch.epoch_id]
            before = len(production.rehearsal.calls(production.org))
            production.deliver()
            looks += 1
            if batch.__class__.objects.filter(pk=batch.pk, state="sending").exists():
                assert len(production.rehearsal.calls(production.org)) - before <= 1
                assert sweep.epochs_to_deliver() == []
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})
    # 22 hours ago: free after two hours, which are four looks.
    assert looks == 4
    assert len(production.delivery_keys()) == COUNT


def test_the_reserve_says_how_many_calls_were_used_and_when_it_probably_goes_on(production, batch):
    used_by_others(production, 850, hours_ago=20)
    Connection.objects.update(api_calls_at=None)
    production.deliver()
    shown = batch_progress(batch).trouble
    used, limit = production.rehearsal.calls_used(production.org)
    assert f"The org has used {used} of its {limit:,} API calls for the last 24 hours." in shown
    assert "We leave the rest to your other tools." in shown
    lease = OrgLease.objects.get()
    free_at = timezone.localtime(lease.calls_free_at)
    assert f"probably from {free_at:%H:%M} on" in shown or f"{free_at:%H:%M} on" in shown
    assert "The next try is at" in shown


def test_the_estimate_spreads_what_was_called_over_the_day():
    # 200 too many of 1,000 in 24 hours: free after a fifth of the day.
    assert calls_free_at([(NOW, 1_000)], LIMIT, NOW) == NOW + 4.8 * HOUR


def test_the_estimate_goes_by_how_the_usage_fell_where_it_did():
    looks = [(NOW - 2 * HOUR, 1_000), (NOW - HOUR, 950), (NOW, 900)]
    assert calls_free_at(looks, LIMIT, NOW) == NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("looks", "after"),
    [
        pytest.param([(NOW, 700)], 0 * HOUR, id="free already"),
        pytest.param([(NOW - HOUR, 900), (NOW, 1_000)], 4.8 * HOUR, id="still rising"),
        pytest.param([(NOW - HOUR, 1_000), (NOW, 999)], 24 * HOUR, id="a day at the most"),
        pytest.param([], 4.8 * HOUR, id="nothing seen: as if just used up"),
    ],
)
def test_the_estimate_stays_within_the_window(looks, after):
    assert calls_free_at(looks, LIMIT, NOW) == NOW + after


def test_an_org_that_answers_again_forgets_the_used_up_day(production, batch):
    used_by_others(production, LIMIT, hours_ago=1)
    production.deliver()
    assert OrgLease.objects.get().pause_kind == "day"
    production.rehearsal.configure(production.org, daily_requests=1_000_000)
    with time_machine.travel(timezone.now() + HOUR, tick=True):
        production.deliver()
    lease = OrgLease.objects.get()
    assert (lease.pause_kind, lease.calls_free_at, lease.usage_seen) == ("", None, [])
    assert production.batch_states(batch) == {"delivered": COUNT}
