"""A customer whose time is over: its connections end, its Salesforce users' names go, and nobody
else's do (identity-and-state, Retention)."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Event
from integrations.models import CheckResult, ConnectAttempt, Connection, Health, Snapshot
from integrations.oauth import calls
from integrations.services.retention import connect_attempts_purge, customer_connections_forget
from tests.factories import ConnectAttemptFactory, ConnectionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handed_back(monkeypatch):
    tokens = []
    monkeypatch.setattr(
        calls, "token_revoke_quietly", lambda *, host, token: tokens.append((host, token)) or True
    )
    return tokens


def test_forgetting_a_customer_ends_its_connections_and_hands_the_access_back(
    customer, handed_back
):
    connection = ConnectionFactory(customer=customer, refresh_token="its-token", token_generation=0)
    ended = ConnectionFactory(
        customer=customer, environment="production", health=Health.DISCONNECTED, refresh_token=""
    )
    ConnectAttemptFactory(customer=customer)
    assert customer_connections_forget(customer=customer) == 1
    assert handed_back == [(connection.token_host, "its-token")]
    connection.refresh_from_db()
    assert connection.health == Health.DISCONNECTED
    assert connection.access_token == connection.refresh_token == ""
    assert connection.token_generation == 1
    assert connection.epoch.username == connection.epoch.user_name == ""
    assert connection.epoch.org_id
    ended.refresh_from_db()
    assert ended.health_reason == ""
    assert not ConnectAttempt.objects.exists()
    assert Event.objects.filter(customer=customer, action="connection.disconnected").count() == 1


def test_what_an_org_said_of_itself_is_forgotten_with_its_customer(
    customer, other_customer, handed_back
):
    for one in (customer, other_customer):
        epoch = ConnectionFactory(customer=one).epoch
        CheckResult.objects.create(epoch=epoch, name="owners", outcome="pass", found="Amy Brown")
        Snapshot.objects.create(epoch=epoch, purpose="current", content={}, content_hash="a")
    customer_connections_forget(customer=customer)
    kept = [model.objects.get().epoch.connection.customer for model in (CheckResult, Snapshot)]
    assert kept == [other_customer, other_customer]


def test_forgetting_one_customer_leaves_the_others_alone(customer, other_customer, handed_back):
    theirs = ConnectionFactory(customer=other_customer, epoch__username="gems@acme.com")
    ConnectAttemptFactory(customer=other_customer)
    customer_connections_forget(customer=customer)
    now = Connection.objects.get(pk=theirs.pk)
    assert (now.health, now.refresh_token) == (Health.CONNECTED, theirs.refresh_token)
    assert now.epoch.username == "gems@acme.com"
    assert ConnectAttempt.objects.count() == 1
    assert handed_back == []


def test_an_attempt_that_holds_access_is_not_deleted_before_it_was_handed_back(customer):
    long_ago = timezone.now() - datetime.timedelta(days=900)
    for sealed in ("", "sealed"):
        ConnectAttemptFactory(customer=customer, ended_at=long_ago, sealed_token=sealed)
    assert connect_attempts_purge(ended_before=timezone.now()) == 1
    assert ConnectAttempt.objects.get().sealed_token == "sealed"
