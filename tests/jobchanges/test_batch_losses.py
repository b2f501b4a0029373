"""What a batch loses on its way: a transaction to a deadlock, a person to being erased."""

import datetime
import json

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from jobchanges import tasks
from jobchanges.delivery import attempts, record
from jobchanges.forecast import forecast_make
from jobchanges.reconcile import reconcile
from jobchanges.selectors import batch_exceptions, delivery_exception_rows
from jobchanges.services.erasing import person_erase

COUNT = 6


def in_time(**delta):
    return time_machine.travel(timezone.now() + datetime.timedelta(**delta), tick=True)


@pytest.fixture
def people(production):
    return [production.job_change() for _ in range(COUNT)]


@pytest.fixture
def deadlock(monkeypatch):
    """The first call of a function of the worker ends as the loser of a deadlock."""

    def once(module, name):
        function = getattr(module, name)
        left = iter([True])

        def call(*args, **kwargs):
            if next(left, False):
                raise OperationalError("deadlock detected")
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, call)

    return once


@pytest.mark.parametrize(
    ("module", "name"),
    [(attempts, "batches_lock"), (record, "batches_lock"), (record, "batches_move_on")],
)
def test_rule_3_a_worker_that_loses_a_deadlock_loses_nothing(
    production, people, deadlock, module, name
):
    batch = production.release()
    deadlock(module, name)
    with pytest.raises(OperationalError):
        tasks.deliver_org(batch.epoch_id)
    assert production.batch_states(batch) == {"claimed": COUNT}
    with in_time(minutes=10):
        tasks.deliveries_sweep()
        batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": COUNT})
    assert len(production.delivery_keys()) == len(set(production.delivery_keys())) == COUNT


def test_an_erased_person_is_in_the_batch_and_held_with_a_reason_under_no_name(
    production, people, manager
):
    erased = people[0]
    person_erase(customer=production.customer, email=erased.past_email, by=manager)
    forecast = forecast_make(production.connection.epoch_id, timezone.now()).as_json()
    assert forecast["outcomes"]["held"] == 1
    assert [line["reason"] for line in forecast["held_reasons"]] == [
        "This person’s data were erased on request, so nothing is written."
    ]
    batch = production.release()
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": COUNT - 1, "held": 1}
    # Nobody's fault: it is no failure that could halt the batch.
    assert (batch.state, batch.counted_failures) == ("ended", 0)
    (row,) = delivery_exception_rows(batch_exceptions(batch))
    assert (row.person, row.who) == ("Erased person", "")
    assert "erased on request" in row.sentence
    found = reconcile(production.customer)
    assert found.adds_up
    (stopped,) = found.stopped
    assert (stopped.key, stopped.state) == (erased.key, "held")
    assert erased.last_name not in json.dumps(found.as_json())
