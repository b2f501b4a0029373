"""The sign-off against an org that answers: foretold, signed, released, halted, gone on with."""

from typing import Any

import pytest

from accounts.models import Customer, Path
from jobchanges.gates import batch_gate
from jobchanges.models import Batch, Delivery, OutputSettings
from portal import tasks
from portal.models import Summary
from portal.signoff import services
from portal.signoff.sections import sections_of
from tests.jobchanges.conftest import Production, production_make
from tests.portal.signing import production_done, sign

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = 24


@pytest.fixture
def launch(rehearsal, customer, manager, approver, admin_person) -> Production:
    """Northwind's production without a sandbox before it, tested; some job changes wait."""
    customer.path = Path.PRODUCTION_ONLY
    customer.save()
    made = production_make(rehearsal, customer, manager, approver)
    production_done(customer, admin_person, made.connection)
    for _each in range(WAITING):
        made.job_change()
    return made


def signed_by_both(launch: Production, frozen_by: Any) -> Summary:
    """Frozen, foretold by the org, signed."""
    summary = services.summary_freeze(customer=launch.customer, by=frozen_by)
    tasks.summary_forecast(summary.pk)
    summary.refresh_from_db()
    assert summary.ready, summary.forecast_error
    sign(summary, "customer", frozen_by)
    sign(summary, "vendor", launch.manager)
    return summary


def deliver_all(launch: Production, batch: Batch) -> None:
    """Wake the worker until it has nothing more to do."""
    for _visit in range(10):
        launch.deliver()
        batch.refresh_from_db()
        if batch.state != Batch.State.SENDING:
            return


def test_the_org_is_asked_what_the_batch_would_do_and_nothing_is_written(launch, admin_person):
    before = launch.count()

    summary = signed_by_both(launch, admin_person)

    assert launch.count() == before
    assert summary.forecast["total"] == WAITING
    rows = {row.label: row for row in sections_of(summary)[-1].rows}
    assert rows["Job changes in the batch"].value == str(WAITING)
    assert rows["Already in production"].value == "5, left alone"


def test_rule_1_a_change_stops_the_next_group_and_the_batch_ends_once_signed_anew(
    launch, admin_person
):
    customer: Customer = launch.customer
    first = signed_by_both(launch, admin_person)
    asked = []

    def change_after_one_group(**_asked: Any) -> str:
        asked.append(1)
        # At the first group's own gate it would stop that one already.
        if len(asked) == 2:
            OutputSettings.objects.filter(customer=customer).update(lead_source="Web")
        return ""

    batch_gate.connect(change_after_one_group)
    try:
        batch = services.launch_release(summary=first, by=launch.manager)
        deliver_all(launch, batch)
    finally:
        batch_gate.disconnect(change_after_one_group)

    assert (batch.state, batch.halted_side) == (Batch.State.PAUSED, "system")
    assert "Lead source: before “UserGems”, now “Web”" in batch.halt_reason
    there = len(launch.delivery_keys())
    assert 0 < there < WAITING
    deliver_all(launch, batch)
    assert len(launch.delivery_keys()) == there, "nothing more before both sides sign anew"

    second = signed_by_both(launch, admin_person)
    assert services.launch_release(summary=second, by=launch.manager).pk == batch.pk
    deliver_all(launch, batch)

    assert batch.state == Batch.State.ENDED
    keys = launch.delivery_keys()
    assert len(keys) == len(set(keys)) == WAITING
    assert not batch.deliveries.exclude(state=Delivery.State.DELIVERED).exists()
