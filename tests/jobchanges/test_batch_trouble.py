"""Trouble in the middle of a batch: it stands still and says why, or says what of whom; nothing is
written twice, and it goes on by itself where nobody has to do anything.
"""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost, LimitReached
from jobchanges.delivery import sweep, worker
from jobchanges.delivery.batches import Tally, batches_move_on
from jobchanges.models import Batch, Delivery
from jobchanges.selectors import batch_progress
from tests.jobchanges.batch_world import keys_in

COUNT = 27


def in_time(**delta):
    return time_machine.travel(timezone.now() + datetime.timedelta(**delta), tick=True)


@pytest.fixture
def batch(production):
    """Released; the first part is in the org, the rest is about to go."""
    for number in range(COUNT):
        production.job_change(new_company_name=f"Difference Works {'x' * number} {number}")
    return production.release()


@pytest.fixture
def second_group(monkeypatch):
    """The call after the first part raises this, for as long as it stands."""
    trouble = {}
    graphs = Org.graphs

    def call(self, asked):
        done = Delivery.objects.filter(state="delivered").count()
        if done >= 20 and "error" in trouble:
            raise trouble["error"]
        return graphs(self, asked)

    monkeypatch.setattr(Org, "graphs", call)
    return trouble


def test_a_used_up_daily_limit_is_said_and_waited_for(production, batch, second_group):
    second_group["error"] = LimitReached(
        "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403
    )
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 20, "waiting": COUNT - 20}
    assert batch.state == Batch.State.SENDING
    shown = batch_progress(batch)
    assert "The next try is at" in shown.trouble
    assert shown.remaining is None
    assert sweep.epochs_to_deliver() == []
    calls = production.graph_calls()
    production.deliver()
    assert production.graph_calls() == calls
    del second_group["error"]
    with in_time(minutes=16):
        assert sweep.epochs_to_deliver() == [batch.epoch_id]
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})
    assert len(keys_in(production.rehearsal, production.org)) == COUNT


def test_an_org_disconnected_in_the_middle_is_said_and_gone_on_with_once_it_is_back(
    production, batch, second_group
):
    second_group["error"] = ConnectionLost()
    production.deliver()
    Connection.objects.update(health="needs_reconnecting")
    with in_time(minutes=30):
        assert sweep.epochs_to_deliver() == []
        batch.refresh_from_db()
        assert "The connection to Salesforce is down" in batch_progress(batch).trouble
        production.deliver()
        assert production.batch_states(batch) == {"delivered": 20, "waiting": COUNT - 20}
        del second_group["error"]
        Connection.objects.update(health="connected")
        production.deliver()
        batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})


def test_a_package_uninstalled_in_the_middle_refuses_each_with_its_reason(
    production, batch, monkeypatch
):
    graphs = Org.graphs

    def call(self, asked):
        if Delivery.objects.filter(state="delivered").count() >= 20:
            production.rehearsal.package_install(production.org, None)
        return graphs(self, asked)

    monkeypatch.setattr(Org, "graphs", call)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 20, "refused": COUNT - 20}
    for delivery in batch.deliveries.filter(state="refused"):
        assert "Install the package" in delivery.attempts.get().errors[0]["sentence"]


def test_trouble_that_begins_late_in_a_large_batch_pauses_it_soon(production, batch):
    Batch.objects.update(first_done_at=timezone.now())
    answered = 0
    while answered < 9_000:
        batches_move_on({batch.pk: Tally(answered=50, failed=1)})
        answered += 50
    for _group in range(3):
        batches_move_on({batch.pk: Tally(answered=50, failed=50)})
        batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert "Of the last " in batch.halt_reason


def test_a_mistake_of_ours_is_said_and_not_repeated_every_few_seconds(
    production, batch, monkeypatch
):
    asked = []

    def broken(*arguments):
        asked.append(arguments)
        raise KeyError("Name")

    with monkeypatch.context() as patched:
        patched.setattr(worker, "matches_find", broken)
        with pytest.raises(KeyError):
            production.deliver()
        production.deliver()
    assert len(asked) == 1
    batch.refresh_from_db()
    assert "The portal met a problem of its own." in batch_progress(batch).trouble
    with in_time(minutes=5):
        sweep.claims_release()
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})
