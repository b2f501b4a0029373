"""Situations of a customer's journey, made from facts, for the tests of steps and journeys."""

import datetime

from jobchanges.models import Delivery, RecordMode, TestRun, Verdict
from portal.steps import journey_for
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
    ReviewFactory,
    TestRunFactory,
)

CONFIRMED = ["sandbox.permissions", "sandbox.layouts", "sandbox.lead_conversion"]
RIGHT, OFF, ASIDE = Verdict.RIGHT, Verdict.OFF, Verdict.SET_ASIDE
DELIVERED, REFUSED = Delivery.State.DELIVERED, Delivery.State.REFUSED
FOUR = [(DELIVERED, RIGHT, RIGHT)] * 4
EARLIER = datetime.datetime(2025, 11, 18, 14, 2, tzinfo=datetime.UTC)
LATER = datetime.datetime(2025, 11, 19, 9, 0, tzinfo=datetime.UTC)


def shown(customer, key, person=None):
    """The step as the customer's admin sees it."""
    step = journey_for(customer, person=person).step(key)
    assert step is not None
    return step


def connect(customer, **epoch):
    values = {"facts_at": EARLIER, "started_at": EARLIER} | epoch
    return ConnectionFactory(
        customer=customer,
        connected_at=EARLIER,
        health_since=EARLIER,
        connected_by__full_name="Priya Shah",
        **{f"epoch__{name}": value for name, value in values.items()},
    )


def settings_chosen(customer, epoch, **values):
    OutputSettingsFactory(
        customer=customer, record_mode=values.pop("record_mode", RecordMode.CONTACT_IF_ACCOUNT)
    )
    return EnvironmentSettingsFactory(
        customer=customer,
        **{"validated_org_id": epoch.org_id, "validated_at": EARLIER} | values,
    )


def run_in(customer, connection, *, state=TestRun.State.REVIEW, deliveries=(), **values):
    """A run with one delivery for each (state, customer's verdict, manager's verdict)."""
    run = TestRunFactory(
        customer=customer,
        epoch=connection.epoch,
        state=state,
        **{"number": 1, "sent_at": EARLIER} | values,
    )
    for delivery_state, customers, managers in deliveries:
        delivery = DeliveryFactory(
            test_run=run, state=delivery_state, attempts_made=1, released_at=EARLIER
        )
        attempt = AttemptFactory(delivery=delivery)
        for side, verdict in (("customer", customers), ("vendor", managers)):
            if verdict:
                ReviewFactory(attempt=attempt, side=side, verdict=verdict)
    return run
