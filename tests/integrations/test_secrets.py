"""Rule 8: tokens are encrypted at rest, and what carries them does not show them.

The walk through the whole product is test_tokens_nowhere.py.
"""

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import connection as database

from integrations.models import ConnectAttempt, Connection
from integrations.services import connection_token_renew
from tests.factories import ConnectAttemptFactory, ConnectionFactory
from tests.integrations.conftest import query_of
from tests.integrations.watching import all_logs

pytestmark = pytest.mark.django_db


def secrets_in(tokens):
    return {
        value
        for token in tokens
        for value in (token.access_token, token.refresh_token, token.id_token)
        if value
    }


@pytest.fixture
def everything_logged():
    """What all loggers write and are given, at debug level."""
    with all_logs() as texts:
        yield texts


def sealed_now(connection):
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT access_token, refresh_token FROM integrations_connection WHERE id = %s",
            [connection.pk],
        )
        return cursor.fetchone()


def test_failing_on_the_way_logs_no_code_and_no_token(signing_up, tokens_seen, everything_logged):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.rehearsal.fault("http_503_html", times=9, path="/services/data/")
    signing_up.answer(address)
    logged = "\n".join(text for _how, text in everything_logged)
    assert "connect_failed" in logged
    for secret in [*secrets_in(tokens_seen), query_of(address)["code"]]:
        assert secret not in logged


def test_nothing_of_it_is_in_the_tables_of_allauth(signing_up):
    signing_up.connect()
    for name in ("SocialAccount", "SocialToken", "SocialApp"):
        assert apps.get_model("socialaccount", name).objects.count() == 0


def test_nobody_becomes_a_person_by_signing_in_to_salesforce(signing_up, django_user_model):
    before = django_user_model.objects.count()
    signing_up.connect()
    assert django_user_model.objects.count() == before
    assert int(signing_up.client.session["_auth_user_id"]) == signing_up.attempt().user_id


def test_tokens_lie_encrypted_in_the_database_and_come_back_as_they_were():
    connection = ConnectionFactory(access_token="00D!secret", refresh_token="5Aep!secret")
    assert not [text for text in sealed_now(connection) if "secret" in text]
    connection.refresh_from_db()
    assert (connection.access_token, connection.refresh_token) == ("00D!secret", "5Aep!secret")


def test_the_same_token_never_lies_there_in_the_same_form_twice():
    connection = ConnectionFactory(access_token="same", refresh_token="same")
    first, second = sealed_now(connection)
    assert first != second


def test_an_update_without_the_model_encrypts_too():
    connection = ConnectionFactory()
    Connection.objects.filter(pk=connection.pk).update(access_token="plain text")
    assert "plain text" not in sealed_now(connection)[0]


def test_a_new_key_first_in_the_list_still_reads_old_tokens(settings):
    connection = ConnectionFactory(access_token="written with the old key")
    old = settings.TOKEN_ENCRYPTION_KEYS
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *old]
    connection.refresh_from_db()
    assert connection.access_token == "written with the old key"
    connection.save(update_fields=["access_token"])
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    connection.refresh_from_db(fields=["access_token"])
    assert connection.access_token == "written with the old key"


def test_rotating_the_keys_makes_the_old_one_dispensable(settings, capsys):
    connection = ConnectionFactory(access_token="kept", refresh_token="kept too")
    attempt = ConnectAttemptFactory(sealed_token='{"refresh_token": "sealed"}', state="returned")
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]
    call_command("rotate_token_keys")
    assert "2 rows" in capsys.readouterr().out
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert Connection.objects.get(pk=connection.pk).refresh_token == "kept too"
    assert "sealed" in ConnectAttempt.objects.get(pk=attempt.pk).sealed_token


def test_a_key_taken_off_the_list_is_named_as_the_cause(settings, caplog):
    connection = ConnectionFactory()
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert Connection.objects.get(pk=connection.pk).access_token == ""
    assert "put the old key back" in caplog.text


def test_token_objects_do_not_show_their_secrets(rehearsal, customer, tokens_seen):
    connection = rehearsal.connect(customer)
    connection_token_renew(connection=connection, rejected=connection.access_token)
    assert not [secret for secret in secrets_in(tokens_seen) if secret in repr(tokens_seen)]


def test_exports_of_connections_leave_the_tokens_out():
    connection = ConnectionFactory(access_token="00D!secret", refresh_token="5Aep!secret")
    exported = serializers.serialize("json", [connection])
    assert "00D!secret" not in exported
    assert "5Aep!secret" not in exported
