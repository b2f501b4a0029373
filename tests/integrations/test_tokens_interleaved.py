"""Whatever happens to a connection while Salesforce renews its token: nothing is kept that belongs
to nobody, nothing is lost that was given."""

from urllib.parse import parse_qs

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from accounts.models import Event
from integrations.models import Connection, Health
from integrations.oauth import calls
from integrations.salesforce.errors import ConnectionLost
from integrations.services import (
    connection_disconnect,
    connection_token_renew,
    token_keys_rotate,
)
from integrations.services.losing import connection_lose
from integrations.services.retention import customer_connections_forget
from tests.factories import ConnectionFactory
from tests.salesforce.conftest import says, start, stop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def salesforce():
    stub, httpd = start()
    yield stub
    stop(stub, httpd)


@pytest.fixture
def connected(salesforce, customer):
    salesforce.then(
        says(
            200,
            {
                "access_token": "access-2",
                "refresh_token": "refresh-2",
                "instance_url": salesforce.url,
                "id": f"{salesforce.url}/id/00D5g000008AbCdEAK/0055g00000AbCdEAAW",
            },
        ),
        *[says(200)] * 3,
    )
    return ConnectionFactory(
        customer=customer,
        login_host=salesforce.url,
        access_token="access-1",
        refresh_token="refresh-1",
        token_generation=1,
        epoch__instance_url=salesforce.url,
    )


@pytest.fixture
def meanwhile(monkeypatch):
    """Something that happens between Salesforce's answer and our storing it."""

    def do(act):
        ask = calls.token_refresh

        def asked(**given):
            answer = ask(**given)
            act()
            return answer

        monkeypatch.setattr(calls, "token_refresh", asked)

    return do


def renew(connected):
    return connection_token_renew(connection=connected, rejected="access-1")


def revoked(salesforce):
    return {
        parse_qs(request.body)["token"][0]
        for request in salesforce.seen
        if request.path.endswith("/revoke")
    }


def test_disconnected_meanwhile_both_tokens_are_handed_back(
    connected, salesforce, meanwhile, admin_person
):
    meanwhile(lambda: connection_disconnect(connection=connected, by=admin_person))
    with pytest.raises(ConnectionLost):
        renew(connected)
    connected.refresh_from_db()
    assert connected.health == Health.DISCONNECTED
    assert (connected.access_token, connected.refresh_token) == ("", "")
    assert revoked(salesforce) == {"refresh-1", "refresh-2"}


def test_forgotten_meanwhile_both_tokens_are_handed_back(
    connected, salesforce, meanwhile, customer
):
    meanwhile(lambda: customer_connections_forget(customer=customer))
    with pytest.raises(ConnectionLost):
        renew(connected)
    connected.refresh_from_db()
    assert (connected.access_token, connected.refresh_token) == ("", "")
    assert revoked(salesforce) == {"refresh-1", "refresh-2"}


def test_lost_meanwhile_it_stays_lost_and_is_said_once(connected, salesforce, meanwhile):
    meanwhile(lambda: connection_lose(connection=connected, reason="The org is locked."))
    with pytest.raises(ConnectionLost):
        renew(connected)
    connected.refresh_from_db()
    assert connected.health == Health.NEEDS_RECONNECTING
    assert (connected.access_token, connected.refresh_token) == ("", "")
    assert revoked(salesforce) == {"refresh-2"}
    assert Event.objects.filter(action="connection.lost").count() == 1


def test_keys_rotated_meanwhile_the_new_tokens_are_stored(connected, meanwhile, settings):
    def rotate():
        settings.TOKEN_ENCRYPTION_KEYS = [
            Fernet.generate_key().decode(),
            *settings.TOKEN_ENCRYPTION_KEYS,
        ]
        token_keys_rotate()

    meanwhile(rotate)
    assert renew(connected) == "access-2"
    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    stored = Connection.objects.get()
    assert (stored.access_token, stored.refresh_token) == ("access-2", "refresh-2")


@pytest.mark.skipif(database.vendor != "postgresql", reason="SQLite has no server to lose")
def test_a_database_that_hung_up_meanwhile_takes_the_new_tokens_all_the_same(connected, meanwhile):
    def hang_up():
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            number = cursor.fetchone()[0]
        other = database.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [number])
        other.close()

    meanwhile(hang_up)
    assert renew(connected) == "access-2"
    stored = Connection.objects.get()
    assert (stored.access_token, stored.refresh_token) == ("access-2", "refresh-2")
