"""Refresh tokens that rest are used in time; people are warned when that does not work."""

import datetime

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core import mail
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.models import Connection, Health
from integrations.salesforce import oauth
from integrations.salesforce.errors import SalesforceError
from integrations.services import connection_token_renew, keep_alive, token_keys_rotate
from tests.integrations.conftest import is_alive

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN_PATH = "/services/oauth2/token"
PRIYA, MAYA = "priya.shah@northwind.example", "maya.rao@usergems.example"


@pytest.fixture
def connected(rehearsal, customer, admin_person, reviewer):
    connection = rehearsal.connect(customer)
    Connection.objects.filter(pk=connection.pk).update(token_refreshed_at=timezone.now())
    connection.refresh_from_db()
    return connection


def on_day(connection, day):
    """The hourly task, so many days after the token was used last."""
    used_at = Connection.objects.get(pk=connection.pk).token_refreshed_at
    with time_machine.travel(used_at + datetime.timedelta(days=day), tick=True):
        tasks.connections_keep_alive()
    connection.refresh_from_db()


def test_an_onboarding_that_rests_five_weeks_keeps_its_connection(connected, rehearsal):
    start = timezone.now()
    for day in range(1, 36):
        with time_machine.travel(start + datetime.timedelta(days=day), tick=True):
            tasks.connections_keep_alive()
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    assert 4 <= connected.token_generation - 1 <= 5
    assert is_alive(rehearsal, "sandbox", connected.refresh_token)
    assert mail.outbox == []


def test_nobody_is_warned_before_the_day(connected, rehearsal):
    rehearsal.fault("http_503_html", times=9, path=TOKEN_PATH)
    on_day(connected, 8)
    on_day(connected, 22)
    assert connected.health == Health.CONNECTED
    assert connected.idle_warned_at is None
    assert mail.outbox == []


def test_people_are_warned_once_before_it_ends(connected, rehearsal, customer):
    rehearsal.fault("http_503_html", times=9, path=TOKEN_PATH)
    for day in (23.1, 23.2, 25):
        on_day(connected, day)
    assert connected.idle_warned_at is not None
    assert connected.health == Health.CONNECTED
    assert {message.to[0] for message in mail.outbox} == {PRIYA, MAYA}
    assert len(mail.outbox) == 2
    message = next(message for message in mail.outbox if message.to == [PRIYA])
    assert message.subject == "Northwind Traders: the access to the sandbox ends soon"
    ends = connected.token_refreshed_at + datetime.timedelta(days=30)
    assert f"{ends:%d %b %Y}".lstrip("0") in message.body
    assert f"{reverse('org_list')}#sandbox" in message.body
    assert Event.objects.filter(customer=customer, action="connection.idle_warned").count() == 1


def test_the_page_warns_too_until_it_works_again(connected, rehearsal, signed_in, admin_person):
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    on_day(connected, 24)
    client = signed_in(admin_person)
    assert "The portal tries every hour" in client.get(reverse("org_list")).content.decode()
    assert "were warned" in client.get(reverse("activity")).content.decode()

    on_day(connected, 24.1)
    assert connected.idle_warned_at is None
    assert "The portal tries every hour" not in client.get(reverse("org_list")).content.decode()


def test_a_rest_after_a_success_is_warned_about_again(connected, rehearsal):
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    on_day(connected, 24)
    on_day(connected, 24.1)
    mail.outbox.clear()
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    on_day(connected, 24)
    assert len(mail.outbox) == 2


def test_a_key_that_is_missing_is_warned_about_as_well(connected, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    on_day(connected, 24)
    assert connected.idle_warned_at is not None


@pytest.mark.parametrize("change", [{"token_generation": 2}, {"health": Health.DISCONNECTED}])
def test_nobody_is_warned_about_what_was_mended_or_ended_meanwhile(connected, monkeypatch, change):
    def fails(**_given):
        Connection.objects.update(**change)
        raise SalesforceError("SERVER_UNAVAILABLE")

    monkeypatch.setattr(keep_alive, "connection_token_renew", fails)
    on_day(connected, 24)
    assert connected.idle_warned_at is None
    assert mail.outbox == []


def test_a_token_that_was_never_renewed_is_used_a_week_after_connecting(connected):
    week = timezone.now() - datetime.timedelta(days=7, minutes=1)
    Connection.objects.update(token_refreshed_at=None, connected_at=week)
    tasks.connections_keep_alive()
    connected.refresh_from_db()
    assert connected.token_generation == 2


def test_the_days_are_settings(connected, rehearsal, settings):
    settings.TOKEN_KEEP_ALIVE_DAYS = 1
    settings.TOKEN_IDLE_WARNING_DAYS = 2
    settings.TOKEN_IDLE_DAYS = 3
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    on_day(connected, 2.1)
    assert connected.idle_warned_at is not None
    on_day(connected, 2.2)
    assert connected.token_generation == 2


# --- keys that rotate while the site runs -----------------------------------------------------


def test_a_refresh_in_the_moment_of_rotating_keys_loses_nothing(
    connected, rehearsal, settings, monkeypatch
):
    """The command read the row, the refresh stored its tokens, then the command writes."""
    old_keys = settings.TOKEN_ENCRYPTION_KEYS
    refresh = oauth.token_refresh
    rotated = []

    def meanwhile(**given):
        token = refresh(**given)
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old_keys]
        rotated.append(token_keys_rotate())
        return token

    monkeypatch.setattr(oauth, "token_refresh", meanwhile)
    token = connection_token_renew(connection=connected, rejected=connected.access_token)
    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    current = Connection.objects.get(pk=connected.pk)
    assert rotated == [1]
    assert current.access_token == token
    assert is_alive(rehearsal, "sandbox", current.refresh_token)


def test_rotating_keys_never_writes_tokens_that_are_older_than_a_refresh(
    connected, rehearsal, settings, monkeypatch
):
    """The other way round: the refresh happens between reading and writing of the command."""
    settings.TOKEN_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.TOKEN_ENCRYPTION_KEYS,
    ]
    read = QuerySet.iterator

    def overtaken(self, *given, **more):
        for row in read(self, *given, **more):
            if isinstance(row, Connection):
                connection_token_renew(connection=row, rejected=row.access_token)
            yield row

    with monkeypatch.context() as patched:
        patched.setattr(QuerySet, "iterator", overtaken)
        assert token_keys_rotate() == 0
    settings.TOKEN_ENCRYPTION_KEYS = settings.TOKEN_ENCRYPTION_KEYS[:1]
    current = Connection.objects.get(pk=connected.pk)
    assert current.token_generation == 2
    assert is_alive(rehearsal, "sandbox", current.refresh_token)
