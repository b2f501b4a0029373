"""What belongs to a customer: one of everything, and how to find all of it again."""

import zlib
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import Customer, CustomerNote, Event, Membership, SignupLink, User
from integrations.checks.base import Item
from integrations.models import (
    CheckResult,
    CheckRun,
    ConnectAttempt,
    Connection,
    OrgEpoch,
    TrackingReport,
)
from jobchanges.models import (
    Allowance,
    Batch,
    CleanUp,
    CleanUpItem,
    Comment,
    Delivery,
    EnvironmentSettings,
    ImportRun,
    JobChange,
    OutputSettings,
    PickDraft,
    Review,
    RunApproval,
    SendingSchedule,
    TestRun,
    Verdict,
)
from portal.models import (
    Comparison,
    Confirmation,
    EvidenceFile,
    EvidencePack,
    PeopleSource,
    Signature,
    Summary,
    Waiver,
)
from tests import factories as make

# Where a customer's things are, and the way from there to the customer.
OWNED: dict[type[Model], str] = {
    Customer: "pk",
    Membership: "customer",
    CustomerNote: "customer",
    SignupLink: "customer",
    Event: "customer",
    Connection: "customer",
    OrgEpoch: "connection__customer",
    ConnectAttempt: "customer",
    CheckRun: "epoch__connection__customer",
    CheckResult: "epoch__connection__customer",
    TrackingReport: "customer",
    JobChange: "customer",
    ImportRun: "customer",
    OutputSettings: "customer",
    EnvironmentSettings: "customer",
    TestRun: "customer",
    PickDraft: "customer",
    Delivery: "job_change__customer",
    CleanUp: "test_run__customer",
    CleanUpItem: "clean_up__test_run__customer",
    Review: "attempt__delivery__job_change__customer",
    Comment: "delivery__job_change__customer",
    RunApproval: "test_run__customer",
    Confirmation: "customer",
    Comparison: "customer",
    PeopleSource: "customer",
    Allowance: "test_run__customer",
    Batch: "customer",
    SendingSchedule: "customer",
    EvidencePack: "customer",
    EvidenceFile: "pack__customer",
    Summary: "customer",
    Signature: "summary__customer",
    Waiver: "customer",
}


def objects(
    customer: Customer, admin: User, closed_host: str, word: str, last_name: str
) -> dict[str, Any]:
    """One of everything that belongs to a customer, in the middle of its sandbox test."""
    manager = customer.implementation_manager
    connection = make.ConnectionFactory(
        customer=customer,
        connected_by=admin,
        login_host=closed_host,
        epoch__org_id=f"00Dw{customer.pk:011d}MAA",
        epoch__name=f"{customer.name} (full copy)",
        epoch__username=f"usergems@{word}.example.full",
        epoch__identity_url=f"{closed_host}/id/{word}--full",
        epoch__instance_url=closed_host,
    )
    epoch = connection.epoch
    private = Item("Lead", "warning", f"{customer.name}: leads are private in this org.")
    make.org_checked(epoch, record_sharing=[private], rep_access="cannot")
    make.OutputSettingsFactory(customer=customer)
    make.PeopleSourceFactory(customer=customer, chosen_by=admin)
    make.EnvironmentSettingsFactory(customer=customer)
    run = make.TestRunFactory(
        customer=customer,
        epoch=epoch,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
        sent_by=manager,
    )
    deliveries = [
        make.DeliveryFactory(
            test_run=run,
            position=position,
            job_change=make.JobChangeFactory(customer=customer, last_name=last_name),
            state=Delivery.State.DELIVERED,
            outcome=Delivery.Outcome.CREATED,
            released_at=timezone.now(),
            delivered_at=timezone.now(),
            attempts_made=1,
        )
        for position in range(5)
    ]
    for delivery in deliveries:
        attempt = make.AttemptFactory(delivery=delivery)
        make.RecordWriteFactory(attempt=attempt, sent={"LastName": last_name})
    make.ReviewFactory(
        attempt=attempt,
        by=admin,
        verdict=Verdict.OFF,
        comment=f"{customer.name} writes titles differently.",
    )
    make.CommentFactory(delivery=deliveries[0], by=admin, text=f"Ask {admin.email}.")
    clean_up = make.CleanUpFactory(test_run=run, asked_by=admin)
    make.CleanUpItemFactory(
        clean_up=clean_up, write=attempt.writes.get(), edited_by=f"{customer.name} Admin"
    )
    imported = make.ImportRunFactory(customer=customer, by=manager, file_name=f"{word}--jobs.csv")
    free = make.JobChangeFactory(customer=customer, last_name=last_name)
    make.ImportRowFactory(run=imported, job_change=free)
    make.PickDraftFactory(customer=customer, name=f"{word}-draft", ids=[free.pk], by=manager)
    return {
        "note": make.CustomerNoteFactory(customer=customer, text=f"{word}-internal-remark"),
        "connection": connection,
        "epoch": epoch,
        "run": run,
        "delivery": deliveries[0],
        "job_change": free,
        "import_run": imported,
        "confirmation": make.ConfirmationFactory(
            customer=customer, epoch=epoch, step="sandbox.layouts", by=admin
        ),
        "waiver": make.WaiverFactory(
            customer=customer, epoch=epoch, by=manager, reason=f"{customer.name} uses no leads."
        ),
        "event": make.EventFactory(customer=customer, by=admin, side="customer"),
        "evidence_pack": _evidence(customer, admin),
        # It went out: nobody sends it again while addresses are asked.
        "outgoing_mail": make.OutgoingMailFactory(
            customer=customer, user=admin, sent_at=timezone.now()
        ),
    }


def _evidence(customer: Customer, admin: User) -> EvidencePack:
    pack = EvidencePack.objects.create(
        customer=customer,
        asked_by=admin,
        side="customer",
        made_at=timezone.now(),
        head_sequence=1,
    )
    for kind in EvidenceFile.Kind:
        content = zlib.compress(customer.name.encode())
        EvidenceFile.objects.create(pack=pack, kind=kind, content=content)
    return pack


def launch(
    customer: Customer, signers: tuple[User, User], run: TestRun, last_name: str
) -> dict[str, Any]:
    """A first batch on its way under both signatures; last of all, so that they still stand."""
    by_customer, by_vendor = signers
    summary = make.SummaryFactory(customer=customer)
    signature = make.SignatureFactory(summary=summary, by=by_customer)
    make.SignatureFactory(summary=summary, side="vendor", by=by_vendor)
    batch = make.BatchFactory(
        customer=customer,
        epoch=run.epoch,
        customer_signer=by_customer,
        vendor_signer=by_vendor,
        signed_hash=summary.signed_hash,
    )
    Summary.objects.filter(pk=summary.pk).update(batch=batch)
    refused = make.DeliveryFactory(
        test_run=None,
        batch=batch,
        epoch=run.epoch,
        environment=run.environment,
        job_change=make.JobChangeFactory(customer=customer, last_name=last_name),
        state=Delivery.State.REFUSED,
        released_at=timezone.now(),
    )
    return {
        "summary": summary,
        "signature": signature,
        "batch": batch,
        "refused": refused,
        "allowance": make.AllowanceFactory(test_run=run, by=by_customer),
    }


def identity(instance_url: str) -> dict[str, Any]:
    return {
        "user_id": "005000000000001AAA",
        "username": "usergems@northwind.example.full",
        "user_name": "UserGems Integration",
        "profile": "UserGems Integration",
        "is_administrator": False,
        "app_installed": True,
        "instance_url": instance_url,
        "identity_url": f"{instance_url}/id/00D/005",
        "scopes": "api refresh_token openid id",
    }


def organization() -> dict[str, Any]:
    return {
        "id": "00D000000000008MAA",
        "name": "Northwind Traders (full copy)",
        "kind": "sandbox",
        "edition": "Enterprise Edition",
        "instance_name": "CS100",
        "package_installed": True,
    }
