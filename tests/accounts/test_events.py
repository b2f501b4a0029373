"""Rule 9: who, when and what exactly; nobody edits it; the chain can be verified."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Event
from accounts.selectors import events_verify
from accounts.services import event_record
from tests.factories import CustomerFactory, EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(customer, admin_person):
    return [
        EventFactory(
            customer=customer, action=f"step.{number}", by=admin_person, data={"n": number}
        )
        for number in range(4)
    ]


def tamper(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_chain_holds(customer, chain):
    assert events_verify(customer) == []


def test_each_event_names_the_hash_of_the_one_before(chain):
    assert [event.previous_hash for event in chain[1:]] == [event.hash for event in chain[:-1]]
    assert chain[0].previous_hash == ""


def test_the_chain_holds_after_a_round_trip_of_every_kind_of_value(customer):
    EventFactory(
        customer=customer,
        data={"z": 1, "a": [True, None, "Zoë 🙂"], "deep": {"b": "x", "a": -3}},
    )
    assert events_verify(customer) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "something.else"),
        ("data", '{"n": 99}'),
        ("side", "vendor"),
        ("environment", "production"),
        ("org_id", "00D000000000001AAA"),
        ("created_at", "2020-01-01 00:00:00+00:00"),
    ],
)
def test_a_changed_event_is_found(customer, chain, column, value):
    tamper(f"UPDATE accounts_event SET {column} = %s WHERE id = %s", value, chain[1].pk)
    assert [problem.sequence for problem in events_verify(customer)] == [2]


def test_another_persons_name_on_an_event_is_found(customer, chain, reviewer):
    tamper("UPDATE accounts_event SET actor_id = %s WHERE id = %s", reviewer.pk, chain[1].pk)
    assert [problem.sequence for problem in events_verify(customer)] == [2]


def test_a_removed_event_is_found(customer, chain):
    tamper("DELETE FROM accounts_event WHERE id = %s", chain[1].pk)
    assert {problem.sequence for problem in events_verify(customer)} == {3}


def test_a_changed_event_with_a_matching_hash_breaks_the_next_link(customer, chain):
    from accounts.services.events import event_hash

    forged = Event.objects.get(pk=chain[1].pk)
    forged.action = "something.else"
    tamper(
        "UPDATE accounts_event SET action = %s, hash = %s WHERE id = %s",
        forged.action,
        event_hash(forged),
        forged.pk,
    )
    assert [problem.sequence for problem in events_verify(customer)] == [3]


def test_an_event_cannot_be_saved_again(chain):
    chain[0].action = "something.else"
    with pytest.raises(TypeError, match="append-only"):
        chain[0].save()


def test_an_event_cannot_be_deleted(chain):
    with pytest.raises(TypeError, match="append-only"):
        chain[0].delete()


@pytest.mark.parametrize("change", [lambda q: q.update(action="x"), lambda q: q.delete()])
def test_events_cannot_be_changed_in_bulk(chain, change):
    with pytest.raises(TypeError, match="append-only"):
        change(Event.objects.all())


def test_a_customer_with_events_cannot_be_deleted(customer, chain):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        customer.delete()


def test_each_customer_has_a_chain_of_their_own(customer, chain):
    first = EventFactory(customer=CustomerFactory())
    assert (first.sequence, first.previous_hash) == (1, "")
    assert events_verify(customer) == []


def test_an_event_is_forgotten_with_the_change_it_describes(customer, chain):
    class ChangeFailed(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            EventFactory(customer=customer, action="undone")
            raise ChangeFailed

    with pytest.raises(ChangeFailed):
        change()
    assert not Event.objects.filter(action="undone").exists()
    assert EventFactory(customer=customer).sequence == 5


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(customer):
    with pytest.raises(transaction.TransactionManagementError):
        event_record(customer=customer, action="alone", by=None, side="system")


def test_what_is_no_plain_json_is_refused(customer):
    with pytest.raises(TypeError):
        EventFactory(customer=customer, data={"when": object()})


def test_the_command_says_that_the_chain_holds(customer, chain, capsys):
    call_command("events_verify")
    assert f"northwind: 4 events, holds, newest {chain[-1].hash}" in capsys.readouterr().out


def test_the_command_fails_when_a_chain_is_broken(customer, chain, capsys):
    tamper("UPDATE accounts_event SET action = 'x' WHERE id = %s", chain[2].pk)
    with pytest.raises(CommandError, match="does not hold"):
        call_command("events_verify", customer="northwind")
    assert "event 3: Its contents were changed." in capsys.readouterr().out


def test_the_command_knows_no_such_customer(db):
    with pytest.raises(CommandError, match="no customer “nobody”"):
        call_command("events_verify", customer="nobody")


def test_the_time_of_an_event_is_part_of_its_hash(customer):
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        first = EventFactory(customer=customer)
    with time_machine.travel("2026-11-22T12:00:01Z", tick=False):
        second = EventFactory(customer=CustomerFactory())
    assert first.hash != second.hash


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_many_writers_at_once_never_fork_the_chain(customer):
    def write(_number: int) -> None:
        try:
            for _event in range(10):
                EventFactory(customer=customer)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    assert events_verify(customer) == []
    assert customer.events.count() == 80
