"""Rule 1 at its lowest place: nothing of production is claimed or written uncovered."""

import datetime
import itertools
import os
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jobchanges.delivery.covered import still_covered
from jobchanges.delivery.queue import group_claim, sendable
from jobchanges.models import Allowance, Batch, Delivery, TestRun
from tests.factories import (
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    TestRunFactory,
    UserFactory,
)

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
CASES = hypothesis_settings(
    max_examples=EXAMPLES or 120,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
State = Delivery.State
HOUR = datetime.timedelta(hours=1)
numbers = itertools.count(1)


@contextmanager
def undone():
    """Each example begins with an empty world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def batch_make(customer, epoch, **values):
    return Batch.objects.create(
        **{
            "customer": customer,
            "epoch": epoch,
            "number": next(numbers),
            "cut_off": timezone.now(),
            "signed_hash": "a" * 64,
            "customer_signer": UserFactory(),
            "vendor_signer": customer.implementation_manager,
            "released_by": customer.implementation_manager,
        }
        | values
    )


VALUES = {
    "environment": st.sampled_from(["production", "sandbox"]),
    "state": st.sampled_from(State.values),
    "released": st.booleans(),
    "corrected": st.booleans(),
    "run_state": st.sampled_from([None, *TestRun.State.values]),
    "allowance": st.sampled_from(["", "stands", "withdrawn", "later", "of another run"]),
    "fingerprint": st.sampled_from(["", "b" * 64]),
    "batch_state": st.sampled_from([None, *Batch.State.values]),
    "first_done": st.booleans(),
    "in_first_part": st.booleans(),
}
# What goes: by an allowance, and by a batch.
ALLOWED = {
    "environment": "production",
    "state": State.WAITING,
    "released": True,
    "corrected": False,
    "run_state": TestRun.State.SENDING,
    "allowance": "stands",
    "fingerprint": "b" * 64,
    "batch_state": None,
    "first_done": False,
    "in_first_part": False,
}
BATCHED = ALLOWED | {
    "run_state": None,
    "allowance": "",
    "fingerprint": "",
    "batch_state": Batch.State.SENDING,
    "first_done": True,
}


@st.composite
def worlds(draw):
    """Something that goes, with a few things otherwise: chance alone would hardly meet one."""
    world = dict(draw(st.sampled_from([ALLOWED, BATCHED])))
    for name in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True)):
        world[name] = draw(VALUES[name])
    return world


@given(worlds())
@CASES
@pytest.mark.django_db
def test_rule_1_nothing_of_production_is_claimed_without_an_allowance_or_a_batch(customer, world):
    claimed_as_it_may(customer, **world)


def claimed_as_it_may(
    customer,
    *,
    environment,
    state,
    released,
    corrected,
    run_state,
    allowance,
    fingerprint,
    batch_state,
    first_done,
    in_first_part,
):
    now = timezone.now()
    with undone():
        epoch = ConnectionFactory(customer=customer, environment=environment).epoch
        values = {"customer": customer, "environment": environment, "epoch": epoch}
        run = TestRunFactory(state=run_state, **values) if run_state else None
        other = TestRunFactory(state=TestRun.State.CLOSED, **values)
        batch = batch_state and batch_make(
            customer, epoch, state=batch_state, first_done_at=now if first_done else None
        )
        allowed = (run or allowance == "of another run") and allowance
        delivery = DeliveryFactory(
            test_run=run,
            epoch=epoch,
            job_change=JobChangeFactory(customer=customer),
            environment=environment,
            state=state,
            released_at=now if released else None,
            correction_asked_at=now if corrected else None,
            batch=batch or None,
            in_first_part=in_first_part,
            expected_plan_hash=fingerprint,
            allowance=Allowance.objects.create(
                test_run=other if allowance == "of another run" else run,
                by=UserFactory(),
                starts_at=now + HOUR if allowance == "later" else now - HOUR,
                content={},
                content_hash="c" * 64,
                withdrawn_at=now if allowance == "withdrawn" else None,
            )
            if allowed
            else None,
        )
        claimed = group_claim(epoch, "worker")

        may = released and (state == State.WAITING or (state == State.DELIVERED and corrected))
        being_sent = run_state in ("sending", "review")
        by_run = environment == "sandbox" and batch is None and being_sent
        by_allowance = batch is None and being_sent and allowance == "stands" and fingerprint != ""
        by_batch = (
            batch_state in ("sending", "ended")
            and (first_done or in_first_part)
            and run_state not in TestRun.OPEN_STATES
        )
        covered = by_run or by_allowance or by_batch
        assert bool(claimed) == (may and covered)
        # The same right before a call, when the world changed after the claim.
        Delivery.objects.update(state=State.CLAIMED)
        still = still_covered([Delivery.objects.get(pk=delivery.pk)])
        if environment == "production":
            assert bool(still) == covered


def test_rule_1_a_waiting_one_of_an_old_closed_run_goes_only_with_a_batch(customer):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.CLOSED
    )
    delivery = DeliveryFactory(
        test_run=run,
        epoch=epoch,
        job_change=JobChangeFactory(customer=customer),
        released_at=timezone.now(),
        attempts_made=1,
    )
    assert group_claim(epoch, "worker") == []
    batch = batch_make(customer, epoch)
    Delivery.objects.update(batch=batch, in_first_part=True)
    assert group_claim(epoch, "worker") == [delivery]


def test_rule_1_an_org_that_is_not_surely_a_sandbox_counts_as_production(customer):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.SENDING
    )
    DeliveryFactory(
        test_run=run,
        epoch=epoch,
        job_change=JobChangeFactory(customer=customer),
        environment="sandbox",
        released_at=timezone.now(),
    )
    assert not sendable().exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed_hash": ""},
        {"failure_limit": 0},
        {"failure_limit": 101},
    ],
    ids=str,
)
@pytest.mark.django_db
def test_rule_1_a_batch_cannot_exist_unsigned(customer, wrong):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    with pytest.raises(IntegrityError), transaction.atomic():
        batch_make(customer, epoch, **wrong)


def test_rule_1_one_person_cannot_sign_a_batch_for_both_sides(customer, approver):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    with pytest.raises(IntegrityError), transaction.atomic():
        batch_make(customer, epoch, customer_signer=approver, vendor_signer=approver)


def test_one_org_has_one_open_batch(customer):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    batch_make(customer, epoch, state=Batch.State.STOPPED)
    batch_make(customer, epoch, state=Batch.State.ENDED)
    with pytest.raises(IntegrityError), transaction.atomic():
        batch_make(customer, epoch)
