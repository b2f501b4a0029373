"""Whatever an org answers, no check breaks, and every point says who mends it, how and where."""

import os
import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from integrations.checks.answers import (
    METADATA,
    READ_CAMPAIGNS,
    READ_RECORDS,
    VIEW_SETUP,
    CampaignFacts,
    CannotAsk,
    DuplicateRuleFacts,
    FieldGrant,
    FlowFacts,
    GrantingSet,
    LayoutFacts,
    ObjectGrant,
    OrganizationFacts,
    OwnerFacts,
    PageFacts,
    ProfileUsers,
    RecordCount,
    Role,
    TriggerFacts,
    UserFacts,
    ValidationRuleFacts,
)
from integrations.checks.base import Item, Outcome, Who
from integrations.checks.registry import all_checks
from integrations.salesforce.client import ApiUsage
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe, RecordTypeInfo
from integrations.salesforce.manifest import USERGEM_1, USERGEMS_0
from integrations.salesforce.metadata import LeadMapping
from integrations.salesforce.setup_links import setup_url
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import DESCRIBED, GEM, a_context, healthy

# The same cases in every run; more by PROPERTY_EXAMPLES.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
OBJECTS = st.sampled_from(["Lead", "Contact", "Account", "CampaignMember", GEM, "Opportunity"])
RIGHTS = st.sampled_from([VIEW_SETUP, METADATA, READ_CAMPAIGNS, READ_RECORDS])
FIELDS = st.sampled_from(
    [f"{name}.{field}" for name, found in DESCRIBED.items() for field in found.fields]
)
# Words that mean something to a check, among others.
# Never the sign of words that were not filled in: that is looked for below.
WORDS = st.sampled_from(
    ["", "Name", "1.42", "1.9 beta", "Lead", "after insert", "Private", "None", "UserGem:jobChange"]
) | st.text(max_size=20).filter(lambda text: "%(" not in text)
NAMED = {"object_name": OBJECTS, "field": FIELDS}
AWARE = st.datetimes(datetime(2001, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def of(kind: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Values of a type, dataclasses and all."""
    origin, inner = get_origin(kind), get_args(kind)
    if name in NAMED and kind is str:
        return NAMED[name]
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if one is type(None) else of(one) for one in inner))
    if origin is tuple:
        return st.lists(of(inner[0], name), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(of(inner[0], name), max_size=3)
    if origin is not None:
        return st.dictionaries(of(inner[0]), of(inner[1]), max_size=3)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{one.name: of(hints[one.name], one.name) for one in fields(kind)})
    return {
        str: WORDS,
        int: st.integers(0, 10**6),
        bool: st.booleans(),
        datetime: AWARE,
        type(None): st.none(),
    }[kind]


def many(kind: Any) -> st.SearchStrategy[Any]:
    """A few of a kind, none twice."""
    return st.lists(of(kind), max_size=4, unique=True).map(tuple)


@st.composite
def describes(draw: st.DrawFn) -> dict[str, ObjectDescribe]:
    """The healthy objects, some missing, with some fields missing or other than expected."""
    found = {}
    for name, described in DESCRIBED.items():
        if draw(st.integers(0, 5)) == 0:
            continue
        kept = dict(described.fields)
        for gone in draw(st.lists(st.sampled_from(sorted(kept)), max_size=4)):
            kept.pop(gone, None)
        for odd in draw(st.lists(of(FieldDescribe), max_size=2)):
            kept[odd.name] = odd
        found[name] = replace(
            described,
            label=draw(WORDS),
            fields=kept,
            createable=draw(st.booleans()),
            updateable=draw(st.booleans()),
            record_types=draw(many(RecordTypeInfo)),
        )
    return found


def rules() -> st.SearchStrategy[Any]:
    """An object has a name of a rule once."""
    by_name = {"unique_by": lambda rule: (rule.object_name, rule.name)}
    return st.lists(of(ValidationRuleFacts), max_size=14, **by_name).map(tuple)


ODD: dict[str, st.SearchStrategy[Any]] = {
    "organization": of(OrganizationFacts),
    "user": of(UserFacts),
    "system_permissions": st.dictionaries(
        st.sampled_from(["ApiEnabled", "ViewSetup", "RunReports", "ModifyAllData"]), st.booleans()
    ),
    "permission_sets": many(GrantingSet),
    "described": describes(),
    "package": of(PackageFacts),
    "manifest": st.sampled_from([None, USERGEM_1, USERGEMS_0]),
    "defined_fields": st.dictionaries(OBJECTS, st.frozensets(WORDS, max_size=4), max_size=4),
    "object_grants": many(ObjectGrant),
    "field_grants": many(FieldGrant),
    "profiles": many(ProfileUsers),
    "roles": many(Role),
    "validation_rules": rules(),
    "triggers": many(TriggerFacts),
    "flows": many(FlowFacts),
    "duplicate_rules": many(DuplicateRuleFacts),
    "assignment_rules": st.lists(WORDS, max_size=2).map(tuple),
    "campaign": st.none() | of(CampaignFacts),
    "owner": st.none() | of(OwnerFacts),
    "turn_owners": st.dictionaries(
        st.sampled_from(["005000000000001AAA", "005000000000002AAA"]), of(OwnerFacts), max_size=2
    ),
    "storage_mb": st.none() | st.integers(0, 10**6),
    "storage_left_mb": st.none() | st.integers(-5, 10**6),
    "usage": st.none() | of(ApiUsage),
    "record_counts": st.dictionaries(OBJECTS, st.integers(0, 10**7), max_size=3),
    "existing_ids": st.just(frozenset()),
    "emails": st.dictionaries(st.sampled_from(["Lead", "Contact"]), of(RecordCount), max_size=2),
    "layouts": st.dictionaries(OBJECTS, many(LayoutFacts), max_size=3),
    "record_pages": many(PageFacts),
    "lead_mapping": of(LeadMapping),
}
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "record_mode": st.sampled_from(
            ["", "always_lead", "always_contact", "contact_if_account", "flow_template"]
        ),
        "turns": st.sampled_from([(), (("005000000000001AAA", "Ada"), ("005000000000002AAA", ""))]),
        "contact_owner_field": st.sampled_from(["", "OwnerId", "SDR__c"]),
        "types_written": st.sampled_from([{}, {"Lead.Title": frozenset({"date"})}]),
        "permission_list": st.sampled_from(["V1", "V2", "V3", "V4", "DT"]),
        "lead_source": WORDS,
        "campaign_id": st.sampled_from(["", "701000000000001AAA"]),
        "campaign_status": WORDS,
        "run_assignment_rules": st.booleans(),
        "save_past_alerts": st.booleans(),
        "fields_created": st.just({}),
        "fields_updated": st.just({}),
        "fields_always": st.sampled_from([{}, {"Lead": frozenset({"LastName"})}]),
        "values_written": st.sampled_from([{}, {"Lead.Country": frozenset({"Chile"})}]),
        "past_records": st.sampled_from(
            [(), (("003000000000001AAA", "001000000000001AAA"),), ((),)]
        ),
        "calls_needed": st.integers(0, 10**6),
        "tested_org_id": st.sampled_from(["", "00D000000000001AAA"]),
        "tested_org_name": WORDS,
        "tested_parent": st.sampled_from(["", "proven", "unknown"]),
        "connected_org_id": st.sampled_from(["", "00D000000000001AAA"]),
    },
)
# How a way through Setup begins.
IN_SETUP = re.compile(
    r"(?:^|\. |: |Or )(?:Setup|Object Manager|Permission Sets|Profiles|Users|Roles|Sharing Settings"
    r"|Installed Packages|Company Information|Deliverability|Flows|Apex Triggers|Duplicate Rules"
    r"|Lead Assignment Rules|Sandboxes|State and Country/Territory Picklists),"
)
CHECKS = [
    pytest.param(check, environment, id=f"{check.name}-{environment}")
    for check in all_checks()
    for environment in check.environments
]


@pytest.mark.parametrize(("check", "environment"), CHECKS)
@settings(
    max_examples=EXAMPLES or 6,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_whatever_an_org_answers_the_points_can_be_acted_on(check, environment, data):
    answers = {
        name: data.draw(st.one_of(ODD[name], RIGHTS.map(CannotAsk)), label=name)
        for name in check.needs
        if data.draw(st.integers(0, 2)) > 0
    }
    survey = healthy(environment, **answers)
    context = a_context(environment, **data.draw(CONTEXTS))
    if not check.applies(context):
        assert check.not_needed(context)
        return
    try:
        finding = check.run(survey, context)
    except CannotAsk:
        # The runner says which right is missing.
        return
    assert survey.read <= set(check.needs)
    assert finding.outcome in Outcome.values
    assert 0 < len(finding.found) <= 500
    assert "%(" not in finding.found
    if finding.outcome != Outcome.PASS and not finding.missing_right:
        worst = [item for item in finding.items if item.outcome == finding.outcome]
        assert worst, "What is not right has a point that says what."
    keys = [item.key for item in finding.items]
    assert len(set(keys)) == len(keys)
    for item in finding.items:
        _can_be_acted_on(item)


def _can_be_acted_on(item: Item) -> None:
    assert item.key
    assert item.sentence.strip()
    assert "%(" not in item.sentence + item.fix
    if item.outcome == Outcome.PASS:
        return
    assert item.fix, item
    assert item.who in set(Who) - {Who.NOBODY}, item
    # A way through the Setup of production has no address in a sandbox.
    if IN_SETUP.search(item.fix):
        assert item.setup_path, item
    if item.setup_path:
        assert setup_url("https://northwind.my.salesforce.com", item.setup_path), item
