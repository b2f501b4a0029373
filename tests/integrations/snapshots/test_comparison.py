"""The comparison as a whole: the package, drift, what cannot be compared, and how it is kept."""

import json
from dataclasses import replace

from integrations.checks.answers import METADATA, VIEW_SETUP, CannotAsk
from integrations.checks.base import Who
from integrations.salesforce.metadata import LeadMapping
from integrations.services.facts import PackageFacts
from integrations.snapshots.comparison import (
    Change,
    Difference,
    Grade,
    compare,
    unknown,
)
from integrations.snapshots.content import KINDS, Content
from tests.integrations.checks.surveys import (
    CAMPAIGN,
    DESCRIBED,
    GEM,
    SYSTEM_PERMISSIONS,
    made_id,
    with_field,
    without_field,
    without_object,
)
from tests.integrations.snapshots.looking import in_production, only, production, sandbox

NO_PACKAGE = {
    "manifest": None,
    "package": PackageFacts(False),
    "described": {
        name: without_field({name: found}, name, *(f for f in found.fields if "__" in f))[name]
        for name, found in without_object(DESCRIBED, GEM).items()
    },
    "layouts": {},
    "record_pages": (),
    "lead_mapping": LeadMapping(()),
}


def test_a_production_without_the_package_is_one_difference():
    bare = production(**NO_PACKAGE)
    found = only(compare(sandbox(), bare))
    assert (found.kind, found.key, found.grade) == (
        "custom_fields",
        "package:missing",
        Grade.BLOCKS,
    )
    assert found.sentence == (
        "The integration user sees the UserGems package in the sandbox, not in production."
    )


def test_what_hangs_on_the_package_is_not_called_equal_without_it():
    said = unknown(sandbox(), production(**NO_PACKAGE))
    assert set(said) == {"page_layouts", "lead_conversion", "related_lists"}
    assert set(said.values()) == {
        "Nothing to compare while the UserGems package is on one side only."
    }


def test_another_version_with_the_same_fields_is_as_expected():
    found = in_production(package=PackageFacts(True, version="1.43", manifest="usergem-1"))
    assert found.grade == Grade.EXPECTED
    assert found.sentence == "UserGems 1.43 is installed in production, 1.42 in the sandbox."


def test_differences_come_kind_by_kind_the_worst_first():
    found = compare(
        sandbox(),
        production(
            campaign=replace(CAMPAIGN, active=False),
            owner=None,
            system_permissions={**SYSTEM_PERMISSIONS, "ViewRoles": False, "ApiEnabled": False},
            described=with_field(DESCRIBED, "Lead", "Title", length=20),
        ),
    )
    assert [one.kind for one in found] == sorted((o.kind for o in found), key=KINDS.index)
    assert [one.grade for one in found] == ["changes", "blocks", "changes", "blocks", "cosmetic"]


def test_every_difference_to_act_on_says_what_to_do_and_where():
    changed = production(
        described=without_object(with_field(DESCRIBED, "Lead", "Title", length=20), "Contact"),
        owner=None,
        lead_mapping=LeadMapping(()),
        layouts={},
        record_pages=(),
    )
    found = [one for one in compare(sandbox(), changed) if one.grade in ("blocks", "changes")]
    assert len(found) > 5
    for one in found:
        assert one.fix, one
        assert one.who == Who.ADMINISTRATOR, one
        assert one.setup_path.startswith("/lightning/setup/"), one


# --- drift --------------------------------------------------------------------------------


def test_drift_speaks_of_the_change_in_the_one_org():
    required = with_field(DESCRIBED, "Lead", "Industry", nillable=False)
    found = only(compare(sandbox(), sandbox(described=required)))
    assert found.sentence == "Industry is required on Lead now, not when it was tested."
    assert found.fix.startswith("If it was meant, test again or accept it with a reason.")


def test_drift_of_another_campaign_in_the_same_org_changes_the_result():
    other = replace(CAMPAIGN, campaign_id=made_id("701", "Other"), name="Winter")
    found = only(compare(sandbox(), sandbox(campaign=other)))
    assert found.grade == Grade.CHANGES
    assert found.sentence == (
        "The campaign is “Winter” now, “UserGems job changes” when it was tested."
    )


def test_an_org_that_stayed_as_it_was_has_no_drift():
    assert compare(sandbox(), sandbox()) == []


# --- what cannot be compared --------------------------------------------------------------


def test_what_either_side_cannot_read_is_named_with_side_and_right():
    said = unknown(sandbox(lead_mapping=CannotAsk(METADATA)), production())
    assert said == {
        "lead_conversion": "Lead conversion mapping: the integration user lacks “Modify Metadata "
        "Through Metadata API Functions” in the sandbox."
    }


def test_a_user_without_view_setup_gets_unknown_and_never_equal():
    refused = CannotAsk(VIEW_SETUP)
    low = production(
        defined_fields=refused,
        layouts=refused,
        record_pages=refused,
        lead_mapping=CannotAsk(METADATA),
        object_grants=refused,
        profiles=refused,
    )
    assert compare(sandbox(), low) == []
    assert set(unknown(sandbox(), low)) == {
        "page_layouts",
        "lead_conversion",
        "related_lists",
        "user_permissions",
    }


# --- how it is kept -----------------------------------------------------------------------


def test_a_stored_snapshot_says_the_same():
    then, now = sandbox(), production(described=without_object(DESCRIBED, "Contact"))
    stored = [Content.from_json(json.loads(json.dumps(one.as_json()))) for one in (then, now)]
    assert compare(*stored) == compare(then, now)
    assert [one.hash for one in stored] == [then.hash, now.hash]


def test_a_stored_difference_is_the_same():
    found = in_production(owner=None)
    assert Difference.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_a_waived_difference_that_is_another_one_since_has_another_hash():
    short, shorter = (
        in_production(described=with_field(DESCRIBED, "Lead", "Title", length=length))
        for length in (40, 20)
    )
    assert short.key == shorter.key
    assert short.hash != shorter.hash


def test_the_wording_is_no_part_of_what_is_waived():
    found = in_production(owner=None)
    assert replace(found, sentence="Said otherwise.", fix="").hash == found.hash


def test_a_fields_waiver_does_not_cover_another_field():
    one = in_production(described=with_field(DESCRIBED, "Lead", "Title", createable=False))
    other = in_production(described=with_field(DESCRIBED, "Lead", "Phone", createable=False))
    assert one.key == other.key
    assert one.hash != other.hash


def test_changes_are_named_from_the_side_looked_at_now():
    extra = compare(production(owner=None), sandbox())
    assert [one.change for one in extra] == [Change.EXTRA]
