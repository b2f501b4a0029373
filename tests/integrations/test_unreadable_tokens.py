"""A stored token that no key opens: one customer's trouble, ours to mend, and nothing is lost."""

import json

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.urls import reverse
from kombu.exceptions import OperationalError

from integrations.models import ConnectAttempt, Connection, Health
from integrations.oauth import calls
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.families import Family
from integrations.services import connect_attempt_abandon, connection_disconnect, org_open
from integrations.tasks import connection_keep_alive, org_facts_refresh
from tests.factories import ConnectAttemptFactory, ConnectionFactory

pytestmark = pytest.mark.django_db


def damage(table, pk, *columns):
    with database.cursor() as cursor:
        for column in columns:
            cursor.execute(f"UPDATE {table} SET {column} = 'no-ciphertext' WHERE id = %s", [pk])


@pytest.fixture
def damaged(customer, other_customer):
    """Northwind's tokens are damaged, Contoso's are fine."""
    ConnectionFactory(customer=other_customer, refresh_token="fine")
    connection = ConnectionFactory(customer=customer)
    damage("integrations_connection", connection.pk, "access_token", "refresh_token")
    return Connection.objects.get(pk=connection.pk)


def at_rest(connection):
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT access_token, refresh_token FROM integrations_connection WHERE id = %s",
            [connection.pk],
        )
        return cursor.fetchone()


def test_the_managers_home_shows_all_customers_all_the_same(damaged, signed_in, lead):
    answer = signed_in(lead).get(reverse("admin:index"))
    assert answer.status_code == 200
    assert "Northwind Traders" in answer.content.decode()
    assert "Contoso" in answer.content.decode()


@pytest.mark.parametrize("page", ["setup", "org_list", "settings"])
def test_the_customers_own_pages_open(damaged, signed_in, admin_person, page):
    assert signed_in(admin_person).get(reverse(page)).status_code == 200


def test_asking_the_org_is_tried_again_and_says_that_it_is_ours(damaged):
    with pytest.raises(SalesforceError) as caught:
        org_open(damaged).organization()
    assert caught.value.family == Family.TRY_AGAIN
    assert caught.value.who == "UserGems"


def test_no_task_fails_and_nothing_is_thrown_away(damaged):
    org_facts_refresh(damaged.pk)
    connection_keep_alive(damaged.pk)
    damaged.refresh_from_db()
    assert damaged.health == Health.CONNECTED
    assert "UserGems mends it" in damaged.epoch.facts_error
    assert at_rest(damaged) == ("no-ciphertext", "no-ciphertext")


def test_a_key_that_comes_back_brings_the_token_back(customer, settings):
    connection = ConnectionFactory(customer=customer, refresh_token="kept")
    keys = settings.TOKEN_ENCRYPTION_KEYS
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    Connection.objects.get(pk=connection.pk).save()
    settings.TOKEN_ENCRYPTION_KEYS = keys
    assert Connection.objects.get(pk=connection.pk).refresh_token == "kept"


def test_the_person_can_disconnect_and_is_told_to_revoke_in_setup(
    damaged, admin_person, monkeypatch
):
    monkeypatch.setattr(calls, "token_revoke_quietly", lambda **_: pytest.fail("nothing to send"))
    assert not connection_disconnect(connection=damaged, by=admin_person)
    assert at_rest(damaged) == ("", "")


def test_connecting_again_heals_it(signing_up):
    connection = signing_up.connect()
    damage("integrations_connection", connection.pk, "access_token", "refresh_token")
    healed = signing_up.connect(start={"again": "yes"})
    assert healed.pk == connection.pk
    assert healed.refresh_token


def test_a_damaged_sign_in_is_refused_with_a_page(signing_up):
    signing_up.come_back()
    damage("integrations_connectattempt", signing_up.attempt().pk, "sealed_token")
    answer = signing_up.client.get(signing_up.confirm(keep_user="yes")["Location"])
    assert "This is on us" in answer.content.decode()
    assert not Connection.objects.exists()


def test_a_damaged_sign_in_holds_the_sweep_up_for_nobody(customer, admin_person):
    attempt = ConnectAttemptFactory(
        customer=customer, user=admin_person, state="returned", sealed_token='{"a": "b"}'
    )
    damage("integrations_connectattempt", attempt.pk, "sealed_token")
    assert connect_attempt_abandon(attempt=ConnectAttempt.objects.get(pk=attempt.pk))


def test_rotating_writes_all_others_and_names_the_damaged(damaged, settings):
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]
    with pytest.raises(CommandError, match=f"connection {damaged.pk}"):
        call_command("rotate_token_keys")
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert Connection.objects.exclude(pk=damaged.pk).get().refresh_token == "fine"


def test_an_export_goes_on_and_leaves_it_out(damaged):
    [row] = json.loads(serializers.serialize("json", [damaged]))
    assert row["fields"]["refresh_token"] == ""


def test_a_broker_that_is_away_does_not_undo_the_connection(
    signing_up, monkeypatch, django_capture_on_commit_callbacks
):
    def unreachable(*_args):
        raise OperationalError("no broker")

    signing_up.come_back()
    monkeypatch.setattr("integrations.tasks.check_run.delay", unreachable)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        answer = signing_up.confirm(keep_user="yes")
    assert callbacks
    assert answer.status_code == 302
    assert Connection.objects.get().health == Health.CONNECTED
