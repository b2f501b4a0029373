"""Rights on objects: what delivery needs, what the list asks for, and what cannot be read."""

from dataclasses import replace

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk, GrantingSet
from integrations.checks.object_access import ObjectAccess
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    DESCRIBED,
    GEM,
    OBJECT_GRANTS,
    OWN_SET,
    PERMISSION_SETS,
    a_context,
    asked,
    made_id,
    object_grant,
    points,
    with_object,
    without_object,
)

CHECK = ObjectAccess()


def test_all_rights_pass_and_are_counted():
    finding = asked(CHECK)
    assert finding.found == "10 of 10 objects are open as we need them (UserGems’ list V4)."
    assert any(item.sentence == "Leads: Read, Create, Edit." for item in finding.items)


def test_leads_that_may_not_be_created_fail_and_say_where_to_click():
    finding = asked(CHECK, described=with_object(DESCRIBED, "Lead", createable=False))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert item.key == "Lead.rights:create"
    assert item.fix == (
        "Permission Sets, UserGems Integration, Object Settings, Leads, Edit: tick Create, "
        "then Save."
    )
    assert item.who == "administrator"


def test_an_object_we_write_to_that_is_not_seen_fails():
    (item,) = points(asked(CHECK, described=without_object(DESCRIBED, "Contact")))
    assert item.outcome == "fail"
    assert "cannot see Contacts at all" in item.sentence


def test_what_only_the_list_asks_for_is_advice():
    finding = asked(CHECK, described=with_object(DESCRIBED, "Task", createable=False))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "delivered without it" in item.sentence
    assert "Edit Tasks" in item.fix


def test_an_object_of_the_list_that_is_not_seen_is_advice():
    (item,) = points(asked(CHECK, described=without_object(DESCRIBED, "Opportunity")))
    assert (item.outcome, item.key) == ("warning", "Opportunity.rights:read")


def test_a_chosen_campaign_that_is_not_seen_fails():
    (item,) = points(asked(CHECK, described=without_object(DESCRIBED, "Campaign")), "fail")
    assert item.sentence.startswith("The integration user cannot see Campaigns, where job changes")


def test_accounts_are_looked_up_even_where_none_is_made():
    context = a_context(permission_list="DT", record_mode="always_lead")
    made = {name: found for name, found in context.fields_created.items() if name != "Account"}
    context = replace(context, fields_created=made)
    described = without_object(DESCRIBED, "Account")
    assert asked(CHECK, context, described=described).outcome == "fail"


def test_an_older_list_asks_less():
    described = with_object(DESCRIBED, "Task", createable=False, updateable=False)
    context = a_context(permission_list="V1")
    assert asked(CHECK, context, described=described).outcome == "pass"


def test_campaign_without_view_all_is_advice():
    grants = tuple(grant for grant in OBJECT_GRANTS if grant.object_name != "Campaign")
    (item,) = points(asked(CHECK, object_grants=grants))
    assert (item.outcome, item.key) == ("warning", "Campaign.rights:view_all")
    assert "tick View All" in item.fix


def test_view_all_of_another_users_set_does_not_count():
    grants = tuple(grant for grant in OBJECT_GRANTS if grant.object_name != "Campaign")
    other = object_grant(made_id("0PS", "Other"), "Marketing", "", "Campaign", view_all=True)
    assert asked(CHECK, object_grants=(*grants, other)).outcome == "warning"
    own = replace(other, set_id=OWN_SET)
    assert asked(CHECK, object_grants=(*grants, own)).outcome == "pass"


def test_view_all_that_may_not_be_read_is_said_and_holds_nothing():
    finding = asked(CHECK, object_grants=CannotAsk(VIEW_SETUP))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert VIEW_SETUP in item.sentence


def test_the_package_object_with_modify_all_is_asked_for_by_the_older_lists():
    grants = tuple(grant for grant in OBJECT_GRANTS if grant.object_name != GEM)
    assert asked(CHECK, a_context(permission_list="V4"), object_grants=grants).outcome == "pass"
    finding = asked(CHECK, a_context(permission_list="V2"), object_grants=grants)
    (item,) = points(finding)
    assert "Modify All on UserGems" in item.sentence


@pytest.mark.parametrize("installed", [True, False, None])
def test_a_package_that_is_not_seen_is_left_to_its_own_check(installed):
    finding = asked(
        CHECK,
        manifest=None,
        package=PackageFacts(installed),
        described=without_object(DESCRIBED, GEM),
    )
    assert finding.outcome == "pass"
    assert "once the package is installed and seen" in finding.found


def test_a_package_object_that_may_not_be_created_fails():
    described = with_object(DESCRIBED, GEM, createable=False)
    (item,) = points(asked(CHECK, described=described), "fail")
    assert item.key == f"{GEM}.rights:create"
    assert "Object Settings, UserGems" in item.fix


def test_the_set_that_is_ours_is_named_and_never_one_of_a_package():
    managed = GrantingSet(made_id("0PS", "Managed"), "UserGems_Admin", "UserGems Admin", "", "Gem")
    ours = GrantingSet(made_id("0PS", "Ours"), "Api_Integration", "API integration", "")
    described = with_object(DESCRIBED, "Lead", createable=False)
    (item,) = points(asked(CHECK, described=described, permission_sets=(managed, ours)), "fail")
    assert item.fix.startswith("Permission Sets, API integration,")


def test_a_user_without_a_fitting_set_is_told_to_make_one():
    described = with_object(DESCRIBED, "Lead", createable=False)
    profile_only = tuple(found for found in PERMISSION_SETS if found.profile)
    (item,) = points(asked(CHECK, described=described, permission_sets=profile_only), "fail")
    assert item.fix.startswith("Permission Sets, New: make one named “UserGems Integration”")


def test_campaign_members_have_no_row_in_object_settings():
    described = with_object(DESCRIBED, "CampaignMember", createable=False)
    (item,) = points(asked(CHECK, described=described), "fail")
    assert "Read and Edit on Campaigns, Leads and Contacts" in item.fix
    assert "Object Settings, Campaign Members" not in item.fix


def test_contact_roles_follow_the_opportunity():
    described = without_object(DESCRIBED, "OpportunityContactRole")
    (item,) = points(asked(CHECK, described=described))
    assert "Read on Opportunities and Contacts" in item.fix
