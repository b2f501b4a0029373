"""Makes valid rows of every model. Shared by all tests: add fields here, not copies elsewhere."""

import datetime

import factory
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.groups import LEADS, MANAGERS
from accounts.hashing import content_hash as hash_of
from accounts.models import (
    Customer,
    CustomerNote,
    Environment,
    Event,
    Membership,
    Path,
    Plan,
    Role,
    SignupLink,
    User,
)
from accounts.services.events import event_record
from accounts.services.links import token_hash
from integrations.checks.base import Finding, Item
from integrations.checks.registry import checks_for
from integrations.models import (
    CheckResult,
    CheckRun,
    ConnectAttempt,
    Connection,
    Health,
    OrgEpoch,
    OrgKind,
    Outcome,
    Snapshot,
    TrackingReport,
)
from jobchanges.models import (
    Allowance,
    Attempt,
    Batch,
    CleanUp,
    CleanUpItem,
    Comment,
    Delivery,
    EnvironmentSettings,
    ImportRow,
    ImportRun,
    JobChange,
    Kind,
    OrgOffer,
    OutputSettings,
    PickDraft,
    RecordWrite,
    Review,
    RunApproval,
    Side,
    TestRun,
    Verdict,
    WriteRole,
)
from jobchanges.person_keys import person_keys_store
from jobchanges.settings_fields import FieldChoice
from jobchanges.settings_options import CampaignChoice, Options, OwnerChoice
from portal.models import (
    Confirmation,
    MailKind,
    OutgoingMail,
    PeopleSource,
    Signature,
    Summary,
    Waiver,
)
from portal.signoff.content import content_of, facts_of, shown_of

PASSWORD = "a long enough password"


class UserFactory(DjangoModelFactory[User]):
    """A customer's person, without a password."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    full_name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@northwind.example")

    @factory.post_generation
    def password(obj, create, extracted, **kwargs):
        if extracted or obj.is_staff:
            obj.set_password(extracted or PASSWORD)
        else:
            obj.set_unusable_password()
        if create:
            obj.save(update_fields=["password"])


class StaffFactory(UserFactory):
    """Somebody of the vendor, in no group, who signs in with `PASSWORD`."""

    is_staff = True
    email = factory.Sequence(lambda n: f"staff{n}@usergems.example")


class ManagerFactory(StaffFactory):
    """An implementation manager."""

    @factory.post_generation
    def in_group(obj, create, extracted, **kwargs):
        obj.groups.add(Group.objects.get(name=MANAGERS))


class LeadFactory(StaffFactory):
    """Leads the implementation managers: sees all customers."""

    @factory.post_generation
    def in_group(obj, create, extracted, **kwargs):
        obj.groups.add(Group.objects.get(name=LEADS))


class CustomerFactory(DjangoModelFactory[Customer]):
    """On the Enterprise plan, sandbox first, with a manager."""

    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Company {n}")
    slug = factory.Sequence(lambda n: f"company-{n}")
    plan = Plan.ENTERPRISE
    path = Path.SANDBOX_FIRST
    implementation_manager = factory.SubFactory(ManagerFactory)
    email_domains = factory.LazyFunction(lambda: ["northwind.example"])


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    customer = factory.SubFactory(CustomerFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.ADMIN


class SignupLinkFactory(DjangoModelFactory[SignupLink]):
    """A link whose token is `token` ("token-0", "token-1", … unless given)."""

    class Meta:
        model = SignupLink

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    customer = factory.SubFactory(CustomerFactory)
    environment = Environment.SANDBOX
    person_name = "Priya Shah"
    email = "priya.shah@northwind.example"
    token_hash = factory.LazyAttribute(lambda link: token_hash(link.token))
    created_by = factory.LazyAttribute(lambda link: link.customer.implementation_manager)
    expires_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=14))


class CustomerNoteFactory(DjangoModelFactory[CustomerNote]):
    class Meta:
        model = CustomerNote

    customer = factory.SubFactory(CustomerFactory)
    author = factory.LazyAttribute(lambda note: note.customer.implementation_manager)
    text = "They answer on Mondays."


class EventFactory(DjangoModelFactory[Event]):
    """Goes through the service, so that the chain holds."""

    class Meta:
        model = Event

    customer = factory.SubFactory(CustomerFactory)
    action = "demo.happened"
    by = None
    side = "system"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with transaction.atomic():
            return event_record(**kwargs)


class ConnectionFactory(DjangoModelFactory[Connection]):
    """A live connection with its current org; `epoch__name=…` sets the org, `epoch=False`: none.

    The org was never checked; `checked=True`: it was, just now, and everything is right.
    """

    class Meta:
        model = Connection
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    environment = Environment.SANDBOX
    health = Health.CONNECTED
    connected_by = factory.SubFactory(UserFactory)
    login_host = "https://test.salesforce.com"
    scopes = "api refresh_token openid id"
    access_token = "access-token"
    refresh_token = "refresh-token"

    @factory.post_generation
    def epoch(obj, create, extracted, **kwargs):
        if not create or extracted is False:
            return
        obj.epoch = extracted or OrgEpochFactory(
            connection=obj,
            **{"kind": OrgKind(obj.environment), **kwargs},
        )
        obj.save(update_fields=["epoch"])

    @factory.post_generation
    def checked(obj, create, extracted, **kwargs):
        if create and extracted:
            org_checked(obj.epoch)


class OrgEpochFactory(DjangoModelFactory[OrgEpoch]):
    """One org. By itself it makes a connection without another org: pass `connection`."""

    class Meta:
        model = OrgEpoch

    connection = factory.SubFactory(ConnectionFactory, epoch=False)
    # Apart from the ids that tests write out.
    org_id = factory.Sequence(lambda n: f"00Df{n:011d}MAA")
    name = "Northwind Traders"
    kind = OrgKind.SANDBOX
    organization_type = "Enterprise Edition"
    instance_name = "CS100"
    instance_url = "https://northwind--full.sandbox.my.salesforce.com"
    identity_url = "https://test.salesforce.com/id/00D/005"
    user_id = "005000000000001AAA"
    username = "usergems@northwind.example.full"
    user_name = "UserGems Integration"
    app_installed = True
    package_installed = True
    package_version = "1.42"
    package_manifest = "usergem-1"
    facts_at = factory.LazyFunction(timezone.now)


class TrackingReportFactory(DjangoModelFactory[TrackingReport]):
    """A report of a production org that can be used; pass `customer` and `epoch`."""

    class Meta:
        model = TrackingReport

    report_id = factory.Sequence(lambda n: f"00Of{n:011d}EAA")
    name = factory.Sequence(lambda n: f"People to track {n}")
    folder = "UserGems tracking"
    state = TrackingReport.State.READY
    columns = factory.LazyFunction(
        lambda: [
            {"name": "FIRST_NAME", "label": "First Name", "type": "string"},
            {"name": "LAST_NAME", "label": "Last Name", "type": "string"},
            {"name": "EMAIL", "label": "Email", "type": "email"},
            {"name": "ACCOUNT.NAME", "label": "Account Name", "type": "string"},
        ]
    )
    column_map = factory.LazyFunction(
        lambda: {
            "first_name": "FIRST_NAME",
            "last_name": "LAST_NAME",
            "email": "EMAIL",
            "company": "ACCOUNT.NAME",
        }
    )
    asked_at = factory.LazyFunction(timezone.now)
    answered_at = factory.LazyFunction(timezone.now)
    all_rows = True
    chosen_by = factory.SubFactory(UserFactory)


class ConnectAttemptFactory(DjangoModelFactory[ConnectAttempt]):
    class Meta:
        model = ConnectAttempt

    customer = factory.SubFactory(CustomerFactory)
    environment = Environment.SANDBOX
    link = factory.SubFactory(SignupLinkFactory, customer=factory.SelfAttribute("..customer"))
    user = factory.SubFactory(UserFactory)
    login_host = "https://test.salesforce.com"


class JobChangeFactory(DjangoModelFactory[JobChange]):
    """Somebody left one company and joined another."""

    class Meta:
        model = JobChange

    customer = factory.SubFactory(CustomerFactory)
    key = factory.Sequence(lambda n: f"jc-{n:06d}")
    kind = Kind.JOINED
    first_name = "Dana"
    last_name = factory.Sequence(lambda n: f"Whitfield {n}")
    past_email = factory.LazyAttribute(lambda job: f"{job.key}@oldco.example")
    past_company_name = "Oldco"
    past_title = "Director of Sales"
    relationship_type = "Customer"
    new_email = factory.LazyAttribute(lambda job: f"{job.key}@newco.example")
    new_company_name = "Newco"
    new_company_domain = "newco.example"
    new_company_website = "https://newco.example"
    new_title = "VP Sales"
    detected_at = factory.LazyFunction(timezone.now)
    content_hash = factory.LazyAttribute(lambda job: token_hash(job.key))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        made = super()._create(model_class, *args, **kwargs)
        person_keys_store([made])
        return made


class OutputSettingsFactory(DjangoModelFactory[OutputSettings]):
    class Meta:
        model = OutputSettings

    customer = factory.SubFactory(CustomerFactory)


class EnvironmentSettingsFactory(DjangoModelFactory[EnvironmentSettings]):
    class Meta:
        model = EnvironmentSettings

    customer = factory.SubFactory(CustomerFactory)
    environment = Environment.SANDBOX
    default_owner_id = "005000000000002AAA"
    default_owner_name = "Olga Owner"


class ImportRunFactory(DjangoModelFactory[ImportRun]):
    class Meta:
        model = ImportRun

    customer = factory.SubFactory(CustomerFactory)
    file_name = "job-changes.csv"
    file_hash = token_hash("job-changes.csv")
    encoding = "utf-8"


class ImportRowFactory(DjangoModelFactory[ImportRow]):
    class Meta:
        model = ImportRow

    run = factory.SubFactory(ImportRunFactory)
    line = factory.Sequence(lambda n: n + 2)
    outcome = ImportRow.Outcome.ADDED


class TestRunFactory(DjangoModelFactory[TestRun]):
    """A draft in the customer's sandbox."""

    __test__ = False

    class Meta:
        model = TestRun

    customer = factory.SubFactory(CustomerFactory)
    environment = Environment.SANDBOX
    epoch = factory.LazyAttribute(
        lambda run: ConnectionFactory(customer=run.customer, environment=run.environment).epoch
    )
    number = factory.Sequence(lambda n: n + 1)
    created_by = factory.LazyAttribute(lambda run: run.customer.implementation_manager)


class DeliveryFactory(DjangoModelFactory[Delivery]):
    """A waiting delivery of a test run."""

    class Meta:
        model = Delivery

    test_run = factory.SubFactory(TestRunFactory)
    epoch = factory.LazyAttribute(lambda delivery: delivery.test_run.epoch)
    job_change = factory.LazyAttribute(
        lambda delivery: JobChangeFactory(customer=delivery.epoch.connection.customer)
    )
    org_id = factory.LazyAttribute(lambda delivery: delivery.epoch.org_id)
    environment = factory.LazyAttribute(lambda delivery: delivery.epoch.connection.environment)
    position = factory.Sequence(lambda n: n)


class AttemptFactory(DjangoModelFactory[Attempt]):
    """A try that delivered."""

    class Meta:
        model = Attempt

    delivery = factory.SubFactory(DeliveryFactory)
    number = 1
    outcome = Attempt.Outcome.DELIVERED
    ended_at = factory.LazyFunction(timezone.now)


class RecordWriteFactory(DjangoModelFactory[RecordWrite]):
    class Meta:
        model = RecordWrite

    attempt = factory.SubFactory(AttemptFactory)
    sequence = factory.Sequence(lambda n: n)
    role = WriteRole.PERSON
    object_name = "Contact"
    record_id = factory.Sequence(lambda n: f"003{n:012d}AAA")
    operation = RecordWrite.Operation.CREATE
    sent = factory.LazyFunction(lambda: {"LastName": "Whitfield"})
    stored = factory.LazyFunction(lambda: {"LastName": "Whitfield"})
    stored_at = factory.LazyFunction(timezone.now)


class CleanUpFactory(DjangoModelFactory[CleanUp]):
    """One that left records to be deleted by hand."""

    class Meta:
        model = CleanUp

    test_run = factory.SubFactory(TestRunFactory)
    state = CleanUp.State.LISTED
    asked_by = factory.LazyAttribute(lambda clean_up: clean_up.test_run.created_by)
    looked_at = factory.LazyFunction(timezone.now)
    confirmed_by = factory.LazyAttribute(lambda clean_up: clean_up.asked_by)
    confirmed_at = factory.LazyFunction(timezone.now)


class CleanUpItemFactory(DjangoModelFactory[CleanUpItem]):
    """A record that Salesforce did not let us delete."""

    class Meta:
        model = CleanUpItem

    clean_up = factory.SubFactory(CleanUpFactory)
    write = factory.SubFactory(RecordWriteFactory)
    action = CleanUpItem.Action.DELETE
    outcome = CleanUpItem.Outcome.REFUSED


class ReviewFactory(DjangoModelFactory[Review]):
    class Meta:
        model = Review

    attempt = factory.SubFactory(AttemptFactory)
    side = Side.CUSTOMER
    verdict = Verdict.RIGHT
    by = factory.SubFactory(UserFactory)


class PickDraftFactory(DjangoModelFactory[PickDraft]):
    class Meta:
        model = PickDraft

    customer = factory.SubFactory(CustomerFactory)
    environment = "sandbox"
    name = factory.Sequence(lambda number: f"Draft {number}")
    by = factory.SubFactory(UserFactory)


class CommentFactory(DjangoModelFactory[Comment]):
    class Meta:
        model = Comment

    delivery = factory.SubFactory(DeliveryFactory)
    side = Side.CUSTOMER
    by = factory.SubFactory(UserFactory)
    text = "The title looks shortened."


class RunApprovalFactory(DjangoModelFactory[RunApproval]):
    class Meta:
        model = RunApproval

    test_run = factory.SubFactory(TestRunFactory)
    side = Side.CUSTOMER
    by = factory.SubFactory(UserFactory)
    content = factory.LazyFunction(dict)
    content_hash = token_hash("approved")


class ConfirmationFactory(DjangoModelFactory[Confirmation]):
    class Meta:
        model = Confirmation

    customer = factory.SubFactory(CustomerFactory)
    step = "sandbox.package"
    statement = "I installed the package for all users."
    by = factory.SubFactory(UserFactory)


class WaiverFactory(DjangoModelFactory[Waiver]):
    class Meta:
        model = Waiver

    customer = factory.SubFactory(CustomerFactory)
    step = "sandbox.lead_conversion"
    reason = "No leads in use."
    by = factory.SubFactory(ManagerFactory)


class AllowanceFactory(DjangoModelFactory[Allowance]):
    """A customer's person allowed a production test from now on."""

    class Meta:
        model = Allowance

    test_run = factory.SubFactory(TestRunFactory)
    by = factory.SubFactory(UserFactory)
    role = Role.ADMIN
    starts_at = factory.LazyFunction(timezone.now)
    content = factory.LazyFunction(dict)
    content_hash = factory.Sequence(lambda n: token_hash(f"allowed-{n}"))
    meaning = "I allow it."


class BatchFactory(DjangoModelFactory[Batch]):
    """A first batch that is being sent, without deliveries."""

    class Meta:
        model = Batch

    customer = factory.SubFactory(CustomerFactory)
    epoch = factory.LazyAttribute(
        lambda batch: (
            ConnectionFactory(customer=batch.customer, environment=Environment.PRODUCTION).epoch
        )
    )
    cut_off = factory.LazyFunction(timezone.now)
    signed_hash = factory.Sequence(lambda n: token_hash(f"signed-{n}"))
    customer_signer = factory.SubFactory(UserFactory)
    vendor_signer = factory.LazyAttribute(lambda batch: batch.customer.implementation_manager)
    released_by = factory.LazyAttribute(lambda batch: batch.customer.implementation_manager)


class SummaryFactory(DjangoModelFactory[Summary]):
    """Frozen from what is known of the customer now; the forecast is there, nobody signed."""

    class Meta:
        model = Summary

    customer = factory.SubFactory(CustomerFactory)
    frozen_by = factory.LazyAttribute(lambda summary: summary.customer.implementation_manager)
    content = factory.LazyAttribute(
        lambda summary: content_of(summary.customer, facts_of(summary.customer))
    )
    shown = factory.LazyAttribute(
        lambda summary: shown_of(summary.customer, facts_of(summary.customer))
    )
    content_hash = factory.LazyAttribute(lambda summary: hash_of(summary.content))
    forecast = factory.LazyFunction(
        lambda: {
            "total": 1849,
            "new": 1842,
            "tried_in_sandbox": 7,
            "already_there": 8,
            "outcomes": {"leads": 1120, "contacts": 486, "enriched": 243},
            "owners": [{"id": "005000000000002AAA", "name": "Olga Owner", "count": 1849}],
            "api_calls": {"expected": 80, "left": 98796},
            "minutes": [25, 60],
        }
    )
    forecast_at = factory.LazyFunction(timezone.now)
    signed_hash = factory.Sequence(lambda n: token_hash(f"summary-{n}"))


class SignatureFactory(DjangoModelFactory[Signature]):
    """The customer's side signed; it may start for a week."""

    class Meta:
        model = Signature

    summary = factory.SubFactory(SummaryFactory)
    side = Side.CUSTOMER
    by = factory.SubFactory(UserFactory)
    name = factory.LazyAttribute(lambda signature: str(signature.by))
    email = factory.LazyAttribute(lambda signature: signature.by.email)
    role = "Approver, Northwind Traders"
    meaning = "I confirm."
    signed_hash = factory.LazyAttribute(lambda signature: signature.summary.signed_hash)
    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=7))


class OutgoingMailFactory(DjangoModelFactory[OutgoingMail]):
    """A piece of news for the customer's manager, on its way."""

    class Meta:
        model = OutgoingMail

    key = factory.Sequence(lambda number: f"news-{number}")
    customer = factory.SubFactory(CustomerFactory)
    user = factory.LazyAttribute(lambda mail: mail.customer.implementation_manager)
    kind = MailKind.PROGRESS
    writer = "news"


class PeopleSourceFactory(DjangoModelFactory[PeopleSource]):
    """The list comes by file."""

    class Meta:
        model = PeopleSource

    customer = factory.SubFactory(CustomerFactory)
    kind = PeopleSource.Kind.FILE
    chosen_by = factory.SubFactory(UserFactory)


class OrgOfferFactory(DjangoModelFactory[OrgOffer]):
    """What an org offered just now for the settings; pass `epoch`, and `users` and the like."""

    class Meta:
        model = OrgOffer

    class Params:
        # (id, name), (id, name), and what else an org has.
        users: tuple[tuple[str, str], ...] = (("005000000000002AAA", "Olga Owner"),)
        campaigns: tuple[tuple[str, str], ...] = (("701000000000001AAA", "Job changes"),)
        lead_sources: tuple[str, ...] = ("Web", "UserGems")
        restricted = False
        # Object and its fields.
        org_fields: tuple[tuple[str, tuple[FieldChoice, ...]], ...] = ()

    answered_at = factory.LazyFunction(timezone.now)
    asked_at = factory.SelfAttribute("answered_at")
    options = factory.LazyAttribute(
        lambda offer: Options(
            owners=tuple(
                OwnerChoice(pk, f"{name} ({name.split()[0].lower()}@n.example)", person=name)
                for pk, name in offer.users
            ),
            campaigns=tuple(
                CampaignChoice(pk, name, ("Sent", "Responded")) for pk, name in offer.campaigns
            ),
            lead_sources=offer.lead_sources,
            lead_source_restricted=offer.restricted,
            fields=dict(offer.org_fields),
        ).as_json()
    )


class CheckRunFactory(DjangoModelFactory[CheckRun]):
    """Everything was asked just now and answered."""

    class Meta:
        model = CheckRun

    epoch = factory.SubFactory(OrgEpochFactory)
    state = CheckRun.State.ENDED
    reason = CheckRun.Reason.ASKED
    started_at = factory.LazyFunction(timezone.now)
    ended_at = factory.LazyAttribute(
        lambda run: None if run.state in {"waiting", "running"} else timezone.now()
    )
    api_calls = 12


class CheckResultFactory(DjangoModelFactory[CheckResult]):
    """A check that found everything right just now; `items` as `Item.as_json()`."""

    class Meta:
        model = CheckResult

    epoch = factory.SubFactory(OrgEpochFactory)
    name = "object_access"
    outcome = Outcome.PASS
    found = "Everything that is needed is there."


class SnapshotFactory(DjangoModelFactory[Snapshot]):
    """How an org is set up, now; empty unless `content` is given."""

    class Meta:
        model = Snapshot

    epoch = factory.SubFactory(OrgEpochFactory)
    purpose = "current"
    content = factory.LazyFunction(dict)
    content_hash = factory.LazyAttribute(lambda snapshot: hash_of(snapshot.content))


def org_checked(epoch: OrgEpoch, *, at: datetime.datetime | None = None, **found) -> CheckRun:
    """The org answered every check, just now or `at`: everything is right, but for what is `found`.

    By name of the check: an outcome (`field_access="fail"`), the `Item`s of the answer, or None
    for a check that was never asked. Asked again, the new answers take the place of the old ones.
    """
    at = at or timezone.now()
    run = CheckRunFactory(epoch=epoch, asked_at=at, started_at=at, ended_at=at)
    for check in checks_for(epoch.connection.environment):
        answer = found.pop(check.name, "pass")
        CheckResult.objects.filter(epoch=epoch, name=check.name).delete()
        if answer is not None:
            result_of(epoch, check.name, answer, run=run, checked_at=at, since=at)
    assert not found, f"there is no such check: {', '.join(found)}"
    return run


def result_of(epoch: OrgEpoch, name: str, answer, **values) -> CheckResult:
    """One answer: an outcome, or the `Item`s of which the worst says how the check ended."""
    if isinstance(answer, str):
        words = {
            "pass": "Everything that is needed is there.",
            "fail": "Something that is needed is missing.",
            "cannot": "Your org could not be asked.",
            "warning": "This may surprise.",
            "error": "",
        }[answer]
        right = "View Setup and Configuration" if answer == "cannot" else ""
        values = {"outcome": answer, "found": words, "missing_right": right} | values
        return CheckResultFactory(epoch=epoch, name=name, **values)
    finding = Finding.of(
        [one if isinstance(one, Item) else Item(**one) for one in answer], found=""
    )
    return CheckResultFactory(
        epoch=epoch,
        name=name,
        **{
            "outcome": finding.outcome,
            "found": finding.items[0].sentence if finding.items else "Right.",
            "items": [item.as_json() for item in finding.items],
        }
        | values,
    )
