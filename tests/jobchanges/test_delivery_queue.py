"""Claiming: order, conflicts, leases (write-protocol, Groups)."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from integrations.models import Connection, OrgEpoch
from jobchanges.delivery import leases, queue, sweep, visits
from jobchanges.delivery.conflicts import touch_keys
from jobchanges.delivery.overtaken import overtaken_of
from jobchanges.delivery.queue import group_claim
from jobchanges.models import Attempt, Delivery, OrgLease, TestRun
from tests.factories import (
    AllowanceFactory,
    AttemptFactory,
    BatchFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    TestRunFactory,
)

State = Delivery.State
DAY = datetime.timedelta(days=1)


@pytest.fixture
def run(customer):
    return TestRunFactory(customer=customer, state=TestRun.State.SENDING)


@pytest.fixture
def waiting(run):
    """Makes a released delivery of somebody who shares nothing with the others."""
    made = []

    def make(state=State.WAITING, **job_change):
        number = len(made)
        values = {
            "new_company_name": f"Company {number}",
            "new_company_domain": f"company{number}.example",
            "new_company_website": "",
            "new_email": f"person@company{number}.example",
            "detected_at": timezone.now() - 100 * DAY + number * DAY,
        } | job_change
        made.append(
            DeliveryFactory(
                test_run=run,
                state=state,
                released_at=timezone.now(),
                job_change=JobChangeFactory(customer=run.customer, **values),
            )
        )
        return made[-1]

    return make


def claimed(run, holder="worker"):
    return group_claim(run.epoch, holder)


def test_the_oldest_detected_goes_first(run, waiting):
    late = waiting(detected_at=timezone.now())
    early = waiting(detected_at=timezone.now() - 9 * DAY)
    assert claimed(run) == [early, late]


@pytest.mark.parametrize(
    "shared",
    [
        {"new_company_domain": "globex.example"},
        {"new_company_name": "Globex, Inc."},
        {"linkedin_url": "https://www.linkedin.com/in/dana"},
        {"past_email": "dana@oldco.example"},
        {"new_email": "dana@globex.example"},
        {"first_name": "Dana", "last_name": "Whitfield"},
        {"past_contact_id": "0037z00000002DBAAY"},
        {"past_lead_id": "00Q7z00000002DBAAY"},
    ],
    ids=lambda shared: next(iter(shared)),
)
def test_two_that_share_something_do_not_fly_together(run, waiting, shared):
    first, second = waiting(**shared), waiting(**shared)
    assert claimed(run) == [first]
    assert claimed(run) == []
    first.state = State.DELIVERED
    first.save(update_fields=["state"])
    assert claimed(run) == [second]


def test_a_company_known_by_its_website_or_by_an_email_is_one_company(run, waiting):
    first = waiting(new_company_domain="globex.example", new_company_name="Globex")
    waiting(new_company_domain="", new_company_name="GBX Holding", new_email="bo@globex.example")
    assert claimed(run) == [first]


def test_an_email_that_was_new_and_is_now_old_is_the_same_person(run, waiting):
    first = waiting(new_email="dana@globex.example")
    waiting(past_email="Dana@Globex.example")
    assert claimed(run) == [first]


def test_what_got_no_answer_stays_in_flight(run, waiting):
    waiting(state=State.UNKNOWN, new_company_name="Globex")
    waiting(new_company_name="Globex Inc.")
    assert claimed(run) == []


def test_an_older_one_that_backs_off_is_not_passed(run, waiting):
    first = waiting(new_company_name="Globex")
    Delivery.objects.filter(pk=first.pk).update(not_before=timezone.now() + DAY)
    waiting(new_company_name="Globex")
    assert claimed(run) == []


def test_two_wake_ups_share_the_work_without_doubles(run, waiting):
    deliveries = [waiting() for _ in range(5)]
    assert claimed(run, "one") == deliveries
    assert claimed(run, "two") == []


def test_nothing_of_a_closed_run_is_claimed(run, waiting):
    waiting()
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.CLOSED)
    assert claimed(run) == []


def test_a_drafted_delivery_is_not_claimed(run, waiting):
    delivery = waiting()
    Delivery.objects.filter(pk=delivery.pk).update(released_at=None)
    assert claimed(run) == []


def test_an_overtaken_job_change_says_by_which(run, waiting):
    early = waiting(linkedin_url="https://www.linkedin.com/in/dana")
    late = waiting(state=State.DELIVERED, linkedin_url="http://linkedin.com/in/dana/")
    assert late.job_change.key in overtaken_of([early, late])[early.pk]


def test_an_overtaking_job_change_is_known_by_its_email_in_capitals(run, waiting):
    late = waiting(last_name="Before", past_email="ada@oldco.example")
    waiting(State.DELIVERED, last_name="Married", new_email="Ada@OldCo.example")
    assert "A later job change of the same person" in overtaken_of([late])[late.pk]


def test_a_later_one_is_not_overtaken_by_an_earlier_one(run, waiting):
    waiting(state=State.DELIVERED, new_email="dana@globex.example")
    later = waiting(past_email="dana@globex.example")
    assert overtaken_of([later]) == {}


def test_one_org_has_one_holder_until_the_lease_is_over(db):
    org_id = "00D000000000001AAA"
    assert leases.lease_take(org_id, "one")
    assert not leases.lease_take(org_id, "two")
    assert leases.lease_take("00D000000000002AAA", "two")
    with time_machine.travel(timezone.now() + DAY, tick=False):
        assert leases.lease_take(org_id, "two")
        assert not leases.lease_extend(org_id, "one")
        leases.lease_release(org_id, "one")
        assert not leases.lease_take(org_id, "three"), "who lost the org gives nobody else’s back"


def test_an_org_in_trouble_rests_longer_each_time(db):
    org_id = "00D000000000001AAA"
    leases.lease_take(org_id, "one")
    first = leases.org_pause(org_id, reason="No answer.") - timezone.now()
    second = leases.org_pause(org_id, reason="No answer.") - timezone.now()
    assert second > 1.5 * first
    leases.lease_release(org_id, "one")
    assert not leases.lease_take(org_id, "two")
    leases.org_answered(org_id)
    assert leases.lease_take(org_id, "two")


def test_an_org_that_is_down_for_weeks_still_rests_a_quarter_of_an_hour(db):
    OrgLease.objects.create(org_id="00D000000000001MAA", failures=5_000)
    until = leases.org_pause("00D000000000001MAA", reason="Down.")
    assert until - timezone.now() <= datetime.timedelta(seconds=leases.LONGEST_PAUSE)


def test_groups_grow_towards_ten_seconds_and_shrink_at_once(db):
    org_id = "00D000000000001AAA"
    leases.lease_take(org_id, "one")
    leases.group_size_adapt(org_id, sent=5, seconds=1)
    assert leases.group_size(org_id) == 10
    leases.group_size_adapt(org_id, sent=10, seconds=50)
    assert leases.group_size(org_id) == 2
    leases.group_size_adapt(org_id, sent=1, seconds=0.1)
    assert leases.group_size(org_id) == 2


def test_a_dead_claim_with_an_attempt_becomes_unknown(run, waiting):
    delivery = waiting(state=State.CLAIMED)
    AttemptFactory(delivery=delivery, outcome="", ended_at=None)
    Delivery.objects.filter(pk=delivery.pk).update(
        claimed_by="dead", claimed_until=timezone.now() - DAY, attempts_made=1
    )
    assert sweep.claims_release() == 1
    delivery.refresh_from_db()
    assert delivery.state == State.UNKNOWN
    assert sweep.epochs_to_deliver() == [run.epoch_id]


def test_a_dead_claim_without_an_attempt_waits_again(run, waiting):
    delivery = waiting(state=State.CLAIMED)
    AttemptFactory(delivery=delivery, outcome=Attempt.Outcome.RELEASED)
    Delivery.objects.filter(pk=delivery.pk).update(
        claimed_by="dead", claimed_until=timezone.now() - DAY, attempts_made=1
    )
    sweep.claims_release()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claimed_by) == (State.WAITING, "")


def test_a_live_claim_is_left_alone(run, waiting):
    waiting()
    claimed(run)
    assert sweep.claims_release() == 0


def test_a_correction_of_an_ended_run_is_forgotten_and_one_of_an_open_run_is_not(run, waiting):
    ended = TestRunFactory(
        customer=run.customer, epoch=run.epoch, state=TestRun.State.CLOSED, number=8
    )
    kept, dropped = waiting(State.DELIVERED), waiting(State.DELIVERED)
    Delivery.objects.update(correction_asked_at=timezone.now())
    Delivery.objects.filter(pk=dropped.pk).update(test_run=ended)
    sweep.claims_release()
    kept.refresh_from_db()
    dropped.refresh_from_db()
    assert kept.correction_asked_at
    assert dropped.correction_asked_at is None


def test_an_org_somebody_is_at_is_not_woken(run, waiting):
    waiting()
    assert sweep.epochs_to_deliver() == [run.epoch_id]
    leases.lease_take(run.epoch.org_id, "somebody")
    assert sweep.epochs_to_deliver() == []


def test_a_company_without_a_name_conflicts_with_nobody():
    job_change = JobChangeFactory.build(
        new_company_name="",
        new_company_domain="",
        new_company_website="",
        past_email="",
        new_email="",
        past_company_name="",
        customer=None,
    )
    assert touch_keys(job_change) == frozenset()


@pytest.mark.parametrize(
    "change",
    [{"released_at": None}, {"allowance": None}, {"batch": None}, {"state": State.HELD}],
    ids=str,
)
def test_what_changed_between_the_look_and_the_claim_is_not_claimed(customer, monkeypatch, change):
    """The claim repeats its conditions: who stops, closes or takes back is not overrun."""
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    batch = BatchFactory(customer=customer, epoch=epoch)
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.SENDING
    )
    of_batch = change == {"batch": None}
    allowance = AllowanceFactory(test_run=run, starts_at=timezone.now() - DAY)
    delivery = DeliveryFactory(
        test_run=None if of_batch else run,
        epoch=epoch,
        environment="production",
        job_change=JobChangeFactory(customer=customer),
        released_at=timezone.now(),
        batch=batch if of_batch else None,
        in_first_part=of_batch,
        allowance=None if of_batch else allowance,
        expected_plan_hash="" if of_batch else "b" * 64,
    )
    look = queue._free_to_fly

    def look_and_change(*asked):
        found = look(*asked)
        Delivery.objects.filter(pk=delivery.pk).update(**change)
        return found

    assert [item.pk for item in look(queue.sendable(), set(), timezone.now(), 9)] == [delivery.pk]
    monkeypatch.setattr(queue, "_free_to_fly", look_and_change)
    assert group_claim(epoch, "worker") == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claimed_by) == (change.get("state", State.WAITING), "")


def test_a_claim_is_kept_by_its_holder_only(run, waiting):
    mine, theirs = waiting(), waiting()
    assert len(claimed(run, "worker")) == 2
    until = timezone.now() + DAY
    Delivery.objects.filter(pk=theirs.pk).update(claimed_by="another", claimed_until=until)
    assert queue.claims_extend([mine, theirs], "worker") == [mine]
    theirs.refresh_from_db()
    assert theirs.claimed_until == until


def test_a_dead_claim_of_a_correction_leaves_it_delivered(run, waiting):
    """Waiting, it would be sent as a whole once more."""
    delivery = waiting(state=State.CLAIMED)
    Delivery.objects.filter(pk=delivery.pk).update(
        claimed_by="dead",
        claimed_until=timezone.now() - DAY,
        correction_asked_at=timezone.now() - DAY,
    )
    assert sweep.claims_release() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claimed_by) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda epoch: {"ended_at": timezone.now()}, "replaced by another one"),
        (lambda epoch: {"connection": ConnectionFactory()}, "replaced by another one"),
        (None, "connected again first"),
    ],
    ids=["ended", "of another time", "lost"],
)
def test_an_org_that_was_replaced_or_lost_is_not_visited(customer, monkeypatch, change, sentence):
    epoch = ConnectionFactory(customer=customer, environment="production").epoch
    if change is None:
        Connection.objects.update(health="disconnected")
    else:
        OrgEpoch.objects.filter(pk=epoch.pk).update(**change(epoch))
    monkeypatch.setattr(visits, "org_open", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(visits.CannotVisit, match=sentence), visits.visit_open(epoch.pk, "worker"):
        pytest.fail("it was visited")
