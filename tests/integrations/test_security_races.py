"""Two clicks, two people, two customers at the same moment: one wins, the others get a sentence."""

import json
import threading

import pytest
from django.db import connections

from accounts.models import Event, Role, SignupLink
from accounts.selectors import events_verify
from accounts.services import SignupLinkError, signup_link_prove, signup_link_spend
from integrations.models import ConnectAttempt, Connection
from integrations.services import ConnectError, connection_disconnect, connection_establish
from tests.factories import (
    ConnectAttemptFactory,
    MembershipFactory,
    SignupLinkFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
ORG = "00D5g000004abcdEAA"


@pytest.fixture(autouse=True)
def _no_calls(monkeypatch):
    monkeypatch.setattr("integrations.oauth.calls.token_revoke_quietly", lambda **_: True)
    for task in ("integrations.tasks.check_run", "jobchanges.tasks.org_offer_ask"):
        monkeypatch.setattr(f"{task}.delay", lambda *_: None)


def at_once(*calls):
    """Run the calls in threads that start together; answers "done" or the refusal of each."""
    start = threading.Barrier(len(calls))
    answers = [""] * len(calls)

    def run(number, call):
        start.wait(timeout=10)
        try:
            call()
            answers[number] = "done"
        except (ConnectError, SignupLinkError) as refusal:
            answers[number] = getattr(refusal, "code", "refused")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(answers)


def returned(customer, user, **given):
    """An attempt that came back from the sandbox ORG and waits for a yes."""
    return ConnectAttemptFactory(
        customer=customer,
        user=user,
        environment="sandbox",
        state="returned",
        login_host="https://test.salesforce.com",
        sealed_token=json.dumps({"access_token": "a", "refresh_token": "r"}),
        identity={
            "user_id": "0055g00000ABCDEAAX",
            "username": "int@northwind.example",
            "user_name": "Integration",
            "profile": "",
            "is_administrator": False,
            "identity_url": f"https://test.salesforce.com/id/{ORG}/0055g00000ABCDEAAX",
            "instance_url": "https://northwind--full.sandbox.my.salesforce.com",
            "scopes": "api",
            "app_installed": None,
        },
        organization={
            "id": ORG,
            "name": "Northwind",
            "kind": "sandbox",
            "edition": "Enterprise Edition",
            "instance_name": "CS1",
            "package_installed": None,
            "package_version": "",
        },
        **given,
    )


def test_a_double_click_on_yes_connects_once(customer, admin_person):
    attempt = returned(customer, admin_person)

    def yes():
        connection_establish(attempt=ConnectAttempt.objects.get(pk=attempt.pk), by=admin_person)

    assert at_once(yes, yes, yes) == ["attempt_over", "attempt_over", "done"]
    assert Connection.objects.get().token_generation == 1
    assert Event.objects.filter(action="connection.established").count() == 1
    assert events_verify(customer) == []


def test_two_colleagues_with_one_link_connect_once(customer, admin_person):
    colleague = UserFactory(email="second@northwind.example")
    MembershipFactory(customer=customer, user=colleague, role=Role.ADMIN)
    link = SignupLinkFactory(customer=customer, email=admin_person.email)
    attempts = [returned(customer, each, link=link) for each in (admin_person, colleague)]
    answers = at_once(
        *(
            lambda attempt=attempt: connection_establish(attempt=attempt, by=attempt.user)
            for attempt in attempts
        )
    )
    assert answers == ["done", "link_over"]
    assert Connection.objects.count() == 1


def test_two_customers_who_confirm_one_org_get_it_once(
    customer, admin_person, other_customer, stranger
):
    mine = returned(customer, admin_person)
    theirs = returned(other_customer, stranger)
    answers = at_once(
        lambda: connection_establish(attempt=mine, by=admin_person),
        lambda: connection_establish(attempt=theirs, by=stranger),
    )
    assert answers == ["done", "org_taken"]
    assert Connection.objects.count() == 1


def test_of_two_orgs_in_two_tabs_the_second_does_not_replace_the_first(customer, admin_person):
    first, second = (returned(customer, admin_person) for _tab in range(2))
    second.organization["id"] = "00D5g000004wxyzEAA"
    second.identity["instance_url"] = "https://northwind--dev.sandbox.my.salesforce.com"
    second.save()
    connection_establish(attempt=first, by=admin_person)
    with pytest.raises(ConnectError) as refused:
        connection_establish(attempt=second, by=admin_person)
    assert refused.value.code == "other_org"
    assert Connection.objects.get().epoch.org_id == ORG


def test_a_link_is_spent_by_one_of_two(customer, admin_person):
    link = SignupLinkFactory(customer=customer, email=admin_person.email)

    def spend():
        signup_link_spend(link=SignupLink.objects.get(pk=link.pk), by=admin_person)

    assert at_once(spend, spend) == ["done", "refused"]


def test_proving_twice_at_once_makes_one_membership(customer):
    person = UserFactory(email="new.admin@northwind.example")
    link = SignupLinkFactory(customer=customer, email=person.email)

    def prove():
        signup_link_prove(link=SignupLink.objects.get(pk=link.pk), user=person)

    assert at_once(prove, prove) == ["done", "done"]
    assert person.memberships.count() == 1
    assert events_verify(customer) == []


def test_disconnecting_twice_at_once_is_one_event(customer, admin_person):
    connection = connection_establish(attempt=returned(customer, admin_person), by=admin_person)

    def end():
        connection_disconnect(connection=Connection.objects.get(pk=connection.pk), by=admin_person)

    assert at_once(end, end) == ["done", "not_connected"]
    assert Event.objects.filter(action="connection.disconnected").count() == 1
    assert events_verify(customer) == []
