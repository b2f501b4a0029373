"""Rule 9: what became of job changes is recorded together with its event, or not yet."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Event
from accounts.selectors import events_verify
from jobchanges import tasks
from jobchanges.delivery import record
from jobchanges.models import Attempt, RecordWrite


class LogIsFull(Exception):
    """The event cannot be written."""


def full(**_values):
    raise LogIsFull


def test_rule_9_an_answer_that_cannot_be_logged_is_recorded_later_with_its_event(
    sandbox, monkeypatch
):
    run = sandbox.send(sandbox.run())
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(record, "event_record", full)
        with pytest.raises(LogIsFull):
            sandbox.deliver()
    assert sandbox.states(run) == ["claimed"] * 5
    assert not RecordWrite.objects.exists()
    assert not Attempt.objects.exclude(outcome="").exists()
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=4), tick=True):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5
    event = Event.objects.get(action="deliveries.answered")
    assert [item["outcome"] for item in event.data["deliveries"]] == ["found"] * 5
    assert events_verify(sandbox.customer) == []
