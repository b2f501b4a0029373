"""Rule 8: tokens are kept no longer than they are good for, and no error report shows one."""

import json
import sys

import pytest
from django.db import connection as database
from django.test import RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter, get_exception_reporter_class

from integrations.models import ConnectAttempt, Connection
from integrations.oauth import calls
from integrations.services import (
    connect_attempt_refuse,
    connection_disconnect,
    connection_lose,
    connection_token_renew,
)
from tests.factories import ConnectAttemptFactory, ConnectionFactory

pytestmark = pytest.mark.django_db
ACCESS, REFRESH = "00D!the-access-token", "5Aep!the-refresh-token"


@pytest.fixture
def connection():
    return ConnectionFactory(access_token=ACCESS, refresh_token=REFRESH)


def kept(connection):
    return Connection.objects.values_list("access_token", "refresh_token").get(pk=connection.pk)


def test_rule_8_a_connection_that_is_ended_keeps_no_token(connection, admin_person, monkeypatch):
    monkeypatch.setattr(calls, "token_revoke_quietly", lambda **_: True)
    connection_disconnect(connection=connection, by=admin_person)
    assert kept(connection) == ("", "")


def test_rule_8_a_connection_that_is_lost_keeps_no_token(connection):
    assert connection_lose(connection=connection, reason="Salesforce ended it.")
    assert kept(connection) == ("", "")


def test_rule_8_an_attempt_that_is_refused_keeps_no_token(admin_person, customer):
    attempt = ConnectAttemptFactory(
        customer=customer, user=admin_person, state="returned", sealed_token='{"a": "b"}'
    )
    assert connect_attempt_refuse(attempt=attempt, code="declined")
    assert ConnectAttempt.objects.get().sealed_token == ""


def test_rule_8_an_attempt_that_is_confirmed_keeps_no_token(signing_up):
    signing_up.connect()
    assert signing_up.attempt().state == "confirmed"
    assert signing_up.attempt().sealed_token == ""


@pytest.fixture
def waiting(admin_person, customer):
    """Signed in at Salesforce and not confirmed yet: the tokens lie sealed in the attempt."""
    return ConnectAttemptFactory(
        customer=customer,
        user=admin_person,
        state="returned",
        sealed_token=json.dumps({"access_token": ACCESS, "refresh_token": REFRESH}),
        identity={
            "user_name": "UserGems Integration",
            "username": "usergems@northwind.example.full",
            "profile": "Integration",
            "instance_url": "https://northwind--full.sandbox.my.salesforce.com",
            "is_administrator": False,
            "app_installed": True,
        },
        organization={
            "id": "00D000000000001AAA",
            "name": "Northwind Traders",
            "kind": "sandbox",
            "edition": "Enterprise Edition",
            "instance_name": "CS100",
            "package_installed": True,
        },
    )


def sealed(table, columns):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        return [value for row in cursor.fetchall() for value in row]


def shows_none(page, *ciphertexts):
    assert page.status_code == 200
    text = page.content.decode()
    assert not [secret for secret in (ACCESS, REFRESH, *ciphertexts) if secret in text]


def test_rule_8_the_person_who_confirms_the_org_is_shown_no_token(waiting, admin_person, signed_in):
    page = signed_in(admin_person).get(reverse("connect_confirm", args=[waiting.pk]))
    assert "usergems@northwind.example.full" in page.content.decode()
    shows_none(page, *sealed("integrations_connectattempt", "sealed_token"))


@pytest.mark.parametrize("who", ["manager", "operator"])
def test_rule_8_the_desk_shows_no_token_of_an_attempt_that_waits(waiting, signed_in, who, request):
    desk = signed_in(request.getfixturevalue(who))
    for page in (
        desk.get(reverse("admin:integrations_connectattempt_changelist")),
        desk.get(reverse("admin:integrations_connectattempt_change", args=[waiting.pk])),
    ):
        shows_none(page, *sealed("integrations_connectattempt", "sealed_token"))


@pytest.mark.parametrize("who", ["manager", "operator"])
def test_rule_8_the_desk_shows_no_token_of_a_connection(customer, signed_in, who, request):
    connection = ConnectionFactory(customer=customer, access_token=ACCESS, refresh_token=REFRESH)
    desk = signed_in(request.getfixturevalue(who))
    for page in (
        desk.get(reverse("admin:integrations_connection_changelist")),
        desk.get(reverse("admin:integrations_connection_change", args=[connection.pk])),
    ):
        shows_none(page, *sealed("integrations_connection", "access_token, refresh_token"))


@pytest.mark.django_db(transaction=True)
def test_rule_8_the_report_of_an_error_shows_no_token(connection, monkeypatch):
    def broken(**_values):
        raise RuntimeError("A mistake of ours.")

    monkeypatch.setattr(calls, "token_refresh", broken)
    request = RequestFactory().get("/orgs/", headers={"Authorization": f"Bearer {ACCESS}"})
    try:
        connection_token_renew(connection=connection, rejected=ACCESS)
    except RuntimeError:
        found = sys.exc_info()
    reporter: ExceptionReporter = get_exception_reporter_class(request)(request, *found)
    report = reporter.get_traceback_text()
    assert "A mistake of ours." in report
    assert not [token for token in (ACCESS, REFRESH) if token in report]
