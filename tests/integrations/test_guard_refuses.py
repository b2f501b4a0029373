"""The guard at work: orgs that somebody signed in to and that may not be connected, end to end."""

import dataclasses

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Customer, Event
from integrations.models import ConnectAttempt, Connection, Health
from integrations.salesforce import oauth
from tests.factories import (
    ConnectionFactory,
    LeadFactory,
    ManagerFactory,
    SignupLinkFactory,
)
from tests.integrations.conftest import TOKEN, is_alive
from tests.rehearsal_server import ADMINISTRATOR


@pytest.mark.django_db
def test_production_that_made_other_sandboxes_but_not_the_tested_one_is_refused(
    signing_up, customer, tokens_seen
):
    ConnectionFactory(customer=customer, epoch__org_id="00D8b0000000000AAA")
    SignupLinkFactory(customer=customer, environment="production", token="production")
    answer = signing_up.come_back("production", start={"link": "production"}, org="northwind")
    assert answer.status_code == 409
    assert "not the production org of the tested sandbox" in answer.content.decode()
    given = tokens_seen[0].refresh_token
    assert not is_alive(signing_up.rehearsal, "production", given)
    assert Event.objects.get(action="connection.refused").data["code"] == "not_the_parent"


@pytest.mark.django_db
def test_production_that_names_the_tested_sandbox_is_shown_as_proven(signing_up, customer):
    signing_up.rehearsal.connect(customer, "northwind-full")
    SignupLinkFactory(customer=customer, environment="production", token="production")
    back = signing_up.come_back("production", start={"link": "production"}, org="northwind")
    assert "This is the production of the tested sandbox" in (
        signing_up.client.get(back["Location"]).content.decode()
    )


@pytest.mark.django_db
def test_a_user_whom_salesforce_calls_inactive_is_refused(signing_up, monkeypatch):
    asked = oauth.userinfo
    monkeypatch.setattr(
        oauth, "userinfo", lambda **given: dataclasses.replace(asked(**given), active=False)
    )
    answer = signing_up.come_back()
    assert "The Salesforce user is not active" in answer.content.decode()
    assert "Org you signed in to" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_same_user_with_another_profile_is_worth_a_second_look(signing_up):
    signing_up.connect()
    ConnectAttempt.objects.update(identity=signing_up.attempt().identity | {"profile": "Sales"})
    back = signing_up.come_back(start={"reconnect": "1"})
    text = signing_up.client.get(back["Location"]).content.decode()
    assert "The same user, with other rights than before" in text
    assert "the profile “Sales”" in text


@pytest.mark.django_db(transaction=True)
def test_a_sandbox_refreshed_at_salesforce_starts_anew_here(signing_up, customer):
    before = signing_up.connect().epoch
    signing_up.rehearsal.configure("northwind-full", "refreshed-sandbox")
    back = signing_up.come_back(start={"reconnect": "1"})
    text = signing_up.client.get(back["Location"]).content.decode()
    assert "This sandbox was refreshed" in text
    assert "what the test wrote is gone" in text
    signing_up.confirm()
    after = Connection.objects.get(customer=customer).epoch
    assert (after.number, after.instance_url) == (2, before.instance_url)
    assert after.org_id != before.org_id


@pytest.mark.django_db(transaction=True)
def test_a_user_who_became_administrator_is_worth_a_second_look(signing_up):
    connection = signing_up.connect(username=ADMINISTRATOR)
    ConnectAttempt.objects.update(identity={})
    connection.epoch.user_is_administrator = False
    connection.epoch.save(update_fields=["user_is_administrator"])
    back = signing_up.come_back(start={"reconnect": "1"}, username=ADMINISTRATOR)
    text = signing_up.client.get(back["Location"]).content.decode()
    assert "this user was no administrator" in text


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("health", [Health.CONNECTED, Health.DISCONNECTED])
def test_both_managers_hear_of_a_contested_org_and_both_logs_hold_it(
    signing_up, other_customer, customer, health
):
    ours, theirs = ManagerFactory(), ManagerFactory()
    Customer.objects.filter(pk=customer.pk).update(implementation_manager=ours)
    Customer.objects.filter(pk=other_customer.pk).update(implementation_manager=theirs)
    holder = signing_up.rehearsal.connect(other_customer)
    Connection.objects.filter(pk=holder.pk).update(health=health)
    for _again in range(2):
        answer = signing_up.come_back()
        assert other_customer.name not in answer.content.decode()
    assert sorted(one.to[0] for one in mail.outbox) == sorted([ours.email, theirs.email])
    for one in mail.outbox:
        assert customer.name in one.body
        assert other_customer.name in one.body
    told = Event.objects.filter(customer=other_customer, action="connection.contested")
    assert told.count() == 2
    assert customer.name not in str(told.values())
    assert told.first().org_id == holder.epoch.org_id
    log = signing_up.client.get(reverse("activity")).content.decode()
    assert other_customer.name not in log


@pytest.mark.django_db(transaction=True)
def test_a_contested_org_of_a_customer_without_a_manager_is_for_the_leads(
    signing_up, other_customer, customer
):
    lead = LeadFactory()
    Customer.objects.update(implementation_manager=None)
    signing_up.rehearsal.connect(other_customer)
    signing_up.come_back()
    assert [one.to[0] for one in mail.outbox] == [lead.email], "once, though of both customers"


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
