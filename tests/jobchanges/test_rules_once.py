"""Rule 3: at most once per org; after a lost answer the outcome is asked for, not guessed."""

import datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.salesforce.errors import Family, SalesforceError
from jobchanges import tasks
from jobchanges.delivery import attempts, digest, unknown, writing
from jobchanges.delivery.answers import Answer
from jobchanges.delivery.record import answers_record
from jobchanges.delivery.results import Meaning, Reading
from jobchanges.models import Attempt, Delivery, RecordWrite, TestRun
from jobchanges.planning import Plan
from jobchanges.services import TestRunError as RunError
from jobchanges.services import test_run_create as run_create
from tests.factories import ConnectionFactory, DeliveryFactory, JobChangeFactory, TestRunFactory
from tests.jobchanges.conftest import PACKAGE

GRAPH = "composite/graph"
CLAIM_OVER = datetime.timedelta(minutes=4)
LONGEST_CALL_OVER = datetime.timedelta(minutes=11)


def sweep_after(delta):
    with time_machine.travel(timezone.now() + delta, tick=True):
        tasks.deliveries_sweep()


def silent(*_args):
    raise SalesforceError("SERVER_UNAVAILABLE", family=Family.TRY_AGAIN)


def everybody_once(sandbox):
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 5


def test_rule_3_the_database_keeps_one_delivery_a_job_change_and_org(db):
    delivery = DeliveryFactory()
    later = TestRunFactory(
        customer=delivery.test_run.customer, epoch=delivery.epoch, state="closed", number=99
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory(test_run=later, job_change=delivery.job_change)


@pytest.mark.parametrize("state", [Delivery.State.CLAIMED, Delivery.State.UNKNOWN])
def test_rule_3_what_may_be_in_the_org_is_free_for_no_other_run(customer, manager, state):
    epoch = ConnectionFactory(customer=customer).epoch
    ended = TestRunFactory(customer=customer, epoch=epoch, state=TestRun.State.CLOSED)
    pending = DeliveryFactory(test_run=ended, state=state, job_change__customer=customer).job_change
    others = JobChangeFactory.create_batch(4, customer=customer)
    with pytest.raises(RunError, match="Not free"):
        run_create(
            customer=customer, environment="sandbox", job_changes=[pending, *others], by=manager
        )


@pytest.mark.parametrize(
    "outcome", ["released", "refused", "held", "unknown", "delivered", "found"]
)
def test_rule_3_an_answer_does_not_count_once_somebody_else_has_the_claim(db, outcome):
    """It would free, in the middle of their call, what they are sending."""
    delivery = DeliveryFactory(state=Delivery.State.CLAIMED, claimed_by="late")
    connection = delivery.epoch.connection
    visit = SimpleNamespace(
        customer=connection.customer, connection=connection, epoch=delivery.epoch
    )
    Delivery.objects.update(claimed_by="somebody else")
    assert answers_record(visit, [Answer(delivery, outcome)]) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.claimed_by) == ("claimed", "somebody else")


@pytest.mark.parametrize("outcome", ["refused", "held", "released", "found"])
def test_rule_3_a_correction_that_ends_in_any_way_leaves_it_delivered(db, outcome):
    """The record is in the org: as refused it would be sent as a whole once more."""
    delivery = DeliveryFactory(
        state=Delivery.State.CLAIMED, claimed_by="worker", correction_asked_at=timezone.now()
    )
    connection = delivery.epoch.connection
    visit = SimpleNamespace(
        customer=connection.customer, connection=connection, epoch=delivery.epoch
    )
    assert answers_record(visit, [Answer(delivery, outcome, reason="It says no.")])
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert (delivery.held_reason, delivery.held_code) == ("", "")


def test_rule_3_who_was_overtaken_by_another_attempt_begins_none(sandbox):
    """The row says one more attempt than this worker knows of: somebody else is at it."""
    run = sandbox.send(sandbox.run())
    claimed = Delivery.objects.filter(test_run=run)
    claimed.update(state="claimed", claimed_by="worker", attempts_made=1)
    delivery = claimed.select_related("job_change", "epoch", "test_run").first()
    delivery.attempts_made = 0
    visit = SimpleNamespace(holder="worker", names={}, settings=None)
    assert attempts.attempts_store(visit, [(delivery, Plan(held_reason="x"))]) == []
    assert not Attempt.objects.exists()


def test_rule_3_while_the_org_cannot_be_asked_nothing_is_sent_again(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("drop_answer_after_commit", path=GRAPH)
    monkeypatch.setattr(unknown, "keys_find", silent)
    sandbox.deliver()
    sweep_after(LONGEST_CALL_OVER)
    assert sandbox.states(run) == ["unknown"] * 5
    monkeypatch.undo()
    sweep_after(2 * LONGEST_CALL_OVER)
    assert sandbox.states(run) == ["delivered"] * 5
    assert sandbox.graph_calls() == 1
    everybody_once(sandbox)


@pytest.fixture
def late_commit(sandbox, monkeypatch):
    """Salesforce stored the first try after we had asked; the second one is refused for that."""
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("drop_answer_after_commit", path=GRAPH)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(unknown, "keys_find", lambda *_: {})
        sandbox.deliver()
    refused = Reading(Meaning.REFUSED, errors=[{"code": "DUPLICATES_DETECTED", "sentence": "x"}])
    monkeypatch.setattr(writing, "answer_read", lambda *_: refused)
    Delivery.objects.update(state="waiting", unknown_since=None, not_before=None)
    Attempt.objects.update(outcome=Attempt.Outcome.RELEASED)
    return run


def test_rule_3_refused_after_a_lost_answer_is_asked_for_before_it_counts(sandbox, late_commit):
    sweep_after(LONGEST_CALL_OVER)
    assert sandbox.states(late_commit) == ["delivered"] * 5
    everybody_once(sandbox)


def test_rule_3_refused_after_a_lost_answer_is_unknown_until_the_org_says(
    sandbox, late_commit, monkeypatch
):
    monkeypatch.setattr(unknown, "keys_find", silent)
    sweep_after(LONGEST_CALL_OVER)
    assert sandbox.states(late_commit) == ["unknown"] * 5


def test_rule_3_a_worker_whose_claim_ran_out_while_matching_writes_nothing(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())
    original = digest.matches_ask

    def slow(*args):
        matches = original(*args)
        monkeypatch.setattr(digest, "matches_ask", original)
        sweep_after(CLAIM_OVER)  # somebody else does the work
        return matches

    monkeypatch.setattr(digest, "matches_ask", slow)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert sandbox.graph_calls() == 1
    assert set(Attempt.objects.values_list("number", flat=True)) == {1}


def test_rule_3_a_key_that_is_taken_leaves_the_org_as_it_was(sandbox):
    """The record is created, never upserted: another try changes nothing of the first."""
    run = sandbox.delivered_run()
    before = [sandbox.records(name) for name in ("Lead", "CampaignMember", PACKAGE)]
    RecordWrite.objects.all().delete()
    Attempt.objects.all().delete()
    Delivery.objects.update(state="waiting", attempts_made=0)
    for delivery in run.deliveries.all():
        delivery.job_change.past_title = "Something else"
        delivery.job_change.save(update_fields=["past_title"])
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert [sandbox.records(name) for name in ("Lead", "CampaignMember", PACKAGE)] == before
