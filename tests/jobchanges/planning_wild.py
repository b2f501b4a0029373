"""Any job change, any settings, any contents of an org: strategies, and what fits a field."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning.types import (
    AccountFact,
    FieldFacts,
    FieldMap,
    JobChangeData,
    MapTarget,
    Matches,
    Ref,
)
from jobchanges.planning.values import MAPPING_SOURCES
from tests.jobchanges.planning_world import (
    ACCOUNT_USER,
    CAMPAIGN,
    DEFAULT_OWNER,
    LEAD_ACCOUNT,
    OWN_FIELDS,
    OWNER,
    own_fields,
    person,
    settings,
)

# The same cases in every run, so that a red run can be trusted; more by PROPERTY_EXAMPLES.
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))


def cases(examples: int = 80) -> hypothesis_settings:
    return hypothesis_settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


CASES = cases()
SHAPE = own_fields()
PACKAGE = {name: USERGEM_1.fields_on(name) for name in SHAPE}
ANNA, BEN, CLEO = (f"0057z0000000{place}AAA" for place in ("2aa", "2bb", "2cc"))
USERS = (DEFAULT_OWNER, OWNER, ANNA, BEN, CLEO)
MARK = "UserGem__NoLongerAtCompany__c"

wild = st.one_of(
    st.sampled_from(
        [
            "", "", "O'Brien", "<b>x</b>", "<script>alert(1)</script>", "=1+1", "@{person.id}",
            "\\", "') OR Name != ('", "100%_", "高橋 裕樹", "Zoë", "a\nb", "🚀" * 50,
            "e\u0301" * 90, '"quoted"', "null", "{{ 7*7 }}", "x" * 400, "\u202ex", "\x00",
        ]
    ),
    st.text(max_size=120),
)  # fmt: skip
companies = st.one_of(st.sampled_from(["", "Swedbank", "Swedbank AB"]), wild)
ids = {
    "Contact": st.sampled_from(["0037z00000002DBAAY", "0037z00000001IeAAI"]),
    "Lead": st.sampled_from(["00Q7z00000002LAEAY", "00Q7z00000002LBEAY"]),
}
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", fullmatch=True)
moments = st.integers(0, 50 * 365 * 86_400).map(
    lambda seconds: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
days = st.none() | st.dates(min_value=date(1990, 1, 1))
# What plays no part in finding records.
BESIDES = {
    "relationship_type": wild,
    "linkedin_url": wild,
    "person_country": wild,
    "person_state": wild,
    "phone": wild,
    "past_title": wild,
    "new_company_employees": st.none() | st.integers(0, 99_999_999),
    "new_company_country": wild,
    "new_company_city": wild,
    "new_title": wild,
    "job_started_date": days,
    "role_started_date": days,
    "is_target_company": st.booleans(),
    "turn": st.integers(0, 10_000),
}
job_changes = st.builds(
    JobChangeData,
    key=keys,
    kind=st.sampled_from(["joined", "joined", "joined", "left", "promotion"]),
    first_name=wild,
    last_name=wild.filter(bool),
    past_company_name=wild,
    detected_at=moments,
    past_email=wild,
    past_contact_id=st.sampled_from(["", "0037z00000002DBAAY"]),
    past_lead_id=st.sampled_from(["", "00Q7z00000002LAEAY"]),
    past_account_id=st.sampled_from(["", "0017z00000000RJAAY"]),
    new_email=wild,
    new_company_name=companies,
    new_company_domain=st.sampled_from(["", "swedbank.example", "o'x.example"]),
    new_company_website=wild,
    **BESIDES,
)


@st.composite
def org_shapes(draw, never_hidden: frozenset[str] = frozenset(), whole_objects: bool = True):
    """Some fields hidden, some not writable, some short, some with a closed list of values."""
    shape = {name: dict(facts) for name, facts in SHAPE.items()}
    for name in draw(st.sets(st.sampled_from(sorted(SHAPE)), max_size=1 if whole_objects else 0)):
        del shape[name]
    for name, facts in shape.items():
        changeable = sorted(set(facts) - never_hidden)
        for field in draw(st.sets(st.sampled_from(changeable), max_size=4)):
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
def people(draw, mostly_filled: bool = False):
    object_name = draw(st.sampled_from(["Contact", "Lead"]))
    own = SHAPE[object_name]
    filled = draw(st.sets(st.sampled_from(sorted(own)), max_size=12))
    some = draw(st.sets(st.sampled_from(sorted(OWN_FIELDS))))
    filled |= OWN_FIELDS - some if mostly_filled else some
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
    owner_id=st.sampled_from(["", OWNER, OWNER]),
    owner_active=st.booleans(),
    lookup_owner_id=st.sampled_from(["", CLEO, CLEO]),
    lookup_owner_active=st.booleans(),
)


@st.composite
def all_matches(draw):
    """What was found; a record found twice is one record."""
    at_new = draw(st.none() | people().filter(lambda found: not found.converted))
    past = draw(st.none() | people())
    if at_new and past and at_new.id == past.id:
        past = at_new
    return Matches(
        account=draw(st.one_of(accounts, accounts, st.none())),
        person=at_new,
        past=past,
        past_account=draw(st.none() | accounts),
        default_owner_active=draw(st.sampled_from([True, True, True, False, None])),
        users_active=draw(st.dictionaries(st.sampled_from([ANNA, BEN, CLEO]), st.booleans())),
        member_exists=draw(st.booleans()),
    )


# Such as customers choose, and any.
_SENSIBLE = (
    ("Region__c", {"text": "North"}),
    ("Notes__c", {"source": "new_title"}),
    ("Reason__c", {"text": "Left company"}),
    ("Reason__c", {"source": "kind"}),
    ("Tags__c", {"text": "Hot;Moved"}),
    ("Score__c", {"source": "new_company_employees"}),
    ("Seats__c", {"source": "new_company_employees"}),
    ("Moved_On__c", {"source": "detected_at"}),
    ("Noticed__c", {"source": "detected_at"}),
    ("Do_Not_Mail__c", {"text": "true"}),
    ("Other_Mail__c", {"source": "past_email"}),
    ("Page__c", {"source": "linkedin_url"}),
    ("Code__c", {"source": "key"}),
)
sensible_mappings = st.builds(
    lambda target, chosen, leave: FieldMap(
        target=target, field=chosen[0], replace=leave and target.startswith("past"), **chosen[1]
    ),
    st.sampled_from(list(MapTarget)),
    st.sampled_from(_SENSIBLE),
    st.booleans(),
)
wild_mappings = st.builds(
    FieldMap,
    target=st.sampled_from([*MapTarget, *MapTarget, "elsewhere"]),
    field=st.sampled_from(
        [*OWN_FIELDS, *OWN_FIELDS, "LastName", "OwnerId", "LeadSource", "Title", "AccountId", MARK]
    ),
    source=st.sampled_from(["", "", *MAPPING_SOURCES, "password"]),
    text=st.one_of(
        st.sampled_from(
            [
                "Left company", "Hot;Moved", "true", "7", "2.5", "2026-03-27", "a@b.example",
                "2026-03-27T09:30:00Z", "North", DEFAULT_OWNER, "1" * 30,
            ]
        ),
        wild,
    ),
    replace=st.booleans(),
)  # fmt: skip


mappings = st.one_of(sensible_mappings, wild_mappings)


def settings_with(shapes, chosen_mappings=mappings, at_least: int = 0) -> st.SearchStrategy:
    choices = {
        "record_mode": st.sampled_from(
            ["contact_if_account", "always_lead", "always_contact", "flow_template"]
        ),
        "contact_owner_rule": st.sampled_from(
            ["account_owner", "account_lookup", "round_robin", "default_owner"]
        ),
        "lead_owner_rule": st.sampled_from(["default_owner", "round_robin"]),
        "contact_owner_field": st.sampled_from([*[ACCOUNT_USER] * 4, "", "Region__c"]),
        "round_robin": st.lists(st.sampled_from(USERS), max_size=4).map(tuple),
        "default_owner_id": st.sampled_from([*[DEFAULT_OWNER] * 6, ""]),
        "lead_source": wild,
        "campaign_id": st.sampled_from(["", CAMPAIGN]),
        "campaign_status": st.sampled_from(["", "Sent"]),
        "run_assignment_rules": st.booleans(),
        "save_past_alerts": st.booleans(),
        "lead_account_field": st.sampled_from(["", LEAD_ACCOUNT, LEAD_ACCOUNT, "Sponsor__c"]),
        "update_past_record": st.sampled_from([True, True, True, False]),
        "field_mapping": st.lists(chosen_mappings, min_size=at_least, max_size=12).map(tuple),
        "fields": shapes,
    }
    return st.fixed_dictionaries(choices).map(lambda chosen: settings(**chosen))


all_settings = settings_with(st.one_of(st.just(SHAPE), org_shapes()))


def _many_mappings(*targets: str) -> st.SearchStrategy:
    """Mappings onto these records, some of fields that must not be mapped."""
    senseless = [(name, {"text": "North"}) for name in ("LastName", "Title", "Sponsor__c")]
    return st.builds(
        lambda target, chosen, leave: FieldMap(
            target=target,
            field=chosen[0],
            replace=leave and target.startswith("past"),
            **chosen[1],
        ),
        st.sampled_from(targets),
        st.sampled_from([*_SENSIBLE, *senseless]),
        st.booleans(),
    )


# A job change, settings, and what was found: any; and such that surely make or mark somebody.
situations = st.tuples(job_changes, all_settings, all_matches())
new_people = st.builds(
    lambda job_change, chosen, found: (
        replace(job_change, kind="joined", new_company_name="Swedbank"),
        replace(chosen, default_owner_id=DEFAULT_OWNER),
        replace(found, person=None),
    ),
    job_changes,
    settings_with(st.just(SHAPE), _many_mappings("new_lead", "new_contact", "new_account"), 8),
    all_matches(),
)
past_people = st.builds(
    lambda job_change, chosen, past: (
        replace(job_change, kind="left"),
        chosen,
        Matches(past=past, default_owner_active=True),
    ),
    job_changes,
    settings_with(st.just(SHAPE), _many_mappings("past_lead", "past_contact"), 8),
    people(mostly_filled=True).filter(lambda past: not past.converted),
)
situations = st.one_of(new_people, past_people, situations)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000")


def fits(value, facts: FieldFacts) -> bool:
    """Whether an org takes this value in a field of the customer's own; said anew, not reused."""
    if facts.type in {"double", "int"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if facts.type == "int":
            return isinstance(value, int) and abs(value) < 2**31
        return abs(value) < 100_000 and Decimal(repr(value)) * 10 % 1 == 0
    if facts.type == "boolean":
        return isinstance(value, bool)
    if facts.type == "reference":
        return isinstance(value, Ref) or len(value) == 18
    if not isinstance(value, str) or not value.strip():
        return False
    if facts.type == "date":
        return bool(_DAY.fullmatch(value)) and 1700 <= date.fromisoformat(value).year <= 4000
    if facts.type == "datetime":
        return bool(_MOMENT.fullmatch(value))
    if facts.type == "email":
        local, _at, host = value.rpartition("@")
        return bool(local) and "." in host
    if facts.type == "multipicklist":
        return facts.allowed is None or set(value.split(";")) <= facts.allowed
    return True
