"""Who loses a deadlock is called again; anything else goes on."""

import pytest
from django.db import OperationalError, transaction

from accounts.deadlocks import TRIES, deadlock_retried


class Detected(Exception):
    """As the driver says it."""

    sqlstate = "40P01"


def lost() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = Detected()
    return error


def service(errors):
    """Fails with each of these in turn, then answers."""
    calls = []

    @deadlock_retried
    def act(answer):
        calls.append(answer)
        if len(calls) <= len(errors):
            raise errors[len(calls) - 1]
        return answer

    act.calls = calls
    return act


@pytest.mark.django_db(transaction=True)
def test_a_lost_deadlock_is_a_retry():
    act = service([lost(), lost()])
    assert act("done") == "done"
    assert len(act.calls) == 3


@pytest.mark.django_db(transaction=True)
def test_it_is_not_retried_for_ever():
    act = service([lost()] * TRIES)
    with pytest.raises(OperationalError):
        act("done")
    assert len(act.calls) == TRIES


@pytest.mark.django_db(transaction=True)
def test_another_error_of_the_database_goes_on():
    act = service([OperationalError("the connection was closed")])
    with pytest.raises(OperationalError):
        act("done")
    assert len(act.calls) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_only_the_whole_can_be_repeated():
    act = service([lost()])
    with pytest.raises(OperationalError), transaction.atomic():
        act("done")
    assert len(act.calls) == 1
