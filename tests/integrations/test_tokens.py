"""Refreshing: one process at a time, the new token stored before it is used."""

import datetime
import threading

import pytest
import requests
from django.db import connection as database
from django.utils import timezone

from accounts.models import Event
from integrations import tasks
from integrations.models import Connection, Health
from integrations.salesforce import oauth
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.families import Family
from integrations.services import connection_lose, connection_token_renew, org_open
from integrations.services.tokens import ConnectionTokens
from integrations.signals import connection_lost
from tests.integrations.conftest import is_alive

pytestmark = pytest.mark.django_db

TOKEN_PATH = "/services/oauth2/token"


class Clock:
    """Time that passes only by sleeping; `at_sleep` is done in the first nap."""

    def __init__(self, at_sleep=None):
        self.now = timezone.now()
        self.at_sleep = at_sleep
        self.naps = 0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.naps += 1
        self.now += datetime.timedelta(seconds=seconds)
        if self.at_sleep:
            do, self.at_sleep = self.at_sleep, None
            do()


@pytest.fixture
def connected(rehearsal, customer):
    return rehearsal.connect(customer)


def renew(connection, clock=None, rejected=None):
    clock = clock or Clock()
    return connection_token_renew(
        connection=connection,
        rejected=connection.access_token if rejected is None else rejected,
        clock=clock,
        sleep=clock.sleep,
    )


def test_a_refresh_stores_the_rotated_token_and_frees_the_lease(connected, rehearsal):
    old = connected.refresh_token
    token = renew(connected)
    connected.refresh_from_db()
    assert connected.access_token == token
    assert connected.refresh_token != old
    assert connected.token_generation == 2
    assert connected.refresh_lease_until is None
    assert connected.token_refreshed_at is not None
    assert is_alive(rehearsal, "sandbox", connected.refresh_token)


def test_a_rejected_token_is_renewed_in_the_middle_of_work(connected):
    Connection.objects.filter(pk=connected.pk).update(access_token="00D000000000001!expired")
    org = org_open(Connection.objects.select_related("epoch").get(pk=connected.pk))
    assert org.organization()["IsSandbox"] is True
    connected.refresh_from_db()
    assert connected.token_generation == 2


def test_the_new_token_is_in_the_database_before_anybody_uses_it(connected, monkeypatch):
    Connection.objects.filter(pk=connected.pk).update(access_token="00D000000000001!expired")
    used = []
    send = requests.Session.send

    def watch(session, request, **kwargs):
        if "/services/data/" in request.url:
            stored = Connection.objects.get(pk=connected.pk).access_token
            used.append((request.headers["Authorization"], stored))
        return send(session, request, **kwargs)

    monkeypatch.setattr(requests.Session, "send", watch)
    org_open(Connection.objects.select_related("epoch").get(pk=connected.pk)).organization()
    assert len(used) == 2
    assert all(header == f"Bearer {stored}" for header, stored in used)


def test_somebody_elses_newer_token_is_used_without_a_call(connected, tokens_seen):
    assert renew(connected, rejected="an older token") == connected.access_token
    assert tokens_seen == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_salesforce_is_asked(connected, monkeypatch):
    refresh = oauth.token_refresh

    def watch(**given):
        assert not database.in_atomic_block
        lease = Connection.objects.get(pk=connected.pk).refresh_lease_until
        assert lease > timezone.now() + datetime.timedelta(seconds=25)
        return refresh(**given)

    monkeypatch.setattr(oauth, "token_refresh", watch)
    renew(connected)


@pytest.mark.django_db(transaction=True)
def test_two_threads_at_once_make_one_refresh(connected, rehearsal, monkeypatch):
    # Slow enough that both are in the middle of it.
    rehearsal.fault("delay", seconds=0.5, path=f"refresh:{TOKEN_PATH}")
    refresh, asked = oauth.token_refresh, []

    def watch(**given):
        asked.append(given["refresh_token"])
        return refresh(**given)

    monkeypatch.setattr(oauth, "token_refresh", watch)
    together = threading.Barrier(2, timeout=30)
    found, problems = [], []

    def work():
        try:
            mine = Connection.objects.get(pk=connected.pk)
            together.wait()
            found.append(
                connection_token_renew(
                    connection=mine, rejected=mine.access_token, sleep=threading.Event().wait
                )
            )
        except Exception as error:  # noqa: BLE001 (shown by the assertion below)
            problems.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    connected.refresh_from_db()
    assert len(asked) == 1
    assert connected.token_generation == 2
    assert found == [connected.access_token] * 2


def test_who_does_not_get_the_lease_waits_and_reads_again(connected, tokens_seen):
    lease(connected, seconds=60)

    def the_other_finishes():
        Connection.objects.filter(pk=connected.pk).update(
            access_token="the other's token", token_generation=2, refresh_lease_until=None
        )

    assert renew(connected, Clock(the_other_finishes)) == "the other's token"
    assert tokens_seen == []


def test_waiting_ends_and_says_try_again(connected, settings):
    lease(connected, seconds=3600)
    clock = Clock()
    with pytest.raises(SalesforceError) as caught:
        renew(connected, clock)
    assert caught.value.family == Family.TRY_AGAIN
    assert clock.naps <= settings.REFRESH_LEASE_SECONDS * 4 + 1
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED


def test_an_expired_lease_is_taken_over(connected, tokens_seen):
    lease(connected, seconds=-1)
    renew(connected)
    assert len(tokens_seen) == 1


def test_already_being_processed_means_read_again(connected, monkeypatch):
    monkeypatch.setattr(
        oauth, "token_refresh", refusing("token request is already being processed")
    )

    def the_other_finishes():
        Connection.objects.filter(pk=connected.pk).update(
            access_token="the other's token", token_generation=2, refresh_lease_until=None
        )

    assert renew(connected, Clock(the_other_finishes)) == "the other's token"
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED


def test_already_being_processed_for_ever_is_tried_again_later(connected, monkeypatch):
    monkeypatch.setattr(
        oauth, "token_refresh", refusing("token request is already being processed")
    )
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    assert connected.refresh_lease_until is None


def test_a_revoked_token_needs_reconnecting_and_says_why(connected, customer, rehearsal):
    oauth_revoke(rehearsal, connected.refresh_token)
    told = []
    connection_lost.connect(receiver := lambda connection, **_: told.append(connection.pk))
    try:
        with pytest.raises(ConnectionLost):
            renew(connected)
    finally:
        connection_lost.disconnect(receiver)
    connected.refresh_from_db()
    assert connected.health == Health.NEEDS_RECONNECTING
    assert "Salesforce ended our access" in connected.health_reason
    assert connected.health_since <= timezone.now()
    assert connected.access_token == connected.refresh_token == ""
    assert told == [connected.pk]
    assert Event.objects.filter(customer=customer, action="connection.lost").count() == 1


def test_an_old_token_used_again_counts_as_theft_and_ends_the_connection(connected, rehearsal):
    old = connected.refresh_token
    renew(connected)
    Connection.objects.filter(pk=connected.pk).update(refresh_token=old)
    connected.refresh_from_db()
    with pytest.raises(ConnectionLost):
        renew(connected)
    connected.refresh_from_db()
    assert connected.health == Health.NEEDS_RECONNECTING


@pytest.mark.parametrize("kind", ["http_503_html", "drop_before"])
def test_trouble_at_salesforce_never_ends_the_connection(connected, rehearsal, kind):
    rehearsal.fault(kind, path=TOKEN_PATH)
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    assert connected.refresh_token


def test_after_maintenance_the_next_refresh_works_at_once(connected, rehearsal):
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    with pytest.raises(SalesforceError):
        renew(connected)
    assert renew(connected)


def test_after_a_lost_answer_nobody_refreshes_before_the_lease_is_over(connected, rehearsal):
    rehearsal.fault("drop_answer_after_commit", path=TOKEN_PATH)
    with pytest.raises(SalesforceError):
        renew(connected)
    connected.refresh_from_db()
    assert connected.refresh_lease_until > timezone.now()


def test_our_own_wrong_secret_is_ours_and_ends_nothing(connected, settings):
    settings.SALESFORCE_SANDBOX_CLIENT_SECRET = "rotated"
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.WE_MUST_ACT
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    assert connected.refresh_lease_until is None


def test_a_refresh_overtaken_by_a_reconnect_is_handed_back(connected, tokens_seen, monkeypatch):
    refresh = oauth.token_refresh

    def overtaken(**given):
        token = refresh(**given)
        Connection.objects.filter(pk=connected.pk).update(
            access_token="of the reconnect", refresh_token="of the reconnect", token_generation=9
        )
        return token

    monkeypatch.setattr(oauth, "token_refresh", overtaken)
    revoked = []
    monkeypatch.setattr(oauth, "token_revoke", lambda **given: revoked.append(given["token"]))
    assert renew(connected) == "of the reconnect"
    connected.refresh_from_db()
    assert connected.refresh_token == "of the reconnect"
    assert revoked == [tokens_seen[0].refresh_token]


def test_losing_what_was_reconnected_meanwhile_does_nothing(connected):
    stale = Connection.objects.get(pk=connected.pk)
    renew(connected)
    assert connection_lose(connection=stale, reason="late news") is False
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED


def test_a_connection_that_is_not_live_is_not_opened(connected):
    connection_lose(connection=connected, reason="The org is gone.")
    connected.refresh_from_db()
    with pytest.raises(ConnectionLost):
        org_open(connected)
    with pytest.raises(ConnectionLost):
        ConnectionTokens(connected).access_token()


def test_tokens_that_rested_for_a_week_are_used(connected, tokens_seen):
    rest(connected, days=6)
    tasks.connections_keep_alive()
    assert tokens_seen == []
    rest(connected, days=8)
    tasks.connections_keep_alive()
    assert len(tokens_seen) == 1


def test_keeping_one_alive_does_not_fail_on_another(connected, rehearsal, customer, tokens_seen):
    second = rehearsal.connect(customer, "northwind")
    for each in (connected, second):
        rest(each, days=8)
    rehearsal.fault("http_503_html", path=TOKEN_PATH)
    tasks.connections_keep_alive()
    assert len(tokens_seen) == 1


def lease(connection, *, seconds):
    until = timezone.now() + datetime.timedelta(seconds=seconds)
    Connection.objects.filter(pk=connection.pk).update(refresh_lease_until=until)


def rest(connection, *, days):
    Connection.objects.filter(pk=connection.pk).update(
        token_refreshed_at=timezone.now() - datetime.timedelta(days=days)
    )


def refusing(description):
    def refuse(**given):
        raise oauth.OAuthError("invalid_grant", description, Family.TRY_AGAIN)

    return refuse


def oauth_revoke(rehearsal, token):
    requests.post(
        f"{rehearsal.url('sandbox')}/services/oauth2/revoke", {"token": token}, timeout=30
    ).raise_for_status()
