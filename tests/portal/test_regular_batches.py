"""After go-live: what goes by itself, under which signatures, and what keeps it."""

import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import Customer
from integrations.models import CheckRun, Connection
from jobchanges.delivery.covered import covered_in_production
from jobchanges.gates import NotNow, batch_gate, gate_reason
from jobchanges.models import Batch, Delivery, EnvironmentSettings, OutputSettings, SendingSchedule
from jobchanges.models import TestRun as Run
from jobchanges.reconcile import reconcile
from jobchanges.reconcile.types import OrgAnswer, OrgRow
from jobchanges.services import BatchError, regular
from jobchanges.services.batches import batch_go_on, batch_pause, batch_send_again, batch_stop
from jobchanges.services.regular import regular_batch_release, schedules_work
from jobchanges.services.schedules import (
    schedule_go_on,
    schedule_hold,
    schedule_look,
    schedule_set,
    schedule_stop,
)
from portal.models import Summary
from portal.signoff import services
from portal.signoff.errors import SignOffError
from portal.signoff.receivers import settings_changed
from portal.signoff.selectors import sign_off_view
from portal.signoff.types import SignOffState
from portal.steps import StepStatus, journey_for
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    TestRunFactory,
    org_checked,
)
from tests.portal.live import daily, through, went_live
from tests.portal.signing import PRODUCTION, signed
from tests.portal.test_signoff_replaced import replaced, set_up_anew

pytestmark = pytest.mark.django_db
MONDAY = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC)
TUESDAY_AT_SIX = datetime.datetime(2026, 11, 24, 6, 0, tzinfo=datetime.UTC)
DAY, MINUTE = datetime.timedelta(days=1), datetime.timedelta(minutes=1)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def live(clock, customer, admin_person) -> Customer:
    went_live(customer, admin_person)
    return customer


@pytest.fixture
def schedule(live, admin_person) -> SendingSchedule:
    return daily(live, admin_person)


@pytest.fixture
def tick(clock, live, django_capture_on_commit_callbacks):
    """The clock strikes; production answered its checks just before."""

    def strike(at=TUESDAY_AT_SIX, *, checked=True, wakes=True) -> Batch | None:
        clock.move_to(at)
        if checked:
            connection = live.connections.get(environment=PRODUCTION)
            org_checked(connection.epoch, system_permissions="cannot")
        before = set(Batch.objects.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=wakes):
            schedules_work(timezone.now())
        return Batch.objects.exclude(pk__in=before).first()

    return strike


def waits(customer, count=2):
    return JobChangeFactory.create_batch(count, customer=customer)


def reloaded(schedule) -> SendingSchedule:
    schedule.refresh_from_db()
    return schedule


def lead_source(customer, source="Gems") -> None:
    OutputSettings.objects.filter(customer=customer).update(lead_source=source)
    schedule_look(customer=customer)


# --- what goes ---------------------------------------------------------------------------------


def test_at_the_chosen_time_what_waits_goes_under_the_signatures_of_go_live(
    live, schedule, tick, admin_person
):
    new = waits(live)
    first = Batch.objects.get()
    assert tick(TUESDAY_AT_SIX - MINUTE) is None

    batch = tick()

    assert (batch.kind, batch.number, batch.state) == ("regular", 2, Batch.State.SENDING)
    assert set(batch.deliveries.values_list("job_change", flat=True)) == {one.pk for one in new}
    assert batch.signed_hash == first.signed_hash
    assert (batch.customer_signer, batch.vendor_signer) == (
        first.customer_signer,
        first.vendor_signer,
    )
    assert batch.released_by == admin_person
    assert Delivery.objects.filter(covered_in_production(), batch=batch).count() == 2
    assert gate_reason(batch_gate, batch=batch) == ""
    row = reloaded(schedule)
    assert (row.last_batch, row.next_due_at) == (batch, TUESDAY_AT_SIX + DAY)
    event = live.events.filter(action="batch.released").latest("pk")
    assert (event.actor, event.side) == (None, "system")


def test_a_due_time_is_done_once_whoever_comes_second(live, schedule, tick):
    waits(live)
    stale = SendingSchedule.objects.get()
    batch = tick()
    through(batch)
    waits(live)
    assert regular_batch_release(schedule_pk=stale.pk) is None
    assert tick(TUESDAY_AT_SIX + MINUTE) is None
    assert Batch.objects.count() == 2


def test_two_workers_at_the_same_due_time_make_one_batch(live, schedule, tick, clock):
    waits(live)
    clock.move_to(TUESDAY_AT_SIX)
    # Both have read the schedule before either wrote.
    one, other = (SendingSchedule.objects.select_related("customer").get() for _each in range(2))
    assert regular._release(one, timezone.now()).number == 2
    assert regular._release(other, timezone.now()) is None
    assert Batch.objects.filter(kind="regular").count() == 1


def test_several_missed_times_become_one(live, schedule, tick):
    waits(live)
    assert tick(TUESDAY_AT_SIX + 5 * DAY + MINUTE).number == 2
    assert reloaded(schedule).next_due_at == TUESDAY_AT_SIX + 6 * DAY


def test_an_empty_due_time_releases_nothing_and_says_so(live, schedule, tick):
    assert tick() is None
    row = reloaded(schedule)
    assert (row.last_empty_at, row.next_due_at) == (TUESDAY_AT_SIX, TUESDAY_AT_SIX + DAY)
    assert row.held_reason == ""


def test_rule_4_what_was_tried_in_the_sandbox_since_goes_with_the_next_one(live, schedule, tick):
    tried = waits(live, 1)[0]
    sandbox = live.connections.get(environment="sandbox").epoch
    delivery = DeliveryFactory(
        job_change=tried,
        test_run=TestRunFactory(customer=live, epoch=sandbox, environment="sandbox", number=9),
        epoch=sandbox,
        state="delivered",
    )
    AttemptFactory(delivery=delivery)
    batch = tick()
    assert batch.deliveries.get().job_change == tried
    released = live.events.filter(action="batch.released").latest("pk")
    assert released.data["tried_in_sandbox"] == 1


def test_rule_4_what_was_refused_and_then_tried_in_the_sandbox_goes_with_the_next_one(
    live, schedule, tick
):
    untried = Batch.objects.get().deliveries.exclude(job_change__deliveries__environment="sandbox")
    refused = untried.order_by("pk").first()
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED)
    sandbox = live.connections.get(environment="sandbox").epoch
    run = TestRunFactory(customer=live, epoch=sandbox, environment="sandbox", number=9)
    tried = DeliveryFactory(job_change=refused.job_change, test_run=run, epoch=sandbox)
    AttemptFactory(delivery=tried, started_at=MONDAY + MINUTE)
    batch = tick()
    assert batch.deliveries.get().pk == refused.pk
    refused.refresh_from_db()
    assert (refused.state, refused.released_at) == ("waiting", TUESDAY_AT_SIX)
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED, ended_at=timezone.now())
    assert tick(TUESDAY_AT_SIX + DAY) is None, "it went once; now it waits for a person again"


def test_what_was_refused_stays_in_its_batch_until_a_person_sends_it_again(live, schedule, tick):
    first = Batch.objects.get()
    refused = first.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED)
    assert tick() is None, "nothing new waits"
    waits(live, 1)
    batch = tick(TUESDAY_AT_SIX + DAY)
    refused.refresh_from_db()
    assert refused.batch == first
    assert batch.deliveries.count() == 1


def test_an_erased_person_is_in_it_with_a_reason_of_their_own(live, schedule, tick):
    gone = waits(live, 1)[0]
    type(gone).objects.filter(pk=gone.pk).update(first_name="", last_name="")
    assert tick().deliveries.get().job_change == gone


def test_the_numbers_of_all_batches_add_up_over_the_org(live, schedule, tick):
    waits(live, 3)
    second = tick()
    through(second)
    refused, held = second.deliveries.order_by("pk")[:2]
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED, outcome="")
    Delivery.objects.filter(pk=held.pk).update(state=Delivery.State.HELD, outcome="")
    keys = [
        OrgRow(f"a0B{one.pk:012d}", one.delivery_key, {})
        for one in Delivery.objects.filter(epoch=second.epoch, state=Delivery.State.DELIVERED)
    ]
    found = reconcile(live, ask=lambda _epoch: OrgAnswer(keys, 1))

    assert [one.total for one in found.batches] == [8, 3]
    assert all(one.adds_up for one in found.batches)
    assert (found.batches[1].refused, found.batches[1].held) == (1, 1)
    assert found.tried.adds_up
    everything = Delivery.objects.filter(org_id=second.epoch.org_id).count()
    assert sum(one.total for one in found.batches) + found.test.total == everything


def test_what_was_refused_is_sent_again_only_while_what_was_signed_holds(
    live, schedule, tick, manager
):
    waits(live, 1)
    batch = tick()
    through(batch)
    refused = batch.deliveries.get()
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED, outcome="")
    lead_source(live)
    with pytest.raises(BatchError, match="What was signed has changed"):
        batch_send_again(delivery=refused, by=manager)
    lead_source(live, "UserGems")
    assert batch_send_again(delivery=refused, by=manager).state == Delivery.State.WAITING


# --- rule 1 ------------------------------------------------------------------------------------


def test_rule_1_nothing_goes_by_itself_before_go_live(customer, admin_person):
    ConnectionFactory(customer=customer, environment=PRODUCTION)
    waits(customer)
    with pytest.raises(BatchError, match="when the first batch is through"):
        daily(customer, admin_person)
    row = SendingSchedule.objects.create(
        customer=customer, cadence="daily", next_due_at=timezone.now() - DAY, set_by=admin_person
    )
    assert regular_batch_release(schedule_pk=row.pk) is None
    assert not Batch.objects.exists()


CHANGES = [
    pytest.param(lambda: OutputSettings.objects.update(lead_source="Gems"), id="lead source"),
    pytest.param(lambda: OutputSettings.objects.update(record_mode="always_lead"), id="mode"),
    pytest.param(
        lambda: EnvironmentSettings.objects.filter(environment=PRODUCTION).update(
            campaign_id="701000000000009AAA"
        ),
        id="campaign",
    ),
    pytest.param(
        lambda: EnvironmentSettings.objects.filter(environment=PRODUCTION).update(
            default_owner_id="005000000000009AAA"
        ),
        id="owner",
    ),
    pytest.param(
        lambda: (
            Connection.objects.get(environment=PRODUCTION)
            .epoch.__class__.objects.filter(connection__environment=PRODUCTION)
            .update(user_id="005000000000008AAA", username="admin@northwind.example")
        ),
        id="user",
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_rule_1_nothing_goes_after_a_change_of_what_was_signed(live, schedule, tick, change):
    waits(live)
    change()
    assert tick() is None
    row = reloaded(schedule)
    assert row.held_reason.startswith("What was signed has changed.")
    assert row.held_turn == "both"
    assert row.next_due_at == TUESDAY_AT_SIX, "it goes when that has passed"


def test_rule_1_both_sign_anew_and_the_next_batch_covers_the_regular_ones(
    live, schedule, tick, admin_person, manager
):
    waiting = waits(live)
    lead_source(live)
    assert tick() is None
    view = sign_off_view(live, person=admin_person)
    assert view.state == SignOffState.CAN_FREEZE
    assert "the next batch goes" in view.sentence
    assert view.differs_words == ["Lead source: before “UserGems”, now “Gems”."]

    summary = signed(live, admin_person)
    assert tick(TUESDAY_AT_SIX + MINUTE) is None, "signed, and not released yet"
    batch = services.launch_release(summary=summary, by=manager)

    assert (batch.kind, batch.number) == ("first", 2)
    assert set(batch.deliveries.values_list("job_change", flat=True)) == {x.pk for x in waiting}
    through(batch)
    newer = waits(live)
    regular = tick(TUESDAY_AT_SIX + DAY)
    assert regular.signed_hash == summary.signed_hash
    assert regular.deliveries.count() == len(newer)
    assert reloaded(schedule).held_reason == ""
    assert sign_off_view(live, person=admin_person).batch == regular


def test_new_signatures_free_the_schedule_at_their_release(
    live, schedule, tick, admin_person, manager, django_capture_on_commit_callbacks
):
    waits(live)
    lead_source(live)
    assert tick() is None
    summary = signed(live, admin_person)
    with django_capture_on_commit_callbacks(execute=True):
        services.launch_release(summary=summary, by=manager)
    assert reloaded(schedule).held_reason == "", "nobody has to wait for the clock"


def test_rule_1_put_back_as_it_was_signed_it_goes_on_by_itself(live, schedule, tick):
    waits(live)
    lead_source(live)
    assert tick() is None
    lead_source(live, "UserGems")
    assert reloaded(schedule).held_reason == ""
    assert tick(TUESDAY_AT_SIX + MINUTE).kind == "regular"


def test_rule_1_a_change_halts_the_regular_batch_and_the_same_one_goes_on_signed_anew(
    live, schedule, tick, admin_person, manager
):
    waits(live)
    batch = tick()
    lead_source(live)
    assert gate_reason(batch_gate, batch=batch).startswith("What was signed has changed.")
    batch_pause(batch=batch, side="system", by=None, reason="What was signed has changed.")

    summary = signed(live, admin_person)
    assert summary.continues == batch
    again = services.launch_release(summary=summary, by=manager)

    assert (again.pk, again.state) == (batch.pk, Batch.State.SENDING)
    assert again.signed_hash == summary.signed_hash
    assert gate_reason(batch_gate, batch=again) == ""


def test_while_what_was_signed_holds_there_is_nothing_to_sign(live, schedule, admin_person):
    with pytest.raises(SignOffError, match="nothing is left to sign"):
        services.summary_freeze(customer=live, by=admin_person)
    assert Summary.objects.filter(voided_at=None).count() == 1


def test_a_check_or_a_test_of_later_voids_nothing(live, schedule, tick):
    """Only where job changes go, to which org and by which user, was signed for later batches."""
    waits(live)
    EnvironmentSettings.objects.filter(environment="sandbox").update(default_owner_id="005x")
    connection = live.connections.get(environment=PRODUCTION)
    type(connection.epoch).objects.filter(pk=connection.epoch_id).update(package_version="9.9")
    assert tick().kind == "regular"


# --- what is in the way, and passes ------------------------------------------------------------


def test_a_lost_connection_is_said_and_it_goes_when_it_is_back(live, schedule, tick):
    waits(live)
    connections = Connection.objects.filter(customer=live, environment=PRODUCTION)
    connections.update(health="needs_reconnecting")
    assert tick() is None
    assert "is down" in reloaded(schedule).held_reason
    connections.update(health="connected")
    assert tick(TUESDAY_AT_SIX + MINUTE).number == 2
    assert reloaded(schedule).held_reason == ""


def test_on_hold_nothing_goes(live, schedule, tick):
    waits(live)
    Customer.objects.update(hold_reason="A freeze until January.")
    assert tick() is None
    assert reloaded(schedule).held_reason == "The setup is on hold: A freeze until January."
    Customer.objects.update(hold_reason="")
    assert tick(TUESDAY_AT_SIX + MINUTE).number == 2


def test_an_open_production_test_is_finished_first(live, schedule, tick):
    waits(live)
    epoch = live.connections.get(environment=PRODUCTION).epoch
    run = TestRunFactory(customer=live, environment=PRODUCTION, epoch=epoch, number=9)
    assert tick() is None
    assert reloaded(schedule).held_reason.startswith("Test 9 in production is still open.")
    Run.objects.filter(pk=run.pk).update(state=Run.State.CLOSED)
    assert tick(TUESDAY_AT_SIX + MINUTE).number == 2


def test_a_halted_batch_is_not_joined_by_what_waits(live, schedule, tick, admin_person):
    old = waits(live)
    batch = tick()
    batch_stop(batch=batch, side="customer", by=admin_person, reason="Wrong owners.")
    new = waits(live)

    assert tick(TUESDAY_AT_SIX + DAY) is None
    assert reloaded(schedule).held_reason.startswith("Batch 2 is stopped.")
    assert set(batch.deliveries.values_list("job_change", flat=True)) == {x.pk for x in old}

    batch_go_on(batch=batch, side="customer", by=admin_person)
    through(batch)
    following = tick(TUESDAY_AT_SIX + DAY + MINUTE)
    assert following.number == 3
    assert set(following.deliveries.values_list("job_change", flat=True)) == {x.pk for x in new}


def test_old_answers_of_checks_are_renewed_first(live, schedule, tick):
    waits(live)
    assert tick(TUESDAY_AT_SIX + 30 * DAY, checked=False, wakes=False) is None
    assert CheckRun.objects.filter(reason=CheckRun.Reason.BEFORE).exists()
    assert "checked" in reloaded(schedule).held_reason
    assert reloaded(schedule).held_turn == ""


def test_a_check_that_fails_keeps_it_and_asks_not_each_minute(live, schedule, tick, clock):
    waits(live)
    connection = live.connections.get(environment=PRODUCTION)
    clock.move_to(TUESDAY_AT_SIX - MINUTE)
    org_checked(connection.epoch, system_permissions="cannot", object_access="fail")
    for minute in range(4):
        assert tick(TUESDAY_AT_SIX + minute * MINUTE, checked=False, wakes=False) is None
        CheckRun.objects.filter(ended_at=None).update(ended_at=timezone.now())
    assert reloaded(schedule).held_turn == "customer"
    assert schedule.held_since == TUESDAY_AT_SIX, "it stays held, and is not held anew"
    assert live.events.filter(action="schedule.held").count() == 1
    asked = CheckRun.objects.filter(asked_at__gte=TUESDAY_AT_SIX).count()
    assert asked <= 1


# --- another org -------------------------------------------------------------------------------


def test_after_production_was_replaced_nothing_goes_before_it_is_signed_for(
    live, schedule, tick, admin_person, manager
):
    waits(live)
    epoch = replaced(live)
    assert tick(checked=False) is None
    assert "another org" in reloaded(schedule).held_reason
    assert sign_off_view(live, person=admin_person).state == SignOffState.LOCKED
    journey = journey_for(live, person=admin_person)
    assert not journey.live
    assert journey.step("go_live.sign_off").status != StepStatus.DONE
    assert journey.step("go_live.first_batch").status != StepStatus.DONE

    set_up_anew(live, admin_person, epoch)
    batch = services.launch_release(summary=signed(live, admin_person), by=manager)

    assert batch.epoch == epoch
    # Everything goes to the new org: the five of both tests, three of the first batch, and two.
    assert batch.deliveries.count() > 8


def test_after_production_was_replaced_it_is_held_also_where_nothing_new_came_in(
    live, schedule, tick, admin_person
):
    replaced(live)
    assert tick(checked=False) is None
    assert "another org" in reloaded(schedule).held_reason
    with pytest.raises(BatchError, match="only when the first batch is through"):
        daily(live, admin_person)


# --- who sets and stops it ---------------------------------------------------------------------


def test_it_is_set_by_who_signs_or_manages(
    live, admin_person, approver, reviewer, manager, other_manager
):
    daily(live, approver)
    daily(live, manager, side="vendor")
    for person, side in ((reviewer, "customer"), (other_manager, "vendor"), (manager, "customer")):
        with pytest.raises(BatchError):
            daily(live, person, side=side)
    assert live.events.filter(action="schedule.set").count() == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cadence": "hourly"}, "Choose how often"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"hour": 24}, "an hour"),
        ({"weekday": 7}, "day of the week"),
    ],
)
def test_a_time_that_there_is_not_is_refused(live, admin_person, values, sentence):
    with pytest.raises(BatchError, match=sentence):
        daily(live, admin_person, **values)
    assert not SendingSchedule.objects.exists()


def test_a_day_that_had_its_batch_gets_no_second_one(live, schedule, tick, admin_person):
    waits(live)
    through(tick())
    row = daily(live, admin_person, hour=7)
    assert row.next_due_at == TUESDAY_AT_SIX + DAY + datetime.timedelta(hours=1)


@pytest.mark.parametrize("side", ["customer", "vendor"])
def test_both_sides_can_stop_it_and_only_that_side_lets_it_go_on(
    live, schedule, tick, admin_person, manager, side
):
    waits(live)
    people = {"customer": admin_person, "vendor": manager}
    other = {"customer": "vendor", "vendor": "customer"}[side]
    with pytest.raises(BatchError, match="Write why"):
        schedule_stop(customer=live, side=side, by=people[side], reason=" ")
    schedule_stop(customer=live, side=side, by=people[side], reason="A territory change.")

    assert tick() is None
    with pytest.raises(BatchError, match="Only the side"):
        schedule_go_on(customer=live, side=other, by=people[other])
    with pytest.raises(BatchError, match="other side"):
        schedule_stop(customer=live, side=other, by=people[other], reason="Me, too.")

    row = schedule_go_on(customer=live, side=side, by=people[side])
    assert row.next_due_at == TUESDAY_AT_SIX + DAY, "from the next time on"
    assert tick(TUESDAY_AT_SIX + DAY).number == 2


def test_while_it_is_stopped_an_empty_time_is_not_even_looked_at(
    live, schedule, tick, admin_person
):
    schedule_stop(customer=live, side="customer", by=admin_person, reason="Closing the year.")
    assert tick() is None
    assert reloaded(schedule).last_empty_at is None
    assert schedule.next_due_at == TUESDAY_AT_SIX


def test_people_are_told_of_a_hold_anew_only_when_others_have_to_act(live, schedule, clock):
    told = live.events.filter(action="schedule.held")
    for sentence, turn, times in (
        ("A check fails.", "customer", 1),
        ("Two checks fail.", "customer", 1),
        ("Batch 1 is still being sent.", "", 1),
        ("What was signed has changed.", "both", 2),
        ("What was signed has changed.", "both", 2),
    ):
        schedule_hold(reloaded(schedule), NotNow(sentence, turn))
        assert reloaded(schedule).held_reason == sentence
        assert told.count() == times, sentence
        clock.shift(MINUTE)
    assert schedule.held_since == MONDAY


def test_switched_off_nothing_goes(live, schedule, tick, admin_person):
    waits(live)
    schedule_set(customer=live, cadence="off", by=admin_person, side="customer")
    assert tick() is None
    with pytest.raises(BatchError, match="nothing to stop"):
        schedule_stop(customer=live, side="customer", by=admin_person, reason="Why not.")


def test_saved_settings_are_said_on_the_schedule_at_once(
    live, schedule, django_capture_on_commit_callbacks
):
    OutputSettings.objects.filter(customer=live).update(lead_source="Gems")
    with django_capture_on_commit_callbacks(execute=True):
        settings_changed(customer=live)
    assert reloaded(schedule).held_turn == "both"


# --- mail --------------------------------------------------------------------------------------


def test_a_regular_batch_is_no_news_and_a_hold_is_mailed_once(
    live, schedule, tick, admin_person, reviewer, manager, django_capture_on_commit_callbacks
):
    waits(live)
    mail.outbox.clear()
    through(tick())
    assert not mail.outbox
    waits(live)
    with django_capture_on_commit_callbacks(execute=True):
        lead_source(live)
    for minute in range(3):
        tick(TUESDAY_AT_SIX + DAY + minute * MINUTE)
    assert {message.to[0] for message in mail.outbox} == {admin_person.email, manager.email}
    assert len(mail.outbox) == 2
    assert mail.outbox[0].subject == "Northwind Traders: new job changes wait"
    assert "What was signed has changed." in mail.outbox[0].body


def test_a_stop_is_mailed_to_both_sides(
    live, schedule, admin_person, reviewer, manager, django_capture_on_commit_callbacks
):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        schedule_stop(customer=live, side="vendor", by=manager, reason="Salesforce is slow.")
    assert {message.to[0] for message in mail.outbox} == {
        admin_person.email,
        reviewer.email,
        manager.email,
    }
    assert "Salesforce is slow." in mail.outbox[0].body
    assert "Only UserGems can let it go on." not in mail.outbox[0].body
