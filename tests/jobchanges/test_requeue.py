"""Rule 4: every job change ever sent to a sandbox is in the first production batch."""

import datetime
import os
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.models import OrgEpoch, OrgKind
from integrations.signals import epoch_ended
from jobchanges.delivery.states import delivery_move
from jobchanges.models import Attempt, Batch, Delivery, JobChange, TestRun
from jobchanges.requeue import batch_counts, batch_job_changes
from jobchanges.services import batch_release
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    OrgEpochFactory,
    TestRunFactory,
)

# The same cases in every run, so that a red run can be trusted; more by PROPERTY_EXAMPLES.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
CASES = hypothesis_settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
State = Delivery.State
HOUR = datetime.timedelta(hours=1)
PEOPLE = 8


class World:
    """A customer's two orgs; everything that can happen to job changes before the first batch."""

    def __init__(self, customer):
        self.customer = customer
        self.cut_off = timezone.now()
        self.sandbox = ConnectionFactory(customer=customer)
        self.production = ConnectionFactory(customer=customer, environment="production")
        self.people = []
        self.ever_sent = set()
        self.delivered = set()
        self.numbers = 0

    def imported(self, *, late):
        """A row that came before the cut-off (or just at it), or after."""
        when = self.cut_off + (HOUR if late else datetime.timedelta())
        self.people.append(JobChangeFactory(customer=self.customer, imported_at=when))

    def tested(self, who, outcomes, *, in_production, end):
        """A test run of some people, each with an answer; afterwards the run ended somehow."""
        connection = self.production if in_production else self.sandbox
        epoch = connection.epoch
        self.numbers += 1
        run = TestRunFactory(
            customer=self.customer,
            environment=connection.environment,
            epoch=epoch,
            number=self.numbers,
            state=TestRun.State.SENDING,
        )
        for job_change, outcome in zip(who, outcomes, strict=False):
            known = Delivery.objects.filter(job_change=job_change, org_id=epoch.org_id).first()
            if known and known.state == State.DELIVERED:
                continue
            values = {"test_run": run, "state": outcome, "attempts_made": 1, "epoch": epoch}
            if known:
                Delivery.objects.filter(pk=known.pk).update(**values)
                delivery = known
                number = delivery.attempts.count() + 1
            else:
                delivery = DeliveryFactory(job_change=job_change, **values)
                number = 1
            if outcome != State.WAITING:
                AttemptFactory(delivery=delivery, number=number, outcome=_answer(outcome))
                if not in_production:
                    self.ever_sent.add(job_change.pk)
            if in_production and outcome == State.DELIVERED:
                self.delivered.add(job_change.pk)
        TestRun.objects.filter(pk=run.pk).update(state=end)

    def cleaned_up(self, who):
        """What a sandbox test created was removed: the key is gone, the job change waits."""
        ids = Delivery.objects.filter(
            job_change__in=who, environment="sandbox", epoch=self.sandbox.epoch
        )
        delivery_move(list(ids.values_list("pk", flat=True)), [State.DELIVERED], State.WAITING)

    def refreshed(self):
        """Another sandbox org took the place of this one."""
        before = self.sandbox.epoch
        OrgEpoch.objects.filter(pk=before.pk).update(ended_at=timezone.now())
        with transaction.atomic():
            epoch_ended.send(sender=OrgEpoch, epoch=before)
        self.sandbox.epoch = OrgEpochFactory(
            connection=self.sandbox,
            number=self.sandbox.epochs.count() + 1,
            kind=OrgKind.SANDBOX,
        )
        self.sandbox.save(update_fields=["epoch"])


def _answer(state):
    return {
        State.DELIVERED: Attempt.Outcome.DELIVERED,
        State.REFUSED: Attempt.Outcome.REFUSED,
        State.HELD: Attempt.Outcome.HELD,
        State.UNKNOWN: Attempt.Outcome.UNKNOWN,
        State.CLAIMED: "",
    }[state]


outcomes = st.lists(
    st.sampled_from(
        [State.DELIVERED, State.REFUSED, State.HELD, State.UNKNOWN, State.CLAIMED, State.WAITING]
    ),
    min_size=PEOPLE,
    max_size=PEOPLE,
)
some = st.sets(st.integers(0, PEOPLE - 1), min_size=1)
ended = st.sampled_from([TestRun.State.APPROVED, TestRun.State.CLOSED])
history = st.lists(
    st.one_of(
        st.tuples(st.just("sandbox test"), some, outcomes, ended),
        st.tuples(st.just("production test"), some, outcomes, ended),
        st.tuples(st.just("clean-up"), some),
        st.tuples(st.just("refresh")),
    ),
    max_size=6,
)


@contextmanager
def undone():
    """Each example begins with an empty world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(history, st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE))
@CASES
@pytest.mark.django_db
def test_rule_4_whatever_happened_before_the_batch_holds_all_that_production_has_not(
    customer, approver, manager, happened, late
):
    with undone():
        world = World(customer)
        for is_late in late:
            world.imported(late=is_late)
        for kind, *rest in happened:
            if kind == "refresh":
                world.refreshed()
                continue
            who = [world.people[index] for index in sorted(rest[0])]
            if kind == "clean-up":
                world.cleaned_up(who)
            else:
                world.tested(who, rest[1], in_production=kind == "production test", end=rest[2])
        in_time = {item.pk for item in world.people if item.imported_at <= world.cut_off}
        org_id = world.production.epoch.org_id
        counts = batch_counts(customer, org_id, world.cut_off)
        batch = batch_release(
            customer=customer,
            cut_off=world.cut_off,
            signed_hash="a" * 64,
            customer_signer=approver,
            vendor_signer=manager,
            by=manager,
        )
        held = list(batch.deliveries.values_list("job_change_id", flat=True))
        assert set(held) == in_time - world.delivered
        assert world.ever_sent & in_time - world.delivered <= set(held)
        assert len(held) == len(set(held))
        assert (counts.total, counts.new + counts.tried_in_sandbox) == (len(held), len(held))
        assert counts.tried_in_sandbox == len(world.ever_sent & set(held))
        assert counts.already_there == len(world.delivered & in_time)
        for delivery in batch.deliveries.all():
            assert (delivery.org_id, delivery.environment) == (org_id, "production")
            assert delivery.state in (State.WAITING, State.UNKNOWN, State.CLAIMED)
            assert delivery.released_at is not None
            assert (delivery.held_reason, delivery.expected_plan_hash) == ("", "")
        first = batch.deliveries.filter(in_first_part=True).count()
        waiting = batch.deliveries.filter(state=State.WAITING).count()
        assert first == min(waiting, 20)


@pytest.fixture
def released(customer, approver, manager):
    """Releases a batch of what was imported until now."""
    ConnectionFactory(customer=customer, environment="production")

    def release(**chosen):
        values = {
            "customer": customer,
            "cut_off": timezone.now(),
            "signed_hash": f"{Batch.objects.count():064d}",
            "customer_signer": approver,
            "vendor_signer": manager,
            "by": manager,
        } | chosen
        return batch_release(**values)

    return release


def test_rule_4_what_came_after_the_cut_off_is_in_the_next_batch(released, customer):
    early = JobChangeFactory(customer=customer)
    batch = released()
    late = JobChangeFactory(customer=customer)
    Delivery.objects.update(state=State.DELIVERED)
    Batch.objects.update(state=Batch.State.ENDED)
    following = released()
    assert [item.job_change for item in batch.deliveries.all()] == [early]
    assert [item.job_change for item in following.deliveries.all()] == [late]
    assert (batch.number, following.number) == (1, 2)


def test_what_got_no_answer_joins_as_it_is_and_is_asked_for_first(released, customer):
    epoch = customer.connections.get().epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.CLOSED
    )
    asked = timezone.now() + HOUR
    delivery = DeliveryFactory(
        test_run=run,
        epoch=epoch,
        job_change=JobChangeFactory(customer=customer),
        state=State.UNKNOWN,
        not_before=asked,
        expected_plan_hash="b" * 64,
    )
    batch = released()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.batch, delivery.not_before) == (State.UNKNOWN, batch, asked)
    assert (delivery.expected_plan_hash, delivery.test_run) == ("", run)


def test_a_correction_on_its_way_means_that_production_has_it(released, customer):
    epoch = customer.connections.get().epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.APPROVED
    )
    DeliveryFactory(
        test_run=run,
        epoch=epoch,
        job_change=JobChangeFactory(customer=customer),
        state=State.UNKNOWN,
        correction_asked_at=timezone.now(),
    )
    assert not batch_job_changes(customer, epoch.org_id, timezone.now()).exists()


def test_a_correction_on_its_way_stays_its_tests(released, customer):
    """It is in production: the batch neither counts it nor sends it again."""
    epoch = customer.connections.get().epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.APPROVED
    )
    corrected = DeliveryFactory(
        test_run=run,
        epoch=epoch,
        job_change=JobChangeFactory(customer=customer),
        state=State.UNKNOWN,
        correction_asked_at=timezone.now(),
    )
    mine = JobChangeFactory(customer=customer)
    assert [item.job_change for item in released().deliveries.all()] == [mine]
    corrected.refresh_from_db()
    assert (corrected.batch, corrected.state) == (None, State.UNKNOWN)


def test_the_first_part_of_the_next_batch_is_twenty_whatever_was_first_before(released, customer):
    JobChangeFactory.create_batch(25, customer=customer)
    before = released()
    assert before.deliveries.filter(in_first_part=True).count() == 20
    Delivery.objects.filter(in_first_part=True).update(state=State.REFUSED)
    Delivery.objects.filter(in_first_part=False).update(state=State.DELIVERED)
    Batch.objects.update(state=Batch.State.ENDED)
    JobChangeFactory.create_batch(
        25, customer=customer, detected_at=timezone.now() - datetime.timedelta(days=900)
    )
    following = released()
    assert following.deliveries.count() == 45
    assert following.deliveries.filter(in_first_part=True).count() == 20


def test_another_customers_job_changes_stay_out(released, customer, other_customer):
    JobChangeFactory(customer=other_customer)
    mine = JobChangeFactory(customer=customer)
    assert [item.job_change for item in released().deliveries.all()] == [mine]


def test_without_an_org_everything_imported_counts(customer):
    JobChangeFactory(customer=customer)
    counts = batch_counts(customer, "", timezone.now())
    assert (counts.total, counts.new, counts.already_there) == (1, 1, 0)


def test_the_fill_asks_the_same_number_of_queries_for_ten_and_for_a_hundred(
    released, customer, django_assert_max_num_queries
):
    JobChangeFactory.create_batch(10, customer=customer)
    JobChange.objects.update(new_company_name="Globex")
    with django_assert_max_num_queries(45):
        released()
    Delivery.objects.update(state=State.DELIVERED)
    Batch.objects.update(state=Batch.State.ENDED)
    JobChangeFactory.create_batch(100, customer=customer)
    with django_assert_max_num_queries(45):
        released()
