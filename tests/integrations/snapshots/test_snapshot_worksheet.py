"""The worksheet: what goes into a change set, and what is left to do by hand."""

from dataclasses import replace

from integrations.salesforce.metadata import LeadMapping
from integrations.snapshots.content import KINDS
from integrations.snapshots.metadata_names import layout_name
from integrations.snapshots.worksheet import Component, worksheet_of
from tests.integrations.checks.surveys import (
    CAMPAIGN,
    DESCRIBED,
    GEM,
    LAYOUTS,
    PERMISSION_SETS,
    USER,
    a_context,
    a_layout,
    with_field,
)
from tests.integrations.snapshots.looking import sandbox


def components(content, kind):
    """Type and name of what goes into a change set."""
    return [(one.metadata_type, one.name) for one in worksheet_of(content)[kind].components]


def by_hand(content, kind):
    """What is left to people, as one text."""
    return "\n".join(one.sentence for one in worksheet_of(content)[kind].by_hand)


def test_it_has_the_six_kinds_in_the_guides_order():
    assert tuple(worksheet_of(sandbox())) == KINDS


def test_the_packages_own_fields_are_left_out():
    assert components(sandbox(), "custom_fields") == []


def test_the_customers_own_fields_of_the_packages_object_are_in():
    described = with_field(DESCRIBED, GEM, "NPS_Score__c")
    assert components(sandbox(described=described), "custom_fields") == [
        ("CustomField", f"{GEM}.NPS_Score__c")
    ]


def test_fields_of_the_customers_that_the_settings_name_are_in():
    context = a_context("sandbox")
    created = {**context.fields_created, "Lead": context.fields_created["Lead"] | {"Source__c"}}
    found = sandbox(
        replace(context, fields_created=created),
        described=with_field(DESCRIBED, "Lead", "Source__c"),
    )
    assert components(found, "custom_fields") == [("CustomField", "Lead.Source__c")]


def test_the_lead_source_is_made_by_hand():
    """Deploying the standard value set would replace production's whole list."""
    assert "Lead Source: New, “UserGems”" in by_hand(sandbox(), "custom_fields")


def test_pages_and_layouts_that_carry_our_parts_are_in_and_activated_by_hand():
    bare = a_layout("Lead", name="Partner Layout", fields=(), lists=())
    found = sandbox(layouts={**LAYOUTS, "Lead": (*LAYOUTS["Lead"], bare)})
    assert components(found, "page_layouts") == [
        ("FlexiPage", "Lead_Record_Page"),
        ("FlexiPage", "Contact_Record_Page"),
        ("Layout", "Lead-Lead Layout"),
        ("Layout", "Contact-Contact Layout"),
        ("Layout", "Account-Account Layout"),
    ]
    assert "Activate the Lightning page “Lead Record Page”" in by_hand(found, "page_layouts")


def test_a_component_stands_in_one_part_only():
    assert components(sandbox(), "related_lists") == []


def test_the_conversion_map_is_for_tools_and_not_for_change_sets():
    found = worksheet_of(sandbox())["lead_conversion"]
    assert found.components == (Component("LeadConvertSettings", "LeadConvertSettings"),)
    assert not found.components[0].in_change_set
    assert "map the 13 fields" in found.by_hand[0].sentence


def test_without_a_map_there_is_nothing_to_take_along():
    found = worksheet_of(sandbox(lead_mapping=LeadMapping(())))["lead_conversion"]
    assert (found.components, found.by_hand) == ((), ())


def test_campaign_and_owner_are_made_and_chosen_by_hand():
    said = by_hand(sandbox(), "campaigns")
    assert "“UserGems job changes” with the member status “Sent”" in said
    assert "Dana Whitfield" in said


def test_a_campaign_without_statuses_has_none_to_name():
    said = by_hand(sandbox(campaign=replace(CAMPAIGN, statuses=())), "campaigns")
    assert "member status" not in said


def test_permission_sets_travel_and_their_assignments_do_not():
    package = replace(PERMISSION_SETS[0], name="UserGem__Standard", namespace="UserGem")
    found = sandbox(permission_sets=(*PERMISSION_SETS, package))
    assert components(found, "user_permissions") == [("PermissionSet", "UserGems_Integration")]
    said = by_hand(found, "user_permissions")
    assert "Assign “UserGems Integration” to the integration user" in said
    assert "tick Marketing User" in said
    assert "Permission Set License Assignments: Salesforce API Integration." in said


def test_marketing_user_is_left_out_where_it_was_not_ticked():
    found = sandbox(user=replace(USER, marketing_user=False))
    assert "Marketing User" not in by_hand(found, "user_permissions")


def test_types_are_called_as_setup_lists_them():
    assert Component("FlexiPage", "X").type_label == "Lightning Page"


def test_layout_names_are_written_as_the_metadata_api_does():
    assert layout_name("Lead", "Lead (Sales & Co.) Layout") == (
        "Lead-Lead %28Sales %26 Co%2E%29 Layout"
    )
    assert layout_name("Account", "Größe_1 __x~*") == "Account-Größe_1 %5F%5Fx%7E*"
