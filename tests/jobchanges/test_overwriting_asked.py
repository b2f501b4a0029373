"""The proof against an org: what was really written to existing records, and what they hold now."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from jobchanges.delivery import leases
from jobchanges.models import RecordWrite
from tests.jobchanges.test_readback import edit


@pytest.fixture
def enriched(sandbox):
    """A run of which one job change met a contact that was there before."""
    contact = next(row for row in sandbox.records("Contact") if row["Email"])
    job_change = sandbox.job_change(
        first_name=contact["FirstName"],
        last_name=contact["LastName"],
        new_email=contact["Email"],
        past_contact_id="",
    )
    sandbox.delivered_run([job_change, *(sandbox.job_change() for _ in range(4))])
    return RecordWrite.objects.get(
        attempt__delivery__job_change=job_change, record_id=contact["Id"]
    )


def run(sandbox, *args):
    out, code = io.StringIO(), 0
    try:
        call_command("overwrites", "--customer", sandbox.customer.slug, *args, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


def test_what_was_written_to_existing_records_holds(sandbox, enriched):
    code, text = run(sandbox)
    assert code == 0, text
    assert enriched.record_id in text
    assert "Nothing was overwritten." in text


def test_asked_again_it_says_what_stands_there_now(sandbox, enriched):
    name = next(name for name in enriched.sent if name == "Title" or "__" in name)
    edit(sandbox, "Contact", enriched.record_id, {"Description": "Edited meanwhile"})
    before = len(sandbox.rehearsal.calls(sandbox.org))
    code, text = run(sandbox, "--ask", "--json")
    assert code == 0
    found = json.loads(text)["records"]
    mine = next(row for row in found if row["record_id"] == enriched.record_id)
    fields = {item["name"]: item for item in mine["fields"]}
    now = sandbox.record(enriched.record_id, "Contact")
    assert fields[name]["now"] == now[name]
    reads = [
        call
        for call in sandbox.rehearsal.calls(sandbox.org)[before:]
        if "composite" in call["path"]
    ]
    assert len(reads) <= 2, "describes may be asked anew; the records take one call"


def test_the_file_has_a_column_for_now(sandbox, enriched):
    code, text = run(sandbox, "--ask", "--csv")
    assert code == 0
    header, *rows = csv.reader(io.StringIO(text))
    assert header[-1] == "Now"
    now = sandbox.record(enriched.record_id, "Contact")
    mine = [row for row in rows if enriched.record_id in row]
    assert {row[11]: row[-1] for row in mine}.keys() == enriched.sent.keys()
    kept = next(row for row in mine if isinstance(now[row[11]], str))
    assert kept[-1] == now[kept[11]]


def test_an_org_that_cannot_be_asked_is_said_and_the_ledger_is_told_all_the_same(sandbox, enriched):
    sandbox.connection.health = "needs_reconnect"
    sandbox.connection.save(update_fields=["health"])
    code, text = run(sandbox, "--ask")
    assert code == 0
    assert "has to be connected again first" in text
    assert enriched.record_id in text


def test_asking_waits_for_nobody_who_is_writing_to_the_org(sandbox, enriched):
    assert leases.lease_take(sandbox.connection.epoch.org_id, "a worker")
    code, text = run(sandbox, "--ask")
    assert code == 0
    assert "Somebody else is sending" not in text
    assert enriched.record_id in text


def test_a_record_that_somebody_tampered_with_in_the_ledger_is_found(sandbox, enriched):
    """A planted violation: the before-image says that something stood there."""
    enriched.sent = {**enriched.sent, "Title": "VP Sales"}
    enriched.before = {**enriched.before, "Title": "Something of theirs"}
    enriched.save(update_fields=["sent", "before"])
    code, text = run(sandbox)
    assert code == 1
    assert "!!  Title: Something of theirs → VP Sales" in text
    assert enriched.record_id in text
