"""Rule 6: an existing record gets its empty fields and the package's own, nothing else."""

import pytest

from jobchanges.delivery.correction import patch_make
from jobchanges.models import RecordWrite
from jobchanges.planning import Plan, Write, plan_make
from jobchanges.planning.types import FieldFacts
from tests.jobchanges.planning_world import (
    fields,
    job_change,
    matches,
    past_contact,
    person,
    settings,
)

LEAD = "00Q7z00000002DBAAY"
ATTEMPT = "UserGem__DeliveryAttempt__c"


@pytest.mark.parametrize("theirs", [0, False])
def test_rule_6_a_zero_and_an_unticked_box_are_no_empty_fields(theirs):
    existing = person("Lead", values={"NumberOfEmployees": theirs})
    plan = plan_make(job_change(new_company_employees=500), settings(), matches(person=existing))
    assert "NumberOfEmployees" not in plan.write("person").fields


THEIRS = {"OwnerId": "0057z000000009cAAA", "Status": "Working", "LeadSource": "Web"}
MAY_WRITE = {name: FieldFacts(name=name, label=name, type="string", length=255) for name in THEIRS}


@pytest.mark.parametrize("object_name", ["Lead", "Contact"])
@pytest.mark.parametrize("role", ["person", "past"])
def test_rule_6_owner_status_and_source_of_an_existing_record_stay_theirs(object_name, role):
    existing = person(object_name, values=THEIRS)
    chosen = settings(fields=fields(**{object_name: MAY_WRITE}))
    plan = plan_make(job_change(), chosen, matches(**{role: existing}))
    (write,) = [item for item in plan.writes if item.record_id == existing.id]
    assert not set(THEIRS) & set(write.fields)


def test_rule_6_a_field_the_user_may_not_see_is_not_taken_for_empty():
    existing = person(values={"Title": "CEO"})
    seen = {name: value for name, value in existing.values.items() if name != "Phone"}
    object.__setattr__(existing, "values", seen)
    plan = plan_make(job_change(), settings(), matches(person=existing))
    assert "Phone" not in plan.write("person").fields


@pytest.mark.parametrize("found", [{"person": person()}, {"past": past_contact()}, {}])
def test_rule_6_no_write_lets_an_assignment_rule_take_a_record_away(found):
    plan = plan_make(job_change(), settings(), matches(**found))
    for write in plan.writes:
        assert write.headers["Sforce-Auto-Assign"] == "FALSE", write.role


@pytest.mark.parametrize("found", [{"person": person()}, {"past": past_contact()}, {}])
def test_rule_6_no_write_overrides_the_customers_duplicate_rules(found):
    plan = plan_make(job_change(), settings(), matches(**found))
    for write in plan.writes:
        assert "allowSave=false" in write.headers["Sforce-Duplicate-Rule-Header"], write.role


def corrected(*, sent, stored, now, wanted):
    """What a correction patches on the lead that the first attempt created."""
    first = RecordWrite(
        role="person",
        object_name="Lead",
        record_id=LEAD,
        operation="create",
        sent=sent,
        stored=stored,
    )
    plan = Plan(
        writes=(Write(role="person", object_name="Lead", operation="create", fields=wanted),)
    )
    patch = patch_make(plan, {"person": first}, {LEAD: now}, ATTEMPT)
    return {name: value for write in patch.writes for name, value in write.fields.items()}


def test_rule_6_a_correction_leaves_alone_what_we_never_wrote():
    fields = corrected(
        sent={"Title": "VP"},
        stored={"Title": "VP", "Rating": None},
        now={"Title": "VP", "Rating": None},
        wanted={"Title": "CEO", "Rating": "Hot"},
    )
    assert fields == {"Title": "CEO"}


def test_rule_6_a_correction_leaves_alone_what_somebody_edited_since():
    fields = corrected(
        sent={"Title": "VP", "Phone": "1"},
        stored={"Title": "VP", "Phone": "1"},
        now={"Title": "Their own words", "Phone": "1"},
        wanted={"Title": "CEO", "Phone": "2"},
    )
    assert fields == {"Phone": "2"}


def test_rule_6_a_correction_leaves_alone_what_somebody_emptied_since():
    fields = corrected(
        sent={"Phone": "1"}, stored={"Phone": "1"}, now={"Phone": None}, wanted={"Phone": "2"}
    )
    assert fields == {}
