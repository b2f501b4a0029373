"""Putting runs together, sending and closing them (product.md, rule 2)."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Event
from accounts.waking import task_wake
from integrations.signals import epoch_ended
from jobchanges import tasks
from jobchanges.coverage import branches_of, coverage_of, facts_of
from jobchanges.delivery import leases
from jobchanges.delivery.runs import runs_move_on
from jobchanges.models import Delivery, JobChange, TestRun
from jobchanges.selectors import candidates, run_trouble, runs_by_customer
from jobchanges.selectors import test_run_progress as run_progress
from jobchanges.services import TestRunError as RunError
from jobchanges.services import test_run_close as run_close
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_picks_change as picks_change
from jobchanges.services import test_run_send as run_send
from jobchanges.signals import test_run_ready as ready
from tests.factories import ConnectionFactory, DeliveryFactory, JobChangeFactory, TestRunFactory

State = Delivery.State


@pytest.fixture
def connection(customer):
    return ConnectionFactory(customer=customer)


@pytest.fixture
def people(customer, connection):
    """Twelve job changes."""
    return JobChangeFactory.create_batch(12, customer=customer)


@pytest.fixture
def create(customer, manager):
    def make(job_changes, **values):
        return run_create(
            **{"customer": customer, "environment": "sandbox", "by": manager} | values,
            job_changes=job_changes,
        )

    return make


@pytest.fixture
def previewed(create, people):
    """A run of five whose preview was made."""
    run = create(people[:5])
    Delivery.objects.update(plan={"writes": []}, plan_hash="a" * 64)
    TestRun.objects.update(planned_at=timezone.now())
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("count", [5, 10])
def test_a_run_has_five_to_ten(create, people, count):
    assert create(people[:count]).deliveries.count() == count


@pytest.mark.parametrize("count", [0, 4, 11])
def test_fewer_than_five_or_more_than_ten_are_refused(create, people, count):
    with pytest.raises(RunError, match="5 to 10"):
        create(people[:count])
    assert not TestRun.objects.exists()


def test_the_same_job_change_picked_twice_counts_once(create, people):
    with pytest.raises(RunError, match="you picked 4"):
        create([*people[:4], people[0]])


def test_a_second_open_run_in_one_org_is_refused_with_a_sentence(create, people):
    create(people[:5])
    with pytest.raises(RunError, match="already has an open test run"):
        create(people[5:10])


def test_the_database_itself_refuses_a_second_open_run(create, people):
    run = create(people[:5])
    with pytest.raises(IntegrityError), transaction.atomic():
        TestRunFactory(customer=run.customer, epoch=run.epoch, number=9)


def test_another_customers_job_change_is_not_free(create, people, other_customer):
    stranger = JobChangeFactory(customer=other_customer, last_name="Stranger")
    with pytest.raises(RunError, match="Stranger"):
        create([*people[:5], stranger])


def test_what_is_in_the_org_is_no_candidate(create, people, connection, customer):
    DeliveryFactory(
        job_change=people[0], epoch=connection.epoch, test_run=None, state=State.DELIVERED
    )
    assert people[0] not in candidates(customer, "sandbox")
    with pytest.raises(RunError, match="Not free"):
        create(people[:5])


@pytest.mark.parametrize("state", [State.REFUSED, State.HELD])
def test_what_was_refused_in_an_ended_run_may_be_picked_again(create, people, connection, state):
    ended = TestRunFactory(
        customer=connection.customer, epoch=connection.epoch, state=TestRun.State.CLOSED, number=7
    )
    old = DeliveryFactory(job_change=people[0], test_run=ended, state=state, attempts_made=1)
    run = create(people[:5])
    old.refresh_from_db()
    assert (old.test_run, old.state, old.released_at) == (run, State.WAITING, None)
    assert Delivery.objects.count() == 5


def test_only_the_customers_manager_puts_a_run_together(create, people, other_manager, lead):
    with pytest.raises(RunError, match="implementation manager"):
        create(people[:5], by=other_manager)
    assert create(people[:5], by=lead)


def test_a_customers_person_cannot_put_a_run_together(create, people, admin_person):
    with pytest.raises(RunError, match="implementation manager"):
        create(people[:5], by=admin_person)


def test_a_production_test_is_put_together_and_waits_for_the_allowance(create, people, customer):
    ConnectionFactory(customer=customer, environment="production")
    run = create(people[:5], environment="production")
    TestRun.objects.update(planned_at=timezone.now(), plan_requested_at=None)
    Delivery.objects.update(plan_hash="a" * 64)
    with pytest.raises(RunError, match="before the customer allowed it"):
        run_send(test_run=run, by=customer.implementation_manager)


def test_without_an_org_there_is_nothing_to_test_in(create, people, connection):
    connection.health = "needs_reconnecting"
    connection.save(update_fields=["health"])
    with pytest.raises(RunError, match="reconnects"):
        create(people[:5])


def test_creating_asks_for_the_preview(people, create, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        run = create(people[:5])
    assert [one.args for one in callbacks if getattr(one, "func", None) is task_wake] == [
        (tasks.test_run_plan, run.pk)
    ]
    assert run.plan_requested_at


def test_picks_of_a_draft_can_be_replaced(create, people, manager):
    run = create(people[:5])
    picks_change(test_run=run, job_changes=people[3:9], by=manager)
    picked = [item.job_change for item in run.deliveries.all()]
    assert picked == people[3:9]
    assert Delivery.objects.count() == 6
    assert Event.objects.filter(action="test_run.picks_changed").count() == 1


def test_what_was_tried_before_can_be_taken_out_of_a_draft_again(
    create, people, connection, manager, customer
):
    ended = TestRunFactory(
        customer=customer, epoch=connection.epoch, state=TestRun.State.CLOSED, number=7
    )
    DeliveryFactory(job_change=people[0], test_run=ended, state=State.REFUSED, attempts_made=1)
    run = create(people[:6])
    picks_change(test_run=run, job_changes=people[1:6], by=manager)
    assert set(run.deliveries.values_list("job_change", flat=True)) == {
        item.pk for item in people[1:6]
    }
    assert people[0] in candidates(customer, "sandbox")


def test_a_sent_run_takes_more_up_to_ten_and_loses_none(previewed, people, manager):
    run_send(test_run=previewed, by=manager)
    picks_change(test_run=previewed, job_changes=people[:10], by=manager)
    assert previewed.deliveries.count() == 10
    with pytest.raises(RunError, match="not take any out"):
        picks_change(test_run=previewed, job_changes=people[1:10], by=manager)
    with pytest.raises(RunError, match="you picked 11"):
        picks_change(test_run=previewed, job_changes=people[:11], by=manager)


def test_nothing_is_sent_before_its_preview_was_made(create, people, manager):
    run = create(people[:5])
    with pytest.raises(RunError, match="preview"):
        run_send(test_run=run, by=manager)
    assert not Delivery.objects.exclude(released_at=None).exists()


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ({"package_installed": False}, "package was not found"),
        ({"package_manifest": "usergems-0"}, "without the delivery key"),
    ],
)
def test_an_org_whose_package_lacks_the_key_is_not_sent_to(
    previewed, manager, connection, package, words
):
    type(connection.epoch).objects.update(**package)
    with pytest.raises(RunError, match=words):
        run_send(test_run=previewed, by=manager)


def test_of_two_clicks_on_send_one_wins(previewed, manager):
    run_send(test_run=previewed, by=manager)
    with pytest.raises(RunError, match="sent already"):
        run_send(test_run=previewed, by=manager)
    assert Event.objects.filter(action="test_run.sent").count() == 1


def test_sending_says_who_and_exactly_what(previewed, manager):
    run = run_send(test_run=previewed, by=manager)
    event = Event.objects.get(action="test_run.sent")
    assert (run.state, run.sent_by, event.actor) == ("sending", manager, manager)
    assert event.data["plans"] == dict.fromkeys(
        [item.job_change.key for item in run.deliveries.all()], "a" * 64
    )


def test_closing_takes_a_reason_and_frees_what_was_never_sent(create, people, manager, customer):
    run = create(people[:5])
    with pytest.raises(RunError, match="why"):
        run_close(test_run=run, reason=" ", by=manager)
    run_close(test_run=run, reason="Wrong people", by=manager)
    assert people[0] in candidates(customer, "sandbox")
    assert create(people[:5])


def test_what_is_added_in_review_is_sent_while_the_review_goes_on(previewed, people, manager):
    run = run_send(test_run=previewed, by=manager)
    TestRun.objects.update(state=TestRun.State.REVIEW)
    picks_change(test_run=run, job_changes=people[:6], by=manager)
    Delivery.objects.filter(plan_hash="").update(plan_hash="b" * 64)
    run = run_send(test_run=run, by=manager)
    assert run.state == "review"
    assert not run.deliveries.filter(released_at=None).exists()


def test_a_correction_that_waits_ends_with_its_run(previewed, manager):
    run = run_send(test_run=previewed, by=manager)
    Delivery.objects.update(state=State.DELIVERED, correction_asked_at=timezone.now())
    run_close(test_run=run, reason="Wrong people", by=manager)
    assert not Delivery.objects.exclude(correction_asked_at=None).exists()


def test_progress_that_stands_still_says_why(previewed):
    org_id = previewed.epoch.org_id
    assert run_trouble(previewed) == ""
    leases.lease_take(org_id, "worker")
    leases.org_pause(org_id, reason="Salesforce is down for maintenance.")
    assert run_trouble(previewed).startswith(
        "Salesforce is down for maintenance. The next try is at"
    )
    previewed.epoch.connection.__class__.objects.update(health="needs_reconnecting")
    assert "reconnected" in run_trouble(previewed)


def test_a_package_that_is_gone_is_the_reason_why_nothing_moves(previewed, manager):
    run_send(test_run=previewed, by=manager)
    previewed.epoch.package_installed = False
    previewed.epoch.save(update_fields=["package_installed"])
    assert "package was not found" in run_trouble(TestRun.objects.get(pk=previewed.pk))


def test_an_ended_run_cannot_be_sent(previewed, manager):
    run_close(test_run=previewed, reason="Wrong people", by=manager)
    with pytest.raises(RunError, match="has ended"):
        run_send(test_run=previewed, by=manager)


def test_review_opens_once_when_the_last_answer_is_there(previewed, manager):
    run = run_send(test_run=previewed, by=manager)
    heard = []
    ready.connect(lambda test_run, **_: heard.append(test_run), weak=False, dispatch_uid="test")
    try:
        first, *others = run.deliveries.all()
        Delivery.objects.filter(pk__in=[item.pk for item in others]).update(state=State.REFUSED)
        with transaction.atomic():
            assert runs_move_on([run.pk]) == 0
        Delivery.objects.filter(pk=first.pk).update(state=State.DELIVERED)
        with transaction.atomic():
            assert (runs_move_on([run.pk]), runs_move_on([run.pk])) == (1, 0)
    finally:
        ready.disconnect(dispatch_uid="test")
    assert heard == [run]


def test_a_refreshed_sandbox_voids_the_open_run_and_closes_open_questions(previewed, manager):
    run = run_send(test_run=previewed, by=manager)
    done, unknown, *_waiting = run.deliveries.all()
    Delivery.objects.filter(pk=done.pk).update(state=State.DELIVERED)
    Delivery.objects.filter(pk=unknown.pk).update(state=State.UNKNOWN)
    epoch_ended.send(sender=type(run.epoch), epoch=run.epoch)
    run.refresh_from_db()
    assert run.state == "void"
    assert sorted(item.state for item in run.deliveries.all()) == ["delivered"] + ["org_gone"] * 4


def test_progress_counts_every_delivery_once(previewed):
    states = [State.CLAIMED, State.DELIVERED, State.REFUSED, State.UNKNOWN, State.DELIVERED]
    for delivery, state in zip(previewed.deliveries.all(), states, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(state=state)
    last = previewed.deliveries.last()
    Delivery.objects.filter(pk=last.pk).update(correction_asked_at=timezone.now())
    progress = run_progress(previewed)
    assert (progress.total, progress.done, progress.finished) == (5, 2, False)
    assert (progress.sending, progress.delivered, progress.refused) == (1, 1, 1)
    assert (progress.unknown, progress.waiting) == (1, 1)


def test_runs_of_many_customers_cost_one_query(previewed, django_assert_num_queries):
    customers = [previewed.customer, TestRunFactory().customer]
    with django_assert_num_queries(1):
        found = runs_by_customer(customers)
    (summary,) = found[previewed.customer_id]
    assert (summary.total, summary.done, summary.is_open) == (5, 0, True)


def test_a_candidate_says_what_it_would_exercise():
    job_change = JobChange(
        key="jc-1",
        kind="joined",
        first_name="裕樹",
        last_name="高橋",
        past_company_name="Oldco",
        past_lead_id="00Q7z00000002DBAAY",
        detected_at=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC),
    )
    assert {fact.label for fact in facts_of(job_change)} == {
        "Past lead",
        "No e-mail",
        "Long or non-Latin text",
    }
    lines = {line.key: line for line in coverage_of([branches_of(job_change)] * 2)}
    assert lines["past_lead"].count == 2
    assert not lines["promotion"].covered
