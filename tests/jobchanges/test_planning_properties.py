"""What holds for any job change, any settings and any contents of the org."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning import plan_from_json, plan_hash, plan_make, plan_to_json
from jobchanges.planning.asking import questions_first, questions_second
from jobchanges.planning.types import AccountFact, FieldFacts, JobChangeData, Matches, Ref
from tests.jobchanges.planning_world import (
    CAMPAIGN,
    DEFAULT_OWNER,
    ORG,
    OWNER,
    fields,
    person,
    settings,
)

# The same cases in every run, so that a red run can be trusted; more by PROPERTY_EXAMPLES.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
CASES = hypothesis_settings(
    max_examples=EXAMPLES or 80, derandomize=not EXAMPLES, database=None, deadline=None
)
SHAPE = fields()
PACKAGE = {name: USERGEM_1.fields_on(name) for name in SHAPE}
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

wild = st.one_of(
    st.sampled_from(
        [
            "", "", "O'Brien", "<b>x</b>", "=1+1", "@{person.id}", "\\", "') OR Name != ('",
            "100%_", "高橋 裕樹", "Zoë", "a\nb", "🚀" * 50, "e\u0301" * 90, '"quoted"', "null",
        ]
    ),
    st.text(max_size=120),
)  # fmt: skip
companies = st.one_of(st.sampled_from(["", "Swedbank", "Swedbank AB"]), wild)
ids = {
    "Contact": st.sampled_from(["0037z00000002DBAAY", "0037z00000001IeAAI"]),
    "Lead": st.sampled_from(["00Q7z00000002LAEAY", "00Q7z00000002LBEAY"]),
}
job_changes = st.builds(
    JobChangeData,
    key=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", fullmatch=True),
    kind=st.sampled_from(["joined", "left", "promotion"]),
    first_name=wild,
    last_name=wild.filter(bool),
    past_company_name=wild,
    relationship_type=wild,
    detected_at=st.integers(0, 50 * 365 * 86_400).map(
        lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    linkedin_url=wild,
    person_country=wild,
    person_state=wild,
    phone=wild,
    past_email=wild,
    past_title=wild,
    past_contact_id=st.sampled_from(["", "0037z00000002DBAAY"]),
    past_lead_id=st.sampled_from(["", "00Q7z00000002LAEAY"]),
    past_account_id=st.sampled_from(["", "0017z00000000RJAAY"]),
    new_email=wild,
    new_company_name=companies,
    new_company_domain=st.sampled_from(["", "swedbank.example", "o'x.example"]),
    new_company_website=wild,
    new_company_employees=st.none() | st.integers(0, 99_999_999),
    new_company_country=wild,
    new_company_city=wild,
    new_title=wild,
    job_started_date=st.none() | st.dates(min_value=date(1990, 1, 1)),
    role_started_date=st.none() | st.dates(min_value=date(1990, 1, 1)),
    is_target_company=st.booleans(),
)


@st.composite
def org_shapes(draw):
    """Some fields hidden, some not writable, some short, some with a closed list of values."""
    shape = {name: dict(facts) for name, facts in SHAPE.items()}
    for name in draw(st.sets(st.sampled_from(sorted(SHAPE)), max_size=1)):
        del shape[name]
    for name, facts in shape.items():
        for field in draw(st.sets(st.sampled_from(sorted(facts)), max_size=4)):
            change = draw(
                st.sampled_from(["hidden", "not_createable", "not_updateable", "short", "closed"])
            )
            if change == "closed" and field == USERGEM_1.key_field:
                continue  # a key is never a picklist
            if change == "hidden":
                del facts[field]
                continue
            changed = {
                "not_createable": {"createable": False},
                "not_updateable": {"updateable": False},
                "short": {"length": 5},
                "closed": {"type": "picklist", "allowed": frozenset({"Web"})},
            }[change]
            facts[field] = FieldFacts(**{**vars(SHAPE[name][field]), **changed})
    return shape


@st.composite
def people(draw):
    object_name = draw(st.sampled_from(["Contact", "Lead"]))
    own = SHAPE[object_name]
    filled = draw(st.sets(st.sampled_from(sorted(own)), max_size=12))
    return person(
        object_name,
        id=draw(ids[object_name]),
        converted=object_name == "Lead" and draw(st.booleans()),
        account_id=draw(st.sampled_from(["", "0017z00000000RJAAY"]))
        if object_name == "Contact"
        else "",
        values=dict.fromkeys(filled, "theirs"),
    )


accounts = st.builds(
    AccountFact,
    id=st.just("0017z00000000G8AAI"),
    name=wild,
    website=wild,
    owner_id=st.sampled_from(["", OWNER]),
    owner_active=st.booleans(),
)


@st.composite
def all_matches(draw):
    """What was found; a record found twice is one record."""
    at_new = draw(st.none() | people().filter(lambda found: not found.converted))
    past = draw(st.none() | people())
    if at_new and past and at_new.id == past.id:
        past = at_new
    return Matches(
        account=draw(st.none() | accounts),
        person=at_new,
        past=past,
        past_account=draw(st.none() | accounts),
        default_owner_active=draw(st.sampled_from([True, True, True, False, None])),
        member_exists=draw(st.booleans()),
    )


all_settings = st.builds(
    settings,
    record_mode=st.sampled_from(["contact_if_account", "always_lead", "always_contact"]),
    contact_owner_rule=st.sampled_from(["account_owner", "default_owner"]),
    default_owner_id=st.sampled_from([DEFAULT_OWNER, DEFAULT_OWNER, ""]),
    lead_source=wild,
    campaign_id=st.sampled_from(["", CAMPAIGN]),
    campaign_status=st.sampled_from(["", "Sent"]),
    fields=org_shapes(),
)


@given(job_changes, all_settings, all_matches())
@CASES
def test_nothing_that_is_filled_is_overwritten(job_change, chosen, found):
    plan = plan_make(job_change, chosen, found)
    existing = {item.id: item for item in (found.person, found.past) if item}
    for write in plan.writes:
        if write.operation == "create":
            assert write.record_id is None
            continue
        record = existing[write.record_id]
        for name in write.fields:
            ours = name in PACKAGE[write.object_name]
            assert ours or record.values[name] in (None, "")
            assert write.before[name] == record.values.get(name)
        if write.role == "past_person":
            assert set(write.fields) == {"UserGem__NoLongerAtCompany__c"}


@given(job_changes, all_settings, all_matches())
@CASES
def test_only_known_objects_and_writable_fields_with_values_that_fit(job_change, chosen, found):
    for write in plan_make(job_change, chosen, found).writes:
        allowed = STANDARD[write.object_name] | PACKAGE[write.object_name]
        assert set(write.fields) <= allowed
        for name, value in write.fields.items():
            facts = chosen.fields[write.object_name][name]
            assert facts.createable if write.operation == "create" else facts.updateable
            if isinstance(value, str):
                assert value
                assert not facts.length or len(value.encode("utf-16-le")) // 2 <= facts.length
                assert facts.allowed is None or value in facts.allowed
                assert "@{" not in value


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
        assert "UserGem__NoLongerAtCompany__c" not in write.fields


@given(job_changes, all_settings, all_matches())
@CASES
def test_the_same_input_gives_the_same_plan_and_hash(job_change, chosen, found):
    plan = plan_make(job_change, chosen, found)
    assert plan == plan_make(job_change, chosen, found)
    assert plan_from_json(plan_to_json(plan)) == plan
    assert plan_hash(plan_from_json(plan_to_json(plan))) == plan_hash(plan)


LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
SKELETON = re.compile(
    r"SELECT [\w., ]+ FROM \w+ WHERE (?:[\w.]+ (?:=|LIKE|IN) \?|[\w.]+ IN \([?,]+\)| OR | AND |"
    r"\(|\))+"
)


@given(st.lists(job_changes, max_size=4), all_settings)
@CASES
def test_wild_names_stay_inside_one_literal_of_the_query(wild_ones, chosen):
    asked = questions_first(wild_ones, chosen) + questions_second(
        ["0037z00000001IeAAI"], ["00Q7z00000002LAEAY"], chosen
    )
    for question in asked:
        assert SKELETON.fullmatch(LITERAL.sub("?", question.soql)), question.soql
