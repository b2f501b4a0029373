"""The first batch ends the same, whatever dies in its middle (issue 3, done when 4)."""

import pytest

from jobchanges.models import Attempt, Batch, Delivery
from jobchanges.planning import plan_from_json
from jobchanges.planning.types import Ref
from jobchanges.selectors.values import same_value
from jobchanges.services import batch_go_on
from tests.jobchanges.batch_world import batch_of, everything_is_there_once, is_in, keys_in
from tests.jobchanges.processes import portal_running

pytestmark = [pytest.mark.servers, pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

ORG = "northwind"
COUNT = 80
FIRST = 20
CREATED = ("Account", "Contact", "Lead")
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


def records_in(rehearsal):
    """Every record of what is created, by id."""
    return {
        row["Id"]: row
        for name in (*CREATED, "UserGem__UserGem__c")
        for row in rehearsal.records(ORG, name)
        if not row["IsDeleted"]
    }


def as_planned(batch, before, after):
    """Compare each record of the org with the plan that made it; nothing else was created."""
    created = set()
    delivered = Delivery.objects.filter(batch=batch, state=Delivery.State.DELIVERED)
    for delivery in delivered.prefetch_related("attempts__writes"):
        wrote = [
            attempt
            for attempt in delivery.attempts.all()
            if attempt.outcome in (Attempt.Outcome.DELIVERED, Attempt.Outcome.FOUND)
            and attempt.writes.all()
        ]
        assert len(wrote) == 1
        ids = {write.role: write.record_id for write in wrote[0].writes.all()}
        for write in plan_from_json(wrote[0].plan).writes:
            row = after[ids[write.role]]
            for name, value in write.fields.items():
                planned = ids[value.reference] if isinstance(value, Ref) else value
                assert same_value(planned, row[name]), (delivery, write, row)
            if write.operation == "create":
                assert ids[write.role] not in before
                created.add(ids[write.role])
    assert set(after) - set(before) == created


def test_a_batch_ends_the_same_when_worker_broker_and_site_die_in_its_middle(
    portal, rehearsal, customer
):
    rehearsal.package_install(ORG)
    before = records_in(rehearsal)
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
    as_planned(batch, before, records_in(rehearsal))
