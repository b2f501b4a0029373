"""`manage.py reconcile` asks the production org; each way of not adding up is found and named."""

import datetime
import json
from io import StringIO

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import timezone

from integrations.models import Connection, Health
from jobchanges.models import Attempt, Batch, Delivery, RecordWrite, WriteRole
from jobchanges.reconcile import ReconcileError, reconcile
from jobchanges.reconcile.comparison import compare
from jobchanges.reconcile.types import OrgRow, OurRow
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    TestRunFactory,
)

ORG = "northwind"
PACKAGE = "UserGem__UserGem__c"
State = Delivery.State


class Production:
    """Northwind's production org with one ended batch, filled record by record."""

    def __init__(self, rehearsal, customer, manager, signer):
        rehearsal.package_install(ORG)
        self.rehearsal, self.customer = rehearsal, customer
        self.connection = rehearsal.connect(customer, ORG)
        self.epoch = self.connection.epoch
        self.batch = Batch.objects.create(
            customer=customer,
            epoch=self.epoch,
            state=Batch.State.ENDED,
            cut_off=timezone.now() + datetime.timedelta(minutes=1),
            signed_hash="f" * 64,
            customer_signer=signer,
            vendor_signer=manager,
            released_by=manager,
        )

    def api(self, method, path, body=None):
        """One call as our integration user."""
        answer = requests.request(
            method,
            f"{self.epoch.instance_url}/services/data/v66.0/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.connection.access_token}"},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else {}

    def create(self, name, **values):
        return self.api("POST", f"sobjects/{name}", values)["id"]

    def row(self, state=State.DELIVERED, *, batch=True, **values):
        """A delivery to production as our database has it; the org knows nothing of it."""
        return DeliveryFactory(
            test_run=None,
            epoch=self.epoch,
            batch=self.batch if batch else None,
            state=state,
            job_change=values.pop("job_change", None) or JobChangeFactory(customer=self.customer),
            **values,
        )

    def delivered(self, outcome="created", **values):
        """A lead that was created, with its ledger, there as here."""
        delivery = self.row(outcome=outcome, **values)
        lead = self.create("Lead", LastName="Whitfield", Company="Newco", Country="Chile")
        record = self.create(
            PACKAGE,
            UserGem__DeliveryKey__c=delivery.delivery_key,
            UserGem__DeliveryAttempt__c=1,
            UserGem__NewLead__c=lead,
        )
        attempt = AttemptFactory(delivery=delivery)
        for role, name, record_id in (
            (WriteRole.PERSON, "Lead", lead),
            (WriteRole.PACKAGE, PACKAGE, record),
        ):
            RecordWriteFactory(attempt=attempt, role=role, object_name=name, record_id=record_id)
        return delivery

    def tried(self, **values):
        """A job change that went to the sandbox."""
        job_change = JobChangeFactory(customer=self.customer, **values)
        sandbox = Connection.objects.filter(environment="sandbox").first() or ConnectionFactory(
            customer=self.customer
        )
        run = TestRunFactory(
            customer=self.customer, environment="sandbox", epoch=sandbox.epoch, state="closed"
        )
        AttemptFactory(delivery=DeliveryFactory(test_run=run, job_change=job_change))
        return job_change

    def problems(self):
        return [(problem.kind, problem.key) for problem in reconcile(self.customer).problems]


@pytest.fixture
def production(rehearsal, customer, manager, approver):
    return Production(rehearsal, customer, manager, approver)


def printed(*arguments):
    out = StringIO()
    try:
        call_command("reconcile", "--customer", "northwind", *arguments, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def test_everything_that_was_delivered_refused_or_held_adds_up(production):
    production.delivered()
    production.delivered(batch=False)
    tried = production.tried()
    production.delivered(job_change=tried, outcome="enriched")
    production.row(State.HELD, held_reason="A later job change of the same person is there.")
    refused = production.row(State.REFUSED, job_change=production.tried())
    AttemptFactory(
        delivery=refused,
        outcome=Attempt.Outcome.REFUSED,
        errors=[{"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "sentence": "A rule said no."}],
    )
    code, text = printed()
    assert code == 0, text
    assert "Batch 1: 4 = 1 created + 1 enriched + 0 past record only" in text
    assert "+ 1 refused + 1 held" in text
    assert "Delivered by the test: 1 = 1 created" in text
    assert "Tried in the sandbox: 2 = 1 delivered + 1 refused + 0 held" in text
    assert f"{refused.job_change.key}: refused: FIELD_CUSTOM_VALIDATION_EXCEPTION: A rule" in text
    assert "held: A later job change of the same person is there." in text
    assert "3 delivery keys in the org, asked for in 1 API calls" in text
    assert "Everything adds up." in text
    assert "Whitfield" not in text


def test_what_is_not_in_the_org_is_named(production):
    delivery = production.delivered()
    record = RecordWrite.objects.get(role=WriteRole.PACKAGE).record_id
    production.api("DELETE", f"sobjects/{PACKAGE}/{record}")
    assert production.problems() == [("not_there", delivery.job_change.key)]


def test_a_key_that_we_never_sent_is_named(production):
    key = f"jc-stranger:{production.epoch.org_id}"
    production.create(PACKAGE, UserGem__DeliveryKey__c=key)
    assert production.problems() == [("unknown_key", key)]


def test_the_packages_own_records_without_a_key_are_nobodys_business(production):
    production.create(PACKAGE, UserGem__PersonName__c="Somebody")
    assert production.problems() == []


@pytest.mark.parametrize("state", [State.WAITING, State.REFUSED, State.HELD, State.UNKNOWN])
def test_what_is_there_though_we_say_it_was_not_delivered_is_named(production, state):
    delivery = production.delivered()
    Delivery.objects.update(state=state, outcome="")
    assert production.problems() == [("there_all_the_same", delivery.job_change.key)]


def test_another_person_than_the_ledger_says_is_named(production):
    delivery = production.delivered()
    other = production.create("Lead", LastName="Other", Company="Newco", Country="Chile")
    record = RecordWrite.objects.get(role=WriteRole.PACKAGE).record_id
    production.api("PATCH", f"sobjects/{PACKAGE}/{record}", {"UserGem__NewLead__c": other})
    (problem,) = reconcile(production.customer).problems
    assert (problem.kind, problem.key) == ("other_record", delivery.job_change.key)
    assert other in problem.sentence


def test_a_deleted_person_is_named(production):
    production.delivered()
    lead = RecordWrite.objects.get(role=WriteRole.PERSON).record_id
    production.rehearsal.configure("northwind", extra_rights=["Lead.Delete"])
    production.api("DELETE", f"sobjects/Lead/{lead}")
    (problem,) = reconcile(production.customer).problems
    assert problem.sentence.endswith("the org says nothing.")


def test_a_wrong_id_in_the_ledger_is_named(production):
    delivery = production.delivered()
    RecordWrite.objects.filter(role=WriteRole.PACKAGE).update(record_id="a0x000000000000AAA")
    assert production.problems() == [("other_record", delivery.job_change.key)]


def test_the_latest_attempt_at_a_record_counts(production):
    delivery = production.delivered()
    first = RecordWrite.objects.get(role=WriteRole.PERSON)
    lead = first.record_id
    RecordWrite.objects.filter(pk=first.pk).update(record_id="00Q000000000000AAA")
    correction = AttemptFactory(delivery=delivery, number=2, is_correction=True)
    RecordWriteFactory(attempt=correction, object_name="Lead", record_id=lead)
    assert production.problems() == []


@pytest.mark.parametrize("state", [State.WAITING, State.CLAIMED, State.UNKNOWN])
def test_what_has_no_answer_yet_does_not_add_up(production, state):
    delivery = production.row(state)
    code, text = printed()
    assert code == 1
    assert "1 NOT ANSWERED YET" in text
    assert "IT DOES NOT ADD UP." in text
    assert (f"{delivery.job_change.key}: being sent" in text) == (state != State.WAITING)


def test_rule_4_who_was_tried_in_the_sandbox_and_is_nowhere_is_named(production):
    job_change = production.tried()
    code, text = printed()
    assert code == 1
    assert f"{job_change.key}: tried in the sandbox" in text


def test_who_came_after_the_cut_off_belongs_to_the_next_batch(production):
    production.tried(imported_at=timezone.now() + datetime.timedelta(hours=1))
    found = reconcile(production.customer)
    assert found.tried.next_batch == 1
    assert found.adds_up


def test_what_the_org_says_otherwise_does_not_add_up(production):
    """Every number of ours adds up, and the org has one of them not."""
    production.delivered()
    record = RecordWrite.objects.get(role=WriteRole.PACKAGE).record_id
    production.api("DELETE", f"sobjects/{PACKAGE}/{record}")
    code, text = printed()
    assert code == 1
    assert "IT DOES NOT ADD UP." in text


def test_rule_3_a_key_that_the_org_holds_twice_is_named():
    mine = OurRow(
        key="jc-1",
        delivery_key="jc-1:00D",
        state=State.DELIVERED,
        records={WriteRole.PACKAGE: (PACKAGE, "a01")},
    )
    there = [
        OrgRow(record_id=record_id, key="jc-1:00D", lookups={}) for record_id in ("a01", "a02")
    ]
    (problem,) = compare([mine], there)
    assert (problem.kind, problem.key) == ("more_than_once", "jc-1")


def test_rule_4_who_was_imported_at_the_cut_off_belongs_to_this_batch(production):
    job_change = production.tried(imported_at=production.batch.cut_off)
    found = reconcile(production.customer)
    assert (found.tried.missing, found.tried.next_batch) == ((job_change.key,), 0)
    assert not found.adds_up


def test_it_is_there_for_machines_too(production):
    production.delivered()
    code, text = printed("--json")
    said = json.loads(text)
    assert code == 0
    assert said["adds_up"] is True
    assert said["batches"][0]["created"] == 1
    assert said["calls"] == 1


def test_the_number_of_queries_does_not_grow_with_the_deliveries(
    production, django_assert_max_num_queries
):
    for _number in range(3):
        production.delivered()
    # Eight of them take and give back a place among the calls of the org (integrations pace).
    with django_assert_max_num_queries(17):
        reconcile(production.customer)


def test_nothing_is_written(production):
    production.delivered()
    events = production.customer.events.count()
    before = [call for call in production.rehearsal.calls(ORG) if call["method"] != "GET"]
    reconcile(production.customer)
    after = [call for call in production.rehearsal.calls(ORG) if call["method"] != "GET"]
    assert (after, production.customer.events.count()) == (before, events)


def test_without_a_production_org_there_is_a_sentence(customer):
    with pytest.raises(CommandError, match="has not connected a production org yet") as raised:
        call_command("reconcile", "--customer", "northwind")
    assert raised.value.returncode == 2


def test_an_org_that_has_to_be_connected_again_is_said(customer):
    ConnectionFactory(
        customer=customer,
        environment="production",
        health=Health.NEEDS_RECONNECTING,
        health_reason="The access was taken away",
    )
    with pytest.raises(ReconcileError, match=r"The access was taken away.*connected again"):
        reconcile(customer)


def test_an_org_that_does_not_answer_is_said(production):
    production.rehearsal.fault("http_503_html", times=9)
    with pytest.raises(ReconcileError):
        reconcile(production.customer)
