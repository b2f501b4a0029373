"""Every answer to a refresh (platform reference, 1.5): from the wire to the row and the mail."""

import datetime

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from integrations.models import Connection, Health
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.families import Family
from integrations.salesforce.oauth import OAuthError
from integrations.services import connection_token_renew, tokens
from integrations.services.losing import REFUSED_APP, connection_refused_note
from tests.factories import ConnectionFactory
from tests.salesforce.conftest import cut, hangs_up, page, plain_text, says, silence, start, stop

pytestmark = pytest.mark.django_db(transaction=True)

PRIYA, MAYA = "priya.shah@northwind.example", "maya.rao@usergems.example"


class Clock:
    """Time that passes only by sleeping; `at_sleep` is done in the first nap."""

    def __init__(self, at_sleep=None):
        self.now = timezone.now()
        self.at_sleep = at_sleep
        self.slept = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept += seconds
        self.now += datetime.timedelta(seconds=seconds)
        if self.at_sleep:
            do, self.at_sleep = self.at_sleep, None
            do()


@pytest.fixture
def salesforce():
    """Answers what a test tells it to."""
    stub, httpd = start()
    yield stub
    stop(stub, httpd)


@pytest.fixture
def connected(salesforce, customer, admin_person, reviewer):
    """Northwind's sandbox; Salesforce is the stub server."""
    return ConnectionFactory(
        customer=customer,
        login_host=salesforce.url,
        access_token="access-1",
        refresh_token="refresh-1",
        token_generation=1,
        epoch__name="Northwind (full copy)",
        epoch__instance_url=salesforce.url,
    )


def renew(connection, clock=None):
    clock = clock or Clock()
    return connection_token_renew(
        connection=connection, rejected="access-1", clock=clock, sleep=clock.sleep
    )


def granted(salesforce, **more):
    return says(
        200,
        {
            "access_token": "access-2",
            "instance_url": salesforce.url,
            "id": f"{salesforce.url}/id/00D5g000008AbCdEAK/0055g00000AbCdEAAW",
            "token_type": "Bearer",
            "issued_at": "1795350000123",
        }
        | more,
    )


def refused(error, description="", status=400):
    return says(status, {"error": error, "error_description": description})


LOST = [
    ("expired access/refresh token", "Salesforce ended our access"),
    ("authentication failure", "Salesforce refuses the integration user"),
    ("inactive user", "not active any more"),
    ("inactive organization", "locked, expired or deleted"),
    ("ip restricted", "does not let our address in"),
    ("ip restricted or invalid login hours", "does not let our address in"),
    ("user hasn't approved this consumer", "approval was taken back"),
    ("a text nobody has seen before", "Salesforce ended our access"),
]


@pytest.mark.parametrize(("description", "why"), LOST)
def test_a_dead_token_needs_reconnecting_with_reason_time_and_mail(
    connected, salesforce, description, why
):
    salesforce.then(refused("invalid_grant", description))
    before = timezone.now()
    with pytest.raises(ConnectionLost):
        renew(connected)
    connected.refresh_from_db()
    assert connected.health == Health.NEEDS_RECONNECTING
    assert why in connected.health_reason
    assert connected.health_since >= before
    assert connected.access_token == connected.refresh_token == ""
    assert {message.to[0] for message in mail.outbox} == {PRIYA, MAYA}
    for message in mail.outbox:
        assert message.subject == "Northwind Traders: the sandbox has to be connected again"
        assert connected.health_reason in " ".join(message.body.split())
        assert "Northwind (full copy) as " in message.body
        assert "Nothing is lost" in message.body
        assert "If the sandbox was refreshed" in " ".join(message.body.split())
    theirs = next(message for message in mail.outbox if message.to == [PRIYA])
    assert f"{reverse('org_list')}#sandbox" in theirs.body


def test_one_loss_is_one_mail_a_person(connected, salesforce):
    salesforce.then(refused("invalid_grant", "expired access/refresh token"))
    for _again in range(2):
        with pytest.raises(ConnectionLost):
            renew(connected)
    assert len(salesforce.seen) == 1
    assert len(mail.outbox) == 2


def test_the_people_see_it_where_they_look(connected, salesforce, signed_in, admin_person):
    salesforce.then(refused("invalid_grant", "inactive user"))
    with pytest.raises(ConnectionLost):
        renew(connected)
    client = signed_in(admin_person)
    for name in ("org_list", "setup"):
        shown = client.get(reverse(name)).content.decode()
        assert "Needs reconnecting" in shown
        assert "The integration user is not active any more: Setup → Users shows it." in shown


def test_already_being_processed_waits_and_uses_what_the_other_stored(connected, salesforce):
    salesforce.then(refused("invalid_grant", "token request is already being processed"))

    def the_other_finishes():
        Connection.objects.filter(pk=connected.pk).update(
            access_token="the other's", token_generation=2, refresh_lease_until=None
        )

    clock = Clock(the_other_finishes)
    assert renew(connected, clock) == "the other's"
    assert clock.slept > 0
    assert len(salesforce.seen) == 1


def test_already_being_processed_without_an_end_is_tried_again(connected, salesforce):
    busy = refused("invalid_grant", "token request is already being processed")
    salesforce.then(busy, granted(salesforce))
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    assert renew(connected) == "access-2"
    assert mail.outbox == []


@pytest.mark.parametrize(
    "answer",
    [
        says(500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}]),
        says(503, {"error": "invalid_grant", "error_description": "expired access/refresh token"}),
        page(503),
        page(200),
        page(404),
        plain_text(502, "Bad gateway"),
        hangs_up,
        cut({"error": "invalid_grant", "error_description": "expired access/refresh token"}),
    ],
    ids=["500", "503", "503 page", "200 page", "404 page", "502 text", "hang-up", "cut"],
)
def test_trouble_at_salesforce_never_ends_the_connection(connected, salesforce, answer):
    salesforce.then(answer)
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert (connected.health, connected.refresh_token) == (Health.CONNECTED, "refresh-1")
    assert mail.outbox == []


def test_no_answer_in_time_never_ends_the_connection(connected, salesforce, settings):
    settings.SALESFORCE_CONNECT_TIMEOUT = settings.SALESFORCE_READ_TIMEOUT = 0.2
    salesforce.then(silence)
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert (connected.health, connected.refresh_token) == (Health.CONNECTED, "refresh-1")


def test_too_many_sign_ins_wait_a_lease_long(connected, salesforce, settings):
    salesforce.then(refused("rate_limit_exceeded", "rate limit exceeded"), granted(salesforce))
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    with pytest.raises(SalesforceError):
        renew(connected)
    assert len(salesforce.seen) == 1, "nobody signs in again before the wait is over"
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    later = Clock()
    later.now += datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS + 1)
    assert renew(connected, later) == "access-2"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("invalid_client", 400),
        ("invalid_client", 401),
        ("invalid_client_id", 400),
        ("new_code", 400),
    ],
)
def test_what_is_ours_alerts_staff_once_and_loses_nothing(
    connected, salesforce, lead, signed_in, admin_person, manager, error, status
):
    no = refused(error, "invalid client credentials", status)
    salesforce.then(no, no, granted(salesforce))
    for _again in range(2):
        with pytest.raises(SalesforceError) as caught:
            renew(connected)
        assert caught.value.family == Family.WE_MUST_ACT
        assert caught.value.code == error
    connected.refresh_from_db()
    assert (connected.health, connected.refresh_token) == (Health.CONNECTED, "refresh-1")
    assert {message.to[0] for message in mail.outbox} == {lead.email, MAYA}
    assert len(mail.outbox) == 2
    assert f"“{error}”" in mail.outbox[0].body
    shown = signed_in(admin_person).get(reverse("org_list")).content.decode()
    assert "UserGems was told and" in shown
    desk = signed_in(manager).get(
        reverse("admin:integrations_connection_change", args=[connected.pk])
    )
    assert "UserGems was told and" in desk.content.decode()

    assert renew(connected) == "access-2"
    connected.refresh_from_db()
    assert connected.health_reason == ""


def test_an_app_that_is_refused_for_all_customers_is_one_mail(connected, salesforce):
    other = ConnectionFactory(
        login_host=salesforce.url, access_token="access-1", epoch__instance_url=salesforce.url
    )
    salesforce.then(refused("invalid_client"), refused("invalid_client"))
    for connection in (connected, other):
        with pytest.raises(SalesforceError):
            renew(connection)
        connection.refresh_from_db()
        assert connection.health_reason == REFUSED_APP
    assert [message.to[0] for message in mail.outbox] == [MAYA]


def test_a_code_we_do_not_know_is_told_of_each_org(connected, salesforce):
    other = ConnectionFactory(
        login_host=salesforce.url, access_token="access-1", epoch__instance_url=salesforce.url
    )
    salesforce.then(refused("invalid_client"), refused("new_code"))
    for connection in (connected, other):
        with pytest.raises(SalesforceError):
            renew(connection)
    assert len(mail.outbox) == 2
    assert "“new_code”. This code is not in our table" in " ".join(mail.outbox[1].body.split())


def test_a_refused_app_that_was_mended_alerts_again_the_next_time(connected, salesforce):
    no = refused("invalid_client")
    salesforce.then(no, granted(salesforce), no)
    with pytest.raises(SalesforceError):
        renew(connected)
    renew(connected)
    with pytest.raises(SalesforceError):
        connection_token_renew(connection=connected, rejected="access-2")
    connected.refresh_from_db()
    assert connected.health_reason == REFUSED_APP
    assert [message.to[0] for message in mail.outbox] == [MAYA, MAYA]


# --- storing what came ------------------------------------------------------------------------


@pytest.fixture
def store_fails(monkeypatch):
    """The database does not take the new tokens, so many times."""
    left = []
    store = tokens._store_once

    def fail(*given):
        if left:
            left.pop()
            raise DatabaseError("disk full")
        return store(*given)

    monkeypatch.setattr(tokens, "_store_once", fail)
    return left


def test_without_rotation_the_old_refresh_token_stays(connected, salesforce):
    salesforce.then(granted(salesforce))
    assert renew(connected) == "access-2"
    connected.refresh_from_db()
    assert (connected.access_token, connected.refresh_token) == ("access-2", "refresh-1")


def test_a_database_that_stumbles_once_loses_nothing(connected, salesforce, store_fails):
    salesforce.then(granted(salesforce, refresh_token="refresh-2"))
    store_fails.append(1)
    assert renew(connected) == "access-2"
    connected.refresh_from_db()
    assert connected.refresh_token == "refresh-2"
    assert len(salesforce.seen) == 1


def test_a_token_that_could_not_be_stored_is_used_by_nobody_and_its_loss_is_said_plainly(
    connected, salesforce, store_fails, settings
):
    salesforce.then(
        granted(salesforce, refresh_token="refresh-2"),
        refused("invalid_grant", "expired access/refresh token"),
    )
    store_fails.extend([1] * tokens.STORE_TRIES)
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert (connected.access_token, connected.refresh_token) == ("access-1", "refresh-1")
    assert connected.health == Health.CONNECTED

    later = Clock()
    later.now += datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS + 1)
    with pytest.raises(ConnectionLost):
        renew(connected, later)
    connected.refresh_from_db()
    assert connected.health_reason == tokens.INTERRUPTED
    assert str(tokens.INTERRUPTED) in " ".join(mail.outbox[0].body.split())


def test_an_answer_that_got_lost_is_the_reason_when_the_token_is_dead_then(
    connected, salesforce, settings
):
    salesforce.then(hangs_up, page(503), refused("invalid_grant", "expired access/refresh token"))
    with pytest.raises(SalesforceError):
        renew(connected)
    later = Clock()
    later.now += datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS + 1)
    with pytest.raises(SalesforceError):
        renew(connected, later)
    with pytest.raises(ConnectionLost):
        renew(connected, later)
    connected.refresh_from_db()
    assert connected.health_reason == tokens.INTERRUPTED


def test_a_reason_of_its_own_is_not_taken_for_an_answer_that_got_lost(
    connected, salesforce, settings
):
    salesforce.then(hangs_up, refused("invalid_grant", "inactive user"))
    with pytest.raises(SalesforceError):
        renew(connected)
    later = Clock()
    later.now += datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS + 1)
    with pytest.raises(ConnectionLost):
        renew(connected, later)
    connected.refresh_from_db()
    assert "not active any more" in connected.health_reason


def test_a_server_error_that_reads_like_a_dead_token_ends_nothing(connected, salesforce):
    salesforce.then(refused("invalid_grant", "expired access/refresh token", status=503))
    with pytest.raises(SalesforceError) as caught:
        renew(connected)
    assert caught.value.family == Family.TRY_AGAIN
    connected.refresh_from_db()
    assert (connected.health, connected.refresh_token) == (Health.CONNECTED, "refresh-1")
    assert mail.outbox == []


def test_a_lease_that_another_took_over_is_not_dropped_for_them(connected, monkeypatch):
    theirs = timezone.now() + datetime.timedelta(hours=1)

    def overtaken(**_given):
        Connection.objects.filter(pk=connected.pk).update(refresh_lease_until=theirs)
        raise OAuthError("server_error", "", Family.TRY_AGAIN)

    monkeypatch.setattr(tokens.calls, "token_refresh", overtaken)
    with pytest.raises(SalesforceError):
        renew(connected)
    connected.refresh_from_db()
    assert connected.refresh_lease_until == theirs


def test_nothing_is_asked_for_inside_an_open_transaction(connected, salesforce):
    with transaction.atomic(), pytest.raises(RuntimeError):
        renew(connected)
    assert salesforce.seen == []


@pytest.mark.parametrize(
    ("known", "news"),
    [
        ({}, False),
        ({"environment": "production"}, True),
        ({"health": Health.DISCONNECTED}, True),
    ],
)
def test_a_refused_app_is_news_once_for_the_live_connections_of_an_environment(
    connected, known, news
):
    ConnectionFactory(health_reason=REFUSED_APP, **known)
    assert connection_refused_note(connection=connected, code="invalid_client") is news


def test_of_a_connection_that_ended_meanwhile_nothing_is_noted(connected):
    Connection.objects.filter(pk=connected.pk).update(health=Health.DISCONNECTED)
    assert not connection_refused_note(connection=connected, code="invalid_client")
    connected.refresh_from_db()
    assert connected.health_reason == ""


def test_a_refusal_that_a_reconnect_overtook_ends_nothing(connected, monkeypatch):
    def overtaken(**_given):
        Connection.objects.filter(pk=connected.pk).update(
            access_token="the new one", token_generation=2
        )
        raise OAuthError("invalid_grant", "expired access/refresh token", Family.CUSTOMER_MUST_ACT)

    monkeypatch.setattr(tokens.calls, "token_refresh", overtaken)
    assert renew(connected) == "the new one"
    connected.refresh_from_db()
    assert connected.health == Health.CONNECTED
    assert mail.outbox == []


def test_a_lost_answer_that_changed_nothing_is_forgotten_by_the_next_success(
    connected, salesforce, settings
):
    salesforce.then(hangs_up, granted(salesforce))
    with pytest.raises(SalesforceError):
        renew(connected)
    later = Clock()
    later.now += datetime.timedelta(seconds=settings.REFRESH_LEASE_SECONDS + 1)
    renew(connected, later)
    connected.refresh_from_db()
    assert connected.refresh_lease_until is None
