"""Made-up job changes are good ones, always the same, and of the same kind in every size."""

import csv
import io
from collections import Counter

import pytest

from jobchanges.services import imports_read
from tests.factories import CustomerFactory
from tests.jobchanges.generated import job_changes_csv


def rows(count):
    return list(csv.DictReader(io.StringIO(job_changes_csv(count).decode())))


@pytest.mark.django_db
def test_they_can_all_be_imported():
    customer = CustomerFactory()
    run = imports_read(
        customer=customer,
        file_name="made-up.csv",
        content=job_changes_csv(300),
        by=customer.implementation_manager,
    )
    assert (run.rows_added, run.rows_rejected, run.rows_conflicting) == (300, 0, 0)


def test_a_larger_file_begins_with_the_smaller_one():
    assert rows(900)[:300] == rows(300)


@pytest.mark.parametrize("count", [3_000, 12_000])
def test_people_and_companies_stand_in_the_same_proportion(count):
    found = rows(count)
    people = Counter(row["linkedin_url"] for row in found)
    companies = Counter(row["new_company_domain"] for row in found if row["new_company_domain"])
    assert 0.9 < len(people) / count < 0.97
    assert max(people.values()) == 2
    assert 2.5 < count / len(companies) < 5
    assert 0.08 < sum(bool(row["past_contact_id"]) for row in found) / count < 0.11
    assert {row["kind"] for row in found} == {"joined", "left", "promotion"}
