"""Offer, allow, send: a production test in a real (rehearsed) production org."""

import datetime

import pytest
from django.utils import timezone

from accounts.hashing import content_hash
from accounts.models import Event, Role
from jobchanges import tasks
from jobchanges.delivery import worker
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.models import Allowance, Delivery, EnvironmentSettings, OutputSettings, TestRun
from jobchanges.selectors.allowances import allowance_content, allowance_standing
from jobchanges.services import TestRunError as RunError
from jobchanges.services import delivery_send_again as send_again
from jobchanges.services import review_record
from jobchanges.services import test_run_allow as run_allow
from jobchanges.services import test_run_allowance_withdraw as allowance_withdraw
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_offer as run_offer
from jobchanges.services import test_run_offer_withdraw as offer_withdraw
from jobchanges.services import test_run_picks_change as picks_change
from jobchanges.services import test_run_plan_request as plan_request

State = Delivery.State


def allow(run, person, *, starts_at=None, seen=None):
    """Allow what the run offers now."""
    run.refresh_from_db()
    return run_allow(
        test_run=run,
        starts_at=starts_at or timezone.now(),
        by=person,
        seen_hash=seen or content_hash(allowance_content(run)),
        address="192.0.2.7",
        browser="Firefox",
    )


def allowed(org, person, job_changes=None, **chosen):
    """A run that was planned, offered and allowed."""
    run = org.run(job_changes)
    run_offer(test_run=run, by=org.manager)
    allow(run, person, **chosen)
    run.refresh_from_db()
    return run


def replan(run, org):
    plan_request(test_run=run, by=org.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()


def other_owner(org):
    """Settings that make every new record somebody else's."""
    chosen = EnvironmentSettings.objects.get(environment="production")
    owner = next(
        row
        for row in org.records("User")
        if row["IsActive"] and row["Id"] != chosen.default_owner_id
    )
    EnvironmentSettings.objects.filter(pk=chosen.pk).update(default_owner_id=owner["Id"])
    return owner["Id"]


def test_an_allowed_test_is_sent_and_delivered(production, admin_person):
    run = allowed(production, admin_person)
    production.send(run)
    production.deliver()
    run.refresh_from_db()
    assert run.state == TestRun.State.REVIEW
    assert production.states(run) == [State.DELIVERED] * 5
    assert len(production.delivery_keys()) == 5


def test_rule_1_nothing_is_sent_to_production_before_it_is_offered_and_allowed(
    production, admin_person
):
    run = production.run()
    with pytest.raises(RunError, match="Offer the test"):
        production.send(run)
    run_offer(test_run=run, by=production.manager)
    with pytest.raises(RunError, match="has not allowed this test yet"):
        production.send(run)
    assert production.graph_calls() == 0


def test_rule_1_a_released_row_without_an_allowance_stays_where_it_is(production):
    run = production.run()
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.SENDING)
    run.deliveries.update(released_at=timezone.now())
    production.deliver()
    assert production.states(run) == [State.WAITING] * 5
    assert production.graph_calls() == 0


def test_rule_1_an_allowance_of_later_waits_for_its_time(production, admin_person, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC))
    later = datetime.datetime(2026, 11, 23, 18, 0, tzinfo=datetime.UTC)
    run = allowed(production, admin_person, starts_at=later)
    with pytest.raises(RunError, match="Priya Shah allowed it from 23 Nov, 18:00; it can be sent"):
        production.send(run)
    time_machine.move_to(later)
    assert production.send(run).state == TestRun.State.SENDING


def test_the_allowance_says_who_when_what_and_from_where(production, approver):
    run = allowed(production, approver)
    given = Allowance.objects.get()
    assert (given.by, given.role, given.address, given.browser) == (
        approver,
        Role.APPROVER,
        "192.0.2.7",
        "Firefox",
    )
    assert "exactly the records shown here" in given.meaning
    assert given.content_hash == content_hash(given.content)
    event = Event.objects.get(action="test_run.allowed")
    assert (event.actor, event.side) == (approver, "customer")
    assert event.data["content_hash"] == given.content_hash
    assert {item.expected_plan_hash for item in run.deliveries.all()} == {
        one["plan"] for one in given.content["deliveries"]
    }


@pytest.mark.parametrize("who", ["reviewer", "stranger", "manager"])
def test_only_an_admin_or_approver_of_the_customer_allows(production, who, request):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    with pytest.raises(RunError, match="admin or approver"):
        allow(run, request.getfixturevalue(who))
    assert not Allowance.objects.exists()


@pytest.mark.parametrize(("minutes", "words"), [(-5, "has passed"), (31 * 24 * 60, "next 30 days")])
def test_the_time_lies_in_the_next_thirty_days(production, admin_person, minutes, words):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    when = timezone.now() + datetime.timedelta(minutes=minutes)
    with pytest.raises(RunError, match=words):
        allow(run, admin_person, starts_at=when)


def test_the_same_test_is_allowed_once(production, admin_person, approver):
    run = allowed(production, admin_person)
    with pytest.raises(RunError, match="Priya Shah allowed this test already"):
        allow(run, approver)
    TestRun.objects.filter(pk=run.pk).update(offered_at=None)
    with pytest.raises(RunError, match="allowed this test already"):
        run_offer(test_run=run, by=production.manager)


def test_nobody_allows_what_they_did_not_see(production, admin_person):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    with pytest.raises(RunError, match="changed since you opened the page"):
        allow(run, admin_person, seen="0" * 64)
    assert not Allowance.objects.exists()


def test_an_offer_of_a_test_that_is_not_planned_is_refused(production):
    run = production.run()
    plan_request(test_run=run, by=production.manager)
    with pytest.raises(RunError, match="preview is not ready"):
        run_offer(test_run=run, by=production.manager)


def test_a_sandbox_test_is_not_offered(sandbox):
    with pytest.raises(RunError, match="needs no allowance"):
        run_offer(test_run=sandbox.run(), by=sandbox.manager)


def test_only_the_manager_offers(production, admin_person, other_manager):
    run = production.run()
    for person in (admin_person, other_manager):
        with pytest.raises(RunError, match="implementation manager"):
            run_offer(test_run=run, by=person)


def test_an_offer_is_taken_back_with_a_reason_and_the_allowance_ends(production, admin_person):
    run = allowed(production, admin_person)
    with pytest.raises(RunError, match="why"):
        offer_withdraw(test_run=run, by=production.manager, reason=" ")
    offer_withdraw(test_run=run, by=production.manager, reason="Another campaign is meant.")
    ended = Allowance.objects.get()
    assert (ended.withdrawn_by, ended.withdrawn_reason) == (
        production.manager,
        "Another campaign is meant.",
    )
    with pytest.raises(RunError, match="Offer the test"):
        production.send(run)
    with pytest.raises(RunError, match="not offered any more"):
        allow(run, admin_person)


@pytest.mark.parametrize("who", ["admin_person", "approver"])
def test_the_customer_takes_an_allowance_back_before_it_is_sent(
    production, admin_person, who, request
):
    run = allowed(production, admin_person)
    person = request.getfixturevalue(who)
    ended = allowance_withdraw(test_run=run, by=person, reason="Not this week")
    assert ended.withdrawn_by == person
    assert ended.withdrawn_reason == f"{person} took it back: “Not this week”."
    event = Event.objects.get(action="test_run.allowance_withdrawn")
    assert (event.actor, event.side) == (person, "customer")
    run.refresh_from_db()
    assert allowance_standing(run).state == "ready"
    with pytest.raises(RunError, match="Offer the test"):
        production.send(run)
    assert production.graph_calls() == 0
    run_offer(test_run=run, by=production.manager)
    assert allow(run, admin_person).withdrawn_at is None
    production.send(run)


@pytest.mark.parametrize("who", ["reviewer", "stranger", "manager"])
def test_only_who_may_allow_takes_it_back(production, admin_person, who, request):
    run = allowed(production, admin_person)
    with pytest.raises(RunError, match="admin or approver"):
        allowance_withdraw(test_run=run, by=request.getfixturevalue(who))
    assert Allowance.objects.get().withdrawn_at is None


def test_what_was_sent_is_not_taken_back(production, admin_person):
    run = allowed(production, admin_person)
    production.send(run)
    with pytest.raises(RunError, match="sent before you took it back"):
        allowance_withdraw(test_run=run, by=admin_person)
    production.deliver()
    assert production.states(run) == [State.DELIVERED] * 5
    assert Allowance.objects.get().withdrawn_at is None


def test_what_nobody_allowed_is_not_taken_back(production, admin_person):
    run = production.run()
    run_offer(test_run=run, by=production.manager)
    with pytest.raises(RunError, match="Nothing is allowed"):
        allowance_withdraw(test_run=run, by=admin_person)


def test_rule_1_an_allowance_that_ends_between_the_claim_and_the_call_is_obeyed(
    production, admin_person, monkeypatch
):
    run = allowed(production, admin_person)
    production.send(run)
    plans = worker.plans_make

    def planned_then_ended(*args):
        made = plans(*args)
        Allowance.objects.update(withdrawn_at=timezone.now())
        return made

    monkeypatch.setattr(worker, "plans_make", planned_then_ended)
    production.deliver()
    assert production.graph_calls() == 0
    assert production.delivery_keys() == []
    assert production.states(run) == [State.WAITING] * 5


def test_other_picks_end_offer_and_allowance(production, admin_person):
    run = allowed(production, admin_person)
    picks = [item.job_change for item in run.deliveries.select_related("job_change")]
    picks_change(test_run=run, job_changes=[*picks, production.job_change()], by=production.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    assert run.offered_at is None
    assert Allowance.objects.get().withdrawn_at
    assert Event.objects.filter(action="test_run.allowance_ended").count() == 1
    standing = allowance_standing(run)
    assert (standing.state, len(standing.changes)) == ("ready", 1)
    assert standing.changes[0].endswith("was added.")


def test_planning_the_same_again_leaves_the_allowance_alone(production, admin_person):
    run = allowed(production, admin_person)
    replan(run, production)
    assert allowance_standing(run).state == "allowed"
    assert production.send(run)


def test_settings_that_change_the_plans_end_the_allowance(
    production, admin_person, django_capture_on_commit_callbacks
):
    from jobchanges.signals import settings_saved

    run = allowed(production, admin_person)
    other_owner(production)
    with django_capture_on_commit_callbacks(execute=True):
        settings_saved.send(sender=None, customer=production.customer, environment="production")
    run.refresh_from_db()
    if run.plan_requested_at:
        with pytest.raises(RunError, match="preview is not ready"):
            production.send(run)
        tasks.test_run_plan(run.pk)
        run.refresh_from_db()
    standing = allowance_standing(run)
    assert standing.state == "ready"
    assert standing.ended.withdrawn_reason == ("What will be written has changed: Lead Owner ID.")
    assert len(standing.changes) == 5


def test_closing_ends_the_allowance(production, admin_person):
    run = allowed(production, admin_person)
    run_close(test_run=run, reason="Wrong people", by=production.manager)
    assert Allowance.objects.get().withdrawn_reason == "Wrong people"


def test_what_is_no_longer_what_was_allowed_is_held_and_the_others_go(production, admin_person):
    run = production.send(allowed(production, admin_person))
    first = run.deliveries.first()
    Delivery.objects.filter(pk=first.pk).update(expected_plan_hash="0" * 64)
    production.deliver()
    assert production.states(run) == [State.HELD] + [State.DELIVERED] * 4
    first.refresh_from_db()
    assert first.held_code == "not_allowed"
    assert first.delivery_key not in production.delivery_keys()


def test_a_held_one_is_planned_offered_allowed_and_sent(production, admin_person):
    run = production.send(allowed(production, admin_person))
    first = run.deliveries.first()
    Delivery.objects.filter(pk=first.pk).update(expected_plan_hash="0" * 64)
    production.deliver()
    first.refresh_from_db()
    send_again(delivery=first, by=production.manager)
    first.refresh_from_db()
    assert (first.state, first.released_at, first.allowance) == (State.WAITING, None, None)
    assert Event.objects.filter(action="delivery.planned_again").count() == 1
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    with pytest.raises(RunError, match="Offer the test"):
        production.send(run)
    run_offer(test_run=run, by=production.manager)
    again = allow(run, admin_person)
    assert [one["key"] for one in again.content["deliveries"]] == [first.delivery_key]
    production.send(run)
    production.deliver()
    first.refresh_from_db()
    assert first.state == State.DELIVERED
    assert Allowance.objects.filter(withdrawn_at=None).count() == 2


def test_a_refused_one_goes_again_under_the_same_allowance(production, admin_person):
    run = production.send(allowed(production, admin_person))
    first = run.deliveries.first()
    production.deliver()
    Delivery.objects.filter(pk=first.pk).update(state=State.REFUSED)
    first.refresh_from_db()
    send_again(delivery=first, by=production.manager)
    first.refresh_from_db()
    assert first.state == State.WAITING
    assert first.released_at
    assert first.allowance_id
    assert first.expected_plan_hash


def test_a_correction_is_planned_and_allowed_before_it_is_sent(production, admin_person):
    run = production.send(allowed(production, admin_person))
    production.deliver()
    for one in run.deliveries.all():
        review_record(
            delivery=one, side="customer", verdict="off", comment="Wrong owner", by=admin_person
        )
    owner = other_owner(production)
    for one in run.deliveries.all():
        send_again(delivery=one, by=production.manager)
    delivery = run.deliveries.first()
    assert not Allowance.objects.exclude(withdrawn_at=None).exists()
    production.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made) == (State.DELIVERED, 1)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    run_offer(test_run=run, by=production.manager)
    content = allow(run, admin_person).content
    assert [(one["correction"], one["attempt"]) for one in content["deliveries"]] == [(True, 2)] * 5
    production.send(run)
    production.deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_made) == (State.DELIVERED, 2)
    assert delivery.correction_asked_at is None
    person = delivery.attempts.get(number=2).writes.get(role="person")
    assert production.record(person.record_id, person.object_name)["OwnerId"] == owner


def test_a_correction_that_would_change_nothing_is_said_and_not_asked_for(production, admin_person):
    run = production.send(allowed(production, admin_person))
    production.deliver()
    delivery = run.deliveries.first()
    review_record(delivery=delivery, side="customer", verdict="off", comment="Hm", by=admin_person)
    send_again(delivery=delivery, by=production.manager)
    tasks.test_run_plan(run.pk)
    delivery.refresh_from_db()
    assert delivery.correction_asked_at is None
    assert delivery.released_at
    assert "Nothing we wrote differs" in delivery.waiting_reason
    run.refresh_from_db()
    with pytest.raises(RunError, match="sent already"):
        run_offer(test_run=run, by=production.manager)


@pytest.fixture
def joiners(production):
    """Two people who join one new company, and three others; accounts are created for them."""
    OutputSettings.objects.update(record_mode="always_contact")
    company = {
        "new_company_name": "Brightwater Labs",
        "new_company_domain": "brightwater.example",
        "new_company_website": "https://brightwater.example",
    }
    first = production.job_change(**company, new_email="one@brightwater.example")
    second = production.job_change(**company, new_email="two@brightwater.example")
    return [second, first, *(production.job_change() for _ in range(3))]


def test_two_who_join_one_new_company_share_the_account_in_plan_and_org(
    production, admin_person, joiners
):
    run = allowed(production, admin_person, joiners)
    second, first = joiners[:2]
    roles = [
        [write["role"] for write in production.delivery(one).plan["writes"]]
        for one in (first, second)
    ]
    assert "account" in roles[0]
    assert "account" not in roles[1]
    contact = next(
        write for write in production.delivery(second).plan["writes"] if write["role"] == "person"
    )
    assert contact["fields"]["AccountId"] == {"ref": f"account of {first.key}"}
    production.send(run)
    production.deliver()
    assert production.states(run) == [State.DELIVERED] * 5
    accounts = [row for row in production.records("Account") if row["Name"] == "Brightwater Labs"]
    assert len(accounts) == 1


def test_the_fingerprint_is_the_same_before_and_after_the_shared_account_is_there(
    production, admin_person, joiners
):
    run = allowed(production, admin_person, joiners)
    second = production.delivery(joiners[0])
    before = fingerprints([second])[second.pk]
    production.send(run)
    Delivery.objects.filter(pk=second.pk).update(released_at=None)
    production.deliver()
    Delivery.objects.filter(pk=second.pk).update(released_at=timezone.now())
    production.deliver()
    second.refresh_from_db()
    assert (second.state, second.expected_plan_hash) == (State.DELIVERED, before)


def test_without_the_first_the_second_who_joins_is_held(production, admin_person, joiners):
    run = production.send(allowed(production, admin_person, joiners))
    second, first = joiners[:2]
    Delivery.objects.filter(job_change=first).update(expected_plan_hash="0" * 64)
    production.deliver()
    assert production.delivery(first).state == State.HELD
    assert production.delivery(second).state == State.HELD
    assert "no longer what was allowed" in production.delivery(second).held_reason
    assert production.states(run).count(State.DELIVERED) == 3
