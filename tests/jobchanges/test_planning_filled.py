"""What checks are told of the fields that plans fill, held against what plans write."""

import pytest
from hypothesis import given

from integrations.salesforce.manifest import USERGEM_1, USERGEMS_0
from jobchanges.planning import plan_make
from jobchanges.planning.filled import fields_filled
from jobchanges.planning.types import FieldMap
from tests.jobchanges.planning_wild import cases, situations
from tests.jobchanges.planning_world import CAMPAIGN, job_change, matches
from tests.jobchanges.planning_world import settings as settings_of

MODES = ["", "always_lead", "always_contact", "contact_if_account", "flow_template"]


def filled_for(chosen):
    return fields_filled(
        chosen.manifest,
        record_mode=chosen.record_mode,
        campaign=bool(chosen.campaign_id),
        member_status=bool(chosen.campaign_status),
        field_mapping=chosen.field_mapping,
        lead_account_field=chosen.lead_account_field,
        update_past_record=chosen.update_past_record,
    )


@given(situations)
@cases(160)
def test_no_plan_writes_a_field_that_checks_were_not_told_of(situation):
    somebody, chosen, found = situation
    filled = filled_for(chosen)
    for write in plan_make(somebody, chosen, found).writes:
        told = filled.created if write.operation == "create" else filled.updated
        assert set(write.fields) <= told[write.object_name]


@pytest.mark.parametrize("record_mode", MODES[1:])
def test_what_is_called_always_is_in_the_plan_of_somebody_of_whom_little_is_known(record_mode):
    chosen = settings_of(record_mode=record_mode, campaign_id=CAMPAIGN, campaign_status="Sent")
    little = job_change(
        first_name="", new_email="", new_title="", phone="", person_country="", person_state=""
    )
    always = filled_for(chosen).always
    written = {
        write.object_name: set(write.fields)
        for write in plan_make(little, chosen, matches()).writes
        if write.operation == "create"
    }
    assert written
    for name, fields in written.items():
        assert always[name] <= fields


@pytest.mark.parametrize("record_mode", MODES)
def test_only_what_the_settings_make_is_created(record_mode):
    filled = fields_filled(USERGEM_1, record_mode=record_mode, campaign=False)
    made = set(filled.created) - {USERGEM_1.object_name}
    assert (
        made
        == {
            "": {"Lead", "Contact"},
            "always_lead": {"Lead"},
            "always_contact": {"Contact", "Account"},
            "contact_if_account": {"Lead", "Contact"},
            "flow_template": set(),
        }[record_mode]
    )
    assert set(filled.always) == set(filled.created)


def test_what_every_job_change_has_is_always_filled():
    without = fields_filled(USERGEM_1, record_mode="always_lead", campaign=False)
    having = fields_filled(
        USERGEM_1, record_mode="always_lead", campaign=False, always_known={"person_country"}
    )
    assert having.always["Lead"] - without.always["Lead"] == {"Country"}


def test_a_package_without_an_object_gets_no_record():
    filled = fields_filled(USERGEMS_0, record_mode="", campaign=True)
    assert set(filled.created) == {"Lead", "Contact", "CampaignMember"}


def test_the_customers_own_fields_are_told_by_record():
    def mapped(target, **said):
        return FieldMap(target=target, field="Region__c", **said)

    def told(**changes):
        return fields_filled(
            USERGEM_1,
            **{
                "record_mode": "contact_if_account",
                "campaign": False,
                "field_mapping": [mapped("new_lead", text="North"), mapped("past_contact")],
                **changes,
            },
        )

    filled = told()
    assert "Region__c" in filled.created["Lead"] & filled.always["Lead"]
    assert "Region__c" not in filled.created["Contact"] | filled.updated["Lead"]
    assert "Region__c" in filled.updated["Contact"]
    assert "Region__c" not in told(update_past_record=False).updated["Contact"]
    by_source = [mapped("new_lead", source="past_title")]
    assert "Region__c" not in told(field_mapping=by_source).always["Lead"]
    known = told(field_mapping=by_source, always_known={"past_title"})
    assert "Region__c" in known.always["Lead"]


def test_a_past_record_that_is_never_written_is_not_marked():
    mark = USERGEM_1.person_fields["no_longer_at_company"]
    for changes in (True, False):
        filled = fields_filled(
            USERGEM_1, record_mode="always_lead", campaign=False, update_past_record=changes
        )
        assert (mark in filled.updated["Contact"]) is changes


def test_the_flow_template_changes_nothing_that_exists_and_has_no_members():
    filled = fields_filled(USERGEM_1, record_mode="flow_template", campaign=True)
    assert set(filled.created) == {USERGEM_1.object_name}
    assert filled.updated == {}


def test_the_lookup_on_the_lead_is_told_where_a_lead_may_meet_an_account():
    for mode, made in (("always_lead", True), ("contact_if_account", False)):
        filled = fields_filled(
            USERGEM_1, record_mode=mode, campaign=False, lead_account_field="Known_Account__c"
        )
        assert ("Known_Account__c" in filled.created["Lead"]) is made
        assert "Known_Account__c" not in filled.always["Lead"]
