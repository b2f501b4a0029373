"""The page about both Salesforce orgs."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import ConnectAttempt
from tests.factories import ConnectAttemptFactory, ConnectionFactory, OrgEpochFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(
        customer=customer,
        connected_by=admin_person,
        epoch__name="Northwind (full copy)",
        epoch__package_version="1.42",
        api_calls_used=1204,
        api_calls_limit=5_000_000,
    )


@pytest.fixture
def orgs(client):
    def read(person):
        client.force_login(person)
        response = client.get(reverse("org_list"))
        return response.content.decode() if response.status_code == 200 else response.status_code

    return read


def test_shows_health_facts_users_and_api_calls(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert "Northwind (full copy)" in text
    assert "usergems@northwind.example.full" in text
    assert "by Priya Shah," in text
    assert "1,204 of 5,000,000" in text
    assert "1.42" in text
    assert "Connected" in text


def test_the_org_that_is_not_connected_says_what_it_waits_for(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert "Production org" in text
    assert "Not yet" in text
    assert "You connect it after the sandbox review." in text


def test_an_admin_may_reconnect_and_disconnect(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert reverse("connect_start", args=["sandbox"]) in text
    assert reverse("connection_disconnect", args=["sandbox"]) in text


def test_disconnecting_asks_first_and_names_what_will_happen(
    client, connected, signed_in, admin_person
):
    page = signed_in(admin_person).post(reverse("connection_disconnect", args=["sandbox"]))
    assert "Northwind (full copy)" in page.content.decode()
    connected.refresh_from_db()
    assert connected.health == "connected"


def test_a_reviewer_reads_and_changes_nothing(orgs, connected, reviewer):
    text = orgs(reviewer)
    assert "Northwind (full copy)" in text
    assert reverse("connection_disconnect", args=["sandbox"]) not in text
    assert "An admin of your company reconnects or disconnects it." in text


def test_a_dead_connection_says_why(orgs, connected, admin_person):
    type(connected).objects.update(
        health="needs_reconnecting", health_reason="Salesforce ended our access."
    )
    text = orgs(admin_person)
    assert "Needs reconnecting" in text
    assert "Salesforce ended our access." in text


def test_an_attempt_that_did_not_come_back_leads_to_help(orgs, customer, admin_person):
    ConnectAttemptFactory(
        customer=customer, link=None, started_at=timezone.now() - datetime.timedelta(minutes=10)
    )
    text = orgs(admin_person)
    assert "did not come back from Salesforce" in text
    assert reverse("connect_help", args=["sandbox"]) in text


def test_an_answer_waits_for_the_person_who_signed_in_only(orgs, customer, admin_person, reviewer):
    attempt = ConnectAttemptFactory(
        customer=customer, link=None, user=admin_person, state=ConnectAttempt.State.RETURNED
    )
    address = reverse("connect_confirm", args=[attempt.pk])
    assert address in orgs(admin_person)
    assert address not in orgs(reviewer)


def test_orgs_connected_before_are_history(orgs, connected, admin_person):
    OrgEpochFactory(
        connection=connected, number=0, name="Northwind (old copy)", ended_at=timezone.now()
    )
    text = orgs(admin_person)
    assert "Orgs connected before" in text
    assert "Northwind (old copy)" in text


def test_tokens_are_never_shown(orgs, connected, admin_person):
    text = orgs(admin_person)
    assert connected.access_token not in text
    assert connected.refresh_token not in text


def test_strangers_read_their_own_orgs_and_staff_nothing(orgs, connected, stranger, manager):
    assert "Northwind" not in orgs(stranger)
    assert orgs(manager) == 404
