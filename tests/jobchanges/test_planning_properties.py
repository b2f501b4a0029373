"""What holds of one plan: for any job change, any settings and anything that was found."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning import plan_from_json, plan_hash, plan_make, plan_to_json
from jobchanges.planning.types import Ref
from tests.jobchanges.planning_wild import (
    CASES,
    MARK,
    PACKAGE,
    accounts,
    all_matches,
    all_settings,
    cases,
    fits,
    job_changes,
    new_people,
    situations,
)
from tests.jobchanges.planning_world import LEAD_ACCOUNT, ORG, OWN_FIELDS, person

# Said anew for each object, not taken from the code: what plans may write at all.
STANDARD = {
    "Account": {
        "Name", "Website", "NumberOfEmployees", "BillingCity", "BillingCountry", "OwnerId",
    },
    "Contact": {
        "FirstName", "LastName", "Email", "Title", "Phone", "MailingState", "MailingCountry",
        "AccountId", "OwnerId", "LeadSource",
    },
    "Lead": {
        "FirstName", "LastName", "Company", "Email", "Title", "Phone", "State", "Country",
        "NumberOfEmployees", "Website", "OwnerId", "LeadSource",
    },
    "CampaignMember": {"CampaignId", "LeadId", "ContactId", "Status"},
    USERGEM_1.object_name: set(),
}  # fmt: skip
# Only when a record is created.
NEVER_CHANGED = {"OwnerId", "LeadSource", "AccountId", LEAD_ACCOUNT}


def chosen_fields(chosen, target, *, replaced=False):
    """Fields of the customer's own that the settings name for a record (and let us replace)."""
    if target.startswith("past") and not chosen.update_past_record:
        return set()
    return {
        item.field
        for item in chosen.field_mapping
        if item.target == target and item.field in OWN_FIELDS and (item.replace or not replaced)
    }


def allowed(chosen, write):
    """The fields that this write may have under these settings."""
    name = write.object_name
    if chosen.record_mode == "flow_template":
        return PACKAGE[name] if write.role == "package" else set()
    if write.role == "past_person":
        return {MARK} | chosen_fields(chosen, f"past_{name.lower()}")
    found = STANDARD[name] | PACKAGE[name]
    if write.operation == "update":
        return found - NEVER_CHANGED
    if write.role == "person" and name == "Lead" and chosen.lead_account_field == LEAD_ACCOUNT:
        found = found | {LEAD_ACCOUNT}
    return found | chosen_fields(chosen, f"new_{name.lower()}")


@given(situations)
@cases(160)
def test_nothing_that_is_filled_is_overwritten_but_as_the_customer_chose(situation):
    job_change, chosen, found = situation
    plan = plan_make(job_change, chosen, found)
    existing = {item.id: item for item in (found.person, found.past) if item}
    for write in plan.writes:
        if write.operation == "create":
            assert write.record_id is None
            assert write.replaces == ()
            continue
        record = existing[write.record_id]
        opted_in = chosen_fields(chosen, f"past_{write.object_name.lower()}", replaced=True)
        may_replace = opted_in if write.role == "past_person" else set()
        for name in write.fields:
            assert write.before[name] == record.values.get(name)
            is_filled = record.values[name] not in (None, "")
            if is_filled and name not in PACKAGE[write.object_name]:
                assert name in may_replace
                assert name in write.replaces
            else:
                assert name not in write.replaces


@given(situations)
@cases(160)
def test_only_allowed_objects_and_fields(situation):
    job_change, chosen, found = situation
    for write in plan_make(job_change, chosen, found).writes:
        assert set(write.fields) <= allowed(chosen, write)
        if write.operation == "update":
            assert write.role in {"person", "past_person"}


@given(situations)
@cases(160)
def test_every_value_fits_what_the_org_says_of_its_field(situation):
    job_change, chosen, found = situation
    for write in plan_make(job_change, chosen, found).writes:
        for name, value in write.fields.items():
            facts = chosen.fields[write.object_name][name]
            assert facts.createable if write.operation == "create" else facts.updateable
            if isinstance(value, str):
                assert value
                assert not facts.length or len(value.encode("utf-16-le")) // 2 <= facts.length
                assert (
                    facts.allowed is None or facts.type == "multipicklist" or value in facts.allowed
                )
                assert "@{" not in value
                assert "\x00" not in value
            if name in OWN_FIELDS | {LEAD_ACCOUNT}:
                assert fits(value, facts), (name, value)


@given(new_people)
@cases(160)
def test_no_owner_of_somebody_new_is_inactive(situation):
    job_change, chosen, found = situation
    active = {one for one, is_active in found.users_active.items() if is_active}
    if found.default_owner_active:
        active.add(chosen.default_owner_id)
    if found.account and found.account.owner_active:
        active.add(found.account.owner_id)
    if found.account and found.account.lookup_owner_active:
        active.add(found.account.lookup_owner_id)
    for write in plan_make(job_change, chosen, found).writes:
        if "OwnerId" in write.fields:
            assert write.fields["OwnerId"] in active - {""}


@given(job_changes, all_settings, all_matches())
@CASES
def test_a_converted_lead_is_never_written(job_change, chosen, found):
    converted = {item.id for item in (found.person, found.past) if item and item.converted}
    for write in plan_make(job_change, chosen, found).writes:
        assert write.record_id not in converted


@given(job_changes, all_settings, all_matches(), st.integers(1, 9))
@CASES
def test_one_package_record_comes_last_with_the_key(job_change, chosen, found, attempt):
    plan = plan_make(job_change, chosen, found, attempt_number=attempt)
    if plan.is_held:
        assert plan.writes == ()
        assert plan.outcome == ""
        assert len(plan.held_reason) <= 500
        return
    places = [write.role for write in plan.writes]
    assert places.count("package") == 1
    assert places[-1] == "package"
    record = plan.writes[-1]
    assert record.operation == "create"
    assert record.fields[USERGEM_1.key_field] == f"{job_change.key}:{ORG}"
    assert plan.outcome in {"created", "enriched", "past_only", "package_only"}


@given(job_changes, all_settings, all_matches())
@CASES
def test_never_two_records_for_one_person_and_nodes_in_their_order(job_change, chosen, found):
    plan = plan_make(job_change, chosen, found)
    order = ["account", "person", "past_person", "campaign_member", "package"]
    places = [order.index(write.role) for write in plan.writes]
    assert places == sorted(set(places))
    touched = [write.record_id for write in plan.writes if write.record_id]
    assert len(touched) == len(set(touched))
    created = [write.role for write in plan.writes if write.operation == "create"]
    if found.person or job_change.kind != "joined":
        assert "person" not in created
        assert "account" not in created
    if found.account:
        assert "account" not in created


@given(job_changes, all_settings, all_matches(), accounts)
@CASES
def test_a_company_that_has_an_account_never_gets_another(job_change, chosen, found, account):
    joining = replace(job_change, kind="joined", new_company_name="Swedbank")
    at_account = replace(found, account=account, person=None, default_owner_active=True)
    assert plan_make(joining, chosen, at_account).write("account") is None


@given(job_changes, all_settings, all_matches())
@CASES
def test_references_point_to_records_created_before(job_change, chosen, found):
    created = set()
    for write in plan_make(job_change, chosen, found).writes:
        for value in write.fields.values():
            if isinstance(value, Ref):
                assert value.reference in created
        if write.operation == "create":
            created.add(write.reference)


@given(job_changes, all_settings, all_matches())
@CASES
def test_a_promotion_never_says_somebody_left(job_change, chosen, found):
    job_change = replace(job_change, kind="promotion")
    if found.person is None:
        found = replace(found, person=person())
    for write in plan_make(job_change, chosen, found).writes:
        assert write.role in {"person", "package"}
        assert MARK not in write.fields


@given(job_changes, all_settings, all_matches())
@CASES
def test_somebody_who_left_gets_no_new_record(job_change, chosen, found):
    for write in plan_make(replace(job_change, kind="left"), chosen, found).writes:
        assert write.role in {"past_person", "package"}


@given(job_changes, all_settings, all_matches())
@CASES
def test_the_same_input_gives_the_same_plan_and_hash(job_change, chosen, found):
    plan = plan_make(job_change, chosen, found)
    assert plan == plan_make(job_change, chosen, found)
    assert plan_from_json(plan_to_json(plan)) == plan
    assert plan_hash(plan_from_json(plan_to_json(plan))) == plan_hash(plan)
