"""Worlds that a page is looked at in. Each makes its rows and answers what addresses name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Customer, User
from integrations.models import CheckRun, Connection, Health
from jobchanges.models import (
    Delivery,
    RecordMode,
    RecordWrite,
    TestRun,
    Verdict,
)
from tests import factories as make
from tests.portal import launch, situations
from tests.portal.checks_world import PRIVATE, TITLE
from tests.portal.test_allow_pages import OWNER, plan
from tests.signing_in import Browser, authenticator_give, code_request, password_type

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


# --- signing in ---------------------------------------------------------------------------------


def code_asked(scene: Scene) -> Names:
    """A code was mailed; Maya has typed her password, nothing more."""
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
    authenticator_give(scene.manager)
    stale = Browser()
    stale.force_login(scene.manager, fresh=False)
    scene.browsers["stale"] = stale
    return {}
