"""Whatever two orgs are like: none differs from itself, and swapped sides swap the words."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.checks.answers import METADATA, VIEW_SETUP, CannotAsk
from integrations.salesforce.metadata import LeadMapping, MappedField
from integrations.services.facts import PackageFacts
from integrations.snapshots.comparison import KINDS, Change, compare, unknown
from integrations.snapshots.content import Content
from integrations.snapshots.taking import content_of
from integrations.snapshots.worksheet import worksheet_of
from tests.integrations.checks.surveys import (
    CAMPAIGN,
    DESCRIBED,
    GEM,
    GEM_LOOKUPS,
    LAYOUTS,
    OBJECT_GRANTS,
    OWNER,
    PERSON_FIELDS,
    RECORD_PAGES,
    SALES_PROFILE,
    SYSTEM_PERMISSIONS,
    USER,
    a_context,
    a_layout,
    healthy,
    made_id,
    with_field,
    with_object,
    without_field,
    without_object,
)

FEW_FIELDS = sorted(PERSON_FIELDS)[:4]
THREE = st.integers(0, 2)
YES = st.booleans()
SOME = st.sets(st.sampled_from(FEW_FIELDS))
OTHER = {Change.MISSING: Change.EXTRA, Change.EXTRA: Change.MISSING}


@st.composite
def described(draw: st.DrawFn) -> Mapping[str, Any]:
    """Objects with fields hidden, missing, shorter, required, of other types and values."""
    found = without_field(DESCRIBED, "Lead", *draw(SOME))
    found = with_field(
        found,
        "Lead",
        "Title",
        length=draw(st.sampled_from([20, 40, 255])),
        type=draw(st.sampled_from(["string", "double"])),
        nillable=draw(YES),
        createable=draw(YES),
    )
    found = with_field(
        found,
        "Contact",
        "LeadSource",
        picklist_values=draw(st.sampled_from([(), ("UserGems",), ("Web", "UserGems")])),
        restricted_picklist=draw(YES),
    )
    if draw(YES):
        values = tuple(draw(st.sets(st.sampled_from("ABC"))))
        own = draw(st.sampled_from(["picklist", "string", "double"]))
        more = {"type": own, "picklist_values": values, "precision": draw(st.integers(2, 4))}
        restricted = draw(YES)
        found = with_field(found, GEM, "Own__c", restricted_picklist=restricted, **more)
    for name in ("Contact", "CampaignMember", "Task"):
        rights = {right: draw(YES) for right in ("createable", "updateable")}
        found = with_object(found, name, **rights)
    return without_object(found, *draw(st.sets(st.sampled_from(["Lead", "Account", "Event"]))))


@st.composite
def layouts(draw: st.DrawFn) -> Any:
    """Layouts of leads with some of the fields and lists, assigned or not, or unreadable."""
    if draw(st.integers(0, 5)) == 0:
        return CannotAsk(VIEW_SETUP)
    names = draw(st.sets(st.sampled_from(["Lead Layout", "Other Layout", "Third Layout"])))
    mine = [
        a_layout(
            "Lead",
            name=name,
            fields=tuple(sorted(draw(SOME))),
            lists=tuple(sorted(draw(st.sets(st.sampled_from(GEM_LOOKUPS["Lead"]))))),
            profile_ids=draw(
                st.sampled_from([None, frozenset(), frozenset({SALES_PROFILE})]),
            ),
        )
        for name in sorted(names)
    ]
    return {**LAYOUTS, "Lead": tuple(mine)}


@st.composite
def pages(draw: st.DrawFn) -> Any:
    """Record pages with or without component, Dynamic Forms, related lists, activation."""
    if draw(st.integers(0, 5)) == 0:
        return CannotAsk(VIEW_SETUP)
    parts = (*RECORD_PAGES[0].components, "UserGem:other")
    return tuple(
        replace(
            page,
            components=tuple(sorted(draw(st.sets(st.sampled_from(parts))))),
            fields=tuple(sorted(draw(SOME))),
            related_lists=tuple(sorted(draw(st.sets(st.sampled_from(["UserGem__A__r", "B"]))))),
            org_default=draw(st.sampled_from([None, True, False])),
        )
        for page in RECORD_PAGES
        if draw(YES)
    )


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """An org of some kind, as it answers a survey."""
    objects = draw(described())
    pairs = draw(st.dictionaries(st.sampled_from(FEW_FIELDS), st.sampled_from(FEW_FIELDS)))
    mapping = LeadMapping(tuple(MappedField(one, "Contact", to) for one, to in pairs.items()))
    campaign = replace(
        CAMPAIGN,
        campaign_id=made_id("701", draw(st.sampled_from(["One", "Two"]))),
        active=draw(YES),
        statuses=tuple(draw(st.permutations(["Sent", "Responded", "Met"])))[
            : draw(st.integers(0, 3))
        ],
    )
    owner = replace(
        OWNER,
        username=draw(st.sampled_from(["a@x.example", "a@x.example.full", "b@x.example"])),
        active=draw(YES),
    )
    user = replace(
        USER,
        marketing_user=draw(YES),
        license=draw(st.sampled_from(["Salesforce", "Salesforce Integration"])),
        set_licenses=draw(st.sampled_from([None, (), ("One",), ("One", "Two")])),
    )
    grants = tuple(replace(one, modify_all=draw(YES)) for one in OBJECT_GRANTS[:12])
    all_fields = {name: frozenset(found.fields) for name, found in DESCRIBED.items()}
    seen = {name: frozenset(found.fields) for name, found in objects.items()}
    return {
        "described": objects,
        "defined_fields": (CannotAsk(VIEW_SETUP), all_fields, seen)[draw(THREE)],
        "layouts": draw(layouts()),
        "record_pages": draw(pages()),
        "lead_mapping": (mapping, mapping, CannotAsk(METADATA))[draw(THREE)],
        "campaign": (None, campaign, campaign)[draw(THREE)],
        "owner": (None, owner, owner)[draw(THREE)],
        "user": user,
        "system_permissions": {name: draw(YES) for name in SYSTEM_PERMISSIONS if draw(YES)},
        "object_grants": (grants, grants, CannotAsk(VIEW_SETUP))[draw(THREE)],
        "package": PackageFacts(True, version=draw(st.sampled_from(["", "1.42", "1.43"]))),
    }


@st.composite
def contents(draw: st.DrawFn, environment: str) -> Content:
    """A snapshot of such an org, with settings of some kind."""
    context = a_context(
        environment,
        campaign_id=draw(st.sampled_from(["", made_id("701", "One")])),
        campaign_status=draw(st.sampled_from(["", "Sent", "Met"])),
        default_owner_id=draw(st.sampled_from(["", OWNER.user_id])),
        lead_source=draw(st.sampled_from(["UserGems", "Job change"])),
        permission_list=draw(st.sampled_from(["V1", "V4", "DT"])),
    )
    return content_of(healthy(environment, **draw(answers())), context)


@given(contents("sandbox"))
@hypothesis_settings(max_examples=30)
def test_nothing_differs_from_itself(content):
    assert compare(content, content) == []


@given(contents("sandbox"))
@hypothesis_settings(max_examples=30)
def test_a_stored_content_is_the_same(content):
    stored = Content.from_json(json.loads(json.dumps(content.as_json())))
    assert stored.hash == content.hash
    assert compare(stored, content) == compare(content, stored) == []
    assert set(worksheet_of(stored)) == set(KINDS)


@given(contents("sandbox"), contents("production"))
@hypothesis_settings(max_examples=80)
def test_swapping_the_sides_swaps_missing_and_extra(then, now):
    def keys(differences):
        return {(one.kind, one.key.rpartition(":")[0], one.change) for one in differences}

    swapped = {
        (kind, key, OTHER.get(change, change)) for kind, key, change in keys(compare(now, then))
    }
    assert keys(compare(then, now)) == swapped
    assert set(unknown(then, now)) == set(unknown(now, then))


@given(contents("sandbox"), contents("production"))
@hypothesis_settings(max_examples=50)
def test_every_difference_has_its_own_key_and_whole_words(then, now):
    found = compare(then, now)
    assert len({(one.kind, one.key) for one in found}) == len(found)
    for one in found:
        assert len(f"difference:{one.kind}:{one.key}") < 300
        assert "%(" not in one.sentence + one.fix + one.by_hand
        assert one.sentence.endswith(".")
        # Whoever has to act is told what to do.
        assert bool(one.fix) or one.grade in ("cosmetic", "expected"), one


@given(contents("sandbox"), contents("production"))
@hypothesis_settings(max_examples=30)
def test_what_cannot_be_read_is_never_called_different(then, now):
    for kind, part in (name.split(".") for side in (then, now) for name in side.unreadable):
        assert unknown(then, now)[kind]
        if part == "pairs":
            assert not [one for one in compare(then, now) if one.kind == "lead_conversion"]
