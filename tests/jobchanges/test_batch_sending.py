"""The first batch against an org that answers over HTTP; what counts is what the org holds."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Event
from integrations.models import OrgEpoch
from integrations.salesforce.client import Org
from integrations.signals import epoch_ended
from jobchanges import gates, tasks
from jobchanges.delivery import worker, writing
from jobchanges.models import Attempt, Batch, Delivery, OrgLease, RecordWrite
from jobchanges.selectors import (
    batch_current,
    batch_exceptions,
    batch_progress,
    delivery_exception_rows,
)
from jobchanges.services import (
    BatchError,
    batch_go_on,
    batch_pause,
    batch_send_again,
    batch_stop,
)

GRAPH = "composite/graph"


def in_time(**delta):
    return time_machine.travel(timezone.now() + datetime.timedelta(**delta), tick=True)


def actions():
    return [
        action
        for action in Event.objects.order_by("sequence").values_list("action", flat=True)
        if action != "deliveries.answered"
    ]


@pytest.fixture
def people(production):
    """Makes so many job changes; the first `bad` of them have no country, which the org refuses."""

    def make(count, *, bad=0):
        return [
            production.job_change(
                person_country="" if number < bad else "United States",
                new_company_name=f"Difference Works {'x' * number} {number}",
            )
            for number in range(count)
        ]

    return make


@pytest.fixture
def at_each_call(monkeypatch):
    """Does something right after Salesforce answered the nth group."""
    done = []

    def listen(what, *, after=1):
        original = Org.graphs

        def graphs(self, wanted):
            answer = original(self, wanted)
            done.append(len(wanted))
            if len(done) == after:
                what()
            return answer

        monkeypatch.setattr(Org, "graphs", graphs)
        return done

    return listen


def test_the_first_part_goes_alone_and_then_the_rest(production, people, at_each_call):
    people(30)
    seen = []
    batch = production.release()
    done = at_each_call(lambda: None)
    original = writing.group_record

    def look(*asked):
        seen.append(Batch.objects.get().first_done_at)
        return original(*asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "group_record", look)
        production.deliver()
    batch.refresh_from_db()
    sent = 0
    for count, first_done_at in zip(done, seen, strict=True):
        assert bool(first_done_at) == (sent >= 20)
        sent += count
    assert sent == 30
    assert production.batch_states(batch) == {"delivered": 30}
    assert (batch.state, bool(batch.ended_at)) == ("ended", True)
    assert actions() == ["batch.released", "batch.first_part_done", "batch.ended"]
    assert len(production.delivery_keys()) == len(set(production.delivery_keys())) == 30


def test_the_release_leaves_one_event_with_counts_and_hashes_and_no_names(production, people):
    (someone, *_others) = people(3)
    production.release()
    event = Event.objects.get(action="batch.released")
    assert (event.data["total"], event.data["tried_in_sandbox"]) == (3, 0)
    assert len(event.data["job_changes_hash"]) == len(event.data["signed_hash"]) == 64
    assert someone.last_name not in str(event.data)
    assert someone.key not in str(event.data)


def test_an_empty_batch_is_through_at_once(production):
    batch = production.release()
    assert (batch.state, batch_progress(batch).total) == ("ended", 0)


def test_it_waits_after_the_first_part_where_somebody_wants_to_look(production, people):
    people(25)
    batch = production.release(wait_after_first=True)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 20, "waiting": 5}
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert "The rest goes when UserGems has looked" in batch.halt_reason
    batch_go_on(batch=batch, side="vendor", by=production.manager)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": 25})


def test_a_pause_is_obeyed_between_calls_and_what_is_being_written_is_finished(
    production, people, at_each_call
):
    people(12)
    batch = production.release()
    done = at_each_call(lambda: batch_pause(batch=batch, side="customer", by=production.approver))
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, batch.halted_side, done) == ("paused", "customer", [5])
    assert production.batch_states(batch) == {"delivered": 5, "waiting": 7}
    assert production.graph_calls() == 1
    tasks.deliveries_sweep()
    assert production.graph_calls() == 1
    batch_go_on(batch=batch, side="vendor", by=production.manager)
    production.deliver()
    assert production.batch_states(batch) == {"delivered": 12}


def test_only_the_side_that_stopped_goes_on(production, people, admin_person):
    people(3)
    batch = production.release()
    batch_stop(batch=batch, side="customer", by=admin_person, reason="Quarter end.")
    production.deliver()
    assert production.graph_calls() == 0
    with pytest.raises(BatchError, match="Only the side that stopped"):
        batch_go_on(batch=batch, side="vendor", by=production.manager)
    batch_go_on(batch=batch, side="customer", by=production.approver)
    production.deliver()
    assert production.batch_states(batch) == {"delivered": 3}


def test_too_many_failures_pause_it_and_only_the_vendor_goes_on(production, people):
    people(30, bad=6)
    batch = production.release(failure_limit=20)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 14, "refused": 6, "waiting": 10}
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert "6 of 20 job changes failed, which is above the limit of 20%" in batch.halt_reason
    with pytest.raises(BatchError, match="UserGems looks at the reason first"):
        batch_go_on(batch=batch, side="customer", by=production.approver)
    batch_go_on(batch=batch, side="vendor", by=production.manager)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 24, "refused": 6}
    assert batch.state == "ended"


def test_a_fifth_of_failures_is_within_a_limit_of_twenty_per_cent(production, people):
    people(30, bad=4)
    batch = production.release(failure_limit=20)
    production.deliver()
    assert production.batch_states(batch) == {"delivered": 26, "refused": 4}


def test_a_small_batch_of_failures_ends_with_its_reasons(production, people):
    people(3, bad=3)
    batch = production.release()
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"refused": 3})


def test_failures_after_the_first_part_pause_it_too(production, people, monkeypatch):
    monkeypatch.setattr(worker.leases, "group_size", lambda org_id: 5)
    people(20)
    for number in range(20):
        production.job_change(person_country="", new_company_name=f"Late {'y' * number} {number}")
    batch = production.release(failure_limit=20)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert "10 of 30 job changes failed" in batch.halt_reason
    assert production.batch_states(batch) == {"delivered": 20, "refused": 10, "waiting": 10}


def test_what_is_held_for_our_own_fault_counts_as_a_failure(production, people, monkeypatch):
    people(25)
    batch = production.release(failure_limit=20)

    def broken(*_asked, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "plan_make", broken)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert "20 of 20 job changes failed" in batch.halt_reason
    assert production.batch_states(batch) == {"held": 20, "waiting": 5}


@pytest.mark.parametrize(
    ("halt", "after"),
    [
        (lambda batch, by: batch_pause(batch=batch, side="vendor", by=by), "ended"),
        (lambda batch, by: batch_pause(batch=batch, side="system", by=None), "paused"),
        (
            lambda batch, by: batch_stop(batch=batch, side="vendor", by=by, reason="Quarter end."),
            "stopped",
        ),
    ],
    ids=["paused by a person", "paused by itself", "stopped"],
)
def test_a_batch_that_was_stopped_or_paused_itself_is_not_over_before_somebody_lets_it_go_on(
    production, people, at_each_call, halt, after
):
    """Halted while its last group was being written."""
    people(3)
    batch = production.release()
    at_each_call(lambda: halt(batch, production.manager))
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 3}
    assert batch.state == after
    batch_go_on(batch=batch, side="vendor", by=production.manager)
    batch.refresh_from_db()
    assert batch.state == "ended"


def test_rule_9_what_became_of_a_batch_is_logged_by_ids_and_codes_only(production, people):
    (refused, *_others) = people(3, bad=1)
    batch = production.release()
    production.deliver()
    events = Event.objects.filter(action="deliveries.answered")
    assert [event.data["batches"] for event in events] == [[batch.pk]] * len(events)
    said = {one["key"]: one for event in events for one in event.data["deliveries"]}
    assert set(said) == {item.delivery_key for item in batch.deliveries.all()}
    (code,) = said[production.delivery(refused).delivery_key]["codes"]
    assert code.isupper()
    assert " " not in code
    assert sum(bool(one["records"]) for one in said.values()) == 2


def test_what_got_no_answer_is_not_counted_as_answered(production, people):
    people(3)
    batch = production.release()
    production.rehearsal.fault("drop_before", path=GRAPH)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"unknown": 3}
    assert (batch.state, batch.counted_answers, batch.counted_failures) == ("sending", 0, 0)


def test_what_is_held_after_a_lost_answer_keeps_the_kind_of_its_reason(
    production, people, monkeypatch
):
    people(3)
    batch = production.release()
    production.rehearsal.fault("drop_before", path=GRAPH)
    production.deliver()

    def broken(*_asked, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "plan_make", broken)
    with in_time(minutes=11):
        tasks.deliveries_sweep()
    assert production.batch_states(batch) == {"held": 3}
    assert set(batch.deliveries.values_list("held_code", flat=True)) == {"our_fault"}


def test_what_nobody_could_write_is_not_a_failure(production, people):
    for number in range(25):
        production.job_change(kind="left", last_name=f"Unknown {number}", new_company_name="")
    batch = production.release(failure_limit=1)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"held": 25})


def test_the_gate_pauses_the_batch_before_a_group(production, people, batch_gate):
    people(3)
    batch = production.release()
    batch_gate(lambda batch, **_asked: "The lead source was changed after both sides signed.")
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == ("paused", "system")
    assert batch.halt_reason == "The lead source was changed after both sides signed."
    assert production.graph_calls() == 0
    assert production.batch_states(batch) == {"waiting": 3}


def test_a_gate_that_fails_counts_as_a_no(production, people, batch_gate):
    people(3)
    batch = production.release()

    def broken(**_asked):
        raise RuntimeError("no database")

    batch_gate(broken)
    production.deliver()
    batch.refresh_from_db()
    assert batch.state == "paused"
    assert "could not check whether what was signed still stands" in batch.halt_reason
    assert "no database" not in batch.halt_reason
    assert production.graph_calls() == 0


def test_a_refused_one_is_sent_again_after_the_org_was_corrected(production, people):
    (bad, *_others) = people(4, bad=1)
    batch = production.release()
    production.deliver()
    delivery = production.delivery(bad)
    (row,) = delivery_exception_rows(batch_exceptions(batch))
    assert (row.person, row.code) == (bad.person_name, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert row.can_send_again
    assert row.sentence
    bad.person_country = "France"
    bad.save(update_fields=["person_country"])
    batch_send_again(delivery=delivery, by=production.manager)
    batch_send_again(delivery=delivery, by=production.manager)
    production.deliver()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": 4})
    assert production.delivery(bad).attempts.count() == 2
    assert actions().count("delivery.sent_again") == 1
    with pytest.raises(BatchError, match="can be sent again when"):
        batch_send_again(delivery=production.delivery(bad), by=production.manager)


def test_the_numbers_add_up_and_what_production_had_is_left_alone(production, sandbox, people):
    there = people(5, bad=1)
    run = sandbox.delivered_run(there)
    assert sorted(set(sandbox.states(run))) == ["delivered", "refused"]
    people(10)
    production.job_change(kind="left", last_name="Unknown", new_company_name="")
    known = production.job_change(new_company_name="Somewhere else", last_name="Known")
    first = production.release()
    production.deliver()
    assert production.delivery(known).state == "delivered"
    before = production.delivery_keys()
    second = production.release()
    production.deliver()
    assert [item.state for item in second.deliveries.order_by("pk")] == ["refused", "held"]
    assert production.delivery_keys() == before
    progress = batch_progress(first)
    assert progress.total == first.deliveries.count()
    for shown in (progress, batch_progress(second)):
        parts = (shown.created, shown.enriched, shown.past_only, shown.package_only)
        assert shown.total == sum(parts) + shown.refused + shown.held
        assert (shown.left, shown.answered) == (0, shown.total)
    keys = {item.job_change.key for item in Delivery.objects.filter(environment="sandbox")}
    assert keys <= {
        item.job_change.key for item in Delivery.objects.filter(environment="production")
    }


def test_a_worker_killed_between_answer_and_record_leaves_exactly_one_result(production, people):
    people(12)
    batch = production.release()

    class Killed(BaseException):
        """The process ends here."""

    def die(*args, **kwargs):
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "answers_take", die)
        patch.setattr(worker.leases, "lease_release", lambda *args: None)
        with pytest.raises(Killed):
            production.deliver()
    assert production.batch_states(batch) == {"claimed": 12}
    assert len(production.delivery_keys()) == 5
    with in_time(minutes=4):
        tasks.deliveries_sweep()
    batch.refresh_from_db()
    assert (batch.state, production.batch_states(batch)) == ("ended", {"delivered": 12})
    assert len(production.delivery_keys()) == len(set(production.delivery_keys())) == 12


def test_a_lost_answer_of_a_paused_batch_is_still_asked_for(production, people):
    people(3)
    batch = production.release()
    production.rehearsal.fault("drop_before", path=GRAPH)
    production.deliver()
    assert production.batch_states(batch) == {"unknown": 3}
    assert [row.who for row in delivery_exception_rows(batch_exceptions(batch))] == [""] * 3
    batch_pause(batch=batch, side="vendor", by=production.manager)
    with in_time(minutes=11):
        tasks.deliveries_sweep()
        assert production.batch_states(batch) == {"waiting": 3}
        assert production.delivery_keys() == []
        batch_go_on(batch=batch, side="vendor", by=production.manager)
        tasks.deliveries_sweep()
    assert production.batch_states(batch) == {"delivered": 3}


def test_a_replaced_org_stops_the_batch_for_good(production, people):
    people(3)
    batch = production.release()
    epoch = production.connection.epoch
    OrgEpoch.objects.filter(pk=epoch.pk).update(ended_at=timezone.now())
    epoch_ended.send(sender=OrgEpoch, epoch=epoch)
    batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == ("void", "system")
    assert "Production was replaced by another org" in batch.halt_reason
    assert batch_progress(batch).gone == 3
    for side, by in (("vendor", production.manager), ("customer", production.approver)):
        with pytest.raises(BatchError, match="The org was replaced"):
            batch_go_on(batch=batch, side=side, by=by)


def test_a_long_batch_yields_to_other_customers_and_comes_back(production, people, monkeypatch):
    people(30)
    batch = production.release()
    monkeypatch.setattr(worker, "LONGEST_VISIT", 0.0)
    epoch_id = production.connection.epoch_id
    assert worker.org_deliver(epoch_id)
    assert production.batch_states(batch) == {"delivered": 5, "waiting": 25}
    assert OrgLease.objects.get(org_id=production.connection.epoch.org_id).holder == ""
    visits = 1
    while worker.org_deliver(epoch_id):
        visits += 1
    assert 2 < visits < 7
    assert production.batch_states(batch) == {"delivered": 30}


def test_what_is_seen_of_a_batch_costs_the_same_for_two_and_for_twenty(
    production, people, django_assert_max_num_queries
):
    people(22, bad=2)
    batch = production.release(failure_limit=100)
    production.deliver()
    # A person saw to it that there are many exceptions.
    Delivery.objects.filter(batch=batch).update(state="refused")
    with django_assert_max_num_queries(2):
        rows = delivery_exception_rows(batch_exceptions(batch))
    assert len(rows) == 22
    Batch.objects.update(state="sending")
    Delivery.objects.filter(pk=batch.deliveries.first().pk).update(state="waiting")
    with django_assert_max_num_queries(6):
        shown = batch_progress(batch_current(production.customer))
    assert (shown.total, shown.left, shown.refused) == (22, 1, 21)
    assert shown.remaining == (1, 1)


def test_a_batch_that_stands_still_says_why(production, people):
    people(3)
    batch = production.release()
    assert batch_progress(batch).trouble == ""
    production.connection.health = "needs_reconnecting"
    production.connection.save(update_fields=["health"])
    assert "The connection to Salesforce is down" in batch_progress(batch).trouble
    assert batch_progress(batch).remaining is None


def test_every_attempt_of_a_batch_says_who_released_it(production, people):
    people(2)
    production.release()
    production.deliver()
    assert {item.by for item in Attempt.objects.all()} == {production.manager}
    assert RecordWrite.objects.filter(attempt__delivery__batch__isnull=False).count() == 6


# --- the sandbox while production is signed for -------------------------------------------------


@pytest.fixture
def sandbox_gate(monkeypatch):
    """Connects the only receiver of the sandbox's gate."""
    monkeypatch.setattr(gates.sandbox_gate, "receivers", [])
    return lambda receiver: gates.sandbox_gate.connect(receiver, weak=False)


def test_nothing_goes_to_a_sandbox_that_is_closed_and_production_goes_on(
    production, sandbox, people, sandbox_gate
):
    run = sandbox.send(sandbox.run())
    asked = []

    def closed(customer, **_asked):
        asked.append(customer)
        return "Production is being signed for, so nothing goes to the sandbox now."

    sandbox_gate(closed)
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5
    assert sandbox.rehearsal.calls(sandbox.org)[-1]["path"].count(GRAPH) == 0
    assert asked == [sandbox.customer]
    production.release(cut_off=timezone.now())
    production.deliver()
    assert len(production.delivery_keys()) == 5
    assert asked == [sandbox.customer]


def test_a_sandbox_closed_between_claim_and_call_gets_nothing(sandbox, sandbox_gate):
    run = sandbox.send(sandbox.run())
    answers = iter(["", "Closed now.", "Closed now."])
    sandbox_gate(lambda **_asked: next(answers))
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5
    assert sandbox.graph_calls() == 0


def test_a_sandbox_gate_that_fails_counts_as_a_no(sandbox, sandbox_gate):
    run = sandbox.send(sandbox.run())

    def broken(**_asked):
        raise RuntimeError

    sandbox_gate(broken)
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5


def test_what_a_closed_sandbox_never_answered_is_still_asked_for(sandbox, sandbox_gate):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("drop_before", path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["unknown"] * 5
    sandbox_gate(lambda **_asked: "Closed.")
    with in_time(minutes=11):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["waiting"] * 5
    assert sandbox.delivery_keys() == []


def test_what_cannot_be_planned_is_given_back_when_the_batch_was_paused_meanwhile(
    production, monkeypatch
):
    production.job_change(kind="left", last_name="Unknown", new_company_name="")
    batch = production.release()
    original = worker.matches_find

    def slow(*asked):
        batch_pause(batch=batch, side="customer", by=production.approver)
        return original(*asked)

    monkeypatch.setattr(worker, "matches_find", slow)
    production.deliver()
    assert production.batch_states(batch) == {"waiting": 1}
    assert not Attempt.objects.exists()
