"""Reading records back over the wire: many at once, hidden fields, objects that refuse, asking
again. The org is the rehearsal."""

import datetime
import time

import pytest
import requests
import time_machine
from django.utils import timezone

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.together import Reply
from jobchanges.delivery import due, readback, settle, sweep
from jobchanges.delivery.reading import ADDRESS, Wanted, records_ask
from jobchanges.delivery.visits import visit_open
from jobchanges.differences import Kind
from jobchanges.models import OutputSettings, RecordWrite, TestRun
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.services import TestRunError
from jobchanges.services.reading import records_read_again
from tests.rehearsal_server import ADMINISTRATOR

HIDDEN = "UserGem__PastCompany__c"


def in_time(**delta):
    return time_machine.travel(timezone.now() + datetime.timedelta(**delta), tick=True)


def calls(sandbox):
    return len(sandbox.rehearsal.calls(sandbox.org))


def settled(sandbox, **delta):
    with in_time(**delta or {"minutes": 3}):
        return settle.org_settle(sandbox.connection.epoch_id)


def edit(sandbox, name, record_id, values):
    """Somebody of the customer edits a record in Salesforce."""
    answer = sandbox.rehearsal.tokens(sandbox.org, ADMINISTRATOR)
    done = requests.patch(
        f"{answer['instance_url']}/services/data/v66.0/sobjects/{name}/{record_id}",
        json=values,
        headers={"Authorization": f"Bearer {answer['access_token']}"},
        timeout=30,
    )
    assert done.status_code == 204, done.text


def row_of(run, role, name):
    for view in run_deliveries(run):
        for tab in view.tabs:
            if tab.role == role:
                return next(row for row in tab.rows if row.name == name)
    raise AssertionError(role)


class Recorder:
    """An org that answers every read with nothing, and remembers what it was asked."""

    def __init__(self):
        self.groups = []

    def read_together(self, reads):
        self.groups.append(reads)
        return [Reply([]) for _ in reads]


def ids(prefix, count):
    return [f"{prefix}7z{number:010d}AAA" for number in range(count)]


def test_a_thousand_records_of_mixed_objects_take_one_call():
    org = Recorder()
    records_ask(
        org,
        [
            Wanted("Account", ids("001", 200), ["Name"]),
            Wanted("Contact", ids("003", 400), ["Title"]),
            Wanted("Lead", ids("00Q", 400), ["Title"]),
        ],
    )
    (group,) = org.groups
    assert len(group) == 5
    assert {path.path.split("?")[0] for path in group} == {
        f"composite/sobjects/{name}" for name in ("Account", "Contact", "Lead")
    }


def test_no_address_is_too_long_for_its_way():
    org = Recorder()
    fields = [f"Some_rather_long_name_of_a_custom_field_{number:03d}__c" for number in range(300)]
    records_ask(org, [Wanted("Lead", ids("00Q", 450), fields)])
    paths = [read.path for group in org.groups for read in group]
    assert max(len(path) for path in paths) < ADDRESS
    asked = {(one, name) for path in paths for one, name in _cells(path)}
    assert len(asked) == 450 * 301, "every field of every record is asked for, Id among them"
    assert all(len(group) <= 5 for group in org.groups)


def _cells(path):
    left, right = path.split("?ids=")[1].split("&fields=")
    return [(one, name) for one in left.split(",") for name in right.split(",")]


def test_a_field_hidden_since_describe_costs_only_itself(sandbox):
    """The describes kept for ten minutes still show it: the read is refused and done without."""
    run = sandbox.delivered_run()
    sandbox.rehearsal.configure(sandbox.org, "field-hidden")
    assert settled(sandbox) == RecordWrite.objects.count()
    for write in RecordWrite.objects.filter(role="person"):
        assert write.hidden == [HIDDEN]
        assert HIDDEN not in write.settled
        assert write.settled["LastName"] == write.stored["LastName"]
        assert write.changed_by == "", "what is hidden has not changed"
    row = row_of(run, "person", HIDDEN)
    assert row.difference.kind == Kind.HIDDEN
    assert "when saved. The integration user may not read it any more" in row.why
    assert not row.changed


def test_a_field_hidden_before_it_was_read_back_is_not_called_empty(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())
    real = readback.records_ask
    monkeypatch.setattr(readback, "records_ask", _refused)
    sandbox.deliver()
    monkeypatch.setattr(readback, "records_ask", real)
    sandbox.rehearsal.configure(sandbox.org, "field-hidden")
    settled(sandbox)
    row = row_of(TestRun.objects.get(pk=run.pk), "person", HIDDEN)
    assert row.difference.kind == Kind.HIDDEN
    assert row.why.startswith("We wrote it, and the integration user may not read it")
    assert row.settled is None


def _refused(*_all):
    raise SalesforceError("SERVER_UNAVAILABLE")


def test_an_object_that_refuses_does_not_keep_the_others_from_being_read(sandbox, monkeypatch):
    sandbox.delivered_run()
    real = Org.read_together

    def read_together(org, reads):
        replies = real(org, reads)
        return [
            Reply(error=SalesforceError("UNKNOWN_EXCEPTION")) if "/Lead?" in read.path else reply
            for read, reply in zip(reads, replies, strict=True)
        ]

    monkeypatch.setattr(Org, "read_together", read_together)
    settled(sandbox)
    leads = RecordWrite.objects.filter(object_name="Lead")
    others = RecordWrite.objects.exclude(object_name="Lead")
    assert leads.exists()
    assert not leads.filter(settled_at__isnull=False).exists(), "they are read later"
    assert not leads.filter(gone=True).exists()
    assert not others.filter(settled_at=None).exists()
    monkeypatch.setattr(Org, "read_together", real)
    assert settled(sandbox, minutes=9) == leads.count()


def test_what_a_flow_did_is_explained_as_automation(sandbox):
    amy = next(row for row in sandbox.records("User") if row["Name"] == "Amy Brown")
    flow = {"sobject": "Lead", "name": "Routing", "field": "OwnerId", "value": amy["Id"]}
    sandbox.rehearsal.configure(sandbox.org, flows=[{**flow, "after_seconds": 3}])
    run = sandbox.delivered_run()
    lead = RecordWrite.objects.filter(role="person").first()
    assert lead.stored["OwnerId"] != amy["Id"]
    until = time.monotonic() + 30
    while sandbox.record(lead.record_id, "Lead")["OwnerId"] != amy["Id"]:
        assert time.monotonic() < until
    settled(sandbox)
    row = row_of(run, "person", "OwnerId")
    assert row.difference.kind == Kind.CHANGED_LATER
    assert row.settled == "Amy Brown"
    assert "by Automated Process, likely an assignment rule or flow." in row.why


def test_a_persons_edit_is_told_by_name(sandbox):
    run = sandbox.delivered_run()
    lead = RecordWrite.objects.filter(role="person").first()
    edit(sandbox, "Lead", lead.record_id, {"Title": "Chief"})
    settled(sandbox)
    lead.refresh_from_db()
    assert lead.changed_by
    assert lead.changed_by_kind == "person"
    assert f"{lead.changed_by} saved the record last" in row_of(run, "person", "Title").why


def test_few_that_are_due_wait_a_little_for_more(sandbox):
    sandbox.delivered_run()
    epoch = sandbox.connection.epoch
    first = RecordWrite.objects.first()
    now = timezone.now()
    RecordWrite.objects.update(settle_due_at=now + datetime.timedelta(seconds=30))
    RecordWrite.objects.filter(pk=first.pk).update(settle_due_at=now)
    assert due.records_claim(epoch) == []
    with in_time(seconds=35):
        assert len(due.records_claim(epoch)) == RecordWrite.objects.count()
        assert due.records_claim(epoch) == [], "another worker has them"


# --- read again now ---------------------------------------------------------------------------


def again(sandbox, run, delivery=None):
    """Ask, and let the worker come."""
    asked = records_read_again(test_run=run, delivery=delivery)
    settle.org_settle(sandbox.connection.epoch_id)
    return asked


def test_reading_again_shows_what_is_there_now_and_keeps_what_was_stored(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    lead = RecordWrite.objects.filter(role="person").first()
    stored = lead.stored
    edit(sandbox, "Lead", lead.record_id, {"Title": "Chief"})
    with in_time(hours=5):
        assert again(sandbox, run) == RecordWrite.objects.count()
        lead.refresh_from_db()
        assert lead.settled["Title"] == "Chief"
        assert lead.stored == stored
        assert lead.settle_due_at is None
        assert settle.org_settle(sandbox.connection.epoch_id) == 0, "nothing is left to read"


def test_one_job_changes_records_are_read_alone(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    delivery = run.deliveries.first()
    with in_time(hours=1):
        mine = RecordWrite.objects.filter(attempt__delivery=delivery)
        assert again(sandbox, run, delivery) == mine.count()


def test_asked_early_the_automatic_reading_comes_all_the_same(sandbox):
    run = sandbox.delivered_run()
    assert again(sandbox, run)
    write = RecordWrite.objects.filter(role="person").first()
    assert write.settled is not None
    assert write.settle_due_at == write.stored_at + datetime.timedelta(minutes=2)
    edit(sandbox, "Lead", write.record_id, {"Title": "Chief"})
    settled(sandbox)
    write.refresh_from_db()
    assert (write.settled["Title"], write.settle_due_at) == ("Chief", None)


def test_a_second_click_within_seconds_is_told_to_wait(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    with in_time(hours=1):
        again(sandbox, run)
        before = calls(sandbox)
        with pytest.raises(TestRunError, match="15 seconds"):
            records_read_again(test_run=run)
        assert calls(sandbox) == before
    with in_time(hours=1, seconds=16):
        assert again(sandbox, run)


def test_a_test_that_both_sides_approved_is_read_all_the_same(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.APPROVED)
    run.refresh_from_db()
    with in_time(days=3):
        assert again(sandbox, run)


def test_what_was_erased_or_taken_back_is_not_read_again(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    erased, cleaned = run.deliveries.all()[:2]
    erased.job_change.last_name = ""
    erased.job_change.save(update_fields=["last_name"])
    RecordWrite.objects.filter(attempt__delivery=cleaned).update(removed_at=timezone.now())
    with in_time(hours=1):
        left = RecordWrite.objects.exclude(attempt__delivery__in=[erased, cleaned])
        assert again(sandbox, run) == left.count()
        with pytest.raises(TestRunError, match="nothing to read"), in_time(hours=2):
            records_read_again(test_run=run, delivery=cleaned)


def test_an_org_that_is_down_says_so_at_once(sandbox):
    run = sandbox.delivered_run()
    sandbox.connection.health = "needs_reconnect"
    sandbox.connection.save(update_fields=["health"])
    with pytest.raises(TestRunError, match="is down"):
        records_read_again(test_run=run)


def test_a_worker_that_dies_while_reading_leaves_it_to_the_next(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    with in_time(hours=1):
        records_read_again(test_run=run)
        assert due.records_claim(run.epoch)
        assert settle.org_settle(run.epoch_id) == 0
    with in_time(hours=1, minutes=6):
        assert settle.org_settle(run.epoch_id) == RecordWrite.objects.count()


def test_the_sweep_finds_what_was_asked_for_when_the_wake_up_call_was_lost(sandbox, monkeypatch):
    run = sandbox.delivered_run()
    settled(sandbox)
    assert sweep.epochs_to_settle() == []
    monkeypatch.setattr("jobchanges.services.reading.task_wake", lambda *_all: None)
    with in_time(hours=1):
        records_read_again(test_run=run)
        assert sweep.epochs_to_settle() == [run.epoch_id]


def test_what_is_asked_for_while_it_is_read_is_read_once_more(sandbox):
    run = sandbox.delivered_run()
    settled(sandbox)
    with in_time(hours=1):
        records_read_again(test_run=run)
        claimed = due.records_claim(run.epoch)
        with in_time(seconds=20):
            records_read_again(test_run=run)
            with visit_open(run.epoch_id, "test", writes=False) as visit:
                readback.records_settle(visit, claimed)
            assert settle.org_settle(run.epoch_id) == RecordWrite.objects.count()


def test_the_lead_that_the_customers_flow_made_is_shown_on_our_record(sandbox):
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="flow_template")
    sandbox.rehearsal.configure(sandbox.org, "flow-template")
    run = sandbox.delivered_run()
    package = RecordWrite.objects.filter(attempt__delivery__test_run=run, role="package").first()
    made = ("UserGem__NewLead__c", "UserGem__NewContact__c")
    until = time.monotonic() + 60
    while not any(sandbox.record(package.record_id, package.object_name)[name] for name in made):
        assert time.monotonic() < until

    settled(sandbox)

    package.refresh_from_db()
    assert any(package.settled[name] for name in made)
    assert not set(made) & set(package.sent)
