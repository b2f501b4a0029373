"""Fields that the customer has filled besides: on new records, and on the past one (rule 6)."""

from dataclasses import replace

import pytest

from jobchanges.blanking import plan_without_before
from jobchanges.coverage import coverage_of_run
from jobchanges.models import Delivery
from jobchanges.planning import plan_from_json, plan_hash, plan_make, plan_to_json
from jobchanges.planning.types import FieldFacts, FieldMap
from jobchanges.planning.values import fields_read
from tests.jobchanges.planning_world import (
    account,
    job_change,
    left,
    matches,
    own_fields,
    past_contact,
    person,
    settings,
)

P = "UserGem__"
MARK = f"{P}NoLongerAtCompany__c"


def with_mapping(*items, **changes):
    found = tuple(FieldMap(**item) for item in items)
    return settings(**{"fields": own_fields(), "field_mapping": found, **changes})


def on_past(field, replace=False, **said):
    return {"target": "past_contact", "field": field, "replace": replace, **said}


def on_lead(field, **said):
    return {"target": "new_lead", "field": field, **said}


def words(plan):
    return " ".join(plan.explanations)


# --- new records ---------------------------------------------------------------------------------


def test_a_new_lead_gets_a_value_of_the_job_change_and_a_fixed_text():
    chosen = with_mapping(
        on_lead("Region__c", source="person_country"), on_lead("Reason__c", text="Job change")
    )
    plan = plan_make(job_change(), chosen, matches())
    lead = plan.write("person").fields
    assert lead["Region__c"] == "United States"
    assert lead["Reason__c"] == "Job change"
    assert "mapped" in plan.branches


@pytest.mark.parametrize(
    ("mode", "role", "target"),
    [("always_contact", "account", "new_account"), ("always_contact", "person", "new_contact")],
)
def test_each_new_record_gets_its_own_mapping_only(mode, role, target):
    chosen = with_mapping(
        {"target": target, "field": "Region__c", "source": "new_company_city"}, record_mode=mode
    )
    plan = plan_make(job_change(), chosen, matches())
    having = [write.role for write in plan.writes if "Region__c" in write.fields]
    assert having == [role]


def test_an_existing_person_gets_nothing_of_what_is_for_new_records():
    chosen = with_mapping({"target": "new_contact", "field": "Region__c", "text": "North"})
    plan = plan_make(job_change(), chosen, matches(person=person()))
    assert "Region__c" not in plan.write("person").fields
    assert "mapped" not in plan.branches


def test_a_job_change_without_the_value_leaves_the_field_alone():
    chosen = with_mapping(on_lead("Moved_On__c", source="role_started_date"))
    plan = plan_make(job_change(role_started_date=None), chosen, matches())
    assert "Moved_On__c" not in plan.write("person").fields


def test_a_mapping_onto_a_field_of_ours_changes_nothing_and_is_said():
    chosen = with_mapping(
        on_lead("LeadSource", text="Theirs"), on_lead("UserGem__Persona__c", text="Buyer")
    )
    plan = plan_make(job_change(), chosen, matches())
    assert plan.write("person").fields["LeadSource"] == "UserGems"
    assert "UserGem__Persona__c" not in plan.write("person").fields
    assert "UserGems fills this field itself" in words(plan)


def test_the_first_of_two_mappings_for_one_field_holds():
    chosen = with_mapping(on_lead("Region__c", text="North"), on_lead("Region__c", text="South"))
    plan = plan_make(job_change(), chosen, matches())
    assert plan.write("person").fields["Region__c"] == "North"


def test_a_mapped_text_that_is_too_long_is_shortened_and_said_so():
    chosen = with_mapping(on_lead("Region__c", source="new_title"))
    plan = plan_make(job_change(), chosen, matches())
    assert plan.write("person").fields["Region__c"] == "Director of Customer"
    assert "Lead field Region__c: shortened to 20 characters." in plan.explanations


def test_a_value_outside_the_list_is_left_out_and_said_so():
    chosen = with_mapping(on_lead("Reason__c", source="new_title"))
    plan = plan_make(job_change(), chosen, matches())
    assert "Reason__c" not in plan.write("person").fields
    assert "is not among its values, left out" in words(plan)


def test_a_number_too_large_for_the_field_is_left_out_and_said_so():
    chosen = with_mapping(on_lead("Score__c", source="new_company_employees"))
    plan = plan_make(job_change(new_company_employees=2_000_000), chosen, matches())
    assert "Score__c" not in plan.write("person").fields
    assert "Lead field Score__c: left out. “2000000” is larger than this field takes." in words(
        plan
    )


def test_a_required_field_of_the_customers_own_may_be_filled_by_mapping():
    region = FieldFacts(name="Region__c", label="Region", length=20, required=True)
    shape = own_fields(Lead={"Region__c": region})
    chosen = with_mapping(on_lead("Region__c", text="North"), fields=shape)
    plan = plan_make(job_change(), chosen, matches())
    assert not any("required in this org" in sentence for sentence in plan.explanations)


# --- the past record -----------------------------------------------------------------------------


def test_an_empty_field_of_the_past_record_is_filled_without_being_asked():
    chosen = with_mapping(on_past("Reason__c", text="Left company"))
    plan = plan_make(left(), chosen, matches(past=past_contact()))
    write = plan.write("past_person")
    assert write.fields == {MARK: True, "Reason__c": "Left company"}
    assert write.before == {MARK: None, "Reason__c": None}
    assert write.replaces == ()
    assert "replaced" not in plan.branches


def test_a_filled_field_of_the_past_record_stays_unless_the_customer_chose_to_replace_it():
    chosen = with_mapping(on_past("Reason__c", text="Left company"))
    past = past_contact(values={"Reason__c": "Job change"})
    plan = plan_make(left(), chosen, matches(past=past))
    assert plan.write("past_person").fields == {MARK: True}
    assert "Contact field Reason__c: holds another value already and stays as it is." in words(plan)


def test_a_filled_field_is_replaced_where_chosen_and_the_explanation_names_both_values():
    chosen = with_mapping(on_past("Reason__c", replace=True, text="Left company"))
    past = past_contact(values={"Reason__c": "Job change"})
    plan = plan_make(left(), chosen, matches(past=past))
    write = plan.write("past_person")
    assert write.fields["Reason__c"] == "Left company"
    assert write.before["Reason__c"] == "Job change"
    assert write.replaces == ("Reason__c",)
    assert (
        "Contact field Reason__c: “Job change” is replaced by “Left company”, as chosen in the "
        "settings." in plan.explanations
    )
    assert "replaced" in plan.branches


@pytest.mark.parametrize(
    ("past", "other"), [(past_contact(), "past_lead"), (person("Lead"), "past_contact")]
)
def test_leave_to_replace_a_leads_field_is_none_for_the_contacts_and_the_other_way(past, other):
    mine = f"past_{past.object_name.lower()}"
    chosen = with_mapping(
        {"target": mine, "field": "Reason__c", "text": "Left company"},
        {"target": other, "field": "Reason__c", "text": "Left company", "replace": True},
    )
    held = replace(past, values={**past.values, "Reason__c": "Their own"})
    plan = plan_make(left(), chosen, matches(past=held))
    assert "Reason__c" not in plan.write("past_person").fields


def test_a_field_that_holds_the_wanted_value_already_is_not_written_again():
    chosen = with_mapping(on_past("Reason__c", replace=True, text="Left company"))
    past = past_contact(values={"Reason__c": "Left company", MARK: True})
    plan = plan_make(left(), chosen, matches(past=past))
    assert [write.role for write in plan.writes] == ["package"]
    assert plan.outcome == "package_only"


@pytest.mark.parametrize("held", [False, True])
def test_a_checkbox_of_the_past_record_needs_leave_to_be_replaced(held):
    chosen = with_mapping(on_past("Do_Not_Mail__c", text="true"))
    past = past_contact(values={"Do_Not_Mail__c": held})
    plan = plan_make(left(), chosen, matches(past=past))
    assert "Do_Not_Mail__c" not in plan.write("past_person").fields
    chosen = with_mapping(on_past("Do_Not_Mail__c", replace=True, text="true"))
    plan = plan_make(left(), chosen, matches(past=past))
    assert ("Do_Not_Mail__c" in plan.write("past_person").fields) is not held


def test_a_field_that_was_not_read_is_never_written():
    past = past_contact()
    unread = {name: held for name, held in past.values.items() if name != "Reason__c"}
    chosen = with_mapping(on_past("Reason__c", replace=True, text="Left company"))
    plan = plan_make(left(), chosen, matches(past=replace(past, values=unread)))
    assert "Reason__c" not in plan.write("past_person").fields
    assert "could not be read" in words(plan)


def test_without_the_mark_the_customers_own_fields_are_still_written():
    chosen = with_mapping(
        on_past("Reason__c", text="Left company"), fields=own_fields(Contact={MARK: None})
    )
    plan = plan_make(left(), chosen, matches(past=past_contact()))
    assert plan.write("past_person").fields == {"Reason__c": "Left company"}


def test_a_past_lead_and_a_past_contact_have_mappings_of_their_own():
    chosen = with_mapping(on_past("Reason__c", text="Left company"))
    plan = plan_make(left(past_contact_id=""), chosen, matches(past=person("Lead")))
    assert plan.write("past_person").fields == {MARK: True}


@pytest.mark.parametrize(
    "found",
    [
        matches(person=past_contact(), past=past_contact()),
        matches(account=account(), past=replace(person("Lead"), converted=True)),
    ],
    ids=["stands at the new company", "converted lead"],
)
def test_a_record_that_is_no_past_record_any_more_gets_no_mapped_field(found):
    chosen = with_mapping(
        on_past("Reason__c", replace=True, text="Left company"),
        {"target": "past_lead", "field": "Reason__c", "text": "Left company", "replace": True},
    )
    for write in plan_make(job_change(), chosen, found).writes:
        assert write.role != "past_person"
        assert "Reason__c" not in write.fields


def test_a_promotion_leaves_mapped_fields_of_the_past_record_alone():
    chosen = with_mapping(on_past("Reason__c", replace=True, text="Left company"))
    found = matches(person=person(), past=past_contact())
    plan = plan_make(job_change(kind="promotion"), chosen, found)
    assert not any("Reason__c" in write.fields for write in plan.writes)


def test_the_past_record_is_linked_and_not_written_where_the_customer_wants_it_so():
    chosen = with_mapping(
        on_past("Reason__c", replace=True, text="Left company"), update_past_record=False
    )
    plan = plan_make(left(), chosen, matches(past=past_contact()))
    assert [write.role for write in plan.writes] == ["package"]
    assert plan.write("package").fields[f"{P}PastContact__c"] == past_contact().id
    assert plan.outcome == "package_only"
    assert "linked and, as chosen in the settings, not changed" in words(plan)


def test_matching_reads_the_mapped_fields_of_past_records_that_are_visible():
    chosen = with_mapping(
        on_past("Reason__c", text="x"),
        on_past("Hidden__c", text="x"),
        on_lead("Notes__c", text="x"),
    )
    assert "Reason__c" in fields_read(chosen, "Contact")
    assert not {"Hidden__c", "Notes__c"} & set(fields_read(chosen, "Contact"))
    assert not {"Reason__c", "Notes__c"} & set(fields_read(chosen, "Lead"))


# --- stored and hashed ---------------------------------------------------------------------------


def replaced_plan():
    chosen = with_mapping(on_past("Reason__c", replace=True, text="Left company"))
    past = past_contact(values={"Reason__c": "Job change"}, modified_at="2026-04-01T10:00:00Z")
    return plan_make(left(), chosen, matches(past=past))


def test_what_is_replaced_and_when_it_was_read_survives_storage():
    plan = replaced_plan()
    assert plan.write("past_person").modified_at == "2026-04-01T10:00:00Z"
    assert plan_from_json(plan_to_json(plan)) == plan


def test_only_what_is_replaced_is_part_of_the_hash():
    plan = replaced_plan()
    write = plan.write("past_person")

    def hash_with(**changes):
        others = [replace(write, **changes) if item is write else item for item in plan.writes]
        return plan_hash(replace(plan, writes=tuple(others)))

    assert hash_with(modified_at="", before={}) == plan_hash(plan)
    assert hash_with(replaces=()) != plan_hash(plan)


def test_a_plan_without_replaced_fields_is_stored_and_hashed_as_before():
    plan = plan_make(left(), settings(), matches(past=past_contact()))
    assert all(
        set(write)
        == {
            "role", "object_name", "operation", "record_id", "reference", "fields", "before",
            "headers",
        }
        for write in plan_to_json(plan)["writes"]
    )  # fmt: skip
    # Of the version before mappings: plans kept since then stay the same plans.
    assert plan_hash(plan) == HASH_BEFORE_MAPPINGS


HASH_BEFORE_MAPPINGS = "1787263ce95030aac3a4650254a563a76dd0563d7220f418796b5f78b86b3c6c"


def test_without_before_images_no_explanation_names_what_stood_there():
    kept = plan_without_before(plan_to_json(replaced_plan()))
    assert "Job change" not in str(kept["explanations"])
    plain = plan_to_json(plan_make(left(), settings(), matches(past=past_contact())))
    assert plan_without_before(plain)["explanations"] == plain["explanations"]


def test_a_test_shows_what_mappings_did_only_where_there_are_any():
    without, having = (
        {line.label for line in coverage_of_run([Delivery(plan={"branches": branches})])}
        for branches in ([], ["mapped", "replaced"])
    )
    assert having - without == {"Mapped fields filled", "Filled field replaced"}
