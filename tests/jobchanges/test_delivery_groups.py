"""What goes into one call, and what comes back from it (write-protocol, Groups)."""

import datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Event
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.graphs import MAX_GRAPHS, MAX_KINDS, MAX_NODES
from jobchanges.delivery import gathered, leases, writing
from jobchanges.delivery.graphs import condition_of, graph_make, graphs_fitting
from jobchanges.delivery.holds import Hold
from jobchanges.delivery.writing import group_cut
from jobchanges.models import Attempt, Delivery, OrgLease, RecordWrite
from jobchanges.planning import Plan, Write

State = Delivery.State
GRAPH = "composite/graph"
CONTACT = "0035g00000AbCdEAAV"


def write(role="person", name="Lead", record_id=None, modified_at="", **fields):
    return Write(
        role=role,
        object_name=name,
        operation="update" if record_id else "create",
        record_id=record_id,
        fields=fields,
        modified_at=modified_at,
    )


def plan_of(nodes, name="Lead"):
    return Plan(writes=tuple(write(f"role{number}", name) for number in range(nodes)))


def ready(*releases):
    """Job changes about to be sent, that came back so often."""
    return [
        (SimpleNamespace(pk=number, releases=count), plan_of(1))
        for number, count in enumerate(releases)
    ]


# --- how many go together ------------------------------------------------------------------------


def test_a_call_takes_no_more_graphs_nodes_and_kinds_than_salesforce_does():
    assert graphs_fitting([plan_of(1)] * 200, MAX_GRAPHS) == MAX_GRAPHS
    assert graphs_fitting([plan_of(10)] * 75, MAX_GRAPHS) == MAX_NODES // 10
    kinds = [plan_of(1, f"Object{number}__c") for number in range(40)]
    assert graphs_fitting(kinds, MAX_GRAPHS) == MAX_KINDS
    assert graphs_fitting([plan_of(3)] * 4, 9) == 4
    assert graphs_fitting([plan_of(MAX_NODES + 1)] * 2, 9) == 1, "a single one goes in any case"


@pytest.mark.parametrize(
    ("releases", "size", "first"),
    [
        pytest.param((0, 0, 0, 0), 3, [0, 1, 2], id="as many as fit"),
        pytest.param((1, 0, 2, 0), 75, [1, 3], id="never tried ones first"),
        pytest.param((1, 1, 2), 8, [0], id="come back once: an eighth"),
        pytest.param((1,) * 12, 75, list(range(9)), id="an eighth of the largest"),
        pytest.param((2, 2, 3), 75, [0], id="come back twice: alone"),
    ],
)
def test_what_came_back_goes_in_smaller_groups_with_its_like(releases, size, first):
    sending = ready(*releases)
    part, rest = group_cut(sending, size)
    assert [delivery.pk for delivery, _plan in part] == first
    assert len(part) + len(rest) == len(sending)


def org_lease(**values):
    return OrgLease.objects.create(org_id="00D", **values)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seen", "seconds", "size"),
    [
        pytest.param({}, 60, 20, id="never seen writing: four groups"),
        pytest.param({}, 0, 5, id="no time left: one group"),
        pytest.param({"seconds_each": 0.02, "group_size": 75}, 60, 300, id="a fast org"),
        pytest.param({"seconds_each": 0.5, "group_size": 20}, 60, 90, id="45 seconds of writing"),
        pytest.param({"seconds_each": 0.5, "group_size": 20}, 25, 50, id="while the visit lasts"),
        pytest.param({"seconds_each": 30.0, "group_size": 1}, 60, 1, id="a very slow one"),
    ],
)
def test_as_many_are_claimed_as_the_org_writes_while_their_matches_are_fresh(seen, seconds, size):
    org_lease(**seen)
    assert leases.claim_size("00D", seconds=seconds) == size


@pytest.mark.django_db
def test_groups_grow_to_seventy_five_and_shrink_towards_ten_seconds():
    lease = org_lease(group_size=40)
    leases.group_size_adapt("00D", sent=40, seconds=4)
    lease.refresh_from_db()
    assert (lease.group_size, lease.seconds_each) == (75, 0.1)
    leases.group_size_adapt("00D", sent=75, seconds=30)
    assert leases.group_size("00D") == 25


# --- the condition on a patch --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modified_at", "header"),
    [
        ("2026-11-23T06:20:00.000+0000", "Mon, 23 Nov 2026 06:20:00 GMT"),
        ("2026-11-23T06:20:00.250+0000", "Mon, 23 Nov 2026 06:20:01 GMT"),
        ("2026-11-23T08:20:00.000+02:00", "Mon, 23 Nov 2026 06:20:00 GMT"),
        ("2026-11-23T06:20:00", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_the_condition_is_an_http_date_that_the_moment_itself_fulfils(modified_at, header):
    assert condition_of(write(record_id=CONTACT, modified_at=modified_at)) == header


def test_only_patches_of_others_records_carry_the_condition_and_each_record_once():
    moment = "2026-11-23T06:20:00.000+0000"
    plan = Plan(
        writes=(
            write("account", "Account", modified_at=moment, Name="x"),
            write("person", "Contact", CONTACT, moment, Title="x"),
            write("past_person", "Contact", CONTACT, moment, Title="y"),
            write("package", "UserGem__UserGem__c", "a005g00000AbCdEAAV", moment, X="x"),
        )
    )
    delivery = SimpleNamespace(pk=7)
    nodes = graph_make(delivery, plan).nodes
    assert [("If-Unmodified-Since" in node.headers) for node in nodes] == [
        False,
        True,
        False,
        False,
    ]
    assert all("Sforce-Auto-Assign" in node.headers for node in nodes)
    without = graph_make(delivery, plan, conditions=False).nodes
    assert not any("If-Unmodified-Since" in node.headers for node in without)


def past_of(sandbox):
    """A job change whose past record is in the org, and that record's id."""
    contact = next(
        row for row in sandbox.records("Contact") if row.get("Email") and row.get("AccountId")
    )
    job_change = sandbox.job_change(
        first_name=contact["FirstName"],
        last_name=contact["LastName"],
        past_email=contact["Email"],
        past_contact_id=contact["Id"],
    )
    return job_change, contact["Id"]


def test_a_record_that_somebody_changed_meanwhile_is_looked_at_again(sandbox, monkeypatch):
    job_change, record_id = past_of(sandbox)
    run = sandbox.send(sandbox.run([job_change, *(sandbox.job_change() for _ in range(4))]))
    real, edited = Org.graphs, []

    def graphs(org, wanted):
        if not edited:
            # An hour later somebody edits it; the plan was made before.
            edited.append(True)
            for graph in wanted:
                for node in graph.nodes:
                    if "If-Unmodified-Since" in node.headers:
                        node.headers["If-Unmodified-Since"] = "Mon, 01 Jan 2001 00:00:00 GMT"
        return real(org, wanted)

    monkeypatch.setattr(Org, "graphs", graphs)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    first, second = sandbox.delivery(job_change).attempts.order_by("number")
    assert (first.outcome, first.errors[0]["code"]) == ("released", "PRECONDITION_FAILED")
    assert second.outcome == Attempt.Outcome.DELIVERED
    assert second.writes.filter(record_id=record_id).count() == 1
    assert sandbox.graph_calls() == 2


def test_automation_that_changes_the_record_in_the_same_transaction_costs_tries_not_the_delivery(
    sandbox, monkeypatch
):
    job_change, _record_id = past_of(sandbox)
    run = sandbox.send(sandbox.run([job_change, *(sandbox.job_change() for _ in range(4))]))
    old = "Mon, 01 Jan 2001 00:00:00 GMT"
    monkeypatch.setattr("jobchanges.delivery.graphs.condition_of", lambda write: old)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert sandbox.delivery(job_change).attempts.count() == writing.MOST_STALE_PLANS


# --- what makes a whole call fail ----------------------------------------------------------------


def test_one_record_that_makes_whole_calls_fail_is_found_and_the_others_go(production, monkeypatch):
    people = [
        production.job_change(new_company_name=f"Difference Works {'x' * number} {number}")
        for number in range(20)
    ]
    batch = production.release()
    culprit = production.delivery(people[7])
    OrgLease.objects.get_or_create(org_id=production.connection.epoch.org_id)
    OrgLease.objects.update(group_size=75, seconds_each=0.01)
    real, sizes = Org.graphs, []

    def graphs(org, wanted):
        sizes.append(len(wanted))
        if f"delivery-{culprit.pk}" in [graph.graph_id for graph in wanted]:
            raise SalesforceError("JSON_PARSER_ERROR", "Unexpected character")
        return real(org, wanted)

    monkeypatch.setattr(Org, "graphs", graphs)
    production.deliver()
    batch.refresh_from_db()
    assert production.batch_states(batch) == {"delivered": 19, "refused": 1}
    culprit.refresh_from_db()
    assert culprit.attempts.latest("number").errors[0]["code"] == "JSON_PARSER_ERROR"
    assert sizes[0] == 20
    assert len(sizes) <= 1 + 3 + 9
    assert len(production.delivery_keys()) == 19


def test_what_salesforce_did_not_try_goes_again_at_once_in_a_smaller_group(sandbox):
    run = sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    OrgLease.objects.get_or_create(org_id=run.epoch.org_id)
    OrgLease.objects.update(group_size=10)
    sandbox.rehearsal.fault("halted_graphs", path=GRAPH, after=4)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 10
    assert Attempt.objects.filter(outcome="released").count() == 6
    assert not Delivery.objects.exclude(releases=0).exists(), "none of them failed"
    assert sandbox.graph_calls() == 3, "ten, then five and one"


# --- reading back --------------------------------------------------------------------------------


@pytest.fixture
def readings(monkeypatch):
    """How many attempts each reading back was given."""
    seen = []
    real = gathered.read_back

    def read_back(visit, attempts):
        seen.append(len(attempts))
        return real(visit, attempts)

    monkeypatch.setattr(gathered, "read_back", read_back)
    return seen


def test_several_groups_are_read_back_together(sandbox, readings):
    run = sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    sandbox.deliver()
    assert sandbox.graph_calls() == 2
    assert readings == [10]
    assert sandbox.states(run) == ["delivered"] * 10
    assert not RecordWrite.objects.filter(stored__isnull=True).exists()


def test_what_was_stored_shows_after_a_while_at_the_latest(sandbox, readings, monkeypatch):
    monkeypatch.setattr(gathered, "READ_AFTER_SECONDS", -1.0)
    sandbox.send(sandbox.run([sandbox.job_change() for _ in range(10)]))
    sandbox.deliver()
    assert readings == [5, 5]


def test_a_worker_that_dies_before_reading_back_leaves_it_to_the_next_visit(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())

    class Killed(BaseException):
        """The process ends here."""

    def die(*_arguments):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(gathered, "read_back", die)
        with pytest.raises(Killed):
            sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert RecordWrite.objects.filter(stored__isnull=True).count() == RecordWrite.objects.count()
    sandbox.deliver()
    assert not RecordWrite.objects.filter(stored__isnull=True).exists()


# --- claims --------------------------------------------------------------------------------------


def test_claims_given_back_untried_are_no_event(production, monkeypatch):
    for number in range(10):
        production.job_change(new_company_name=f"Difference Works {'x' * number} {number}")
    production.release()
    OrgLease.objects.get_or_create(org_id=production.connection.epoch.org_id)
    OrgLease.objects.update(group_size=5)
    monkeypatch.setattr(leases, "FRESH_SECONDS", -1.0)
    monkeypatch.setattr(leases, "claim_size", lambda org_id, seconds: 10)
    production.deliver()
    told = [
        len(event.data["deliveries"])
        for event in Event.objects.filter(action="deliveries.answered")
    ]
    assert sum(told) == 10
    assert all(count for count in told)


def test_lease_and_claims_are_kept_while_many_reads_are_made(sandbox, settings):
    run = sandbox.send(sandbox.run())
    org_id = run.epoch.org_id
    assert leases.lease_take(org_id, "worker")
    Delivery.objects.update(state=State.CLAIMED, claimed_by="worker")
    hold = Hold(org_id, "worker")
    hold.keep_in_time()
    assert not Delivery.objects.filter(claimed_until__isnull=False).exists(), "not for each call"
    settings.DELIVERY_CLAIM_SECONDS = 0
    hold.keep_in_time()
    settings.DELIVERY_CLAIM_SECONDS = 180
    until = timezone.now() + datetime.timedelta(seconds=170)
    hold._kept_at -= 60
    hold.keep_in_time()
    assert not Delivery.objects.filter(claimed_until__lt=until).exists()
    assert OrgLease.objects.get(org_id=org_id).until > until
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=10), tick=True):
        assert leases.lease_take(org_id, "another")
        assert not hold.keep()
