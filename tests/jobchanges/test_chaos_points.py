"""Workers die at every named point of the protocol while everything else goes wrong, too.

Whatever happens, in the end every job change is in the org exactly once or was refused with the
org's own reason, and the org holds what the plans say, record by record (issue 6, done when 1).
"""

import pytest

from jobchanges.models import Attempt, Delivery, RecordMode
from tests.jobchanges.batch_world import batch_of
from tests.jobchanges.comparing import Contents, as_planned
from tests.jobchanges.generated import job_changes_csv
from tests.jobchanges.killable import POINTS
from tests.jobchanges.processes import portal_running
from tests.jobchanges.trouble_makers import (
    GRAPH,
    QUICK,
    REFUSING_RULE,
    every_kind,
    faults_add,
    faults_left,
    has_ended,
    hurry,
)

pytestmark = [
    pytest.mark.servers,
    pytest.mark.chaos,
    pytest.mark.django_db(transaction=True),
    # For what never ends, not for a slow machine.
    pytest.mark.timeout(1200),
]

ORG = "northwind"
COUNT = 300
ENDERS = 40
CAMPAIGN = "7017z000000000AAAQ"


@pytest.fixture
def portal(rehearsal, tmp_path):
    with portal_running(rehearsal, tmp_path, **QUICK) as running:
        yield running


def kill_while_the_org_works(portal, rehearsal, batch):
    """SIGKILL while a writing call is in the org, which writes it all the same."""
    rehearsal.fault("hang", org=ORG, path=GRAPH)
    worker = portal.worker()

    def held():
        hurry()
        found = rehearsal.control("production", "faults", "GET")
        return any(item["held"] for item in found)

    portal.until(held)
    portal.forget(worker)
    rehearsal.control("production", "faults", "DELETE")


def test_three_hundred_job_changes_survive_every_fault_and_a_kill_at_every_point(
    portal, rehearsal, customer
):
    rehearsal.package_install(ORG)
    rehearsal.configure(ORG, validation_rules=[REFUSING_RULE])
    before = Contents.read(rehearsal, ORG)
    batch = batch_of(
        rehearsal,
        customer,
        ORG,
        COUNT,
        files=[job_changes_csv(COUNT)],
        output={"record_mode": RecordMode.ALWAYS_CONTACT},
        in_the_org={"campaign_id": CAMPAIGN, "campaign_status": "Sent"},
    )
    portal.scheduler()
    # Visits end soon, and with them come the points after the last call.
    passing = {"kind": "concurrent_limit", "match": {"org": ORG, "path": GRAPH}}
    faults_add(rehearsal, [{**passing, "times": ENDERS, "chance": 0.4, "seed": 1}])
    waiting = ENDERS
    for place, point in enumerate(reversed(POINTS)):
        if place % 2 == 0:
            faults = every_kind(ORG, times=1, chance=0.5, seed=place)
            waiting += len(faults)
            faults_add(rehearsal, faults)
        worker = portal.worker(dies_at=point)
        assert portal.until_dead(worker, lambda: has_ended(batch)), f"never came to: {point}"
        portal.forget(worker)
    struck = waiting - faults_left(rehearsal)
    kill_while_the_org_works(portal, rehearsal, batch)
    portal.worker()
    portal.worker()
    portal.until(lambda: has_ended(batch))
    deliveries = Delivery.objects.filter(batch=batch)
    found = as_planned(deliveries, before, Contents.read(rehearsal, ORG))
    assert sum(found.states.values()) == COUNT
    assert set(found.states) <= {"delivered", "refused", "held"}
    # Something of everything did happen.
    assert struck > 3 * len(POINTS)
    assert found.states["delivered"] > 0.9 * COUNT
    assert found.states["refused"] > 0
    assert found.created["Account"] > 50
    outcomes = set(Attempt.objects.filter(delivery__batch=batch).values_list("outcome", flat=True))
    assert {"delivered", "found", "released", "refused"} <= outcomes
