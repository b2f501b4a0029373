"""What each write says of the org's assignment and duplicate rules: always, and as chosen."""

import pytest

from jobchanges.planning import plan_from_json, plan_hash, plan_make, plan_to_json
from tests.jobchanges.planning_world import account, job_change, matches, person, settings

ASSIGN = "Sforce-Auto-Assign"
DUPLICATES = "Sforce-Duplicate-Rule-Header"


def headers(plan):
    return {(write.operation, write.object_name): dict(write.headers) for write in plan.writes}


@pytest.mark.parametrize("found", [matches(), matches(account=account()), matches(person=person())])
def test_without_a_choice_every_write_forbids_assignment_and_saving_past_alerts(found):
    plan = plan_make(job_change(), settings(), found)
    assert plan.writes
    for said in headers(plan).values():
        assert said == {ASSIGN: "FALSE", DUPLICATES: "allowSave=false"}


def test_assignment_rules_run_on_a_new_lead_only_and_the_preview_says_so():
    plan = plan_make(job_change(), settings(run_assignment_rules=True), matches())
    said = headers(plan)
    assert said.pop(("create", "Lead"))[ASSIGN] == "TRUE"
    assert {each[ASSIGN] for each in said.values()} == {"FALSE"}
    assert any("assignment rules may give the lead another owner" in x for x in plan.explanations)


def test_an_existing_lead_is_never_handed_to_another_owner():
    found = matches(person=person(object_name="Lead"))
    plan = plan_make(job_change(), settings(run_assignment_rules=True), found)
    assert {each[ASSIGN] for each in headers(plan).values()} == {"FALSE"}


def test_saving_past_alerts_is_said_on_every_write():
    plan = plan_make(job_change(), settings(save_past_alerts=True), matches(account=account()))
    assert {each[DUPLICATES] for each in headers(plan).values()} == {"allowSave=true"}


def test_what_is_said_of_rules_is_part_of_what_is_allowed():
    usual = plan_make(job_change(), settings(), matches())
    other = plan_make(job_change(), settings(save_past_alerts=True), matches())
    assert plan_hash(usual) != plan_hash(other)
    assert plan_from_json(plan_to_json(other)).writes == other.writes
