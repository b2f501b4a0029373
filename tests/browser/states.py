"""Worlds that a page is looked at in. Each makes its rows and answers what addresses name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.test import Client
from django.utils import timezone

from accounts.models import Customer, Environment, User
from integrations.models import CheckRun, Connection, Health, ReportListing, TrackingReport
from jobchanges.models import (
    Batch,
    Delivery,
    OutputSettings,
    RecordMode,
    RecordWrite,
    Side,
    TestRun,
    Verdict,
)
from jobchanges.services.schedules import schedule_look, schedule_stop
from portal.signoff import services
from tests import factories as make
from tests.portal import launch, live, mirrors, signing, situations
from tests.portal.checks_world import PRIVATE, TITLE
from tests.portal.test_allow_pages import OWNER, plan

Names = Mapping[str, Any]
LONG = "An-unusually-long-name-that-nobody-broke-into-words-" * 3


@dataclass
class Scene:
    """Northwind's people, and a browser for each."""

    customer: Customer
    people: Mapping[str, User]
    sign_in: Callable[[User], Client]
    browsers: dict[str, Client] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        """`scene.manager`: one of the people."""
        return self.people[name]

    def browser(self, person: str) -> Client:
        """Where the person is signed in; nobody in the browser of "anonymous"."""
        if person not in self.browsers:
            who = self.people.get(person)
            self.browsers[person] = Client() if who is None else self.sign_in(who)
        return self.browsers[person]


# --- at the start -------------------------------------------------------------------------------


def nobody_connected(_scene: Scene) -> Names:
    """The customer was made a minute ago."""
    return {}


def link_open(scene: Scene) -> Names:
    """Invited: links in each way they can end."""
    now = timezone.now()
    for token, ended in {
        "open": {},
        "expired": {"expires_at": now},
        "revoked": {"revoked_at": now},
        "used": {"used_at": now},
    }.items():
        make.SignupLinkFactory(customer=scene.customer, token=token, **ended)
    newer = make.SignupLinkFactory(customer=scene.customer, token="newer")
    make.SignupLinkFactory(customer=scene.customer, token="older", replaced_by=newer)
    make.SignupLinkFactory(
        customer=scene.customer, token="proven", proven_by=scene.admin_person,
        email=scene.admin_person.email,
    )  # fmt: skip
    return {}


def not_at_home(scene: Scene) -> Names:
    """A person who belongs to no customer."""
    return {}


# --- an org and its checks ----------------------------------------------------------------------


def org(scene: Scene, **found: Any) -> Connection:
    """A connected sandbox that answered its checks."""
    connection: Connection = make.ConnectionFactory(
        customer=scene.customer,
        connected_by=scene.admin_person,
        epoch__name="Northwind (full copy)",
        epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
    )
    make.org_checked(connection.epoch, **found)
    return connection


def checks_answered(scene: Scene) -> Names:
    """To fix, to look at, and what could not be asked."""
    org(scene, field_access=[TITLE], record_sharing=[PRIVATE], rep_access="cannot")
    return {}


def checks_asked(scene: Scene) -> Names:
    """The org is being asked, and answered nothing yet."""
    connection = make.ConnectionFactory(customer=scene.customer)
    CheckRun.objects.create(epoch=connection.epoch, asked_at=timezone.now())
    return {}


def connection_lost(scene: Scene) -> Names:
    """Salesforce does not take the token any more."""
    connection = org(scene)
    connection.health = Health.NEEDS_RECONNECTING
    connection.save(update_fields=["health"])
    return {}


def settings_to_choose(scene: Scene) -> Names:
    """The org said what there is to choose from."""
    connection = org(scene)
    make.OrgOfferFactory(epoch=connection.epoch)
    make.JobChangeFactory.create_batch(3, customer=scene.customer)
    return {}


def settings_saved(scene: Scene) -> Names:
    """Chosen for both orgs; the sandbox's test is approved."""
    sandbox = situations.sandbox_approved(scene.customer)
    production = situations.production_connect(scene.customer)
    make.OutputSettingsFactory(customer=scene.customer, record_mode=RecordMode.CONTACT_IF_ACCOUNT)
    for connection in (sandbox, production):
        make.OrgOfferFactory(epoch=connection.epoch)
        make.EnvironmentSettingsFactory(customer=scene.customer, environment=connection.environment)
    return {}


# --- a sandbox test -----------------------------------------------------------------------------


def candidates(scene: Scene) -> Names:
    """Job changes wait to be picked."""
    connection = org(scene)
    situations.settings_chosen(scene.customer, connection.epoch)
    make.JobChangeFactory.create_batch(4, customer=scene.customer)
    make.JobChangeFactory(customer=scene.customer, last_name=LONG, new_company_name=LONG)
    return {}


def run_drafted(scene: Scene) -> Names:
    """Put together, planned, to be sent."""
    connection = org(scene)
    situations.settings_chosen(scene.customer, connection.epoch)
    run = make.TestRunFactory(
        customer=scene.customer, epoch=connection.epoch, planned_at=timezone.now()
    )
    for number in range(5):
        make.DeliveryFactory(
            test_run=run,
            position=number,
            job_change=make.JobChangeFactory(customer=scene.customer),
            plan=plan(number),
            plan_hash="a" * 64,
        )
    return {"run": run}


def run_on_its_way(scene: Scene) -> Names:
    """Sent: one is delivered, the others wait."""
    run = situations.run_in(
        scene.customer,
        org(scene),
        state=TestRun.State.SENDING,
        deliveries=[(Delivery.State.DELIVERED, "", ""), *[(Delivery.State.WAITING, "", "")] * 4],
    )
    return {"run": run}


def run_reviewed(scene: Scene) -> Names:
    """In review: differences, a refusal, one held, comments, a second attempt, long words."""
    connection = org(scene)
    now = timezone.now()
    run = make.TestRunFactory(
        customer=scene.customer,
        epoch=connection.epoch,
        state=TestRun.State.REVIEW,
        sent_at=now,
        sent_by=scene.manager,
    )
    for number in range(5):
        delivery = make.DeliveryFactory(
            test_run=run,
            position=number,
            job_change=make.JobChangeFactory(
                customer=scene.customer, last_name=LONG if number == 3 else "Whitfield"
            ),
            state=Delivery.State.REFUSED if number == 4 else Delivery.State.DELIVERED,
            outcome="" if number == 4 else Delivery.Outcome.CREATED,
            released_at=now,
            delivered_at=now,
            attempts_made=1,
        )
        if number == 4:
            make.AttemptFactory(delivery=delivery, outcome="refused", errors=[launch.REFUSAL])
            continue
        attempt = make.AttemptFactory(
            delivery=delivery,
            display={"labels": {"Lead": {"OwnerId": "Owner ID", "LeadSource": "Lead Source"}}},
        )
        make.RecordWriteFactory(
            attempt=attempt,
            object_name="Lead",
            record_id=f"00Q7z{number:010d}AAA",
            sent={"LastName": "Whitfield", "Title": "VP", "LeadSource": LONG, "OwnerId": OWNER},
            stored={"LastName": "Whitfield", "Title": "V", "LeadSource": "Other", "OwnerId": OWNER},
            settled={"LastName": "W.", "Title": "V", "LeadSource": "Web", "OwnerId": OWNER},
            names={OWNER: "Dana Cole"},
            stored_at=now,
            settled_at=now,
            changed_by="Automated Process",
            changed_by_kind="automated",
            changed_at=now,
        )
        make.CommentFactory(delivery=delivery, by=scene.admin_person, text=f"Why {LONG}")
    off = run.deliveries.get(position=1)
    make.ReviewFactory(
        attempt=off.attempts.get(),
        by=scene.admin_person,
        verdict=Verdict.OFF,
        comment="The owner should be the default owner.",
    )
    make.AttemptFactory(delivery=off, number=2)
    off.attempts_made = 2
    off.save(update_fields=["attempts_made"])
    return {"run": run, "delivery": off, "refused": run.deliveries.get(position=4)}


def run_agreed(scene: Scene) -> Names:
    """Every job change is agreed: both sides may approve."""
    run = situations.run_in(
        scene.customer,
        org(scene),
        deliveries=[*situations.FOUR, (Delivery.State.DELIVERED, Verdict.RIGHT, Verdict.RIGHT)],
    )
    return {"run": run}


def run_approved(scene: Scene) -> Names:
    """Approved by both sides."""
    situations.sandbox_approved(scene.customer)
    return {"run": TestRun.objects.get(customer=scene.customer)}


def clean_up(scene: Scene, state: str = "found", **values: Any) -> Names:
    """What the test left in the sandbox was looked at."""
    names = run_reviewed(scene)
    made = make.CleanUpFactory(
        test_run=names["run"], state=state, asked_by=scene.admin_person, **values
    )
    writes = RecordWrite.objects.filter(attempt__delivery__test_run=names["run"])
    for place, write in enumerate(writes):
        outcome = "" if state == "found" else ("deleted", "kept")[place % 2]
        make.CleanUpItemFactory(clean_up=made, write=write, outcome=outcome)
    return names


def clean_up_found(scene: Scene) -> Names:
    """To be confirmed."""
    return clean_up(scene, confirmed_by=None, confirmed_at=None)


def clean_up_done(scene: Scene) -> Names:
    """Done, record by record."""
    return clean_up(scene, "done")


# --- production ---------------------------------------------------------------------------------


def orgs_compared(scene: Scene) -> Names:
    """Differences of every grade, one set aside, and drift since."""
    mirrors.compared(
        scene.customer,
        mirrors.BLOCKING,
        mirrors.difference(),
        mirrors.COSMETIC,
        drift=[mirrors.difference("Lead.Size__c:missing", names=("Lead.Size__c",))],
    )
    return {}


def reports_listed(scene: Scene) -> Names:
    """Chosen, to be chosen, and not readable."""
    connection = situations.production_connect(scene.customer)
    situations.sandbox_approved(scene.customer)
    make.PeopleSourceFactory(customer=scene.customer, kind="reports")
    ReportListing.objects.create(
        epoch=connection.epoch,
        asked_at=timezone.now(),
        answered_at=timezone.now(),
        reports=[
            {
                "id": f"00O5g0000000{number:02d}EAAA"[:18],
                "name": name,
                "folder": "UserGems tracking",
                "format": "Tabular",
                "last_run": "",
            }
            for number, name in enumerate(["Champions", LONG, "Leads from events"])
        ],
    )
    make.TrackingReportFactory(customer=scene.customer, epoch=connection.epoch, name="Champions")
    make.TrackingReportFactory(
        customer=scene.customer, epoch=connection.epoch, state=TrackingReport.State.ASKING,
        answered_at=None,
    )  # fmt: skip
    return {}


def production_offered(scene: Scene) -> Names:
    """The production test waits for its allowance."""
    situations.sandbox_approved(scene.customer)
    connection = situations.production_connect(scene.customer)
    make.org_checked(connection.epoch)
    now = timezone.now()
    run = make.TestRunFactory(
        customer=scene.customer,
        environment=Environment.PRODUCTION,
        epoch=connection.epoch,
        offered_at=now,
        planned_at=now,
    )
    for number in range(5):
        make.DeliveryFactory(
            test_run=run,
            position=number,
            job_change=make.JobChangeFactory(customer=scene.customer),
            plan=plan(number),
            plan_hash="a" * 64,
        )
    return {"run": run}


def production_allowed(scene: Scene) -> Names:
    """Everything before the sign-off is done."""
    situations.sandbox_approved(scene.customer)
    situations.production_ready(scene.customer)
    return {"run": TestRun.objects.get(customer=scene.customer, environment="production")}


# --- going live ---------------------------------------------------------------------------------


def summary_to_prepare(scene: Scene) -> Names:
    """Everything is tested; nothing is frozen yet."""
    signing.production_done(scene.customer, scene.admin_person)
    return {}


def summary_prepared(scene: Scene) -> Names:
    """Frozen, and the org is asked what the first batch would do."""
    signing.production_done(scene.customer, scene.admin_person)
    services.summary_freeze(customer=scene.customer, by=scene.admin_person)
    return {}


def summary_to_sign(scene: Scene) -> Names:
    """Foretold: both may sign."""
    make.JobChangeFactory.create_batch(3, customer=scene.customer)
    signing.production_done(scene.customer, scene.admin_person)
    signing.frozen(scene.customer, scene.admin_person)
    return {}


def signed_by_one(scene: Scene) -> Names:
    """UserGems signed; the customer has not."""
    signing.production_done(scene.customer, scene.admin_person)
    summary = signing.frozen(scene.customer, scene.admin_person)
    signing.sign(summary, Side.VENDOR, scene.manager)
    return {}


def signed_by_both(scene: Scene) -> Names:
    """To be released inside the window."""
    signing.production_done(scene.customer, scene.admin_person)
    signing.signed(scene.customer, scene.admin_person)
    return {}


def _batch(scene: Scene, counts: Mapping[Any, int], **values: Any) -> Names:
    epoch = launch.production_org(scene.customer)
    launch.both_tests_approved(scene.customer, epoch)
    summary = make.SummaryFactory(customer=scene.customer)
    launch.sign(summary, customer=scene.admin_person, vendor=scene.manager)
    return {"batch": launch.released(summary, epoch, counts, **values)}


def batch_on_its_way(scene: Scene) -> Names:
    """Half through, with exceptions."""
    return _batch(scene, launch.MIDDLE)


def batch_paused(scene: Scene) -> Names:
    """Paused by the customer."""
    return _batch(scene, launch.MIDDLE, state=Batch.State.PAUSED)


def batch_through(scene: Scene) -> Names:
    """The first batch has ended, with a few exceptions."""
    return _batch(scene, launch.THROUGH, state=Batch.State.ENDED, ended_at=timezone.now())


def _live(scene: Scene) -> None:
    with mock.patch("celery.app.task.Task.delay"):
        live.went_live(scene.customer, scene.admin_person)


def went_live(scene: Scene) -> Names:
    """Live; no regular batches yet."""
    _live(scene)
    return {}


def sends_daily(scene: Scene) -> Names:
    """Live, every day at six."""
    _live(scene)
    live.daily(scene.customer, scene.admin_person)
    make.JobChangeFactory.create_batch(3, customer=scene.customer)
    return {}


def sending_stopped(scene: Scene) -> Names:
    """Live, and stopped by UserGems."""
    sends_daily(scene)
    schedule_stop(
        customer=scene.customer, side="vendor", by=scene.manager, reason="A change until Friday."
    )
    return {}


def sending_held(scene: Scene) -> Names:
    """Live, and held: the settings are not what was signed."""
    sends_daily(scene)
    OutputSettings.objects.filter(customer=scene.customer).update(lead_source="Gems")
    schedule_look(customer=scene.customer)
    return {}


# --- signing in ---------------------------------------------------------------------------------


def code_asked(scene: Scene) -> Names:
    """A code was mailed; Maya has typed her password, nothing more."""
    from tests.signing_in import authenticator_give, code_request, password_type

    code_request(scene.browser("anonymous"), scene.admin_person.email)
    half = Client()
    authenticator_give(scene.manager)
    password_type(half, scene.manager)
    scene.browsers["half"] = half
    new = Client()
    password_type(new, scene.lead)
    scene.browsers["new"] = new
    return {}


def long_ago(scene: Scene) -> Names:
    """The second factor was proven long ago."""
    from tests.signing_in import Browser, authenticator_give

    authenticator_give(scene.manager)
    stale = Browser()
    stale.force_login(scene.manager, fresh=False)
    scene.browsers["stale"] = stale
    return {}
