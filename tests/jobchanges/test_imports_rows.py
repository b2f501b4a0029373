"""Rows: strict about meaning, and every reason is given."""

from datetime import UTC, date, datetime

import pytest

from jobchanges.imports.reading import FileRow
from jobchanges.imports.rows import row_read
from tests.jobchanges.import_files import row

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(**changes):
    return row_read(FileRow(line=2, cells=row(**changes)), now=NOW)


LEFT = {
    "kind": "left",
    "new_email": "",
    "new_company_name": "",
    "new_company_domain": "",
    "new_company_employees": "",
    "new_title": "",
    "job_started_date": "",
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id is empty."),
        ({"id": "a b"}, "id may hold letters, digits"),
        ({"id": "x" * 61}, "id is longer than 60 characters."),
        ({"kind": "retired"}, "kind is “retired”; it can be joined, left or promotion."),
        ({"last_name": " "}, "last_name is empty."),
        ({"past_company_name": ""}, "past_company_name is empty."),
        ({"relationship_type": ""}, "relationship_type is empty."),
        ({"new_company_name": ""}, "new_company_name is empty."),
        ({"kind": "promotion", "new_title": ""}, "new_title is empty."),
        ({"kind": "left"}, "kind is left, which says the new job is unknown"),
        ({"past_email": "", "past_contact_id": ""}, "is needed to find the person."),
        ({"past_email": "nobody"}, "past_email is not an e-mail address."),
        ({"new_email": "a@b@c"}, "new_email is not an e-mail address."),
        ({"past_contact_id": "0017z00000000RJAAY"}, "first 003."),
        ({"past_lead_id": "00Q7z"}, "it has 15 or 18 characters"),
        ({"past_contact_id": "0037z00000002dbaay"}, "has lost the case of its letters"),
        ({"job_started_date": "2026-02-30"}, "job_started_date is not a real date"),
        ({"job_started_date": "03/04/2026"}, "job_started_date is not a real date"),
        ({"job_started_date": "20260401"}, "job_started_date is not a real date"),
        ({"job_started_date": "2126-02-03"}, "job_started_date is too far from today."),
        ({"role_started_date": "0001-01-01"}, "role_started_date is too far from today."),
        ({"detected_at": ""}, "detected_at is empty."),
        ({"detected_at": "2026-04-01T18:39:00"}, "detected_at lacks its time zone"),
        ({"detected_at": "yesterday"}, "detected_at is not a real time"),
        ({"detected_at": "0001-01-01T00:00:00+14:00"}, "detected_at is too far from today."),
        ({"detected_at": "9999-12-31T23:00:00-14:00"}, "detected_at is too far from today."),
        ({"new_company_employees": "many"}, "new_company_employees is not a whole number"),
        ({"new_company_employees": "-5"}, "new_company_employees is not a whole number"),
        ({"new_company_employees": "100000000"}, "new_company_employees is not a whole number"),
        ({"new_company_employees": "٣"}, "new_company_employees is not a whole number"),
        ({"is_target_company": "perhaps"}, "is_target_company is not true or false."),
        ({"new_company_domain": "not a domain"}, "new_company_domain is not a domain"),
        ({"new_company_website": "javascript:alert(1)"}, "new_company_website is not a web"),
        ({"linkedin_url": "data:text/html,x"}, "linkedin_url is not a web address."),
        ({"first_name": "x" * 101}, "first_name is longer than 100 characters."),
        ({"first_name": "a\x00b"}, "first_name holds a control character."),
        ({"new_title": "a\x1b[31mb"}, "new_title holds a control character."),
    ],
)
def test_a_row_that_means_nothing_is_rejected_with_the_reason(changes, reason):
    reasons = read(**changes).reasons
    assert any(reason in given for given in reasons), reasons


def test_every_reason_is_listed():
    assert len(read(last_name="", past_email="x", is_target_company="perhaps").reasons) == 3


def test_more_cells_than_columns_is_a_reason():
    found = row_read(FileRow(line=2, cells=row(), extra=1), now=NOW)
    assert found.reasons == ["The row has more cells than the header has columns."]


def test_what_is_only_form_is_put_right():
    found = read(
        kind=" Joined ",
        last_name="  de\u00a0la\n Cruz ",
        past_contact_id="0037z00000002DB",
        new_company_domain="HTTPS://Swedbank.Example/",
        new_company_employees="15,614",
        is_target_company="Yes",
        detected_at="2026-04-01T20:39:00+02:00",
    )
    assert found.reasons == []
    assert found.values["kind"] == "joined"
    assert found.values["last_name"] == "de la Cruz"
    assert found.values["past_contact_id"] == "0037z00000002DBAAY"
    assert found.values["new_company_domain"] == "swedbank.example"
    assert found.values["new_company_employees"] == 15614
    assert found.values["is_target_company"] is True
    assert found.values["detected_at"] == datetime(2026, 4, 1, 18, 39, tzinfo=UTC)
    assert found.values["job_started_date"] == date(2026, 3, 27)


def test_the_same_meaning_has_the_same_hash_however_it_is_written():
    assert (
        read().content_hash
        == read(
            past_contact_id="0037z00000002DB", detected_at="2026-04-01T20:39:00+02:00"
        ).content_hash
    )
    assert read().content_hash != read(new_title="Chief").content_hash


def test_left_needs_no_new_job():
    assert read(**LEFT).reasons == []


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=1+1", "@{person.id}", "Robert'); DROP--", "高橋"]
)
def test_markup_formulas_and_any_script_are_names_like_others(name):
    assert read(last_name=name).values["last_name"] == name


def test_marks_that_turn_the_order_of_characters_are_dropped():
    assert read(last_name="Man\u202egnin").values["last_name"] == "Mangnin"
