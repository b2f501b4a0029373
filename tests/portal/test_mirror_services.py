"""The mirror's services: who is asked when, what is compared, who may let a difference be."""

import datetime

import pytest
from django.db import transaction

from accounts.models import Event
from integrations.models import CheckRun, Health, OrgEpoch, Snapshot
from integrations.signals import check_run_ended
from jobchanges.models import TestRun
from jobchanges.signals import test_run_approved as run_approved
from portal.mirror.asking import MirrorError, baseline_ask, mirror_ask, mirrors_look
from portal.mirror.comparing import comparison_make
from portal.mirror.waiving import difference_accept, difference_waive, difference_withdraw
from portal.models import Comparison, Waiver
from portal.steps import StepStatus
from tests.factories import BatchFactory, CheckRunFactory, CustomerFactory, OrgEpochFactory
from tests.portal.mirrors import (
    BLOCKING,
    COMPARED,
    COSMETIC,
    baseline,
    compared,
    content,
    difference,
    snapshot,
)
from tests.portal.situations import (
    EARLIER,
    LATER,
    production_connect,
    run_in,
    sandbox_approved,
    shown,
)

pytestmark = pytest.mark.django_db

MIRROR = "production.mirror"
CHANGED = difference()
FIELD = "custom_fields"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


def subject(found, *, drift=False):
    return f"{'drift' if drift else 'difference'}:{found.kind}:{found.key}"


def refresh_sandbox(connection):
    """Another sandbox takes the place of the tested one."""
    OrgEpoch.objects.filter(pk=connection.epoch_id).update(ended_at=LATER)
    connection.epoch = OrgEpochFactory(connection=connection, number=2)
    connection.save()


class TestBaseline:
    def test_approving_the_sandbox_test_has_the_sandbox_asked_for_it(self, customer):
        sandbox_approved(customer)
        test_run = TestRun.objects.get()
        with transaction.atomic():
            run_approved.send(TestRun, test_run=test_run)
        run = CheckRun.objects.get()
        assert (run.snapshot, run.reference) == ("baseline", f"test-run-{test_run.pk}")
        assert run.reason == CheckRun.Reason.APPROVED

    def test_a_production_test_asks_for_none(self, customer):
        connection = production_connect(customer)
        test_run = run_in(customer, connection, environment="production", state="approved")
        assert baseline_ask(test_run) is None

    def test_a_sandbox_that_was_refreshed_meanwhile_is_not_the_tested_one(self, customer):
        refresh_sandbox(sandbox_approved(customer))
        assert baseline_ask(TestRun.objects.get()) is None

    def test_a_missing_one_is_asked_for_again_by_itself(self, customer):
        sandbox_approved(customer)
        mirrors_look()
        assert CheckRun.objects.get().snapshot == "baseline"

    def test_not_while_it_is_asked_and_not_again_within_minutes(self, customer):
        sandbox = sandbox_approved(customer)
        run = CheckRunFactory(epoch=sandbox.epoch, snapshot="baseline", state="failed")
        mirrors_look()
        assert CheckRun.objects.count() == 1
        CheckRun.objects.filter(pk=run.pk).update(asked_at=EARLIER)
        mirrors_look()
        assert CheckRun.objects.count() == 2

    def test_one_that_is_there_is_not_asked_for_again(self, customer):
        sandbox = sandbox_approved(customer)
        baseline(sandbox.epoch, reference=f"test-run-{TestRun.objects.get().pk}")
        mirrors_look()
        assert not CheckRun.objects.exists()

    def test_a_customer_who_is_live_is_left_alone(self, customer):
        sandbox_approved(customer)
        BatchFactory(customer=customer, epoch=production_connect(customer).epoch, state="ended")
        mirrors_look()
        assert not CheckRun.objects.exists()

    def test_production_connected_earlier_is_asked_once_there_is_one(self, customer):
        baseline(sandbox_approved(customer).epoch, reference=f"test-run-{TestRun.objects.get().pk}")
        production = production_connect(customer)
        mirrors_look()
        run = CheckRun.objects.get()
        assert (run.epoch, run.snapshot) == (production.epoch, "current")


class TestByItself:
    @pytest.fixture
    def comparison(self, customer):
        found = compared(customer)
        Snapshot.objects.update(reference=f"test-run-{TestRun.objects.get().pk}")
        return found

    def test_compared_orgs_are_looked_at_again_after_a_day(self, comparison, time_machine):
        mirrors_look()
        assert not CheckRun.objects.exists()
        time_machine.move_to(LATER + datetime.timedelta(days=1), tick=False)
        mirrors_look()
        runs = CheckRun.objects.all()
        assert {run.epoch for run in runs} == {
            comparison.baseline.epoch,
            comparison.production.epoch,
        }
        assert {(run.snapshot, run.reason) for run in runs} == {("current", "aged")}

    def test_once_a_day_also_where_an_org_does_not_answer(self, comparison, time_machine):
        time_machine.move_to(LATER + datetime.timedelta(days=1), tick=False)
        mirrors_look()
        CheckRun.objects.update(state="failed", ended_at=LATER + datetime.timedelta(days=1))
        time_machine.move_to(LATER + datetime.timedelta(days=1, hours=2), tick=False)
        mirrors_look()
        assert CheckRun.objects.count() == 2

    def test_a_refreshed_sandbox_and_a_lost_connection_are_left_alone(
        self, customer, comparison, time_machine
    ):
        refresh_sandbox(comparison.baseline.epoch.connection)
        customer.connections.filter(environment="production").update(health="needs_reconnecting")
        time_machine.move_to(LATER + datetime.timedelta(days=2), tick=False)
        mirrors_look()
        assert not CheckRun.objects.exists()

    def test_after_the_first_batch_nobody_is_asked(self, customer, comparison, time_machine):
        BatchFactory(customer=customer, epoch=comparison.production.epoch, state="ended")
        time_machine.move_to(LATER + datetime.timedelta(days=2), tick=False)
        mirrors_look()
        assert not CheckRun.objects.exists()


class TestCompareAgain:
    def test_both_orgs_are_asked_in_the_background(self, customer, admin_person):
        comparison = compared(customer)
        runs = mirror_ask(customer=customer, by=admin_person)
        assert {run.epoch_id for run in runs} == {
            comparison.baseline.epoch_id,
            comparison.production.epoch_id,
        }
        assert all(run.snapshot == "current" and run.asked_by == admin_person for run in runs)

    def test_a_refreshed_sandbox_is_not_asked(self, customer, admin_person):
        comparison = compared(customer)
        refresh_sandbox(comparison.baseline.epoch.connection)
        runs = mirror_ask(customer=customer, by=admin_person)
        assert [run.epoch_id for run in runs] == [comparison.production.epoch_id]

    def test_without_a_baseline_the_tested_sandbox_is_asked_for_it(self, customer, admin_person):
        sandbox_approved(customer)
        runs = mirror_ask(customer=customer, by=admin_person)
        assert [run.snapshot for run in runs] == ["baseline"]

    def test_with_no_org_to_ask_it_says_so(self, customer, admin_person):
        comparison = compared(customer)
        for snap in (comparison.baseline, comparison.production):
            connection = snap.epoch.connection
            type(connection).objects.filter(pk=connection.pk).update(
                health=Health.NEEDS_RECONNECTING
            )
        with pytest.raises(MirrorError, match="Neither org is connected"):
            mirror_ask(customer=customer, by=admin_person)


class TestLettingBe:
    def accept(self, customer, by, found=CHANGED, **values):
        said = {"subject": subject(found), "seen": found.hash, "reason": "No such field there."}
        return difference_accept(customer=customer, by=by, **(said | values))

    def waive(self, customer, by, found=BLOCKING, **values):
        said = {"subject": subject(found), "seen": found.hash, "reason": "Filled by a flow."}
        return difference_waive(customer=customer, by=by, **(said | values))

    def test_an_admin_accepts_what_changes_the_result(self, customer, admin_person):
        compared(customer, CHANGED)
        waiver = self.accept(customer, admin_person)
        assert (waiver.side, waiver.reason) == ("customer", "No such field there.")
        assert shown(customer, MIRROR).status == StepStatus.DONE

    def test_the_manager_may_too(self, customer, manager):
        compared(customer, CHANGED)
        assert self.accept(customer, manager).side == "vendor"

    def test_an_admin_does_not_accept_what_blocks_delivery(self, customer, admin_person):
        compared(customer, BLOCKING)
        with pytest.raises(MirrorError, match="blocks delivery"):
            self.accept(customer, admin_person, BLOCKING)
        with pytest.raises(MirrorError, match="implementation manager waives"):
            self.waive(customer, admin_person)
        assert not Waiver.objects.exists()

    def test_the_manager_waives_what_blocks_delivery(self, customer, manager):
        compared(customer, BLOCKING)
        self.waive(customer, manager)
        assert shown(customer, MIRROR).status == StepStatus.DONE

    def test_a_reviewer_decides_nothing(self, customer, reviewer):
        compared(customer, CHANGED)
        with pytest.raises(MirrorError, match="An admin of your company"):
            self.accept(customer, reviewer)

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
    def test_a_reason_is_needed_and_short(self, customer, admin_person, reason):
        compared(customer, CHANGED)
        with pytest.raises(MirrorError, match=r"reason|Say why"):
            self.accept(customer, admin_person, reason=reason)

    def test_what_nobody_saw_is_not_accepted(self, customer, admin_person):
        compared(customer, difference(now="text 80"))
        with pytest.raises(MirrorError, match="has changed since"):
            self.accept(customer, admin_person, difference(now="text 255"))

    def test_what_is_gone_cannot_be_accepted(self, customer, admin_person):
        compared(customer)
        with pytest.raises(MirrorError, match="no longer there"):
            self.accept(customer, admin_person)

    def test_what_needs_nobody_is_not_accepted(self, customer, admin_person):
        compared(customer, COSMETIC)
        with pytest.raises(MirrorError, match="Nothing has to be done"):
            self.accept(customer, admin_person, COSMETIC)

    def test_before_anything_was_compared_it_says_so(self, customer, admin_person):
        sandbox_approved(customer)
        with pytest.raises(MirrorError, match="not compared yet"):
            self.accept(customer, admin_person)

    def test_twice_is_once(self, customer, admin_person, manager):
        compared(customer, CHANGED)
        first = self.accept(customer, admin_person)
        assert self.accept(customer, manager, reason="Me too.") == first
        assert Event.objects.filter(action="mirror.difference_accepted").count() == 1

    def test_one_that_changed_is_accepted_anew_in_place_of_the_old_one(
        self, customer, admin_person
    ):
        comparison = compared(customer, difference(now="text 80"))
        old = self.accept(customer, admin_person, difference(now="text 80"))
        comparison.differences = [difference(now="text 40").as_json()]
        comparison.save()
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION
        self.accept(customer, admin_person, difference(now="text 40"))
        old.refresh_from_db()
        assert old.withdrawn_at is not None
        assert Waiver.objects.filter(withdrawn_at=None).count() == 1

    def test_a_change_of_the_sandbox_is_accepted_for_that_sandbox(self, customer, admin_person):
        comparison = compared(customer, drift=[CHANGED])
        waiver = self.accept(customer, admin_person, subject=subject(CHANGED, drift=True))
        assert waiver.epoch == comparison.baseline.epoch
        assert shown(customer, MIRROR).status == StepStatus.DONE

    def test_the_log_holds_who_and_not_the_words(self, customer, admin_person):
        compared(customer, CHANGED)
        self.accept(customer, admin_person)
        event = Event.objects.get(action="mirror.difference_accepted")
        assert event.actor == admin_person
        assert "No such field there." not in str(event.data)
        assert "Region" not in str(event.data)

    def test_what_is_settled_is_noted_so_that_later_ones_are_new(self, customer, admin_person):
        comparison = compared(customer, CHANGED)
        self.accept(customer, admin_person)
        comparison.refresh_from_db()
        assert comparison.settled_at == LATER


class TestTakingBack:
    def test_it_is_open_again(self, customer, admin_person):
        compared(customer, CHANGED)
        TestLettingBe().accept(customer, admin_person)
        assert difference_withdraw(customer=customer, subject=subject(CHANGED), by=admin_person)
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION
        assert Event.objects.filter(action="mirror.difference_reopened").exists()

    def test_the_manager_s_word_only_the_manager_takes_back(self, customer, admin_person, manager):
        compared(customer, BLOCKING)
        TestLettingBe().waive(customer, manager)
        with pytest.raises(MirrorError, match="implementation manager set this aside"):
            difference_withdraw(customer=customer, subject=subject(BLOCKING), by=admin_person)
        assert difference_withdraw(customer=customer, subject=subject(BLOCKING), by=manager)

    def test_nothing_to_take_back_is_no_error(self, customer, admin_person):
        compared(customer, CHANGED)
        assert not difference_withdraw(customer=customer, subject=subject(CHANGED), by=admin_person)


class TestComparing:
    """By snapshots as they are stored; the rules of comparing have tests of their own."""

    REGION = {"there": True, "hidden": False, "label": "Region", "origin": "own", "found": True,
              "written": True, "essential": False, "type": "string", "length": 80,
              "digits": [0, 0], "targets": [], "restricted": False}  # fmt: skip

    def with_field(self, environment="sandbox", **changes):
        """An org with a field of the customer's own, which the settings map to."""
        fields = {"Lead.Region__c": self.REGION | changes}
        objects = {"Lead": {"all_told": True, "created": True}}
        return content(environment, {FIELD: {"objects": objects, "fields": fields}})

    def without_field(self, environment="production"):
        objects = {"Lead": {"all_told": True, "created": True}}
        return content(environment, {FIELD: {"objects": objects, "fields": {}}})

    @pytest.fixture
    def tested(self, customer):
        """The sandbox as it was approved: with the field."""
        return baseline(sandbox_approved(customer).epoch, of=self.with_field())

    def test_what_production_lacks_is_kept_with_its_moment(self, customer, tested):
        snapshot(production_connect(customer).epoch, of=self.without_field(), at=LATER)
        comparison = comparison_make(customer=customer)
        (found,) = comparison.differences
        assert "Region" in found["sentence"]
        assert found["since"] == LATER.isoformat()
        assert shown(customer, MIRROR).status == StepStatus.ATTENTION

    def test_alike_it_is_done_and_noted_as_settled(self, customer, tested):
        snapshot(production_connect(customer).epoch, of=self.with_field("production"), at=LATER)
        comparison = comparison_make(customer=customer)
        assert comparison.settled_at == LATER
        assert shown(customer, MIRROR).status == StepStatus.DONE

    def test_while_one_side_is_missing_there_is_no_comparison(self, customer, tested):
        production_connect(customer)
        assert comparison_make(customer=customer) is None
        assert not Comparison.objects.exists()

    def test_a_later_one_replaces_it_and_keeps_since_when(self, customer, tested, time_machine):
        production = production_connect(customer)
        snapshot(production.epoch, of=self.without_field())
        comparison_make(customer=customer)
        time_machine.move_to(LATER + datetime.timedelta(days=1), tick=False)
        comparison = comparison_make(customer=customer)
        assert comparison.differences[0]["since"] == LATER.isoformat()
        assert Comparison.objects.count() == 1

    def test_the_log_says_so_only_when_something_else_was_found(self, customer, tested):
        production = production_connect(customer)
        snapshot(production.epoch, of=self.without_field())
        comparison_make(customer=customer)
        comparison_make(customer=customer)
        assert Event.objects.filter(action="mirror.compared").count() == 1
        Snapshot.objects.filter(epoch=production.epoch).update(
            content=self.with_field("production").as_json()
        )
        comparison_make(customer=customer)
        assert Event.objects.filter(action="mirror.compared").count() == 2

    def test_drift_of_production_opens_a_done_step_and_is_new(self, customer, tested, time_machine):
        production = production_connect(customer)
        snapshot(production.epoch, of=self.with_field("production"))
        comparison_make(customer=customer)
        time_machine.move_to(LATER + datetime.timedelta(days=1), tick=False)
        Snapshot.objects.filter(epoch=production.epoch).update(
            content=self.without_field().as_json()
        )
        comparison_make(customer=customer)
        step = shown(customer, MIRROR)
        assert step.status == StepStatus.ATTENTION
        assert len(step.detail["new"]) == 1

    def test_drift_of_the_sandbox_is_its_own_list(self, customer, tested):
        snapshot(production_connect(customer).epoch, of=self.with_field("production"))
        snapshot(tested.epoch, of=self.without_field("sandbox"), at=LATER)
        comparison = comparison_make(customer=customer)
        assert comparison.differences == []
        assert len(comparison.drift) == 1
        assert shown(customer, MIRROR).sentence == ("1 thing changed in the sandbox since its test")

    def test_a_refreshed_sandbox_has_no_drift(self, customer, tested):
        snapshot(production_connect(customer).epoch, of=self.with_field("production"))
        snapshot(tested.epoch, of=self.without_field("sandbox"), at=LATER)
        refresh_sandbox(tested.epoch.connection)
        assert comparison_make(customer=customer).drift == []

    def test_it_is_made_when_a_snapshot_came(
        self, customer, tested, django_capture_on_commit_callbacks
    ):
        production = production_connect(customer)
        snapshot(production.epoch, of=self.with_field("production"))
        run = CheckRunFactory(epoch=production.epoch, snapshot="current")
        with django_capture_on_commit_callbacks(execute=True):
            check_run_ended.send(CheckRun, run=run)
        assert Comparison.objects.get().customer == customer

    def test_a_run_without_a_snapshot_or_that_failed_compares_nothing(
        self, customer, tested, django_capture_on_commit_callbacks
    ):
        production = production_connect(customer)
        snapshot(production.epoch, of=self.with_field("production"))
        with django_capture_on_commit_callbacks(execute=True):
            for values in ({"snapshot": ""}, {"snapshot": "current", "state": "failed"}):
                run = CheckRunFactory(epoch=production.epoch, **values)
                check_run_ended.send(CheckRun, run=run)
        assert not Comparison.objects.exists()

    def test_what_was_missed_is_made_by_itself(self, customer, tested):
        Snapshot.objects.update(reference=f"test-run-{TestRun.objects.get().pk}")
        production = production_connect(customer)
        snapshot(production.epoch, of=self.with_field("production"))
        mirrors_look()
        first = Comparison.objects.get().compared_at
        mirrors_look()
        assert Comparison.objects.get().compared_at == first == LATER
        Comparison.objects.update(compared_at=COMPARED)
        snapshot(tested.epoch, of=self.without_field("sandbox"), at=LATER)
        mirrors_look()
        assert len(Comparison.objects.get().drift) == 1

    def test_one_that_cannot_be_made_holds_up_no_other_customer(self, customer, tested):
        broken = snapshot(production_connect(customer).epoch)
        Snapshot.objects.filter(pk=broken.pk).update(content={"environment": "production"})
        other = CustomerFactory()
        baseline(sandbox_approved(other).epoch)
        snapshot(production_connect(other).epoch)
        mirrors_look()
        assert [one.customer for one in Comparison.objects.all()] == [other]
