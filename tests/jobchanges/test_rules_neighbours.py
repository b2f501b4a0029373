"""Rule 10: one bad record never stops the others; one dead org never slows another customer."""

import pytest
from django.utils import timezone

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from jobchanges import tasks
from jobchanges.delivery import digest, leases, preview, sweep, worker
from jobchanges.delivery.graphs import graph_id
from jobchanges.models import OrgLease, TestRun
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.services import test_run_plan_request as plan_request
from tests.factories import DeliveryFactory, TestRunFactory


@pytest.fixture
def odd(sandbox):
    """Somebody our own code fails on."""
    return sandbox.job_change(last_name="Odd")


@pytest.fixture
def five(sandbox, odd):
    """Odd and four others."""
    return [odd, *(sandbox.job_change() for _ in range(4))]


def failing_for(odd, original):
    """The same function, with a mistake of ours in it for one job change."""

    def plan_make(job_change, *args, **values):
        if job_change.key == odd.key:
            raise RuntimeError("A mistake of ours.")
        return original(job_change, *args, **values)

    return plan_make


def failing_match(odd):
    original = digest.matches_ask

    def matches_ask(org, job_changes, settings):
        if odd.key in {item.key for item in job_changes}:
            raise RuntimeError("A mistake of ours.")
        return original(org, job_changes, settings)

    return matches_ask


def test_rule_10_a_job_change_our_planning_fails_on_is_held_and_the_others_go(
    sandbox, odd, five, monkeypatch
):
    run = sandbox.send(sandbox.run(five))
    monkeypatch.setattr(worker, "plan_make", failing_for(odd, worker.plan_make))
    sandbox.deliver()
    assert sandbox.states(run) == ["held"] + ["delivered"] * 4
    assert "could not work out" in sandbox.delivery(odd).held_reason
    run.refresh_from_db()
    assert run.state == "review"


def test_rule_10_a_job_change_our_matching_fails_on_is_held_and_the_others_go(
    sandbox, odd, five, monkeypatch
):
    run = sandbox.send(sandbox.run(five))
    monkeypatch.setattr(digest, "matches_ask", failing_match(odd))
    sandbox.deliver()
    assert sandbox.states(run) == ["held"] + ["delivered"] * 4
    assert "could not work out" in sandbox.delivery(odd).held_reason


@pytest.mark.parametrize("where", ["planning", "matching"])
def test_rule_10_a_preview_names_the_one_it_fails_on_and_shows_the_others(
    sandbox, odd, five, monkeypatch, where
):
    run = sandbox.run(five)
    if where == "planning":
        monkeypatch.setattr(preview, "plan_make", failing_for(odd, preview.plan_make))
    else:
        monkeypatch.setattr(digest, "matches_ask", failing_match(odd))
    plan_request(test_run=run, by=sandbox.manager)
    tasks.test_run_plan(run.pk)
    run.refresh_from_db()
    assert (run.plan_error, run.plan_requested_at) == ("", None)
    shown = run_deliveries(run)
    assert [bool(view.planned) for view in shown] == [False] + [True] * 4


ORG, OTHER_ORG = "00D000000000001AAA", "00D000000000002AAA"


@pytest.fixture
def two_orgs(db):
    """Both were written to before, and nobody is at them."""
    for org_id in (ORG, OTHER_ORG):
        leases.lease_take(org_id, "earlier")
        leases.lease_release(org_id, "earlier")


def test_rule_10_taking_one_org_leaves_the_other_to_others(two_orgs):
    assert leases.lease_take(ORG, "one")
    assert leases.lease_take(OTHER_ORG, "two")
    leases.lease_release(OTHER_ORG, "two")
    assert not leases.lease_take(ORG, "two")


def test_rule_10_one_org_that_rests_does_not_put_the_other_to_rest(two_orgs):
    leases.lease_take(ORG, "one")
    leases.org_pause(ORG, reason="Salesforce did not answer.")
    assert leases.lease_take(OTHER_ORG, "two")
    assert OrgLease.objects.get(org_id=OTHER_ORG).pause_reason == ""


def test_rule_10_an_org_somebody_is_at_does_not_hide_the_others(two_orgs, customer):
    run = TestRunFactory(customer=customer, state=TestRun.State.SENDING)
    DeliveryFactory(test_run=run, released_at=timezone.now())
    leases.lease_take(ORG, "one")
    leases.org_pause(OTHER_ORG, reason="Salesforce did not answer.")
    assert sweep.epochs_to_deliver() == [run.epoch_id]


def test_rule_10_the_sweeps_wake_each_org_in_a_task_of_its_own(monkeypatch):
    """A sweep that went to the orgs itself would wait for a dead one before all others."""
    woken = []
    for name, waiting in (("epochs_to_deliver", [1, 2]), ("epochs_to_settle", [3, 4])):
        monkeypatch.setattr(sweep, name, lambda waiting=waiting: waiting)
    monkeypatch.setattr(sweep, "claims_release", lambda: 0)
    monkeypatch.setattr(sweep, "runs_to_plan", lambda: [5])
    for task in (tasks.deliver_org, tasks.records_settle_org, tasks.test_run_plan):
        monkeypatch.setattr(task, "delay", woken.append)
    tasks.deliveries_sweep()
    tasks.records_settle()
    assert woken == [1, 2, 5, 3, 4]


@pytest.mark.parametrize(
    "trouble", [SalesforceError("PROCESSING_HALTED_BY_ORG"), ValueError("Unsendable.")]
)
def test_rule_10_a_record_that_spoils_the_whole_call_is_found_and_the_others_go(
    sandbox, odd, five, monkeypatch, trouble
):
    run = sandbox.send(sandbox.run(five))
    original = Org.graphs
    spoiler = graph_id(sandbox.delivery(odd))

    def graphs(self, wanted):
        if spoiler in {graph.graph_id for graph in wanted}:
            raise trouble
        return original(self, wanted)

    monkeypatch.setattr(Org, "graphs", graphs)
    sandbox.deliver()
    assert sandbox.states(run) == ["refused"] + ["delivered"] * 4
