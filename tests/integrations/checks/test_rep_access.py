"""What sales people may see, from rights of profiles and sets."""

from dataclasses import replace

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk, FieldGrant, ProfileUsers
from integrations.checks.rep_access import RepAccess
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    ADMIN_SET,
    DESCRIBED,
    FIELD_GRANTS,
    GEM,
    OBJECT_GRANTS,
    PROFILES,
    SALES_SET,
    USER,
    asked,
    made_id,
    object_grant,
    points,
    with_field,
    without_object,
)

CHECK = RepAccess()
SUPPORT = ProfileUsers(made_id("00e", "Support"), "Support", 4)
EXTRA_SET = made_id("0PS", "Extra")
FIELDS_BUT_SALES = tuple(grant for grant in FIELD_GRANTS if grant.set_id != SALES_SET)
OBJECTS_BUT_SALES = tuple(
    grant for grant in OBJECT_GRANTS if (grant.set_id, grant.object_name) != (SALES_SET, GEM)
)


def test_a_profile_that_sees_everything_passes_with_its_people_counted():
    assert asked(CHECK).found == "Profiles that see everything: 1 of 1. Looked at: Sales User (12)."


def test_reps_who_cannot_see_the_object_fail():
    finding = asked(CHECK, object_grants=OBJECTS_BUT_SALES)
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert item.key == "Sales User.object:edit,read"
    assert "cannot see UserGems records" in item.sentence
    assert "Profiles, Sales User, Object Settings, UserGems" in item.fix


def test_reps_who_may_only_read_the_object_fail():
    read = object_grant(SALES_SET, "00eSales", "Sales User", GEM, edit=False, create=False)
    (item,) = points(asked(CHECK, object_grants=(*OBJECTS_BUT_SALES, read)), "fail")
    assert item.key == "Sales User.object:edit"
    assert "component stays empty" in item.sentence


def test_a_hidden_field_is_named_by_object():
    grants = tuple(
        grant
        for grant in FIELD_GRANTS
        if (grant.set_id, grant.field) != (SALES_SET, "Lead.UserGem__Persona__c")
    )
    finding = asked(CHECK, field_grants=grants)
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert item.key == "Sales User.Lead.fields:UserGem__Persona__c"
    assert "on Leads: UG - Persona (UserGem__Persona__c)" in item.sentence


def test_a_hidden_field_of_the_package_object_is_named():
    grants = tuple(
        grant
        for grant in FIELD_GRANTS
        if (grant.set_id, grant.field) != (SALES_SET, f"{GEM}.UserGem__NewTitle__c")
    )
    (item,) = points(asked(CHECK, field_grants=grants), "fail")
    assert "on UserGems: UG - New Title" in item.sentence


def test_a_checkbox_counts_and_a_field_that_must_be_filled_does_not():
    hidden = "Lead.UserGem__IsTargetCompany__c"
    grants = tuple(
        grant for grant in FIELD_GRANTS if (grant.set_id, grant.field) != (SALES_SET, hidden)
    )
    name = "UserGem__IsTargetCompany__c"
    checkbox = with_field(DESCRIBED, "Lead", name, nillable=False, defaulted_on_create=True)
    assert asked(CHECK, field_grants=grants, described=checkbox).outcome == "fail"
    required = with_field(DESCRIBED, "Lead", name, nillable=False)
    assert asked(CHECK, field_grants=grants, described=required).outcome == "pass"


def test_the_technical_key_is_nothing_reps_have_to_see():
    key = f"{GEM}.UserGem__DeliveryKey__c"
    grants = tuple(grant for grant in FIELD_GRANTS if grant.field != key)
    assert asked(CHECK, field_grants=grants).outcome == "pass"


def test_a_permission_set_of_their_people_is_as_good_as_the_profile():
    people = replace(PROFILES[0], set_ids=PROFILES[0].set_ids | {EXTRA_SET})
    by_set = tuple(
        FieldGrant(EXTRA_SET, "UserGems Reader", "", grant.field, True, False)
        for grant in FIELD_GRANTS
        if grant.set_id == SALES_SET
    )
    finding = asked(
        CHECK,
        profiles=(people, *PROFILES[1:]),
        object_grants=(*OBJECTS_BUT_SALES, object_grant(EXTRA_SET, "UserGems Reader", "", GEM)),
        field_grants=(*FIELDS_BUT_SALES, *by_set),
    )
    assert finding.outcome == "pass"


def test_the_fields_are_found_though_hidden_from_the_integration_user():
    finding = asked(
        CHECK,
        manifest=None,
        package=PackageFacts(True, version="1.42"),
        described=without_object(DESCRIBED, GEM),
        field_grants=tuple(grant for grant in FIELD_GRANTS if grant.set_id == ADMIN_SET),
        object_grants=OBJECTS_BUT_SALES,
    )
    keys = {item.key.partition(":")[0] for item in points(finding, "fail")}
    assert "Sales User.Lead.fields" in keys
    # Without the object, its fields are no point of their own.
    assert "Sales User.object" in keys
    assert f"Sales User.{GEM}.fields" not in keys


def test_people_who_may_not_edit_leads_are_advice():
    finding = asked(CHECK, profiles=(*PROFILES, SUPPORT))
    assert finding.outcome == "warning"
    assert {item.key.partition(".")[0] for item in points(finding)} == {"Support"}


def test_administrators_and_the_integration_user_are_nobody_to_look_at():
    boss = ProfileUsers(made_id("00e", "Boss"), "Systemverwalter", 2, frozenset())
    theirs = tuple(
        object_grant(made_id("0PS", "Boss"), "00eBoss", "Systemverwalter", name, modify_all=True)
        for name in ("Lead", "Contact")
    )
    finding = asked(CHECK, profiles=(*PROFILES, boss), object_grants=(*OBJECT_GRANTS, *theirs))
    assert "everything: 1 of 1." in finding.found


def test_others_with_the_integration_license_see_no_page_and_are_left_out():
    api_users = replace(PROFILES[2], users=5)
    assert "everything: 1 of 1." in asked(CHECK, profiles=(*PROFILES[:2], api_users)).found


def test_reps_who_share_the_profile_of_the_integration_user_count():
    user = replace(USER, profile="Sales User", license="Salesforce")
    finding = asked(CHECK, user=user, profiles=PROFILES[:2], object_grants=OBJECTS_BUT_SALES)
    assert finding.outcome == "fail"


def test_an_org_without_other_people_warns():
    finding = asked(CHECK, profiles=PROFILES[1:])
    assert finding.outcome == "warning"


@pytest.mark.parametrize("name", ["object_grants", "field_grants", "profiles"])
def test_without_view_setup_it_cannot_be_checked(name):
    with pytest.raises(CannotAsk) as refusal:
        asked(CHECK, **{name: CannotAsk(VIEW_SETUP)})
    assert refusal.value.right == VIEW_SETUP


def test_without_the_package_there_is_nothing_to_look_at_yet():
    finding = asked(CHECK, manifest=None, package=PackageFacts(False))
    assert (finding.outcome, [item.key for item in finding.items]) == ("pass", ["not_looked_at"])
    assert "once the package is installed" in finding.found
