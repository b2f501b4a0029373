"""What checks are told of the fields that plans fill, held against what plans write."""

import pytest
from hypothesis import HealthCheck, given, settings

from integrations.salesforce.manifest import USERGEM_1, USERGEMS_0
from jobchanges.planning import plan_make
from jobchanges.planning.filled import fields_filled
from tests.jobchanges.planning_world import CAMPAIGN, job_change, matches
from tests.jobchanges.planning_world import settings as settings_of
from tests.jobchanges.test_planning_properties import all_matches, all_settings, job_changes

CASES = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
MODES = ["", "always_lead", "always_contact", "contact_if_account"]


def filled_for(chosen):
    return fields_filled(
        chosen.manifest,
        record_mode=chosen.record_mode,
        campaign=bool(chosen.campaign_id),
        member_status=bool(chosen.campaign_status),
    )


@given(job_changes, all_settings, all_matches())
@CASES
def test_no_plan_writes_a_field_that_checks_were_not_told_of(somebody, chosen, found):
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
