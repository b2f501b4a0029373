"""Delivering to an org that answers over HTTP; what counts is what the org holds afterwards."""

import datetime

import pytest
import requests
import time_machine
from django.utils import timezone

from accounts.models import Event
from integrations.models import Health
from jobchanges import tasks
from jobchanges.delivery import settle, worker, writing
from jobchanges.models import Attempt, Delivery, EnvironmentSettings, OrgLease, RecordWrite
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.services import TestRunError as RunError
from jobchanges.services import delivery_send_again, review_record
from jobchanges.services import test_run_send as run_send
from tests.jobchanges.conftest import PACKAGE

GRAPH = "composite/graph"
LATER = datetime.timedelta(minutes=1)
AFTER_THE_LONGEST_CALL = datetime.timedelta(minutes=11)


def in_time(delta):
    return time_machine.travel(timezone.now() + delta, tick=True)


def test_a_run_is_delivered_and_opens_for_review(sandbox):
    before = sandbox.count()
    run = sandbox.delivered_run()
    after = sandbox.count()
    assert sandbox.states(run) == ["delivered"] * 5
    assert run.state == "review"
    assert {name: after[name] - before[name] for name in after} == {
        "Account": 0,
        "Contact": 0,
        "Lead": 5,
        "CampaignMember": 5,
        PACKAGE: 5,
    }


def test_the_ledger_names_every_record_with_what_the_org_stored(sandbox):
    job_change = sandbox.job_change()
    sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    writes = RecordWrite.objects.filter(attempt__delivery__job_change=job_change)
    assert [write.role for write in writes] == ["person", "campaign_member", "package"]
    lead = sandbox.record(writes[0].record_id, "Lead")
    assert lead["LastName"] == writes[0].stored["LastName"] == job_change.last_name
    member = sandbox.record(writes[1].record_id, "CampaignMember")
    assert writes[1].sent["LeadId"] == member["LeadId"] == lead["Id"]


# --- rule 3: at most once -------------------------------------------------------------------


def test_the_same_wake_up_ten_times_writes_once(sandbox):
    run = sandbox.send(sandbox.run())
    for _ in range(10):
        sandbox.deliver()
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 5
    assert sandbox.graph_calls() == 1
    assert sandbox.states(run) == ["delivered"] * 5


def test_sending_twice_is_refused_and_writes_once(sandbox):
    run = sandbox.send(sandbox.run())
    with pytest.raises(RunError, match="sent already"):
        run_send(test_run=run, by=sandbox.manager)
    sandbox.deliver()
    assert len(sandbox.delivery_keys()) == 5


def test_an_answer_lost_after_the_commit_is_found_by_its_keys(sandbox):
    before = sandbox.count()
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("drop_answer_after_commit", path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"found"}
    after = sandbox.count()
    assert (after["Lead"] - before["Lead"], after[PACKAGE] - before[PACKAGE]) == (5, 5)
    roles = RecordWrite.objects.filter(attempt__delivery__test_run=run).values_list("role")
    assert roles.count() == 15
    assert not RecordWrite.objects.filter(stored__isnull=True).exists()


@pytest.mark.parametrize("kind", ["drop_before", "http_503_html"])
def test_a_call_that_never_arrived_waits_out_the_longest_call_and_is_sent_once(sandbox, kind):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault(kind, path=GRAPH)
    sandbox.deliver()
    assert sandbox.states(run) == ["unknown"] * 5
    assert sandbox.delivery_keys() == []
    with in_time(LATER):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["unknown"] * 5
    assert sandbox.delivery_keys() == []
    with in_time(AFTER_THE_LONGEST_CALL):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == len(set(sandbox.delivery_keys())) == 5
    run.refresh_from_db()
    assert run.state == "review"


def test_what_is_unknown_is_not_passed_by_its_neighbours(sandbox):
    first = sandbox.job_change(new_company_name="Globex", new_company_domain="globex.example")
    second = sandbox.job_change(new_company_name="Globex", new_company_domain="globex.example")
    run = sandbox.send(sandbox.run([first, second, *(sandbox.job_change() for _ in range(3))]))
    sandbox.rehearsal.fault("drop_before", path=GRAPH)
    sandbox.deliver()
    assert sandbox.delivery(first).state == "unknown"
    with in_time(LATER):
        sandbox.deliver()
    assert sandbox.delivery(second).state == "waiting"
    with in_time(AFTER_THE_LONGEST_CALL):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5


def test_a_claim_that_ran_out_after_the_commit_is_asked_for_not_repeated(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())

    class Killed(BaseException):
        """The process ends here."""

    def die(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(writing, "answers_take", die)
    monkeypatch.setattr(worker.leases, "lease_release", lambda *args: None)
    with pytest.raises(Killed):
        sandbox.deliver()
    monkeypatch.undo()
    assert sandbox.states(run) == ["claimed"] * 5
    assert len(sandbox.delivery_keys()) == 5
    with in_time(datetime.timedelta(minutes=4)):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5
    assert sandbox.graph_calls() == 1


def test_a_worker_that_wakes_up_late_does_not_undo_what_others_recorded(sandbox, monkeypatch):
    run = sandbox.send(sandbox.run())
    graphs = writing.graph_make
    held = {}

    def slow(original):
        def call(self, wanted):
            answer = original(self, wanted)
            # Meanwhile the lease runs out, and somebody else finds the keys.
            with in_time(datetime.timedelta(minutes=4)):
                tasks.deliveries_sweep()
            held["states"] = sandbox.states(run)
            return answer

        return call

    from integrations.salesforce.client import Org

    monkeypatch.setattr(Org, "graphs", slow(Org.graphs))
    sandbox.deliver()
    assert graphs is writing.graph_make
    assert held["states"] == ["delivered"] * 5
    assert sandbox.states(run) == ["delivered"] * 5
    assert RecordWrite.objects.filter(attempt__delivery__test_run=run).count() == 15
    assert len(sandbox.delivery_keys()) == 5


def test_a_key_that_is_there_already_means_delivered_before(sandbox):
    run = sandbox.delivered_run()
    before = sandbox.count()
    # A restored backup of the portal: it knows nothing of what was sent.
    RecordWrite.objects.all().delete()
    Attempt.objects.all().delete()
    Delivery.objects.update(state="waiting", attempts_made=0)
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert sandbox.count()[PACKAGE] == before[PACKAGE]
    assert sandbox.count()["Lead"] == before["Lead"]


# --- errors ---------------------------------------------------------------------------------


def test_a_bad_record_among_ten_stops_nobody(sandbox):
    bad = sandbox.job_change(person_country="")
    run = sandbox.delivered_run([bad, *(sandbox.job_change() for _ in range(9))])
    assert sorted(sandbox.states(run)) == ["delivered"] * 9 + ["refused"]
    assert len(sandbox.delivery_keys()) == 9
    (error,) = sandbox.delivery(bad).attempts.get().errors
    assert error["code"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "Country is required" in error["message"]
    assert error["sentence"]
    assert error["who"]
    run.refresh_from_db()
    assert run.state == "review"


def test_a_locked_row_is_tried_again_by_itself(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.rehearsal.fault("lock_row", sobject="Lead")
    sandbox.deliver()
    assert sorted(sandbox.states(run)) == ["delivered"] * 4 + ["waiting"]
    with in_time(LATER):
        tasks.deliveries_sweep()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5


def test_a_dead_org_does_not_delay_another_customer(sandbox, other_customer, other_manager):
    from tests.jobchanges.conftest import Sandbox

    sandbox.rehearsal.package_install("northwind-dev")
    other = Sandbox(
        sandbox.rehearsal,
        sandbox.rehearsal.connect(other_customer, "northwind-dev"),
        other_customer,
        other_manager,
        org="northwind-dev",
    )
    owner = next(row for row in other.records("User") if row["IsActive"])
    EnvironmentSettings.objects.create(
        customer=other_customer, environment="sandbox", default_owner_id=owner["Id"]
    )
    dead, living = sandbox.send(sandbox.run()), other.send(other.run())
    epoch = sandbox.connection.epoch
    epoch.instance_url = "http://127.0.0.1:9"
    epoch.save(update_fields=["instance_url"])
    tasks.deliveries_sweep()
    assert other.states(living) == ["delivered"] * 5
    assert sandbox.states(dead) == ["waiting"] * 5
    assert OrgLease.objects.get(org_id=epoch.org_id).paused_until > timezone.now()
    dead.refresh_from_db()
    assert dead.state == "sending"


def test_a_lost_connection_leaves_the_run_waiting(sandbox):
    run = sandbox.send(sandbox.run())
    sandbox.connection.health = Health.NEEDS_RECONNECTING
    sandbox.connection.save(update_fields=["health"])
    sandbox.deliver()
    assert sandbox.states(run) == ["waiting"] * 5


# --- rule 6: nothing is overwritten ---------------------------------------------------------


def test_an_existing_record_gets_its_empty_fields_and_nothing_else(sandbox):
    contact = next(
        row
        for row in sandbox.records("Contact")
        if row["Email"] and row["Title"] and not row["UserGem__JobStartedDate__c"]
    )
    account = sandbox.record(contact["AccountId"], "Account")
    job_change = sandbox.job_change(
        first_name=contact["FirstName"],
        last_name=contact["LastName"],
        new_email=contact["Email"],
        new_company_name=account["Name"],
        new_company_domain=contact["Email"].split("@")[1].lower(),
        new_company_website="",
        new_title="A title that must not replace theirs",
        phone="+1 555 0100",
        job_started_date=datetime.date(2026, 4, 1),
    )
    run = sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    delivery = sandbox.delivery(job_change)
    assert (sandbox.states(run)[0], delivery.outcome) == ("delivered", "enriched")
    after = sandbox.record(contact["Id"], "Contact")
    system = {"LastModifiedDate", "SystemModstamp", "LastModifiedById"}
    touched = {name for name in contact if contact[name] != after[name]} - system
    overwritten = {
        name
        for name in touched
        if contact[name] not in (None, "", False) and not name.startswith("UserGem__")
    }
    assert overwritten == set()
    assert after["UserGem__JobStartedDate__c"] == "2026-04-01"
    write = RecordWrite.objects.get(attempt__delivery=delivery, role="person")
    assert write.before == {name: contact[name] for name in write.sent}


# --- rule 9 ---------------------------------------------------------------------------------


def test_every_group_leaves_one_event_with_ids_and_hashes(sandbox):
    run = sandbox.delivered_run()
    (event,) = Event.objects.filter(action="deliveries.answered")
    delivery = run.deliveries.first()
    entry = next(item for item in event.data["deliveries"] if item["key"] == delivery.delivery_key)
    attempt = delivery.attempts.get()
    assert entry["plan_hash"] == attempt.plan_hash
    assert entry["records"]["person"] == attempt.writes.get(role="person").record_id
    actions = list(Event.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == [
        "test_run.created",
        "test_run.sent",
        "deliveries.answered",
        "test_run.ready_for_review",
    ]


# --- afterwards -----------------------------------------------------------------------------


def test_what_changed_after_saving_is_read_with_who_changed_it(sandbox):
    job_change = sandbox.job_change()
    sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    write = RecordWrite.objects.get(attempt__delivery__job_change=job_change, role="person")
    _edit(sandbox, "Lead", write.record_id, {"Title": "Changed by a flow"})
    with in_time(datetime.timedelta(minutes=3)):
        calls = len(sandbox.rehearsal.calls(sandbox.org))
        settle.org_settle(sandbox.connection.epoch_id)
        assert len(sandbox.rehearsal.calls(sandbox.org)) - calls <= 2
    write.refresh_from_db()
    assert write.stored["Title"] == job_change.new_title
    assert write.settled["Title"] == "Changed by a flow"
    assert write.changed_by


def test_a_refused_one_is_sent_again_after_the_org_was_corrected(sandbox):
    bad = sandbox.job_change(person_country="")
    run = sandbox.delivered_run([bad, *(sandbox.job_change() for _ in range(4))])
    bad.person_country = "France"
    bad.save(update_fields=["person_country"])
    delivery_send_again(delivery=sandbox.delivery(bad), by=sandbox.manager)
    assert sandbox.delivery(bad).state == "waiting"
    sandbox.deliver()
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(sandbox.delivery_keys()) == 5
    assert sandbox.delivery(bad).attempts.count() == 2


def test_a_correction_patches_what_we_wrote_and_nobody_edited(sandbox, admin_person):
    job_change, edited = sandbox.job_change(), sandbox.job_change()
    sandbox.delivered_run([job_change, edited, *(sandbox.job_change() for _ in range(3))])
    before = sandbox.count()
    owners = [row for row in sandbox.records("User") if row["IsActive"]]
    EnvironmentSettings.objects.update(default_owner_id=owners[1]["Id"])
    lead = RecordWrite.objects.get(attempt__delivery__job_change=edited, role="person")
    _edit(sandbox, "Lead", lead.record_id, {"OwnerId": owners[2]["Id"]})
    for item in (job_change, edited):
        delivery = sandbox.delivery(item)
        review_record(
            delivery=delivery, side="customer", verdict="off", comment="Owner", by=admin_person
        )
        delivery_send_again(delivery=delivery, by=sandbox.manager)
        assert sandbox.delivery(item).state == "delivered"
    sandbox.deliver()
    assert sandbox.count() == before
    mine = RecordWrite.objects.get(
        attempt__delivery__job_change=job_change, attempt__number=2, role="person"
    )
    assert mine.sent == {"OwnerId": owners[1]["Id"]}
    patch = next(item for item in mine.attempt.plan["writes"] if item["role"] == "person")
    assert patch["modified_at"], "it asks that nobody changed the lead since it was read"
    assert sandbox.record(mine.record_id, "Lead")["OwnerId"] == owners[1]["Id"]
    assert sandbox.record(lead.record_id, "Lead")["OwnerId"] == owners[2]["Id"]
    numbers = {
        row["UserGem__DeliveryKey__c"]: row["UserGem__DeliveryAttempt__c"]
        for row in sandbox.records(PACKAGE)
    }
    assert numbers[sandbox.delivery(job_change).delivery_key] == 2
    assert sandbox.delivery(job_change).attempts.last().reviews.count() == 0


def test_a_correction_without_an_answer_is_judged_by_its_attempt_number(sandbox, admin_person):
    job_change = sandbox.job_change()
    sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    owners = [row for row in sandbox.records("User") if row["IsActive"]]
    EnvironmentSettings.objects.update(default_owner_id=owners[1]["Id"])
    delivery = sandbox.delivery(job_change)
    review_record(
        delivery=delivery, side="customer", verdict="off", comment="Owner", by=admin_person
    )
    delivery_send_again(delivery=delivery, by=sandbox.manager)
    sandbox.rehearsal.fault("drop_before", path=GRAPH)
    sandbox.deliver()
    assert sandbox.delivery(job_change).state == "unknown"
    with in_time(AFTER_THE_LONGEST_CALL):
        tasks.deliveries_sweep()
    delivery = sandbox.delivery(job_change)
    assert (delivery.state, delivery.correction_asked_at) == ("delivered", None)
    numbers = [row["UserGem__DeliveryAttempt__c"] for row in sandbox.records(PACKAGE)]
    assert sorted(numbers) == [1, 1, 1, 1, 3]


def test_a_correction_into_another_kind_of_record_is_held_with_the_reason(
    sandbox, admin_person, customer
):
    job_change = sandbox.job_change()
    run = sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    before = sandbox.count()
    customer.output_settings.record_mode = "always_contact"
    customer.output_settings.save(update_fields=["record_mode"])
    delivery = sandbox.delivery(job_change)
    review_record(
        delivery=delivery, side="customer", verdict="off", comment="A contact", by=admin_person
    )
    delivery_send_again(delivery=delivery, by=sandbox.manager)
    sandbox.deliver()
    assert sandbox.count() == before
    view = next(item for item in run_deliveries(run) if item.pk == delivery.pk)
    assert (view.state, view.in_flight, view.tabs[0].label) == ("delivered", False, "New lead")
    assert view.sentence.startswith("It was not corrected. With these settings")


def test_two_people_who_join_one_new_company_share_its_account(sandbox, customer):
    customer.output_settings.record_mode = "always_contact"
    customer.output_settings.save(update_fields=["record_mode"])
    company = {"new_company_name": "Globex", "new_company_domain": "globex.example"}
    first = sandbox.job_change(**company, new_company_website="https://globex.example")
    second = sandbox.job_change(**company, new_company_website="https://globex.example")
    before = sandbox.count()["Account"]
    run = sandbox.delivered_run([first, second, *(sandbox.job_change() for _ in range(3))])
    assert sandbox.states(run) == ["delivered"] * 5
    assert sandbox.count()["Account"] == before + 4
    assert sum(row["Name"] == "Globex" for row in sandbox.records("Account")) == 1


def _edit(sandbox, name, record_id, values):
    """Somebody of the customer edits a record in Salesforce."""
    from tests.rehearsal_server import ADMINISTRATOR

    answer = sandbox.rehearsal.tokens(sandbox.org, ADMINISTRATOR)
    done = requests.patch(
        f"{answer['instance_url']}/services/data/v66.0/sobjects/{name}/{record_id}",
        json=values,
        headers={"Authorization": f"Bearer {answer['access_token']}"},
        timeout=30,
    )
    assert done.status_code == 204, done.text
