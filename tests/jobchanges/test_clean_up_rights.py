"""When a sandbox test may be cleaned up, and by whom; what it is for."""

import pytest
from django.utils import timezone

from integrations.models import OrgKind
from integrations.salesforce.client import Org
from jobchanges import gates
from jobchanges.delivery import preview
from jobchanges.models import (
    Delivery,
    OutputSettings,
    TestRun,
)
from jobchanges.services import TestRunError as RunError
from jobchanges.services import (
    clean_up_ask,
    clean_up_confirm,
    clean_up_withdraw,
    delivery_send_again,
    review_record,
)
from jobchanges.services import test_run_send as run_send
from jobchanges.services.cleaning_work import clean_ups_left
from tests.factories import MembershipFactory, UserFactory
from tests.jobchanges import clean_up_world
from tests.jobchanges.clean_up_world import (
    COLLECTIONS,
    cleaned,
    confirm,
    look,
    work,
    written,
)
from tests.jobchanges.conftest import PACKAGE

# Fixtures of the world.
people = clean_up_world.people
run = clean_up_world.run


def test_two_clean_ups_of_one_run_are_not_begun(sandbox, run):
    look(sandbox, run)
    with pytest.raises(RunError, match="under way"):
        clean_up_ask(test_run=run, by=sandbox.manager)


def test_what_was_not_read_is_not_confirmed(sandbox, run):
    clean_up = look(sandbox, run)
    with pytest.raises(RunError, match="older state"):
        clean_up_confirm(clean_up=clean_up, seen="", edited_too=True, by=sandbox.manager)


def test_it_can_be_taken_back_before_anything_was_removed(sandbox, run):
    clean_up = look(sandbox, run)
    clean_up_withdraw(clean_up=clean_up, by=sandbox.manager)
    work(clean_up)
    assert clean_up.state == "withdrawn"
    assert len(sandbox.delivery_keys()) == 5


def test_one_ended_half_way_is_finished_by_the_next(sandbox, run):
    clean_up = confirm(sandbox, look(sandbox, run))
    # The people are gone, then the org falls silent, and somebody ends it.
    sandbox.rehearsal.fault("drop_before", path=COLLECTIONS, method="DELETE", times=3, after=1)
    work(clean_up)
    assert clean_up.state == "removing"
    clean_up_withdraw(clean_up=clean_up, by=sandbox.manager)
    assert sandbox.states(run) == ["delivered"] * 5
    sandbox.rehearsal.control("production", "faults", "DELETE")
    cleaned(sandbox, run)
    assert sandbox.delivery_keys() == []
    assert sandbox.states(run) == ["waiting"] * 5


def test_nothing_is_sent_again_while_it_is_being_removed(sandbox, run, people):
    delivery = sandbox.delivery(people[0])
    review_record(
        delivery=delivery, side="vendor", verdict="off", comment="Wrong.", by=sandbox.manager
    )
    confirm(sandbox, look(sandbox, run))
    with pytest.raises(RunError, match="being removed"):
        delivery_send_again(delivery=delivery, by=sandbox.manager)


def test_it_is_refused_while_something_is_being_sent(sandbox, people):
    run = sandbox.send(sandbox.run(people))
    with pytest.raises(RunError, match="still being sent"):
        clean_up_ask(test_run=run, by=sandbox.manager)


def test_a_run_of_production_is_never_cleaned_up(sandbox, run):
    TestRun.objects.filter(pk=run.pk).update(environment="production")
    run.refresh_from_db()
    with pytest.raises(RunError, match="nothing is deleted"):
        clean_up_ask(test_run=run, by=sandbox.manager)


def test_the_lowest_place_does_not_believe_that_production_is_a_sandbox(sandbox, run):
    clean_up = confirm(sandbox, look(sandbox, run))
    run.epoch.kind = OrgKind.PRODUCTION
    run.epoch.save(update_fields=["kind"])
    work(clean_up)
    assert clean_up.state == "failed"
    assert len(sandbox.delivery_keys()) == 5


def test_the_org_itself_is_asked_whether_it_is_a_sandbox(sandbox, run, monkeypatch):
    clean_up = confirm(sandbox, look(sandbox, run))
    monkeypatch.setattr(Org, "organization", lambda self: {"IsSandbox": False})
    work(clean_up)
    assert clean_up.state == "failed"
    assert len(sandbox.delivery_keys()) == 5


def test_the_customers_admin_may_and_a_reviewer_may_not(sandbox, run):
    admin = MembershipFactory(customer=sandbox.customer, role="admin", user=UserFactory()).user
    reviewer = MembershipFactory(customer=sandbox.customer, role="reviewer", user=UserFactory())
    with pytest.raises(RunError, match="admin of your company"):
        clean_up_ask(test_run=run, by=reviewer.user)
    assert clean_up_ask(test_run=run, by=admin).asked_by == admin


def test_a_refreshed_sandbox_ends_it(sandbox, run):
    clean_up = look(sandbox, run)
    run.epoch.ended_at = timezone.now()
    run.epoch.save(update_fields=["ended_at"])
    clean_ups_left(timezone.now())
    clean_up.refresh_from_db()
    assert clean_up.state == "failed"
    assert "refreshed" in clean_up.error
    event = sandbox.customer.events.latest("sequence")
    assert (event.action, event.data["why"]) == ("test_run.clean_up_failed", "refreshed")


def test_a_gate_that_closes_meanwhile_holds_it(sandbox, run, monkeypatch):
    clean_up = confirm(sandbox, look(sandbox, run))
    signal = type(gates.sandbox_gate)()
    signal.connect(lambda **_asked: "The go-live is being signed.", weak=False)
    monkeypatch.setattr(gates, "sandbox_gate", signal)
    work(clean_up)
    assert clean_up.state == "removing"
    assert "signed" in clean_up.error
    assert len(sandbox.delivery_keys()) == 5


def test_a_wrong_kind_of_record_is_removed_and_sent_anew(sandbox, run, people):
    """The way out of "with these settings it would become another record"."""
    delivery = sandbox.delivery(people[0])
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="always_contact")
    review_record(
        delivery=delivery, side="vendor", verdict="off", comment="A contact.", by=sandbox.manager
    )
    delivery_send_again(delivery=delivery, by=sandbox.manager)
    sandbox.deliver()
    held = delivery.attempts.get(number=2)
    assert held.outcome == "held"
    assert "Remove what the first attempt created" in held.held_reason
    run.refresh_from_db()
    cleaned(sandbox, run, people[0].key)
    preview.run_plan(run.pk)
    run_send(test_run=run, by=sandbox.manager)
    sandbox.deliver()
    write = written(people[0])
    assert (write.object_name, write.attempt.number) == ("Contact", 3)
    assert Delivery.objects.get(pk=delivery.pk).state == "delivered"
    assert len(sandbox.records(PACKAGE)) == 5
