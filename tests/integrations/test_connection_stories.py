"""What happens to a connection over its life, from Salesforce's side to what people see."""

import dataclasses
import datetime

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.models import CheckResult, Connection, Health, OrgEpoch
from integrations.salesforce.errors import SalesforceError
from integrations.services import connection_token_renew
from jobchanges import gates
from jobchanges.models import Delivery, JobChange, TestRun
from portal.services import step_confirm
from portal.steps import StepStatus, journey_for
from tests.factories import org_checked
from tests.integrations.conftest import is_alive
from tests.jobchanges.conftest import (
    Production,
    Sandbox,
    org_make,
    production_make,
)

pytestmark = pytest.mark.django_db(transaction=True)

ORG = "northwind-full"
PRIYA, MAYA = "priya.shah@northwind.example", "maya.rao@usergems.example"


@pytest.fixture(autouse=True)
def _nobody_asks_for_checks(monkeypatch):
    """Whether the org has answered for itself is asked of the floor above (tests/portal)."""
    monkeypatch.setattr(gates.org_gate, "receivers", [])


def shown(client, name="org_list"):
    return client.get(reverse(name)).content.decode()


# --- access that ends in the org --------------------------------------------------------------


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        ("revoked-token", "Salesforce ended our access"),
        ("stolen-token", "Salesforce ended our access"),
        ("user-deactivated", "not active any more"),
        ("ip-restricted", "does not let our address in"),
    ],
)
def test_access_that_ends_in_the_org_is_lost_with_its_reason_and_a_mail(
    rehearsal, customer, admin_person, signed_in, configuration, why
):
    connection = rehearsal.connect(customer)
    rehearsal.configure(ORG, configuration)
    with pytest.raises(SalesforceError):
        connection_token_renew(connection=connection, rejected=connection.access_token)
    connection.refresh_from_db()
    assert connection.health == Health.NEEDS_RECONNECTING
    assert why in connection.health_reason
    assert {message.to[0] for message in mail.outbox} == {PRIYA, MAYA}
    client = signed_in(admin_person)
    for name in ("org_list", "setup"):
        assert why in shown(client, name)
        assert "Needs reconnecting" in shown(client, name)


def test_asking_the_org_finds_out_that_access_has_ended(rehearsal, customer, admin_person):
    connection = rehearsal.connect(customer)
    rehearsal.configure(ORG, "revoked-token")
    tasks.org_facts_refresh(connection.pk)
    connection.refresh_from_db()
    assert connection.health == Health.NEEDS_RECONNECTING
    assert len(mail.outbox) == 2


def test_the_managers_see_it_first_among_their_customers(rehearsal, customer, manager, signed_in):
    connection = rehearsal.connect(customer)
    rehearsal.configure(ORG, "revoked-token")
    tasks.org_facts_refresh(connection.pk)
    desk = signed_in(manager)
    assert "Needs reconnecting" in desk.get(reverse("admin:index")).content.decode()
    page = desk.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
    assert "Salesforce ended our access" in page.content.decode()


def test_what_waits_is_counted_in_the_mail_and_goes_once_the_org_is_back(
    rehearsal, signing_up, customer, manager
):
    sandbox = org_make(rehearsal, customer, manager)
    run = sandbox.run()
    rehearsal.configure(ORG, "revoked-token")
    # Sending wakes the worker, which finds out.
    sandbox.send(run)
    assert sandbox.states(run) == ["waiting"] * 5
    assert "5 job changes wait" in mail.outbox[0].body
    signing_up.connect(start={"reconnect": "1"})
    # What was claimed when the access ended waits a little.
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=2), tick=True):
        sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5


def test_reconnecting_takes_the_warning_away(signing_up):
    connection = signing_up.connect()
    Connection.objects.filter(pk=connection.pk).update(
        idle_warned_at=timezone.now(), token_refreshed_at=timezone.now() - datetime.timedelta(25)
    )
    assert "could not be renewed for long" in shown(signing_up.client)
    signing_up.connect(start={"reconnect": "1"})
    assert "could not be renewed for long" not in shown(signing_up.client)


# --- disconnecting ----------------------------------------------------------------------------


def test_disconnecting_while_salesforce_is_away_deletes_our_tokens_and_says_what_is_left(
    signing_up, customer
):
    connection = signing_up.connect()
    token = connection.refresh_token
    signing_up.rehearsal.fault("http_503_html", path="/services/oauth2/revoke")
    page = signing_up.client.post(
        reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"}, follow=True
    ).content.decode()
    assert "Salesforce did not confirm it" in page
    assert "Connected Apps OAuth Usage" in page
    connection.refresh_from_db()
    assert connection.health == Health.DISCONNECTED
    assert connection.access_token == connection.refresh_token == ""
    assert is_alive(signing_up.rehearsal, "sandbox", token), "only an administrator can end it now"
    assert "did not confirm that the access" in shown(signing_up.client, "activity")


def test_disconnecting_keeps_history_and_reconnecting_keeps_everything(
    rehearsal, signing_up, customer, manager
):
    sandbox = org_make(rehearsal, customer, manager)
    run = sandbox.delivered_run()
    epoch = sandbox.connection.epoch
    signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"})
    assert "Disconnected by Priya Shah." in shown(signing_up.client)
    assert Event.objects.filter(customer=customer, action="connection.disconnected").exists()

    again = signing_up.connect(start={"reconnect": "1"})
    assert (again.pk, again.epoch_id) == (sandbox.connection.pk, epoch.pk)
    assert again.health == Health.CONNECTED
    run.refresh_from_db()
    assert run.state != "void"
    assert sandbox.states(run) == ["delivered"] * 5
    assert again.epoch.package_installed is True
    assert customer.environment_settings.get(environment="sandbox").campaign_id


def test_nobody_is_mailed_about_what_a_person_did(signing_up):
    signing_up.connect()
    mail.outbox.clear()
    signing_up.client.post(reverse("connection_disconnect", args=["sandbox"]), {"sure": "yes"})
    assert mail.outbox == []


# --- a refreshed sandbox ----------------------------------------------------------------------


@pytest.fixture
def refreshed(signing_up, customer, admin_person, manager, approver, monkeypatch):
    """Five job changes are in production, five were tested; then the sandbox is copied anew.

    Production's package records come along in the copy.
    """
    # What was signed is not asked for: that is the floor above.
    monkeypatch.setattr(gates.batch_gate, "receivers", [])
    rehearsal = signing_up.rehearsal
    production = production_make(rehearsal, customer, manager, approver)
    sandbox = org_make(rehearsal, customer, manager)
    # What the org cannot be asked is confirmed by hand.
    org_checked(sandbox.connection.epoch, system_permissions="cannot")
    step_confirm(customer=customer, step="sandbox.permissions", by=admin_person)
    assert step_of(customer, "sandbox.permissions") == StepStatus.DONE
    story = Refreshed(sandbox, production, sandbox.connection.epoch)
    story.released = [production.job_change() for _number in range(5)]
    production.release()
    story.tested = sandbox.delivered_run([sandbox.job_change(**other(n)) for n in range(5)])
    TestRun.objects.filter(pk=story.tested.pk).update(state=TestRun.State.APPROVED)
    story.open_run = sandbox.run([sandbox.job_change(**other(n)) for n in range(5, 10)])
    rehearsal.configure(ORG, "refreshed-sandbox")
    sandbox.send(story.open_run)
    sandbox.connection.refresh_from_db()
    story.lost = sandbox.connection.health
    sandbox.connection = signing_up.connect(start={"reconnect": "1"})
    return story


@dataclasses.dataclass
class Refreshed:
    """The sandbox as it is now, and what there was before."""

    sandbox: Sandbox
    production: Production
    old_epoch: OrgEpoch
    lost: str = ""
    released: list[JobChange] = dataclasses.field(default_factory=list)
    tested: TestRun | None = None
    open_run: TestRun | None = None


def other(number):
    """Somebody whom the batch did not hold."""
    name = f"Hopper{chr(65 + number)}"
    return {
        "last_name": name,
        "past_email": f"{name}@navy.example",
        "past_company_name": f"Navy {number}",
        "new_email": f"{name}@compilers{number}.example",
        "new_company_name": f"Compilers {chr(65 + number) * 3}",
        "new_company_domain": f"compilers{number}.example",
        "new_company_website": f"https://compilers{number}.example",
    }


def test_a_refresh_is_noticed_as_lost_access_and_reconnecting_starts_an_epoch(refreshed):
    assert refreshed.lost == Health.NEEDS_RECONNECTING
    old = OrgEpoch.objects.get(pk=refreshed.old_epoch.pk)
    now = refreshed.sandbox.connection.epoch
    assert old.ended_at is not None
    assert now.number == 2
    assert now.org_id != old.org_id
    assert now.instance_url == old.instance_url
    assert now.facts_at is not None, "the new org is asked about itself"


def test_what_was_tested_is_history_and_what_waited_is_known_to_be_gone(refreshed):
    refreshed.open_run.refresh_from_db()
    assert refreshed.open_run.state == TestRun.State.VOID
    assert refreshed.sandbox.states(refreshed.open_run) == ["org_gone"] * 5
    assert refreshed.sandbox.states(refreshed.tested) == ["delivered"] * 5
    in_the_copy = set(refreshed.sandbox.delivery_keys())
    gone = {item.delivery_key for item in refreshed.tested.deliveries.all()}
    assert in_the_copy.isdisjoint(gone), "what was made in the old copy is not in the new one"


def test_package_records_copied_from_production_are_not_taken_for_ours(refreshed):
    sandbox = refreshed.sandbox
    copied = sandbox.delivery_keys()
    assert copied == refreshed.production.delivery_keys()
    assert len(copied) == 5
    assert not Delivery.objects.filter(epoch=sandbox.connection.epoch).exists()

    run = sandbox.run(
        [sandbox.job_change(**other(n)) for n in range(10, 13)] + refreshed.released[:2]
    )
    sandbox.send(run)
    assert sandbox.states(run) == ["delivered"] * 5
    ours = {item.delivery_key for item in run.deliveries.all()}
    assert ours.isdisjoint(copied)
    assert sorted(ours | set(copied)) == sandbox.delivery_keys()


def step_of(customer, key):
    """The state of a step as the customer sees it."""
    return journey_for(customer).step(key).status


def test_the_new_copy_answers_for_itself(refreshed, customer, signing_up):
    """What was confirmed and found in the old copy no longer counts."""
    now = refreshed.sandbox.connection.epoch
    asked = CheckResult.objects.get(epoch=now, name="system_permissions")
    assert asked.outcome == "pass", "the old copy could not be asked"
    assert step_of(customer, "sandbox.permissions") == StepStatus.DONE
    assert step_of(customer, "sandbox.settings") == StepStatus.ATTENTION
    assert step_of(customer, "sandbox.connect") == StepStatus.DONE
    assert step_of(customer, "sandbox.test") == StepStatus.DONE, "what both sides approved stands"
    page = shown(signing_up.client)
    assert "Orgs connected before" in page
    assert "no longer counts" in page
