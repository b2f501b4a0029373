"""Many workers at once, on a database that lets them (style examples, 22)."""

import itertools
import threading
import uuid

import pytest
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from accounts.hashing import content_hash
from jobchanges.delivery.queue import group_claim
from jobchanges.models import Allowance, Attempt, Batch, Delivery, TestRun
from jobchanges.selectors.allowances import allowance_content
from jobchanges.services import TestRunError as RunError
from jobchanges.services import batch_go_on, batch_pause
from jobchanges.services import test_run_allow as run_allow
from jobchanges.services import test_run_allowance_withdraw as allowance_withdraw
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_offer as run_offer
from jobchanges.services import test_run_send as run_send

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="needs writers side by side: PostgreSQL"
    ),
]
AT_ONCE = 8


def side_by_side(action):
    """Do the same in several threads, all released at one moment; answers what each got."""
    gate = threading.Barrier(AT_ONCE)
    got = []

    def one():
        gate.wait()
        try:
            got.append(action())
        except (RunError, DatabaseError) as error:
            got.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@pytest.fixture
def _no_wake_ups(settings):
    """Nothing is delivered by the way: the tests wake the workers themselves."""
    from celery import current_app

    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    yield
    current_app.conf.task_always_eager = before


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_write_everything_once(sandbox):
    run = sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    assert [error for error in side_by_side(sandbox.deliver) if error] == []
    assert sandbox.states(run) == ["delivered"] * 10
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 10


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_claims_without_a_lease_share_without_doubles(sandbox):
    sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    epoch = sandbox.connection.epoch
    got = side_by_side(lambda: group_claim(epoch, uuid.uuid4().hex))
    claimed = [delivery.pk for group in got for delivery in group]
    assert len(claimed) == len(set(claimed)) == 10


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_clicks_on_send_release_once(sandbox):
    run = sandbox.run()
    got = side_by_side(lambda: run_send(test_run=run, by=sandbox.manager))
    assert sum(isinstance(one, TestRun) for one in got) == 1
    assert sum(isinstance(one, RunError) for one in got) == AT_ONCE - 1


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_runs_put_together_at_once_leave_one(sandbox):
    people = [sandbox.job_change() for _ in range(5)]
    got = side_by_side(
        lambda: run_create(
            customer=sandbox.customer,
            environment="sandbox",
            job_changes=people,
            by=sandbox.manager,
        )
    )
    assert sum(isinstance(one, TestRun) for one in got) == 1
    assert sum(isinstance(one, RunError) for one in got) == AT_ONCE - 1
    assert Delivery.objects.count() == 5


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_clicks_on_release_make_one_batch(production):
    people = [production.job_change() for _ in range(8)]
    got = side_by_side(lambda: production.release(signed_hash="a" * 64))
    assert sum(isinstance(one, Batch) for one in got) == 1
    assert sum(isinstance(one, RunError) for one in got) == AT_ONCE - 1
    assert Batch.objects.get().deliveries.count() == Delivery.objects.count() == len(people)


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_write_a_batch_once_and_end_it_once(production):
    for _ in range(20):
        production.job_change()
    batch = production.release()
    assert [error for error in side_by_side(production.deliver) if error] == []
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": 20})
    assert len(production.delivery_keys()) == len(set(production.delivery_keys())) == 20
    assert batch.customer.events.filter(action="batch.ended").count() == 1


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_begun_after_a_pause_whoever_claimed_it_before(production):
    for _ in range(20):
        production.job_change()
    batch = production.release()
    clicks = iter([True, *[False] * (AT_ONCE - 1)])

    def one():
        if next(clicks):
            return batch_pause(batch=batch, side="customer", by=production.approver)
        return production.deliver()

    side_by_side(one)
    batch.refresh_from_db()
    if batch.state == Batch.State.PAUSED:
        assert not Attempt.objects.filter(started_at__gt=batch.halted_at).exists()
        assert not batch.deliveries.filter(state=Delivery.State.CLAIMED).exists()
        batch_go_on(batch=batch, side="customer", by=production.approver)
        production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": 20})


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_taking_back_and_sending_at_one_moment_end_in_one_truth(production, admin_person):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    run_allow(
        test_run=run,
        starts_at=timezone.now(),
        by=admin_person,
        seen_hash=content_hash(allowance_content(run)),
    )
    clicks = itertools.cycle([True, False])

    def one():
        if next(clicks):
            return allowance_withdraw(test_run=run, by=admin_person)
        return run_send(test_run=run, by=production.manager)

    got = side_by_side(one)
    done = [answer for answer in got if not isinstance(answer, Exception)]
    assert len(done) == 1
    assert all(isinstance(answer, RunError) for answer in got if answer is not done[0])
    production.deliver()
    was_sent = isinstance(done[0], TestRun)
    assert len(production.delivery_keys()) == (5 if was_sent else 0)
    assert (Allowance.objects.get().withdrawn_at is None) is was_sent


@pytest.mark.usefixtures("_no_wake_ups")
@pytest.mark.django_db(transaction=True)
def test_closing_a_run_while_it_is_sent_ends_the_allowance_only_if_nothing_was_begun(
    production, admin_person
):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    run_allow(
        test_run=run,
        starts_at=timezone.now(),
        by=admin_person,
        seen_hash=content_hash(allowance_content(run)),
    )
    run_send(test_run=run, by=production.manager)
    clicks = iter([True, *[False] * (AT_ONCE - 1)])

    def one():
        if next(clicks):
            return run_close(test_run=run, reason="Wrong people", by=production.manager)
        return production.deliver()

    side_by_side(one)
    was_sent = bool(production.delivery_keys())
    assert (Allowance.objects.get().withdrawn_at is None) is was_sent
