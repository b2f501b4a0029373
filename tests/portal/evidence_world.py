"""A customer that is live, with every kind of evidence, recorded as services record it."""

from typing import Any

from accounts.hashing import content_hash
from accounts.models import Customer, Environment, User
from accounts.services import event_record
from integrations.models import Connection
from jobchanges.models import Allowance, Attempt, Batch, Delivery, RecordWrite, Side, TestRun
from portal.models import Confirmation
from portal.services import step_waive
from tests import factories as make
from tests.portal import launch, signing

PRODUCTION = Environment.PRODUCTION
SENT = {"LastName": "Whitfield", "Title": "VP Sales", "OwnerId": "005000000000001AAA"}
STORED = {**SENT, "Title": "VP of Sales"}


def live(customer: Customer, admin: User, *, records: int = 0) -> Batch:
    """Tested, allowed, signed by both, and its first batch through (`records`: more of them)."""
    signing.production_done(customer, admin)
    for attempt in Attempt.objects.filter(delivery__job_change__customer=customer):
        _written(attempt)
    _recorded(customer)
    step_waive(
        customer=customer,
        step="sandbox.lead_conversion",
        reason="Northwind uses no leads in the sandbox.",
        by=customer.implementation_manager,
    )
    summary = signing.signed(customer, admin)
    epoch = Connection.objects.get(customer=customer, environment=PRODUCTION).epoch
    batch = launch.released(summary, epoch, launch.THROUGH, state=Batch.State.ENDED)
    for tried in Delivery.objects.filter(job_change__customer=customer, environment="sandbox"):
        _sent(batch, job_change=tried.job_change)
    for _number in range(records):
        _sent(batch)
    _event(customer, "batch.released", customer.implementation_manager, {"batch": batch.pk})
    _event(customer, "batch.ended", None, {"batch": batch.pk})
    return batch


def _sent(batch: Batch, **job_change: Any) -> None:
    made = job_change or {"job_change": make.JobChangeFactory(customer=batch.customer)}
    delivery = make.DeliveryFactory(
        test_run=None,
        epoch=batch.epoch,
        environment=PRODUCTION,
        batch=batch,
        state=Delivery.State.DELIVERED,
        outcome=Delivery.Outcome.CREATED,
        **made,
    )
    _written(make.AttemptFactory(delivery=delivery))


def _written(attempt: Attempt) -> None:
    """A new contact and a past one that got a value into an empty field."""
    names = {"005000000000001AAA": "Dana Fields"}
    make.RecordWriteFactory(attempt=attempt, sequence=1, sent=SENT, stored=STORED, names=names)
    make.RecordWriteFactory(
        attempt=attempt,
        sequence=2,
        role="past_person",
        operation=RecordWrite.Operation.UPDATE,
        before={"Description": None, "UserGems__IsJobChange__c": False},
        sent={"UserGems__IsJobChange__c": True},
        stored={"UserGems__IsJobChange__c": True},
    )


def _recorded(customer: Customer) -> None:
    """The events of what the factories made."""
    for said in Confirmation.objects.filter(customer=customer):
        data = {"step": said.step, "id": said.pk, "content_hash": content_hash(said.statement)}
        _event(customer, "step.confirmed", said.by, data)
    for run in TestRun.objects.filter(customer=customer):
        for approval in run.approvals.all():
            data = {"test_run": run.pk, "content_hash": approval.content_hash}
            _event(customer, "test_run.side_approved", approval.by, data)
    for one in Allowance.objects.filter(test_run__customer=customer):
        content = {"org": signing.ORG_ID, "plans": {"jc-1": "a" * 64}}
        Allowance.objects.filter(pk=one.pk).update(
            content=content, content_hash=content_hash(content)
        )
        data = {"allowance": one.pk, "content_hash": content_hash(content)}
        _event(customer, "test_run.allowed", one.by, data)


def _event(customer: Customer, action: str, by: User | None, data: dict[str, Any]) -> None:
    side = Side.VENDOR if by and by.is_staff else Side.CUSTOMER if by else "system"
    event_record(customer=customer, action=action, by=by, side=side, data=data)
