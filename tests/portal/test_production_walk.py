"""From the approved sandbox test to a connected production org, as people do it; and the demo."""

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Customer, Membership, Role, SignupLink, User
from integrations.models import OrgEpoch, OrgKind
from integrations.services import org_facts_refresh
from portal.steps import StepStatus, journey_for
from tests.factories import UserFactory
from tests.integrations.conftest import SigningUp
from tests.portal.situations import sandbox_approved, shown
from tests.rehearsal_server import HARBOR_ADMINISTRATOR, HARBOR_INTEGRATION, INTEGRATION

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = re.compile(r"/signup/([^/\s\"]+)/")


def proven(link: SignupLink, person: User) -> str:
    """The link's token from its mail, and the person has proven its code."""
    SignupLink.objects.filter(pk=link.pk).update(proven_by=person)
    found = TOKEN.search(str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def linked(customer, manager, admin_person, signed_in, rehearsal):
    """Northwind's full copy is tested and Maya sent the production link; answers its token."""
    sandbox = sandbox_approved(customer)
    (org,) = rehearsal.records("northwind-full", "Organization", fields="Id")
    OrgEpoch.objects.filter(pk=sandbox.epoch_id).update(org_id=org["Id"])
    address = reverse("admin:accounts_customer_link_send", args=[customer.pk])
    form = {
        "environment": "production",
        "person_name": "Priya Shah",
        "email": admin_person.email,
    }
    assert signed_in(manager).post(address, form).status_code == 302
    return proven(customer.signup_links.get(), admin_person)


def test_the_mailed_link_connects_production_to_the_same_account(
    linked, rehearsal, customer, admin_person, signed_in
):
    assert "production" in mail.outbox[-1].subject
    rehearsal.package_install("northwind")
    priya = SigningUp(signed_in(admin_person), rehearsal)
    assert (
        "Connect your Salesforce production org"
        in priya.client.get(f"/signup/{linked}/").content.decode()
    )
    connection = priya.connect(
        "production", {"link": linked}, org="northwind", username=INTEGRATION
    )
    assert connection.customer == customer
    assert connection.epoch.kind == OrgKind.PRODUCTION
    assert customer.connections.count() == 2
    org_facts_refresh(connection=connection)
    assert shown(customer, "production.package").sentence.startswith("Version 1.42 found")
    assert shown(customer, "production.connect").status == StepStatus.DONE
    text = priya.client.get("/orgs/").content.decode()
    assert "Sandbox org" in text
    assert "Production org" in text


def test_a_sandbox_by_the_production_link_is_refused_with_the_way_out(
    linked, rehearsal, customer, admin_person, signed_in, settings
):
    settings.SALESFORCE_PRODUCTION_LOGIN_URL = rehearsal.url("sandbox")
    priya = SigningUp(signed_in(admin_person), rehearsal)
    back = priya.come_back("production", {"link": linked}, org="northwind-full")
    text = back.content.decode()
    assert "This is a sandbox, and the link is for production" in text
    assert "Sign in to production at login.salesforce.com" in text
    assert not customer.connections.filter(environment="production").exists()
    step = shown(customer, "production.connect")
    assert step.status == StepStatus.ATTENTION
    assert step.detail["refused"] == "This is a sandbox, and the link is for production"


@pytest.fixture
def demo(settings):
    """The demo as `make run` loads it."""
    settings.DEMO = True
    settings.DEMO_PASSWORD = "a long enough password"
    call_command("demo_load")
    return Customer.objects.get(slug="harbor")


def test_the_demo_has_a_customer_without_a_sandbox_with_a_link_in_the_mailbox(demo, capsys):
    assert demo.implementation_manager.full_name == "Sam Lindqvist"
    assert demo.job_changes.count() == 48
    assert Customer.objects.get(slug="northwind").job_changes.count() > 1700
    link = demo.signup_links.get()
    assert (link.person_name, link.environment) == ("Leo Fischer", "production")
    assert [message.to for message in mail.outbox][-1] == [HARBOR_ADMINISTRATOR]
    call_command("demo_load")
    assert "loaded already" in capsys.readouterr().out
    assert demo.signup_links.count() == 1


def test_the_demo_s_harbor_connects_its_own_production_org(demo, rehearsal, signed_in):
    leo = UserFactory(full_name="Leo Fischer", email=HARBOR_ADMINISTRATOR)
    Membership.objects.create(customer=demo, user=leo, role=Role.ADMIN)
    token = proven(demo.signup_links.get(), leo)
    signing_up = SigningUp(signed_in(leo), rehearsal)
    connection = signing_up.connect(
        "production", {"link": token}, org="harbor", username=HARBOR_INTEGRATION
    )
    assert connection.epoch.name == "Harbor Analytics"
    journey = journey_for(demo, person=leo)
    assert journey.step("production.connect").status == StepStatus.DONE
    assert [stage.key for stage in journey.stages] == ["production", "go_live"]
