"""Rule 1 from the other end: from something that goes, one thing at a time is taken away."""

import datetime

import pytest
from django.utils import timezone

from jobchanges.delivery.covered import still_covered
from jobchanges.delivery.queue import group_claim, sendable
from jobchanges.models import Allowance, Batch, Delivery, TestRun
from tests.factories import (
    AllowanceFactory,
    BatchFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    TestRunFactory,
)

State = Delivery.State
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def org(customer):
    return ConnectionFactory(customer=customer, environment="production").epoch


@pytest.fixture
def allowed(customer, org):
    """A job change of a production test that is being sent as it was allowed."""
    run = TestRunFactory(
        customer=customer, environment="production", epoch=org, state=TestRun.State.SENDING
    )
    now = timezone.now()
    return DeliveryFactory(
        test_run=run,
        epoch=org,
        job_change=JobChangeFactory(customer=customer),
        released_at=now,
        expected_plan_hash="b" * 64,
        allowance=AllowanceFactory(test_run=run, starts_at=now - HOUR),
    )


@pytest.fixture
def batched(customer, org):
    """A job change of the first part of a batch that is being sent."""
    return DeliveryFactory(
        test_run=None,
        epoch=org,
        environment="production",
        job_change=JobChangeFactory(customer=customer),
        released_at=timezone.now(),
        batch=BatchFactory(customer=customer, epoch=org),
        in_first_part=True,
    )


def run_is(state):
    return lambda delivery: TestRun.objects.filter(pk=delivery.test_run_id).update(state=state)


def batch_is(**values):
    return lambda delivery: Batch.objects.filter(pk=delivery.batch_id).update(**values)


def delivery_is(**values):
    return lambda delivery: Delivery.objects.filter(pk=delivery.pk).update(**values)


def allowance_is(**values):
    return lambda delivery: Allowance.objects.filter(pk=delivery.allowance_id).update(**values)


def allowance_of_another_run(delivery):
    other = TestRunFactory(
        customer=delivery.test_run.customer,
        environment="production",
        epoch=delivery.epoch,
        state=TestRun.State.CLOSED,
        number=2,
    )
    Allowance.objects.filter(pk=delivery.allowance_id).update(test_run=other)


def in_an_open_run(delivery):
    run = TestRunFactory(
        customer=delivery.job_change.customer,
        environment="production",
        epoch=delivery.epoch,
        state=TestRun.State.DRAFT,
    )
    Delivery.objects.filter(pk=delivery.pk).update(test_run=run)


def batch_of_another_org(delivery):
    other = ConnectionFactory(
        customer=JobChangeFactory().customer, environment="production", epoch__number=2
    ).epoch
    Batch.objects.filter(pk=delivery.batch_id).update(epoch=other)


def nothing_goes(delivery):
    """Neither claimed nor, had it been claimed before, written."""
    assert group_claim(delivery.epoch, "worker") == []
    assert not sendable().exists()
    Delivery.objects.filter(pk=delivery.pk).update(state=State.CLAIMED, claimed_by="worker")
    assert still_covered([Delivery.objects.get(pk=delivery.pk)]) == set()


def test_what_was_allowed_and_is_being_sent_goes(allowed):
    assert still_covered([allowed]) == {allowed.pk}
    assert group_claim(allowed.epoch, "worker") == [allowed]


def test_an_allowance_that_begins_this_moment_has_begun(allowed, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    Allowance.objects.update(starts_at=timezone.now())
    assert group_claim(allowed.epoch, "worker") == [allowed]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(allowance_is(withdrawn_at=timezone.now()), id="taken back"),
        pytest.param(allowance_is(starts_at=timezone.now() + 9 * HOUR), id="of later"),
        pytest.param(allowance_of_another_run, id="of another run"),
        pytest.param(delivery_is(allowance=None), id="none"),
        pytest.param(delivery_is(expected_plan_hash=""), id="of no plan"),
        pytest.param(run_is(TestRun.State.DRAFT), id="not sent"),
        pytest.param(run_is(TestRun.State.APPROVED), id="approved"),
        pytest.param(run_is(TestRun.State.CLOSED), id="closed"),
        pytest.param(run_is(TestRun.State.VOID), id="void"),
    ],
)
def test_rule_1_an_allowance_that_does_not_stand_lets_nothing_through(allowed, change):
    change(allowed)
    nothing_goes(allowed)


def test_what_the_batch_sends_goes(batched):
    assert still_covered([batched]) == {batched.pk}
    assert group_claim(batched.epoch, "worker") == [batched]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(batch_is(state=Batch.State.PAUSED), id="paused"),
        pytest.param(batch_is(state=Batch.State.STOPPED), id="stopped"),
        pytest.param(batch_of_another_org, id="of another org"),
        pytest.param(delivery_is(batch=None), id="none"),
        pytest.param(delivery_is(in_first_part=False), id="before its turn"),
        pytest.param(in_an_open_run, id="held by an open test"),
    ],
)
def test_rule_1_a_batch_that_does_not_send_lets_nothing_through(batched, change):
    change(batched)
    nothing_goes(batched)


@pytest.mark.parametrize("which", ["allowed", "batched"])
def test_rule_1_what_nobody_released_is_not_claimed(request, which):
    delivery = request.getfixturevalue(which)
    Delivery.objects.filter(pk=delivery.pk).update(released_at=None)
    assert not sendable().exists()
    assert group_claim(delivery.epoch, "worker") == []
