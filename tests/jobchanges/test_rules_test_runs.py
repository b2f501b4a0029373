"""Rule 2: a test run has 5 to 10 job changes, and an org one open run."""

import pytest
from django.utils import timezone

from jobchanges.models import Delivery, TestRun
from jobchanges.services import TestRunError as RunError
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_send as run_send
from tests.factories import ConnectionFactory, DeliveryFactory, JobChangeFactory, TestRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(customer):
    return ConnectionFactory(customer=customer)


def create(customer, manager):
    picks = JobChangeFactory.create_batch(5, customer=customer)
    return run_create(customer=customer, environment="sandbox", job_changes=picks, by=manager)


@pytest.mark.parametrize("state", TestRun.OPEN_STATES)
def test_rule_2_no_second_run_while_one_is_open(customer, connection, manager, state):
    TestRunFactory(customer=customer, epoch=connection.epoch, state=state)
    with pytest.raises(RunError, match="already has an open test run"):
        create(customer, manager)
    assert TestRun.objects.count() == 1


@pytest.mark.parametrize(
    "state", [state for state in TestRun.State if state not in TestRun.OPEN_STATES]
)
def test_rule_2_another_run_after_the_first_has_ended(customer, connection, manager, state):
    TestRunFactory(customer=customer, epoch=connection.epoch, state=state)
    assert create(customer, manager).is_open


@pytest.mark.parametrize("count", [4, 11])
def test_rule_2_what_is_sent_is_counted_again(customer, connection, manager, count):
    """However a run came to hold too few or too many: nothing of it leaves."""
    run = TestRunFactory(customer=customer, epoch=connection.epoch, planned_at=timezone.now())
    DeliveryFactory.create_batch(count, test_run=run, plan_hash="a" * 64)
    with pytest.raises(RunError, match="5 to 10"):
        run_send(test_run=run, by=manager)
    assert not Delivery.objects.exclude(released_at=None).exists()
