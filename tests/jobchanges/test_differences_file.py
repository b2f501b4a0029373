"""The download of records says what became of each field, in the same words as the pages."""

import csv
import io

import pytest

from jobchanges.exports import records_csv
from tests.factories import RecordWriteFactory

pytestmark = pytest.mark.django_db


def lines(write):
    delivery = write.attempt.delivery
    text = "".join(records_csv(delivery.job_change.customer, delivery.org_id))
    return {row["Field"]: row for row in csv.DictReader(io.StringIO(text))}


def test_each_field_has_its_difference_and_why():
    write = RecordWriteFactory(
        sent={"Title": "VP Revenue Operations", "City": "Bern", "Phone": "1"},
        before={"City": None, "Fax": "2"},
        stored={"Title": "VP Revenue", "City": "Bern"},
        hidden=["Phone"],
    )
    found = lines(write)
    assert found["Title"]["Difference"] == "Cut short"
    assert "10 of 21 characters" in found["Title"]["Explanation"]
    assert found["Phone"]["Difference"] == "Not readable"
    assert found["City"]["Difference"] == found["City"]["Explanation"] == ""
    assert found["Fax"]["Difference"] == "", "what we did not send is not ours to judge"


def test_what_the_org_says_cannot_run_in_a_spreadsheet():
    write = RecordWriteFactory(
        sent={"Title": "VP"}, stored={"Title": "=1+1"}, settled={"Title": "x"}, changed_by="@Amy"
    )
    assert lines(write)["Title"]["Explanation"].startswith("'=1+1 when saved.")
