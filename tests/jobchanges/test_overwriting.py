"""The proof over the ledger: what was written to existing records, and whether it was allowed."""

import datetime
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.services import event_record
from jobchanges.models import Delivery, RecordWrite
from jobchanges.overwriting import overwrites, overwrites_csv, overwrites_of
from jobchanges.overwriting.ledger import places
from jobchanges.overwriting.verdicts import MISSING, FieldFacts, Sums, Verdict, field_verdict
from jobchanges.services.retention import VALUES_REMOVED
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    OrgEpochFactory,
    RecordWriteFactory,
)

CONTACT = "0037z0000010000AAA"
PACKAGE = "UserGem__Persona__c"


def facts(**values):
    return FieldFacts(**{"name": "Title", "sent": "VP", "package_fields": {PACKAGE}} | values)


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({"before": None}, Verdict.WAS_EMPTY),
        ({"before": ""}, Verdict.WAS_EMPTY),
        ({"before": 0}, Verdict.VIOLATION),
        ({"before": False}, Verdict.VIOLATION),
        ({"before": "CEO"}, Verdict.VIOLATION),
        ({"before": "VP"}, Verdict.SAME),
        ({"before": "CEO", "name": PACKAGE}, Verdict.PACKAGE_FIELD),
        ({"name": PACKAGE}, Verdict.PACKAGE_FIELD),
        ({"before": "CEO", "our_values": ["CEO"]}, Verdict.OURS),
        ({"before": "CEO", "our_values": ["Director", None]}, Verdict.VIOLATION),
        ({"before": "CEO", "replaces": ["Title"], "role": "past_person"}, Verdict.OPTED_IN),
        ({"before": "CEO", "replaces": ["Title"], "role": "person"}, Verdict.VIOLATION),
        ({"before": "CEO", "replaces": ["Phone"], "role": "past_person"}, Verdict.VIOLATION),
        ({}, Verdict.VIOLATION),
        ({"not_kept": True}, Verdict.NOT_KEPT),
        ({"not_kept": True, "before": "CEO"}, Verdict.VIOLATION),
    ],
)
def test_the_verdict_on_a_field(known, verdict):
    assert field_verdict(facts(**known))[0] == verdict


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("VP", ""),
        (MISSING, ""),
        (None, "The org kept what stood there."),
        ("Chief", "stored neither"),
    ],
)
def test_what_the_org_stored_is_held_against_it(stored, words):
    verdict, sentence = field_verdict(facts(before=None, stored=stored))
    assert verdict == Verdict.WAS_EMPTY
    assert (words in sentence) if words else not sentence


@pytest.fixture
def epoch(customer):
    return ConnectionFactory(customer=customer, epoch__package_manifest="usergem-1").epoch


@pytest.fixture
def wrote(customer, epoch):
    """Makes a write to a record; each by another job change unless it is given."""

    def make(delivery=None, number=1, plan=None, started_at=None, **values):
        delivery = delivery or DeliveryFactory(
            test_run=None,
            epoch=epoch,
            state=Delivery.State.DELIVERED,
            job_change=JobChangeFactory(customer=customer),
        )
        attempt = AttemptFactory(
            delivery=delivery,
            number=number,
            plan=plan or {},
            started_at=started_at or timezone.now(),
        )
        return RecordWriteFactory(
            attempt=attempt,
            **{
                "record_id": CONTACT,
                "operation": RecordWrite.Operation.UPDATE,
                "before": {"Title": None},
                "sent": {"Title": "VP"},
                "stored": {"Title": "VP"},
            }
            | values,
        )

    return make


def verdicts(customer):
    return [(item.name, item.verdict) for one in overwrites(customer) for item in one.fields]


def test_created_records_are_nobodys_to_overwrite(customer, wrote):
    wrote(operation=RecordWrite.Operation.CREATE, before={})
    assert list(overwrites(customer)) == []


def test_an_existing_record_is_told_with_before_and_after(customer, wrote):
    write = wrote(before={"Title": None, PACKAGE: "Buyer"}, sent={"Title": "VP", PACKAGE: "User"})
    (one,) = overwrites(customer)
    assert (one.record_id, one.job_change) == (CONTACT, write.attempt.delivery.job_change.key)
    title, package = one.fields
    assert (package.verdict, package.before, package.sent) == ("package_field", "Buyer", "User")
    assert (title.verdict, title.before, title.sent, title.stored) == (
        "was_empty",
        None,
        "VP",
        "VP",
    )
    assert title.settled is MISSING


def test_the_package_is_that_of_the_org_the_record_is_in(customer, epoch, wrote):
    wrote(before={PACKAGE: "Buyer"}, sent={PACKAGE: "User"})
    epoch.package_manifest = "usergems-0"
    epoch.save(update_fields=["package_manifest"])
    assert verdicts(customer) == [(PACKAGE, "violation")]


def test_a_correction_of_what_we_filled_is_ours(customer, wrote):
    first = wrote()
    wrote(first.attempt.delivery, 2, before={"Title": "VP"}, sent={"Title": "CEO"})
    assert verdicts(customer) == [("Title", "was_empty"), ("Title", "ours")]


def test_what_the_org_itself_made_of_our_value_is_ours_to_correct(customer, wrote):
    first = wrote(settled={"Title": "Vice President"})
    wrote(first.attempt.delivery, 2, before={"Title": "Vice President"}, sent={"Title": "CEO"})
    assert verdicts(customer) == [("Title", "was_empty"), ("Title", "ours")]


def test_a_correction_over_somebody_elses_edit_is_not(customer, wrote):
    first = wrote()
    wrote(first.attempt.delivery, 2, before={"Title": "Their own"}, sent={"Title": "CEO"})
    assert verdicts(customer) == [("Title", "was_empty"), ("Title", "violation")]


def test_a_record_that_we_created_ourselves_is_corrected_in_place(customer, wrote):
    first = wrote(operation=RecordWrite.Operation.CREATE, before={}, stored={"Title": "Vp"})
    wrote(first.attempt.delivery, 2, before={"Title": "Vp"}, sent={"Title": "CEO"})
    (one,) = overwrites(customer)
    assert one.ours
    assert [item.verdict for item in one.fields] == ["ours"]


def test_what_the_customer_chose_to_have_replaced_stands_in_the_plan(customer, wrote):
    plan = {"writes": [{"role": "past_person", "replaces": ["Status"]}]}
    wrote(plan=plan, role="past_person", before={"Status": "Open"}, sent={"Status": "Disqualified"})
    assert verdicts(customer) == [("Status", "opted_in")]


def test_another_customers_records_are_not_told(customer, wrote):
    wrote(before={"Title": "CEO"})
    other = ConnectionFactory().customer
    assert list(overwrites(other)) == []
    assert list(places(other)) == []


def test_an_org_that_changed_hands_is_told_to_each_customer_by_itself(customer, epoch, wrote):
    wrote()
    somebody = ConnectionFactory().customer
    theirs = DeliveryFactory(
        test_run=None, epoch=epoch, job_change=JobChangeFactory(customer=somebody)
    )
    wrote(theirs, before={"Title": "Somebody else’s"})
    assert verdicts(customer) == [("Title", "was_empty")]


def test_a_sandboxs_copy_of_a_record_is_another_record(customer, epoch, wrote):
    copy = OrgEpochFactory(connection=epoch.connection)
    wrote(DeliveryFactory(test_run=None, epoch=copy))
    wrote(before={"Title": "VP"}, sent={"Title": "CEO"})
    assert verdicts(customer).count(("Title", "violation")) == 1, "written in the other org only"
    (one,) = overwrites_of(customer, [(epoch.org_id, CONTACT)])
    assert one.org_id == epoch.org_id


def test_a_before_image_whose_time_is_over_proves_nothing(customer, wrote):
    old = timezone.now() - datetime.timedelta(days=200)
    wrote(before={}, stored=None, started_at=old)
    event_record(
        customer=customer,
        action=VALUES_REMOVED,
        by=None,
        side="system",
        data={"until": (old + datetime.timedelta(days=1)).isoformat(), "records": 1, "left": []},
    )
    assert verdicts(customer) == [("Title", "not_kept")]
    wrote(before={}, record_id="0037z0000010001AAA")
    assert verdicts(customer)[-1] == ("Title", "violation"), "nobody deleted that one"


def test_an_attempt_that_was_left_out_kept_its_before_image(customer, wrote):
    old = timezone.now() - datetime.timedelta(days=200)
    write = wrote(before={}, stored=None, started_at=old)
    event_record(
        customer=customer,
        action=VALUES_REMOVED,
        by=None,
        side="system",
        data={"until": timezone.now().isoformat(), "records": 0, "left": [write.attempt_id]},
    )
    assert verdicts(customer) == [("Title", "violation")]


def test_an_erased_person_is_said_as_such(customer, wrote):
    write = wrote(before={}, sent={}, stored=None)
    job_change = write.attempt.delivery.job_change
    job_change.last_name = ""
    job_change.save(update_fields=["last_name"])
    (one,) = overwrites(customer)
    assert not one.fields
    assert "erased" in one.note


def run(*args):
    out = io.StringIO()
    code = 0
    try:
        call_command("overwrites", *args, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


def test_the_command_says_that_nothing_was_overwritten(customer, wrote):
    wrote()
    code, text = run("--customer", customer.slug)
    assert code == 0
    assert f"Contact {CONTACT}" in text
    assert "Title: (empty) → VP → VP → ?: Was empty." in text
    assert "1 existing records touched by 1 writes, 1 fields" in text
    assert text.rstrip().endswith("Nothing was overwritten.")


def test_a_violation_ends_with_1_and_is_named(customer, wrote):
    wrote()
    planted = wrote(record_id="0037z0000010009AAA", before={"Title": "CEO"})
    code, text = run("--customer", customer.slug)
    assert code == 1
    line = next(row for row in text.splitlines() if row.startswith("!!"))
    assert "Title: CEO → VP" in line
    assert "nobody let us replace it" in line
    assert planted.record_id in text
    assert "1 FIELDS WERE OVERWRITTEN." in text


def test_for_machines_it_is_json(customer, wrote):
    wrote()
    wrote(record_id="0037z0000010009AAA", before={"Title": "CEO"})
    code, text = run("--customer", customer.slug, "--json")
    found = json.loads(text)
    assert code == 1
    assert found["sum"]["verdicts"]["violation"] == 1
    assert not found["sum"]["holds"]
    assert [row["record_id"] for row in found["records"]] == [CONTACT, "0037z0000010009AAA"]
    assert "settled" not in found["records"][0]["fields"][0], "what is not known has no key"


def test_as_csv_it_is_a_line_for_each_field(customer, wrote):
    wrote(before={"Title": "=1+1", "Phone": None}, sent={"Title": "VP", "Phone": "1"})
    code, text = run("--customer", customer.slug, "--csv")
    assert code == 1
    assert text.count("\r\n") == 3
    assert "'=1+1" in text


def test_nobody_known_is_refused(db):
    with pytest.raises(CommandError):
        call_command("overwrites", "--customer", "nobody")


def test_a_large_ledger_costs_few_queries_and_is_streamed(
    customer, wrote, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("jobchanges.overwriting.ledger.RECORDS_AT_ONCE", 4)
    for number in range(8):
        wrote(record_id=f"003{number:012d}AAA")
    # The ids; for each four of them: writes, what is not kept, plans.
    with django_assert_max_num_queries(1 + 2 * 3):
        sums = Sums()
        for one in overwrites(customer):
            sums.add(one)
    assert (sums.records, sums.writes, sums.fields) == (8, 8, 8)
    assert len("".join(overwrites_csv(overwrites(customer))).splitlines()) == 9
