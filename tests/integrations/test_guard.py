"""Which org may be connected where (product.md, section 4; platform reference, 4.2)."""

import pytest
from django.urls import reverse

from accounts.models import Event
from integrations.models import ConnectAttempt, Connection, Health
from integrations.services.guard import org_kind, org_refusal
from tests.factories import ConnectionFactory, SignupLinkFactory
from tests.integrations.conftest import TOKEN, is_alive

ENTERPRISE = "Enterprise Edition"
ADDRESS = "https://acme--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize(
    ("sandbox", "trial", "edition", "kind"),
    [
        (True, None, ENTERPRISE, "sandbox"),
        (True, None, "Developer Edition", "sandbox"),
        (True, "2026-12-01T00:00:00.000+0000", "Developer Edition", "scratch"),
        (False, None, ENTERPRISE, "production"),
        (False, None, "Unlimited Edition", "production"),
        (False, None, "Developer Edition", "developer"),
        (False, "2026-12-01T00:00:00.000+0000", ENTERPRISE, "trial"),
        (False, "2026-12-01T00:00:00.000+0000", "Developer Edition", "trial"),
    ],
)
def test_the_kind_follows_from_organization_not_from_the_host(sandbox, trial, edition, kind):
    row = {"IsSandbox": sandbox, "TrialExpirationDate": trial, "OrganizationType": edition}
    assert org_kind(row) == kind


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("environment", "kind", "refusal"),
    [
        ("sandbox", "sandbox", ""),
        ("sandbox", "production", "production_in_sandbox"),
        ("sandbox", "developer", "developer_org"),
        ("sandbox", "trial", "trial_org"),
        ("sandbox", "scratch", "scratch_org"),
        ("production", "production", ""),
        ("production", "sandbox", "sandbox_in_production"),
        ("production", "developer", "developer_org"),
        ("production", "trial", "trial_org"),
        ("production", "scratch", "scratch_org"),
    ],
)
def test_each_kind_through_each_link(customer, environment, kind, refusal):
    found = org_refusal(
        customer=customer,
        environment=environment,
        kind=kind,
        org_id="00D000000000001AAA",
        instance_url=ADDRESS,
    )
    assert found == refusal


def refusal_of(customer, environment="sandbox", org_id="00D000000000002AAA", address=ADDRESS):
    return org_refusal(
        customer=customer,
        environment=environment,
        kind=environment,
        org_id=org_id,
        instance_url=address,
    )


@pytest.mark.django_db
def test_a_production_org_with_a_new_id_is_never_a_refresh(customer):
    ConnectionFactory(
        customer=customer,
        environment="production",
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url=ADDRESS,
    )
    assert refusal_of(customer, "production") == "other_org"


@pytest.mark.django_db
@pytest.mark.parametrize("health", [Health.CONNECTED, Health.NEEDS_RECONNECTING])
def test_another_sandbox_is_refused_while_one_is_connected(customer, health):
    ConnectionFactory(
        customer=customer,
        health=health,
        epoch__org_id="00D000000000001AAA",
        epoch__instance_url="https://acme--dev.sandbox.my.salesforce.com",
    )
    assert refusal_of(customer) == "other_org"


@pytest.mark.django_db
def test_a_production_org_through_the_sandbox_link_is_refused_and_revoked(
    signing_up, settings, tokens_seen
):
    settings.SALESFORCE_SANDBOX_LOGIN_URL = signing_up.rehearsal.url("production")
    answer = signing_up.come_back(org="northwind")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This is a production org, and the link is for a sandbox" in text
    assert "test.salesforce.com" in text
    assert "private window" in text
    assert "Start again" in text
    attempt = signing_up.attempt()
    assert attempt.state == ConnectAttempt.State.REFUSED
    assert attempt.sealed_token == ""
    assert not Connection.objects.exists()
    assert Event.objects.get(action="connection.refused").data["code"] == "production_in_sandbox"
    given = tokens_seen[0].refresh_token
    assert not is_alive(signing_up.rehearsal, "sandbox", given, host="production")


@pytest.mark.django_db
def test_a_sandbox_through_the_production_link_is_refused(signing_up, settings, customer):
    SignupLinkFactory(customer=customer, environment="production", token="production")
    settings.SALESFORCE_PRODUCTION_LOGIN_URL = signing_up.rehearsal.url("sandbox")
    answer = signing_up.come_back("production", start={"link": "production"})
    assert answer.status_code == 409
    assert "This is a sandbox, and the link is for production" in answer.content.decode()


@pytest.mark.django_db
def test_production_is_connected_through_its_own_link(signing_up, customer):
    SignupLinkFactory(customer=customer, environment="production", token="production")
    connection = signing_up.connect("production", start={"link": "production"}, org="northwind")
    assert connection.environment == "production"
    assert connection.epoch.kind == "production"


@pytest.mark.django_db
def test_an_org_of_another_customer_is_refused_in_neutral_words(
    signing_up, other_customer, customer
):
    signing_up.rehearsal.connect(other_customer)
    answer = signing_up.come_back()
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This org cannot be connected here" in text
    assert other_customer.name not in text
    assert "customer" not in text.lower()
    event = Event.objects.get(customer=customer, action="connection.refused")
    assert event.data["code"] == "org_taken"
    assert event.org_id.startswith("00D")


@pytest.mark.django_db
def test_an_org_that_another_customer_took_meanwhile_is_refused_at_confirming(
    signing_up, other_customer, link
):
    signing_up.come_back()
    org_id = signing_up.attempt().organization["id"]
    ConnectionFactory(customer=other_customer, epoch__org_id=org_id)
    answer = signing_up.client.post(
        reverse("connect_confirm", args=[signing_up.attempt().pk]), {"answer": "yes"}, follow=True
    )
    assert "This org cannot be connected here" in answer.content.decode()
    assert signing_up.attempt().state == ConnectAttempt.State.REFUSED
    link.refresh_from_db()
    assert link.used_at is None


@pytest.mark.django_db
def test_an_org_in_maintenance_is_tried_again_later(signing_up, tokens_seen):
    signing_up.rehearsal.fault("http_503_html", times=9, path="/services/data/")
    answer = signing_up.come_back()
    assert "Salesforce does not answer right now" in answer.content.decode()
    assert not is_alive(signing_up.rehearsal, "sandbox", tokens_seen[0].refresh_token)
    assert signing_up.leave(link=TOKEN)
