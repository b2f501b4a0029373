"""Required fields that we do not fill."""

from integrations.checks.required_fields import RequiredFields
from tests.integrations.checks.surveys import (
    DESCRIBED,
    a_context,
    healthy,
    with_field,
    without_object,
)


def found_with(described, **context):
    return RequiredFields().run(healthy(described=described), a_context(**context))


def required(object_name="Lead", field="Region__c", **more):
    return with_field(DESCRIBED, object_name, field, label="Region", nillable=False, **more)


def test_what_we_fill_suffices_in_a_healthy_org():
    finding = found_with(DESCRIBED)
    assert finding.outcome == "pass"
    assert finding.found == "We fill every field that the org requires."


def test_a_required_field_of_the_customers_own_fails():
    finding = found_with(required())
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == (
        "Required on new leads, and not filled by us: Region (Region__c)."
    )
    assert "give it a default value" in finding.items[0].fix
    assert finding.items[0].key == "Lead.required:Region__c"


def test_a_default_of_the_org_fills_it():
    assert found_with(required(defaulted_on_create=True)).outcome == "pass"


def test_a_field_that_nobody_may_create_is_not_required_of_us():
    assert found_with(required(createable=False)).outcome == "pass"


def test_an_object_that_the_settings_never_create_may_require_what_it_likes():
    assert found_with(required("Account")).outcome == "pass"
    assert found_with(required("Account"), record_mode="always_contact").outcome == "fail"
    assert found_with(required(), record_mode="always_contact").outcome == "pass"


def test_a_field_that_only_some_job_changes_fill_is_a_warning():
    described = with_field(DESCRIBED, "Lead", "Phone", nillable=False)
    always = {"Lead": frozenset({"LastName", "Company"})}
    finding = found_with(described, fields_always=always)
    assert finding.outcome == "warning"
    assert "not every job change brings it: Phone" in finding.items[0].sentence
    assert found_with(described).outcome == "pass"


def test_an_object_that_is_hidden_cannot_be_looked_at():
    finding = found_with(without_object(DESCRIBED, "Lead"))
    assert finding.outcome == "cannot"
    assert finding.missing_right == "Read on Lead"


def test_before_the_settings_are_known_there_is_nothing_to_compare():
    check = RequiredFields()
    assert not check.applies(a_context(fields_created={}))
    assert check.not_needed(a_context(fields_created={}))


def test_two_fields_of_one_object_are_one_point():
    described = with_field(required(), "Lead", "Segment__c", label="Segment", nillable=False)
    finding = found_with(described)
    assert len(finding.items) == 1
    assert "Region (Region__c) and Segment (Segment__c)" in finding.items[0].sentence
