"""Situations of a customer's journey, made from facts, for the tests of steps and journeys."""

import datetime

from jobchanges.models import Delivery, RecordMode, TestRun, Verdict
from portal.steps import journey_for
from tests.factories import (
    AllowanceFactory,
    AttemptFactory,
    BatchFactory,
    ConfirmationFactory,
    ConnectionFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    JobChangeFactory,
    OutputSettingsFactory,
    PeopleSourceFactory,
    ReviewFactory,
    RunApprovalFactory,
    TestRunFactory,
    org_checked,
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


def connect(customer, *, environment="sandbox", **epoch):
    values = {"facts_at": EARLIER, "started_at": EARLIER} | epoch
    return ConnectionFactory(
        customer=customer,
        environment=environment,
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


# Production ---------------------------------------------------------------------------------

PRODUCTION_CONFIRMED = ["production.permissions", "production.mirror"]
PRODUCTION_ONLY_CONFIRMED = [
    "production.permissions",
    "production.layouts",
    "production.lead_conversion",
]


def sandbox_approved(customer):
    """The sandbox stage is passed: both sides approved its test."""
    connection = connect(customer)
    run = run_in(
        customer,
        connection,
        state=TestRun.State.APPROVED,
        deliveries=[*FOUR, (DELIVERED, RIGHT, RIGHT)],
    )
    for side in ("customer", "vendor"):
        RunApprovalFactory(test_run=run, side=side, at=EARLIER)
    return connection


def production_connect(customer, **epoch):
    """The production org is connected and answered for itself."""
    return connect(customer, environment="production", **{"name": "Northwind (production)"} | epoch)


def production_ready(customer, *, people=True):
    """Everything of production is done; the test is allowed and approved by both sides."""
    connection = production_connect(customer)
    org_checked(connection.epoch)
    sandbox_first = customer.path == "sandbox_first"
    for step in PRODUCTION_CONFIRMED if sandbox_first else PRODUCTION_ONLY_CONFIRMED:
        ConfirmationFactory(customer=customer, step=step, epoch=connection.epoch)
    if sandbox_first:
        EnvironmentSettingsFactory(
            customer=customer,
            environment="production",
            validated_org_id=connection.epoch.org_id,
            validated_at=EARLIER,
        )
        OutputSettingsFactory(customer=customer)
    else:
        settings_chosen(customer, connection.epoch, environment="production")
    if people:
        PeopleSourceFactory(customer=customer)
    run = run_in(
        customer,
        connection,
        environment="production",
        state=TestRun.State.APPROVED,
        offered_at=EARLIER,
        deliveries=[*FOUR, (DELIVERED, RIGHT, RIGHT)],
    )
    allowance = AllowanceFactory(test_run=run)
    run.deliveries.update(allowance=allowance)
    for side in ("customer", "vendor"):
        RunApprovalFactory(test_run=run, side=side, at=EARLIER)
    return connection


def batch_in(connection, states, **values):
    """A batch with so many deliveries in each state: `{DELIVERED: 3, REFUSED: 1}`."""
    batch = BatchFactory(
        customer=connection.customer,
        epoch=connection.epoch,
        **{"released_at": EARLIER} | values,
    )
    for state, count in states.items():
        for _number in range(count):
            DeliveryFactory(
                test_run=None,
                epoch=connection.epoch,
                batch=batch,
                state=state,
                job_change=JobChangeFactory(customer=connection.customer),
            )
    return batch
