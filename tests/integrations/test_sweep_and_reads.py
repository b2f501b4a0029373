"""Old attempts end, leases run out, lists cost one query, the desk shows a manager's own."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, Role
from integrations import tasks
from integrations.access import attempt_for, connection_for
from integrations.models import ConnectAttempt, Connection
from integrations.selectors import (
    attempt_confirmed_newest,
    attempt_newest,
    attempts_by_customer,
    connection_find,
    connections_by_customer,
)
from integrations.services import (
    ConnectError,
    connect_attempt_abandon,
    connect_attempt_refuse,
    connect_attempt_return,
)
from tests.factories import ConnectAttemptFactory, ConnectionFactory, CustomerFactory
from tests.integrations.conftest import is_alive

pytestmark = pytest.mark.django_db

State = ConnectAttempt.State


def ago(minutes):
    return timezone.now() - datetime.timedelta(minutes=minutes)


def test_an_attempt_that_did_not_return_in_half_an_hour_is_given_up(customer):
    old = ConnectAttemptFactory(customer=customer, started_at=ago(31))
    young = ConnectAttemptFactory(customer=customer, started_at=ago(29))
    tasks.connections_sweep()
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, old.error_code) == (State.ABANDONED, "did_not_return")
    assert young.state == State.STARTED


@pytest.mark.django_db(transaction=True)
def test_an_attempt_nobody_confirmed_hands_its_access_back(signing_up, tokens_seen):
    signing_up.come_back()
    ConnectAttempt.objects.update(started_at=ago(31))
    tasks.connections_sweep()
    attempt = signing_up.attempt()
    assert (attempt.state, attempt.sealed_token) == (State.ABANDONED, "")
    assert not is_alive(signing_up.rehearsal, "sandbox", tokens_seen[0].refresh_token)
    answer = signing_up.client.get(reverse("connect_confirm", args=[attempt.pk]))
    assert "This sign-up has ended" in answer.content.decode()


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REFUSED, State.RETURNED])
def test_an_attempt_that_was_answered_takes_no_second_answer(customer, state):
    attempt = ConnectAttemptFactory(customer=customer, state=state, sealed_token="first")
    with pytest.raises(ConnectError):
        connect_attempt_return(
            attempt=attempt, token={"refresh_token": "second"}, identity={}, organization={}
        )
    attempt.refresh_from_db()
    assert (attempt.state, attempt.sealed_token) == (state, "first")


def test_what_was_confirmed_is_not_refused_afterwards(customer):
    attempt = ConnectAttemptFactory(customer=customer, state=State.CONFIRMED)
    assert not connect_attempt_refuse(attempt=attempt, code="declined")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.error_code) == (State.CONFIRMED, "")
    assert not Event.objects.filter(customer=customer, action="connection.refused").exists()


def test_an_attempt_that_was_confirmed_meanwhile_is_not_given_up(customer):
    attempt = ConnectAttemptFactory(customer=customer, state=State.RETURNED)
    ConnectAttempt.objects.filter(pk=attempt.pk).update(state=State.CONFIRMED)
    assert not connect_attempt_abandon(attempt=attempt)
    attempt.refresh_from_db()
    assert attempt.state == State.CONFIRMED


def test_a_lease_that_ran_out_is_dropped(customer):
    dead = ConnectionFactory(customer=customer, refresh_lease_until=ago(1))
    held = ConnectionFactory(refresh_lease_until=ago(-1))
    Connection.objects.update(health="needs_reconnecting")
    tasks.connections_sweep()
    dead.refresh_from_db()
    held.refresh_from_db()
    assert dead.refresh_lease_until is None
    assert held.refresh_lease_until is not None


def test_a_live_connections_lease_stays_as_the_sign_of_a_renewal_that_was_cut_off(customer):
    cut_off = ConnectionFactory(customer=customer, refresh_lease_until=ago(1))
    tasks.connections_sweep()
    cut_off.refresh_from_db()
    assert cut_off.refresh_lease_until is not None


@pytest.mark.parametrize("count", [1, 7])
def test_lists_cost_one_query_however_many_customers(count, django_assert_num_queries):
    customers = [CustomerFactory() for _ in range(count)]
    for customer in customers:
        ConnectionFactory(customer=customer)
        ConnectionFactory(customer=customer, environment="production")
        ConnectAttemptFactory(customer=customer)
    with django_assert_num_queries(1):
        found = connections_by_customer(customers)
        assert all(found[customer.pk]["production"].epoch.name for customer in customers)
        assert all(found[customer.pk]["sandbox"].connected_by.full_name for customer in customers)
    with django_assert_num_queries(1):
        assert len(attempts_by_customer(customers)) == count


def test_the_newest_attempt_of_each_environment_counts(customer):
    ConnectAttemptFactory(customer=customer, started_at=ago(90), state=State.REFUSED)
    newest = ConnectAttemptFactory(customer=customer)
    assert attempts_by_customer([customer])[customer.pk] == {"sandbox": newest}


def test_a_persons_newest_attempt_is_their_own(customer, admin_person):
    ConnectAttemptFactory(customer=customer, user=admin_person, started_at=ago(90))
    mine = ConnectAttemptFactory(customer=customer, user=admin_person, started_at=ago(60))
    ConnectAttemptFactory(customer=customer, started_at=ago(30))
    assert attempt_newest(user_id=admin_person.pk, environment="sandbox") == mine
    assert attempt_newest(user_id=admin_person.pk, environment="production") is None


def test_a_connection_stands_by_the_attempt_that_was_confirmed_last(customer):
    first = ConnectAttemptFactory(customer=customer, state=State.CONFIRMED, ended_at=ago(90))
    last = ConnectAttemptFactory(customer=customer, state=State.CONFIRMED, ended_at=ago(60))
    ConnectAttemptFactory(customer=customer, state=State.REFUSED, ended_at=ago(30))
    ConnectAttemptFactory(customer=customer, state=State.RETURNED)
    assert attempt_confirmed_newest(customer, "sandbox") == last
    assert attempt_confirmed_newest(customer, "production") is None
    last.delete()
    assert attempt_confirmed_newest(customer, "sandbox") == first


def test_a_customer_without_an_org_has_none(customer):
    assert connections_by_customer([customer]) == {customer.pk: {}}
    assert connection_find(customer, "sandbox") is None


def test_a_connection_is_for_its_people_and_their_manager(
    customer, admin_person, reviewer, stranger, manager, other_manager
):
    connection = ConnectionFactory(customer=customer)
    for person in (admin_person, reviewer, manager):
        assert connection_for(person, connection.pk) == connection
    for person in (stranger, other_manager):
        with pytest.raises(Http404):
            connection_for(person, connection.pk)
    with pytest.raises(PermissionDenied):
        connection_for(reviewer, connection.pk, roles={Role.ADMIN})


def test_an_attempt_is_for_the_person_who_made_it_while_they_are_an_admin(
    customer, admin_person, approver, stranger
):
    attempt = ConnectAttemptFactory(customer=customer, user=admin_person)
    assert attempt_for(admin_person, attempt.pk) == attempt
    for person in (approver, stranger):
        with pytest.raises(Http404):
            attempt_for(person, attempt.pk)
    admin_person.memberships.update(role=Role.REVIEWER)
    with pytest.raises(PermissionDenied):
        attempt_for(admin_person, attempt.pk)


MODELS = ["connection", "orgepoch", "connectattempt"]


def rows(customer):
    connection = ConnectionFactory(customer=customer, epoch__name=f"Org of {customer.name}")
    attempt = ConnectAttemptFactory(customer=customer)
    return {"connection": connection, "orgepoch": connection.epoch, "connectattempt": attempt}


@pytest.mark.parametrize("model", MODELS)
def test_a_manager_sees_their_own_customers_at_the_desk(
    model, customer, other_customer, manager, signed_in
):
    mine, others = rows(customer)[model], rows(other_customer)[model]
    desk = signed_in(manager)
    shown = desk.get(reverse(f"admin:integrations_{model}_changelist")).content.decode()
    assert customer.name in shown
    assert other_customer.name not in shown
    change = f"admin:integrations_{model}_change"
    assert desk.get(reverse(change, args=[mine.pk])).status_code == 200
    assert desk.get(reverse(change, args=[others.pk])).status_code in {302, 404}


@pytest.mark.parametrize("model", MODELS)
def test_nothing_at_the_desk_can_be_edited_not_even_by_operators(
    model, customer, operator, signed_in
):
    row = rows(customer)[model]
    desk = signed_in(operator)
    page = desk.get(reverse(f"admin:integrations_{model}_change", args=[row.pk]))
    assert 'name="_save"' not in page.content.decode()
    assert desk.get(reverse(f"admin:integrations_{model}_add")).status_code == 403
    delete = reverse(f"admin:integrations_{model}_delete", args=[row.pk])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_searching_and_filtering_at_the_desk_works(model, customer, manager, signed_in):
    rows(customer)
    address = reverse(f"admin:integrations_{model}_changelist")
    assert signed_in(manager).get(address, {"q": "Northwind"}).status_code == 200


def test_a_reviewer_cannot_disconnect(customer, reviewer, signed_in):
    ConnectionFactory(customer=customer)
    answer = signed_in(reviewer).post(reverse("connection_disconnect", args=["sandbox"]))
    assert answer.status_code == 403


def test_there_is_nothing_to_disconnect_without_a_connection(customer, admin_person, signed_in):
    client = signed_in(admin_person)
    assert client.post(reverse("connection_disconnect", args=["sandbox"])).status_code == 404
    assert client.post(reverse("connection_disconnect", args=["elsewhere"])).status_code == 404


def test_reconnecting_what_was_never_connected_needs_a_link(customer, admin_person, signed_in):
    answer = signed_in(admin_person).post(
        reverse("connect_start", args=["sandbox"]), {"reconnect": "1"}
    )
    assert answer.status_code == 410
    assert "This sign-up link has ended" in answer.content.decode()
