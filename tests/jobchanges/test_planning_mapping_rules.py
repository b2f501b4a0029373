"""Which fields a customer may have filled besides, and what their values become."""

from dataclasses import replace

import pytest

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning import plan_make
from jobchanges.planning.mapping import (
    FIELDS_OF_OURS,
    lookup_problem,
    mapped_value,
    mapping_from_json,
    mapping_problem,
    owner_field_problem,
)
from jobchanges.planning.types import FieldMap
from jobchanges.planning.values import MAPPING_SOURCES
from tests.jobchanges.planning_world import (
    LEAD_ACCOUNT,
    job_change,
    matches,
    own_fields,
    past_contact,
    settings,
)


def problem(field="Region__c", target="new_lead", *, facts=None, **said):
    item = FieldMap(target=target, field=field, **said)
    return mapping_problem(item, facts or own_fields()["Lead"].get(field), USERGEM_1)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"field": ""}, "Choose a record and a field"),
        ({"target": "elsewhere", "text": "x"}, "Choose a record and a field"),
        ({"source": "password"}, "Choose a value that comes with a job change"),
        ({}, "Choose what goes into the field"),
        ({"text": " \x00 "}, "Choose what goes into the field"),
        ({"field": "Id", "text": "x"}, "fills this field itself"),
        ({"field": "lastname", "text": "x"}, "fills this field itself"),
        ({"field": "usergem__persona__c", "text": "x"}, "fills this field itself"),
        ({"field": "UserGem__OfALaterVersion__c", "text": "x"}, "fills this field itself"),
        ({"field": "IsConverted", "text": "true"}, "fills this field itself"),
        ({"field": "Nowhere__c", "text": "x"}, "does not see this field"),
        ({"field": "Sum__c", "text": "1"}, "may not write this field"),
        ({"text": "x", "replace": True}, "Only a field of the past record can be replaced"),
        ({"field": "Sponsor__c", "text": "x"}, "of the type reference cannot be filled"),
        ({"field": "Code__c", "text": "x"}, "No two records may have the same value"),
        ({"field": "Do_Not_Mail__c", "target": "past_lead", "text": "true"}, "A checkbox is never"),
        ({"field": "Moved_On__c", "source": "new_title"}, "takes a date such as"),
        ({"field": "Score__c", "source": "phone"}, "takes a number"),
        ({"field": "Noticed__c", "source": "job_started_date"}, "takes a date and time"),
        ({"field": "Tags__c", "source": "new_title"}, "takes fixed values with semicolons"),
        ({"field": "Other_Mail__c", "source": "phone"}, "takes an e-mail address"),
        ({"field": "Other_Mail__c", "text": "a@b"}, "takes an e-mail address"),
        ({"field": "Do_Not_Mail__c", "text": "perhaps"}, "takes “true” or “false”"),
        ({"field": "Moved_On__c", "text": "27.3.2026"}, "takes a date such as"),
        ({"field": "Moved_On__c", "text": "1066-10-14"}, "no date as far away"),
        ({"field": "Noticed__c", "text": "2026-03-27T09:30:00"}, "takes a date and time"),
        ({"field": "Seats__c", "text": "1.5"}, "takes whole numbers only"),
        ({"field": "Seats__c", "text": "4000000000"}, "larger than this field takes"),
        ({"field": "Score__c", "text": "100000"}, "larger than this field takes"),
        ({"field": "Score__c", "text": "1.25"}, "takes 1 decimals"),
        ({"field": "Score__c", "text": "NaN"}, "takes a number"),
        ({"text": "x" * 21}, "longer than the 20 characters"),
        ({"field": "Reason__c", "text": "Bored"}, "“Bored” is not among the values"),
        ({"field": "Tags__c", "text": "Hot; Cold"}, "“Cold” is not among the values"),
    ],
)
def test_what_cannot_be_filled_is_refused_with_the_reason(said, sentence):
    assert sentence in problem(**said)


@pytest.mark.parametrize(
    "said",
    [
        {"source": "new_title"},
        {"text": "North"},
        {"source": "new_company_employees"},
        {"field": "Code__c", "source": "key"},
        {"field": "Reason__c", "source": "kind"},
        {"field": "Tags__c", "text": "Hot; Moved"},
        {"field": "Moved_On__c", "source": "detected_at"},
        {"field": "Noticed__c", "source": "detected_at"},
        {"field": "Seats__c", "source": "new_company_employees"},
        {"field": "Page__c", "source": "linkedin_url"},
        {"field": "Other_Phone__c", "source": "phone"},
        {"field": "Other_Mail__c", "source": "past_email"},
        {"field": "Do_Not_Mail__c", "source": "is_target_company"},
        {"field": "Do_Not_Mail__c", "target": "past_lead", "text": "no", "replace": True},
    ],
)
def test_what_fits_is_not_refused(said):
    assert problem(**said) == ""


@pytest.mark.parametrize("target", ["new_lead", "past_lead"])
def test_a_new_record_needs_the_right_to_fill_a_field_and_the_past_one_to_change_it(target):
    known = own_fields()["Lead"]["Region__c"]
    first = replace(known, createable=True, updateable=False)
    later = replace(known, createable=False, updateable=True)
    fits, does_not = (later, first) if target == "past_lead" else (first, later)
    assert problem(target=target, facts=fits, text="x") == ""
    assert "may not write this field" in problem(target=target, facts=does_not, text="x")


@pytest.mark.parametrize(
    ("field", "said", "value"),
    [
        ("Region__c", {"source": "new_company_employees"}, "15614"),
        ("Region__c", {"source": "is_target_company"}, "No"),
        ("Region__c", {"source": "kind"}, "Job change"),
        ("Region__c", {"source": "job_started_date"}, "2026-03-27"),
        ("Seats__c", {"source": "new_company_employees"}, 15614),
        ("Score__c", {"text": "2.50"}, 2.5),
        ("Score__c", {"text": "3.0"}, 3),
        ("Moved_On__c", {"source": "detected_at"}, "2026-04-01"),
        ("Noticed__c", {"source": "detected_at"}, "2026-04-01T18:39:00.000+0000"),
        ("Noticed__c", {"text": "2026-03-27T11:30:00+02:00"}, "2026-03-27T09:30:00.000+0000"),
        ("Do_Not_Mail__c", {"source": "is_target_company"}, False),
        ("Do_Not_Mail__c", {"text": "Yes"}, True),
        ("Tags__c", {"text": "Hot; Moved;"}, "Hot;Moved"),
        ("Code__c", {"source": "key"}, "jc-07-00072"),
    ],
)
def test_a_value_takes_the_type_of_the_field(field, said, value):
    item = FieldMap(target="new_lead", field=field, **said)
    found, why = mapped_value(item, job_change(), own_fields()["Lead"][field])
    assert (found, why) == (value, "")
    assert type(found) is type(value)


def test_every_source_is_an_attribute_of_a_job_change_and_fits_a_long_text():
    notes = own_fields()["Lead"]["Notes__c"]
    for source in MAPPING_SOURCES:
        item = FieldMap(target="new_lead", field="Notes__c", source=source)
        assert mapping_problem(item, notes, USERGEM_1) == ""
        value, why = mapped_value(item, job_change(), notes)
        assert why == ""
        assert value is None or isinstance(value, str)


@pytest.mark.parametrize("object_name", ["Lead", "Contact", "Account"])
def test_nothing_that_a_plan_fills_itself_may_be_mapped(object_name):
    chosen = settings(record_mode="always_contact" if object_name != "Lead" else "always_lead")
    plan = plan_make(job_change(), chosen, matches(past=past_contact()))
    for write in plan.writes:
        if write.object_name == object_name:
            ours = FIELDS_OF_OURS[object_name] | USERGEM_1.fields_on(object_name)
            assert set(write.fields) <= ours


def test_stored_mappings_are_read_and_unknown_parts_left_aside():
    stored = [{"target": "new_lead", "field": "Region__c", "text": "North", "extra": 1}]
    assert mapping_from_json(stored) == (
        FieldMap(target="new_lead", field="Region__c", text="North"),
    )


# --- lookups -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("Known_Account__c", ""),
        ("Nowhere__c", "does not see this field"),
        ("Sponsor__c", "no lookup to Account"),
        ("ConvertedAccountId", "fills this field itself"),
        ("UserGem__PastAccount__c", "fills this field itself"),
    ],
)
def test_only_a_lookup_to_an_account_takes_the_matched_account(field, sentence):
    found = lookup_problem(field, own_fields()["Lead"].get(field), USERGEM_1)
    assert sentence in found
    assert bool(found) == bool(sentence)


def test_a_lookup_that_may_not_be_filled_takes_no_account():
    known = replace(own_fields()["Lead"][LEAD_ACCOUNT], createable=False)
    assert "may not write" in lookup_problem(LEAD_ACCOUNT, known, USERGEM_1)


def test_only_a_lookup_to_a_user_names_the_owner_of_contacts():
    shape = own_fields()["Account"]
    assert owner_field_problem(shape["SDR_Owner__c"]) == ""
    assert "no lookup to User" in owner_field_problem(shape["Region__c"])
    assert "does not see" in owner_field_problem(None)
