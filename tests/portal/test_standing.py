"""Standings: what lists sort by follows what happened, tells of a turn once, and loses nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer
from accounts.services.events import event_recorded
from jobchanges.models import Batch
from portal import standing
from portal.models import Standing
from portal.standing import (
    TurnFacts,
    standing_touch,
    standings_look,
    standings_refresh,
    standings_to_look_at,
    turn_changed,
)
from portal.steps import journey_for
from tests.factories import BatchFactory, CustomerFactory, EventFactory, SignupLinkFactory
from tests.portal.live import daily, went_live
from tests.portal.situations import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    """What listeners heard of turns: customer, before, after."""
    heard: list[tuple[int, TurnFacts | None, TurnFacts]] = []

    def hear(*, customer_id, before, after, **_kwargs):
        heard.append((customer_id, before, after))

    turn_changed.connect(hear)
    yield heard
    turn_changed.disconnect(hear)


def refreshed(customer, capture) -> Standing:
    with capture(execute=True):
        standings_refresh([customer])
    return Standing.objects.get(customer=customer)


def test_a_row_says_whose_turn_it_is_and_since_when(customer, django_capture_on_commit_callbacks):
    row = refreshed(customer, django_capture_on_commit_callbacks)
    assert (row.stage, row.vendor_step, row.live) == ("sandbox", "sandbox.connect", False)
    assert not row.stale
    link = SignupLinkFactory(customer=customer)
    row = refreshed(customer, django_capture_on_commit_callbacks)
    assert row.vendor_step == ""
    assert row.customer_step == "sandbox.package"
    connected = journey_for(customer).turns["customer"]
    assert (connected.key, connected.since) == (row.customer_step, row.customer_since)
    assert link.pk


def test_a_turn_is_told_of_once_and_not_at_the_first_look(
    customer, told, django_capture_on_commit_callbacks
):
    refreshed(customer, django_capture_on_commit_callbacks)
    assert [(pk, before) for pk, before, _after in told] == [(customer.pk, None)]
    SignupLinkFactory(customer=customer)
    refreshed(customer, django_capture_on_commit_callbacks)
    refreshed(customer, django_capture_on_commit_callbacks)
    _first, (pk, before, after) = told
    assert (pk, before.vendor_step, after.vendor_step) == (customer.pk, "sandbox.connect", "")


def test_each_side_s_step_and_going_live_are_told_and_times_are_not():
    had = TurnFacts(
        stage="sandbox", vendor_step="sandbox.settings", customer_step="sandbox.package"
    )
    for now in ({"live": True}, {"vendor_step": ""}, {"customer_step": "sandbox.permissions"}):
        assert replace(had, **now).moved_from(had), now
    assert not replace(had, vendor_since=timezone.now(), attention=True).moved_from(had)


def test_a_touch_makes_no_other_customer_stale(customer, other_customer):
    standings_refresh([customer, other_customer])
    standing_touch(customer.pk)
    assert list(Standing.objects.filter(stale=True)) == [Standing.objects.get(customer=customer)]


def test_a_listener_that_breaks_leaves_the_row_and_the_others(
    customer, told, django_capture_on_commit_callbacks
):
    def broken(**_kwargs):
        raise RuntimeError("The mail server is away.")

    turn_changed.connect(broken)
    try:
        row = refreshed(customer, django_capture_on_commit_callbacks)
    finally:
        turn_changed.disconnect(broken)
    assert row.vendor_step == "sandbox.connect"
    assert len(told) == 1


def test_an_event_makes_the_row_stale_once_it_is_committed(
    customer, django_capture_on_commit_callbacks
):
    refreshed(customer, django_capture_on_commit_callbacks)
    event = EventFactory(customer=customer)
    with django_capture_on_commit_callbacks(execute=True):
        event_recorded.send(sender=type(event), event=event)
        assert not Standing.objects.get(customer=customer).stale
    assert Standing.objects.get(customer=customer).stale


def test_what_happens_while_somebody_looks_is_looked_at_again(customer, monkeypatch):
    """The look began before the change, and ends after it."""
    standings_refresh([customer])
    load = standing.journeys_for

    def meanwhile(customers, **values):
        found = load(customers, **values)
        SignupLinkFactory(customer=customer)
        standing_touch(customer.pk)
        return found

    monkeypatch.setattr(standing, "journeys_for", meanwhile)
    standings_refresh([customer])
    monkeypatch.undo()
    assert Standing.objects.get(customer=customer).stale
    standings_look()
    assert Standing.objects.get(customer=customer).customer_step == "sandbox.package"


def test_who_began_to_look_last_writes(
    customer, told, monkeypatch, django_capture_on_commit_callbacks
):
    """An older look that ends later changes nothing and tells nobody."""
    refreshed(customer, django_capture_on_commit_callbacks)
    told.clear()
    load = standing.journeys_for

    def overtaken(customers, **values):
        old = load(customers, **values)
        monkeypatch.undo()
        SignupLinkFactory(customer=customer)
        standings_refresh([customer])
        return old

    monkeypatch.setattr(standing, "journeys_for", overtaken)
    row = refreshed(customer, django_capture_on_commit_callbacks)
    assert row.customer_step == "sandbox.package"
    assert len(told) == 1


def test_the_sweep_looks_at_new_ones_then_stale_ones_then_old_ones(manager):
    now = timezone.now()
    ages = {"new": None, "stale": 1, "old": 60 * 11, "live and old": 60 * 61}
    made = {name: CustomerFactory(name=name, implementation_manager=manager) for name in ages}
    fresh = CustomerFactory(name="fresh", implementation_manager=manager)
    quiet = CustomerFactory(name="live and quiet", implementation_manager=manager)
    for name, age in ages.items():
        if age is not None:
            Standing.objects.create(
                customer=made[name],
                stale=name == "stale",
                stage="sandbox",
                vendor_step="" if "live" in name else "sandbox.connect",
                live="live" in name,
                looked_at=now - timedelta(seconds=age),
            )
    for one, live in ((fresh, False), (quiet, True)):
        Standing.objects.create(
            customer=one, stale=False, live=live, looked_at=now - timedelta(minutes=9)
        )
    names = [customer.name for customer in standings_to_look_at()]
    assert names == ["new", "stale", "live and old", "old"]
    assert [customer.name for customer in standings_to_look_at(limit=2)] == ["new", "stale"]
    assert standings_look() == 4
    assert standings_to_look_at() == []


def test_twenty_customers_take_as_many_queries_as_two(manager, django_assert_max_num_queries):
    def make(count):
        for _number in range(count):
            made = CustomerFactory(implementation_manager=manager)
            SignupLinkFactory(customer=made)
            connect(made)

    make(2)
    with django_assert_max_num_queries(45) as few:
        standings_look()
    make(20)
    # Writing so many rows takes SQLite a query for every few dozen.
    with django_assert_max_num_queries(len(few) + 1):
        standings_look()
    assert Standing.objects.filter(stage="sandbox", stale=False).count() == 22


# New job changes of a live customer stand still ----------------------------------------------


def test_a_schedule_that_is_held_is_the_turn_of_whom_the_reason_names(customer, admin_person):
    went_live(customer, admin_person)
    assert journey_for(customer).turns == {}
    row = daily(customer, admin_person)
    since = timezone.now() - timedelta(days=8)
    type(row).objects.filter(pk=row.pk).update(
        held_reason="What was signed has changed.", held_turn="both", held_since=since
    )
    standings_refresh([customer])
    kept = Standing.objects.get(customer=customer)
    assert kept.live
    assert kept.vendor_step == kept.customer_step == "live.sending"
    manager = customer.implementation_manager
    for person in (manager, admin_person):
        journey = journey_for(customer, person=person)
        assert journey.whose_turn == "Your turn"
        assert journey.waiting.sentence == "What was signed has changed."
        assert journey.since == since
        assert journey.stuck
    type(row).objects.filter(pk=row.pk).update(held_turn="customer")
    assert journey_for(customer, person=manager).whose_turn == "Priya’s turn"


def test_a_schedule_stopped_by_a_person_is_the_turn_of_the_side_that_stopped_it(
    customer, admin_person
):
    went_live(customer, admin_person)
    row = daily(customer, admin_person)
    type(row).objects.filter(pk=row.pk).update(
        stopped_side="customer",
        stopped_by=admin_person,
        stopped_at=timezone.now(),
        stop_reason="A reorganization.",
    )
    journey = journey_for(customer, person=customer.implementation_manager)
    assert journey.whose_turn == "Priya’s turn"
    assert journey.waiting.sentence == "A reorganization."
    assert not journey.stuck


def test_a_later_batch_that_stands_still_is_stuck_at_once(customer, admin_person):
    first = went_live(customer, admin_person)
    BatchFactory(
        customer=customer,
        epoch=first.epoch,
        number=2,
        state=Batch.State.PAUSED,
        halted_at=timezone.now(),
        halt_reason="Too many were refused.",
    )
    journey = journey_for(customer, person=customer.implementation_manager)
    assert journey.live
    assert journey.whose_turn == "Your turn"
    assert journey.stuck
    assert "Too many were refused." in journey.stuck_reason
    assert Customer.objects.filter(pk=customer.pk).exists()
