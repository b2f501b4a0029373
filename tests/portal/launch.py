"""A customer on its way to live, in the states that the go-live page knows."""

from collections.abc import Mapping

from django.utils import timezone

from accounts.models import Customer, Environment, User
from jobchanges.models import Attempt, Batch, Delivery, Side, TestRun
from portal.models import Summary
from tests import factories as make

State = Delivery.State
Outcome = Delivery.Outcome

REFUSAL = {
    "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "message": "Industry is required on new accounts.",
    "sentence": "A validation rule of your org stopped the record.",
    "who": "your Salesforce administrator",
    "where": "Setup, Object Manager, Account, Validation Rules",
    "fields": [],
}
# How a batch stands, by state and outcome.
MIDDLE = {
    (State.DELIVERED, Outcome.CREATED): 21,
    (State.DELIVERED, Outcome.ENRICHED): 9,
    (State.REFUSED, ""): 2,
    (State.HELD, ""): 1,
    (State.CLAIMED, ""): 5,
    (State.WAITING, ""): 12,
}
THROUGH = {
    (State.DELIVERED, Outcome.CREATED): 31,
    (State.DELIVERED, Outcome.ENRICHED): 12,
    (State.DELIVERED, Outcome.PAST_ONLY): 3,
    (State.DELIVERED, Outcome.PACKAGE_ONLY): 1,
    (State.REFUSED, ""): 2,
    (State.HELD, ""): 1,
}


def production_org(customer: Customer):
    """A live production org with its settings."""
    make.OutputSettingsFactory(customer=customer)
    make.EnvironmentSettingsFactory(customer=customer, environment=Environment.PRODUCTION)
    return make.ConnectionFactory(
        customer=customer,
        environment=Environment.PRODUCTION,
        checked=True,
        epoch__name="Northwind Traders",
        epoch__org_id="00Dnorthwind00001A",
        epoch__instance_url="https://northwind.my.salesforce.com",
    ).epoch


def both_tests_approved(customer: Customer, epoch) -> TestRun:
    """Both tests, approved by both sides: the stage is open."""
    sandbox = make.ConnectionFactory(customer=customer).epoch
    for tried in (sandbox, epoch):
        run = make.TestRunFactory(
            customer=customer,
            environment=tried.connection.environment,
            epoch=tried,
            state=TestRun.State.APPROVED,
            sent_at=timezone.now(),
            sent_by=customer.implementation_manager,
        )
    return run


def sign(summary: Summary, *, customer: User | None = None, vendor: User | None = None) -> None:
    """One signature or both."""
    for side, by in ((Side.CUSTOMER, customer), (Side.VENDOR, vendor)):
        if by is not None:
            window = {} if side == Side.CUSTOMER else {"starts_at": None, "ends_at": None}
            role = (
                "Approver, Northwind Traders"
                if side == Side.CUSTOMER
                else "Implementation manager, UserGems"
            )
            make.SignatureFactory(summary=summary, side=side, by=by, role=role, **window)


def released(
    summary: Summary,
    epoch,
    counts: Mapping[tuple[str, str], int] = MIDDLE,
    **fields: object,
) -> Batch:
    """The first batch of a summary that both sides signed, filled as `counts` says."""
    signers = {one.side: one.by for one in summary.signatures.all()}
    batch = make.BatchFactory(
        customer=summary.customer,
        epoch=epoch,
        cut_off=summary.frozen_at,
        signed_hash=summary.signed_hash,
        customer_signer=signers[Side.CUSTOMER],
        vendor_signer=signers[Side.VENDOR],
        **fields,
    )
    Summary.objects.filter(pk=summary.pk).update(batch=batch)
    fill(batch, counts)
    return batch


def fill(batch: Batch, counts: Mapping[tuple[str, str], int]) -> None:
    """Deliveries of a batch; refused ones with Salesforce's words."""
    for (state, outcome), count in counts.items():
        for _number in range(count):
            delivery = make.DeliveryFactory(
                test_run=None,
                epoch=batch.epoch,
                environment=Environment.PRODUCTION,
                job_change=make.JobChangeFactory(customer=batch.customer),
                batch=batch,
                state=state,
                outcome=outcome,
                released_at=timezone.now(),
            )
            if state == State.HELD:
                delivery.held_reason = "Two records of your org match this person."
                delivery.held_code = "ambiguous"
                delivery.save(update_fields=["held_reason", "held_code"])
            if state == State.REFUSED:
                make.AttemptFactory(
                    delivery=delivery, outcome=Attempt.Outcome.REFUSED, errors=[REFUSAL]
                )
