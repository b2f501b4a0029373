"""Record types: what new records get."""

from dataclasses import replace

from integrations.checks.record_types import RecordTypes
from tests.integrations.checks.surveys import (
    DESCRIBED,
    MASTER,
    a_context,
    healthy,
    made_id,
    with_object,
)

SALES = replace(
    MASTER,
    record_type_id=made_id("012", "Sales"),
    developer_name="Sales_lead",
    name="Sales lead",
    master=False,
)
PARTNER = replace(SALES, developer_name="Partner_lead", name="Partner lead", default=False)
NO_MASTER = replace(MASTER, default=False)


def found_with(*types, **context):
    described = with_object(DESCRIBED, "Lead", record_types=types)
    return RecordTypes().run(healthy(described=described), a_context(**context))


def test_an_org_without_record_types_is_right():
    finding = found_with(MASTER)
    assert finding.outcome == "pass"
    assert finding.found == "No record types are in use on what we create."


def test_one_record_type_that_is_the_default_is_right():
    finding = found_with(SALES, NO_MASTER)
    assert finding.outcome == "pass"
    assert finding.found == "By default, new leads get “Sales lead”."


def test_several_are_a_warning_that_says_which_one_new_records_get():
    finding = found_with(SALES, PARTNER, NO_MASTER)
    assert finding.outcome == "warning"
    assert "“Sales lead” and “Partner lead” for leads" in finding.items[0].sentence
    assert "New ones get “Sales lead”" in finding.items[0].sentence
    assert "Record Types and Page Layout Assignments" in finding.items[0].fix


def test_records_without_a_type_beside_others_with_one_are_a_warning():
    finding = found_with(replace(SALES, default=False), MASTER)
    assert finding.outcome == "warning"
    assert "New leads get no record type" in finding.items[0].sentence


def test_a_default_that_the_user_may_not_use_fails():
    finding = found_with(replace(SALES, available=False), NO_MASTER)
    assert finding.outcome == "fail"
    assert "“Sales lead”, is not available" in finding.items[0].sentence


def test_no_default_at_all_fails():
    finding = found_with(replace(SALES, default=False), NO_MASTER)
    assert finding.outcome == "fail"
    assert "no default record type for leads" in finding.items[0].sentence


def test_inactive_types_do_not_count():
    assert found_with(MASTER, replace(PARTNER, active=False)).outcome == "pass"


def test_an_object_that_the_settings_never_create_is_not_looked_at():
    finding = found_with(SALES, PARTNER, NO_MASTER, record_mode="always_contact")
    assert finding.outcome == "pass"
