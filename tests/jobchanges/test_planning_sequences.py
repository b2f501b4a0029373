"""Many job changes, one after another, into one org that keeps what earlier plans wrote.

Matching, planning and the rule about what may be in flight together, as delivery uses them; the
org is a model in memory. What is asserted is said anew here, by looking at every record.
"""

import re
from collections import Counter

import pytest
from hypothesis import given

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.delivery.conflicts import touch_keys
from jobchanges.matching import matches_ask
from jobchanges.planning import JobChangeData, plan_make
from tests.jobchanges.org_model import OrgModel
from tests.jobchanges.org_worlds import World, worlds
from tests.jobchanges.planning_wild import CASES, PACKAGE, USERS
from tests.jobchanges.planning_world import OWN_FIELDS, job_change, own_fields, settings
from tests.jobchanges.test_planning_properties import allowed, chosen_fields

# --- the way through delivery --------------------------------------------------------------------


def delivered(world: World):
    """Match groups that may fly together, plan and write each; the plans in their order."""
    waiting = list(world.job_changes)
    while waiting:
        group: list[JobChangeData] = []
        touched: set[str] = set()
        for item in waiting:
            own = touch_keys(item)
            if not own & touched:
                group.append(item)
            touched |= own
        waiting = [item for item in waiting if item not in group]
        found = matches_ask(world.org, group, world.chosen)
        for item in group:
            plan = plan_make(item, world.chosen, found[item.key])
            yield item, found[item.key], plan
            if not plan.is_held:
                world.org.take(plan)


def lower(text) -> str:
    return (text or "").strip().lower()


def host(address) -> str:
    return re.sub(r"^(https?://)?(www\.)?|/.*$", "", lower(address))


def stands_there(org: OrgModel, item: JobChangeData) -> bool:
    """Whether any record of the org is this person at the new company, by the published rules."""
    for object_name in ("Contact", "Lead"):
        for row in org.rows[object_name].values():
            converted = object_name == "Lead" and row["IsConverted"]
            if converted and row["ConvertedContactId"] not in org.rows["Contact"]:
                continue
            same_email = lower(item.new_email) and lower(row["Email"]) == lower(item.new_email)
            same_name = lower(row["FirstName"]) == lower(item.first_name) and (
                lower(row["LastName"]) == lower(item.last_name)
            )
            company = row.get("Company")
            if object_name == "Contact" and row["AccountId"]:
                company = org.row(row["AccountId"])["Name"]
            domain = item.new_company_domain
            on_domain = domain and lower(row["Email"]).endswith(f"@{domain}")
            at_company = lower(company) and lower(company) == lower(item.new_company_name)
            if same_email or (same_name and (on_domain or at_company)):
                return True
    return False


def account_there(org: OrgModel, item: JobChangeData) -> bool:
    """Whether any account of the org has the new company's name or domain."""
    domain = item.new_company_domain
    return any(
        lower(row["Name"]) == lower(item.new_company_name)
        or (domain and host(row["Website"]) == domain)
        for row in org.rows["Account"].values()
    )


# --- the rules -----------------------------------------------------------------------------------


@given(worlds())
@CASES
def test_nobody_gets_a_second_record_and_no_company_a_second_account(world):
    people, accounts = Counter(), Counter()
    for item, _found, plan in delivered(world):
        for write in plan.writes:
            if write.operation != "create":
                continue
            if write.role == "person":
                assert not stands_there(world.org, item)
                company = (item.new_company_name, item.new_company_domain, item.new_company_website)
                people[item.first_name, item.last_name, item.new_email, *company] += 1
            if write.role == "account":
                assert not account_there(world.org, item)
                accounts[lower(item.new_company_name)] += 1
    assert set(people.values()) <= {1}
    assert set(accounts.values()) <= {1}


@given(worlds())
@CASES
def test_no_record_of_the_customer_loses_anything_but_as_chosen(world):
    org, chosen = world.org, world.chosen
    theirs = {
        name: {record_id: dict(row) for record_id, row in rows.items()}
        for name, rows in org.rows.items()
    }
    for _planned in delivered(world):
        pass
    for name, rows in theirs.items():
        may_replace = set()
        if chosen.record_mode != "flow_template" and name in ("Lead", "Contact"):
            may_replace = chosen_fields(chosen, f"past_{name.lower()}", replaced=True)
        for record_id, row in rows.items():
            now = org.rows[name][record_id]
            for field, held in row.items():
                if held not in (None, "") and field not in PACKAGE.get(name, set()) | may_replace:
                    assert now[field] == held


@given(worlds())
@CASES
def test_what_earlier_plans_wrote_is_not_overwritten_either(world):
    for _item, _found, plan in delivered(world):
        for write in plan.writes:
            if write.operation == "create":
                continue
            row = world.org.row(write.record_id)
            for field in write.fields:
                assert write.before[field] == row[field]
                if row[field] not in (None, "") and field not in PACKAGE[write.object_name]:
                    assert write.role == "past_person"
                    assert field in write.replaces
                    assert field in OWN_FIELDS


@given(worlds())
@CASES
def test_writes_stay_within_allowed_objects_fields_and_unconverted_records(world):
    for item, _found, plan in delivered(world):
        for write in plan.writes:
            assert set(write.fields) <= allowed(world.chosen, write)
            if write.operation == "update":
                row = world.org.row(write.record_id)
                assert not row.get("IsConverted")
                assert write.object_name in ("Lead", "Contact")
            else:
                assert item.kind == "joined" or write.role == "package"


@given(worlds())
@CASES
def test_every_owner_is_an_active_user_of_the_org(world):
    for _item, _found, plan in delivered(world):
        for write in plan.writes:
            if owner := write.fields.get("OwnerId"):
                assert world.org.rows["User"][owner]["IsActive"]


@given(worlds())
@CASES
def test_everybody_is_delivered_once_and_joins_the_campaign_once(world):
    for _planned in delivered(world):
        pass
    org = world.org
    delivery_keys = [row[USERGEM_1.key_field] for row in org.rows[USERGEM_1.object_name].values()]
    assert len(delivery_keys) == len(set(delivery_keys))
    members = [
        (row["CampaignId"], row["LeadId"], row["ContactId"])
        for row in org.rows["CampaignMember"].values()
    ]
    assert len(members) == len(set(members))


@given(worlds())
@CASES
def test_planning_again_what_was_delivered_would_create_nobody(world):
    everything = [item for item, _found, plan in delivered(world) if not plan.is_held]
    again = matches_ask(world.org, everything, world.chosen)
    for item in everything:
        plan = plan_make(item, world.chosen, again[item.key])
        created = {write.role for write in plan.writes if write.operation == "create"}
        assert not created & {"person", "account", "campaign_member"}


LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
SKELETON = re.compile(
    r"SELECT [\w., ]+ FROM \w+ WHERE (?:[\w.]+ ?(?:=|LIKE|IN) ?\?|[\w.]+ IN \([?,]+\)| OR | AND |"
    r"\(|\))+(?: LIMIT \d+)?"
)


@given(worlds())
@CASES
def test_wild_names_stay_inside_one_literal_of_each_query(world):
    for _planned in delivered(world):
        pass
    for soql in world.org.asked:
        assert SKELETON.fullmatch(LITERAL.sub("?", soql)), soql


# --- meetings that chance brings about too rarely ------------------------------------------------


@pytest.mark.parametrize(
    ("object_name", "row"),
    [
        ("Contact", {"LastName": "Miller-Jones", "Email": "CManning@swedbank.example"}),
        ("Lead", {"LastName": "Miller-Jones", "Email": "cmanning@swedbank.example"}),
        ("Account", {"Name": "Formerly Else", "Website": "https://www.swedbank.example/x"}),
        ("Account", {"Name": "SWEDBANK", "Website": "swedbank-group.example"}),
    ],
)
def test_what_stands_there_under_another_name_is_found(object_name, row):
    org = OrgModel(own_fields(), dict.fromkeys(USERS, True))
    org.add(object_name, **row)
    chosen = settings(record_mode="always_contact", fields=org.shape)
    world = World(org, chosen, [job_change(past_contact_id="", past_account_id="")])
    [(_item, _found, plan)] = delivered(world)
    created = {write.object_name for write in plan.writes if write.operation == "create"}
    assert object_name not in created
    assert not plan.is_held


@pytest.mark.parametrize("name", ["O'Brien", "'); DROP TABLE--", "100%_", "\\", "x" * 100, "@{a}"])
def test_the_same_wild_name_twice_is_one_record(name):
    org = OrgModel(own_fields(), dict.fromkeys(USERS, True))
    chosen = settings(record_mode="always_contact", fields=org.shape)
    twice = [job_change(key=key, last_name=name, new_email="") for key in ("jc-1", "jc-2")]
    outcomes = [plan.outcome for _item, _found, plan in delivered(World(org, chosen, twice))]
    # Of the second there is nothing left to say but its own package record.
    assert outcomes == ["created", "package_only"]
    assert len(org.rows["Contact"]) == len(org.rows["Account"]) == 1
