"""Real workers side by side: two on one batch, and customers beside an org in trouble."""

from collections import Counter
from itertools import pairwise

import pytest

from jobchanges.models import Attempt, Batch
from tests.factories import CustomerFactory
from tests.jobchanges.batch_world import batch_of, everything_is_there_once, is_in, keys_in
from tests.jobchanges.processes import portal_running
from tests.rehearsal_server import rehearsal_running

pytestmark = [
    pytest.mark.servers,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
    # For what never ends, not for a slow machine.
    pytest.mark.timeout(1200),
]

ENDED = Batch.State.ENDED


@pytest.fixture
def portal(rehearsal, tmp_path):
    with portal_running(rehearsal, tmp_path) as running:
        yield running


def spans(batch):
    """From the first to the last attempt of each visit (a worker's holder), in order."""
    found = {}
    for holder, begun, done in Attempt.objects.filter(delivery__batch=batch).values_list(
        "worker", "started_at", "ended_at"
    ):
        before = found.get(holder, (begun, done))
        found[holder] = (min(before[0], begun), max(before[1], done))
    return sorted(found.values())


def test_two_workers_on_one_batch_write_everything_once(portal, rehearsal, customer):
    batch = batch_of(rehearsal, customer, "northwind", 60)
    for _ in range(2):
        portal.worker()
    for _ in range(8):
        portal.wake("deliver_org", batch.epoch_id)
    portal.scheduler()
    portal.until(lambda: is_in(batch, ENDED))
    everything_is_there_once(rehearsal, batch, "northwind", 60)
    wrote = Counter(
        Attempt.objects.filter(
            delivery__batch=batch, outcome=Attempt.Outcome.DELIVERED
        ).values_list("delivery", flat=True)
    )
    assert set(wrote.values()) == {1}
    assert len(wrote) == len(keys_in(rehearsal, "northwind"))
    # One visit at a time: the next one begins where the last one has ended.
    assert all(one[1] <= other[0] for one, other in pairwise(spans(batch)))


def test_a_hanging_org_does_not_hold_up_another_customers_batch(
    portal, rehearsal, customer, other_customer
):
    hanging = batch_of(rehearsal, customer, "northwind", 30)
    other = batch_of(rehearsal, other_customer, "harbor", 60)
    rehearsal.fault("hang", org="northwind", path="composite/graph")
    portal.worker()
    portal.scheduler()
    portal.wake("deliver_org", hanging.epoch_id)
    portal.until(lambda: rehearsal.control("production", "faults", "GET")[0]["held"])
    portal.wake("deliver_org", other.epoch_id)
    portal.until(lambda: is_in(other, ENDED))
    assert not is_in(hanging, ENDED)
    assert keys_in(rehearsal, "northwind") == []
    rehearsal.control("production", "faults", "DELETE")
    portal.until(lambda: is_in(hanging, ENDED))
    ends = Batch.objects.in_bulk([hanging.pk, other.pk])
    assert ends[other.pk].ended_at < ends[hanging.pk].ended_at
    everything_is_there_once(rehearsal, hanging, "northwind", 30)
    everything_is_there_once(rehearsal, other, "harbor", 60)


@pytest.fixture
def orgs(tmp_path, settings):
    """A rehearsal of our own, with a third production org."""
    with rehearsal_running(tmp_path / "orgs", more_orgs=1) as running:
        settings.SALESFORCE_PRODUCTION_LOGIN_URL = running.url("production")
        settings.SALESFORCE_SANDBOX_LOGIN_URL = running.url("sandbox")
        yield running


def test_a_dead_and_a_slow_org_delay_nobody(orgs, tmp_path, customer, other_customer):
    """Rule 10, with one worker as `make run` starts it (`CELERY_WORKER_POOL`)."""
    third = CustomerFactory(name="Third", implementation_manager=customer.implementation_manager)
    user = next(row for row in orgs.records("more-1", "User") if "integration" in row["Username"])
    with portal_running(orgs, tmp_path) as portal:
        dead = batch_of(orgs, customer, "northwind", 60)
        slow = batch_of(orgs, other_customer, "harbor", 60)
        usual = batch_of(orgs, third, "more-1", 60, username=user["Username"])
        Batch.objects.filter(pk=usual.pk).update(state=Batch.State.PAUSED)
        orgs.fault("hang", org="northwind")
        orgs.fault("delay", times=10_000, seconds=2, org="harbor")
        portal.worker(4)
        portal.scheduler()
        # Both are being visited, and more wake-up calls for them are on the way.
        portal.until(lambda: orgs.control("production", "faults", "GET")[0]["held"])
        portal.until(lambda: len(orgs.calls("harbor")) > 2)
        for batch in (dead, slow) * 4:
            portal.wake("deliver_org", batch.epoch_id)
        Batch.objects.filter(pk=usual.pk).update(state=Batch.State.SENDING)
        portal.until(lambda: is_in(usual, ENDED))
        assert not is_in(dead, ENDED)
        assert not is_in(slow, ENDED)
        assert keys_in(orgs, "northwind") == []
        everything_is_there_once(orgs, usual, "more-1", 60)
        # The others go on when their orgs do.
        orgs.control("production", "faults", "DELETE")
        portal.until(lambda: is_in(slow, ENDED))
        everything_is_there_once(orgs, slow, "harbor", 60)
