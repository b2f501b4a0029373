"""The mode in which the org's own flow does the work, and the account on a new lead."""

import pytest

from jobchanges.planning import plan_make
from tests.jobchanges.planning_world import (
    CAMPAIGN,
    LEAD_ACCOUNT,
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


def by_flow(**changes):
    return settings(record_mode="flow_template", campaign_id=CAMPAIGN, **changes)


# --- the flow template ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (job_change(), matches()),
        (job_change(), matches(account=account(), person=person(), past=past_contact())),
        (left(), matches(past=past_contact())),
        (job_change(kind="promotion"), matches(person=person())),
    ],
    ids=["joined, nobody known", "joined, all known", "left", "promotion"],
)
def test_only_the_package_record_is_written_and_the_preview_says_so(change, found):
    plan = plan_make(change, by_flow(), found)
    assert [(write.role, write.operation) for write in plan.writes] == [("package", "create")]
    assert plan.outcome == "package_only"
    assert (
        "Only the UserGem record is written: the org’s own flow does the rest." in plan.explanations
    )


def test_the_flow_finds_all_that_was_matched_in_the_lookups():
    at_account = person(account_id=account().id)
    found = matches(account=account(), person=at_account, past=past_contact())
    record = plan_make(job_change(), by_flow(), found).write("package").fields
    assert record[f"{P}NewContact__c"] == person().id
    assert record[f"{P}NewAccount__c"] == account().id
    assert record[f"{P}PastContact__c"] == past_contact().id
    assert record[f"{P}PastAccount__c"] == past_contact().account_id
    assert record[f"{P}NewEmail__c"] == "cmanning@swedbank.example"


def test_a_promotion_tells_the_flow_of_no_past_record():
    found = matches(person=person(), past=past_contact())
    record = plan_make(job_change(kind="promotion"), by_flow(), found).write("package").fields
    assert record[f"{P}NewContact__c"] == person().id
    assert f"{P}PastContact__c" not in record, "nobody left"


def test_the_flow_needs_no_owner_and_no_right_to_create_people():
    shape = own_fields()
    del shape["Lead"], shape["Contact"], shape["Account"]
    chosen = by_flow(default_owner_id="", fields=shape)
    assert not plan_make(job_change(), chosen, matches(default_owner_active=None)).is_held


def test_left_and_promotion_without_a_record_are_held_as_in_the_other_modes():
    assert plan_make(left(), by_flow(), matches()).is_held
    assert plan_make(job_change(kind="promotion"), by_flow(), matches()).is_held


# --- the account on a new lead -------------------------------------------------------------------


def with_account_on_lead(field=LEAD_ACCOUNT, **changes):
    return settings(
        **{
            "record_mode": "always_lead",
            "fields": own_fields(),
            "lead_account_field": field,
            **changes,
        }
    )


def test_a_new_lead_names_the_matched_account_in_the_customers_own_lookup():
    plan = plan_make(job_change(), with_account_on_lead(), matches(account=account()))
    assert plan.write("person").fields[LEAD_ACCOUNT] == account().id


def test_without_a_matched_account_the_lookup_stays_empty():
    plan = plan_make(job_change(), with_account_on_lead(), matches())
    assert LEAD_ACCOUNT not in plan.write("person").fields


def test_a_contact_or_an_existing_lead_gets_no_such_lookup():
    chosen = with_account_on_lead(record_mode="contact_if_account")
    plan = plan_make(job_change(), chosen, matches(account=account()))
    assert LEAD_ACCOUNT not in plan.write("person").fields
    found = matches(account=account(), person=person("Lead"))
    plan = plan_make(job_change(), with_account_on_lead(), found)
    assert LEAD_ACCOUNT not in plan.write("person").fields


@pytest.mark.parametrize(
    "field", ["Region__c", "Sponsor__c", "Nowhere__c", "UserGem__PastAccount__c"]
)
def test_a_field_that_is_no_lookup_to_an_account_is_left_out_and_said_so(field):
    chosen = with_account_on_lead(field)
    plan = plan_make(job_change(), chosen, matches(account=account()))
    assert plan.write("person").fields.get(field) != account().id
    assert any("left out" in sentence and field in sentence for sentence in plan.explanations)
