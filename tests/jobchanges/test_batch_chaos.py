"""The first batch ends the same, whatever dies in its middle (issue 3, done when 4)."""

import pytest

from jobchanges.models import Batch, Delivery
from jobchanges.services import batch_go_on
from tests.jobchanges.batch_world import batch_of, everything_is_there_once, is_in, keys_in
from tests.jobchanges.comparing import Contents, as_planned
from tests.jobchanges.processes import portal_running

pytestmark = [
    pytest.mark.servers,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
    # For what never ends, not for a slow machine.
    pytest.mark.timeout(1200),
]

ORG = "northwind"
COUNT = 80
FIRST = 20
State = Batch.State
# A claim outlasts the write it covers; both are short here, as is the platform's longest call.
QUICK = {
    "SALESFORCE_WRITE_TIMEOUT": 15,
    "ORG_CALL_WAIT_SECONDS": 0.5,
    "DELIVERY_CLAIM_SECONDS": 20,
    "SALESFORCE_LONGEST_CALL": 20,
}


@pytest.fixture
def portal(rehearsal, tmp_path):
    with portal_running(rehearsal, tmp_path, **QUICK) as running:
        yield running


def test_a_batch_ends_the_same_when_worker_broker_and_site_die_in_its_middle(
    portal, rehearsal, customer
):
    rehearsal.package_install(ORG)
    before = Contents.read(rehearsal, ORG)
    batch = batch_of(rehearsal, customer, ORG, COUNT, wait_after_first=True)
    site, _address = portal.site()
    worker = portal.worker()
    scheduler = portal.scheduler()
    portal.until(lambda: is_in(batch, State.PAUSED))
    assert len(keys_in(rehearsal, ORG)) == FIRST
    rehearsal.fault("hang", org=ORG, path="composite/graph")
    batch_go_on(batch=batch, side="vendor", by=customer.implementation_manager)
    portal.until(lambda: rehearsal.control("production", "faults", "GET")[0]["held"])

    for part in (worker, scheduler, site):
        portal.forget(part)
    portal.broker_empty()
    # What was on its way when the worker died is written all the same, and nobody hears of it.
    rehearsal.control("production", "faults", "DELETE")
    portal.until(lambda: len(keys_in(rehearsal, ORG)) > FIRST)
    assert Delivery.objects.filter(batch=batch, state=Delivery.State.DELIVERED).count() == FIRST

    portal.site()
    portal.worker()
    portal.scheduler()
    portal.until(lambda: is_in(batch, State.ENDED))
    everything_is_there_once(rehearsal, batch, ORG, COUNT)
    deliveries = Delivery.objects.filter(batch=batch)
    found = as_planned(deliveries, before, Contents.read(rehearsal, ORG))
    assert found.states.total() == COUNT
