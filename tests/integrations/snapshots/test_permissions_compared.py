"""What the integration user may do in two orgs."""

from dataclasses import replace

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.snapshots.comparison import Change, Grade, compare, unknown
from tests.integrations.checks.surveys import (
    DESCRIBED,
    GEM,
    OBJECT_GRANTS,
    SYSTEM_PERMISSIONS,
    USER,
    a_context,
    with_field,
    with_object,
    without_field,
    without_object,
)
from tests.integrations.snapshots.looking import in_production, in_sandbox, production, sandbox


def test_a_right_that_a_write_needs_blocks():
    found = in_production(described=with_object(DESCRIBED, "Lead", createable=False))
    assert (found.kind, found.grade) == ("user_permissions", Grade.BLOCKS)
    assert found.sentence == (
        "The integration user has Create on Leads in the sandbox, not in production."
    )
    assert found.fix == (
        "Permission Sets, UserGems Integration, Object Settings, Leads, Edit: tick Create, then "
        "Save."
    )
    assert found.change_set == (("PermissionSet", "UserGems_Integration"),)


def test_a_right_that_only_the_list_names_is_cosmetic():
    found = in_production(described=with_object(DESCRIBED, "Task", updateable=False))
    assert found.grade == Grade.COSMETIC


def test_a_right_that_nobody_asks_for_is_nobodys_concern():
    described = with_object(DESCRIBED, "Lead", deletable=False)
    assert compare(sandbox(), production(described=described)) == []


def test_a_right_that_only_production_has_does_no_harm():
    found = in_sandbox(described=with_object(DESCRIBED, "Task", createable=False))
    assert (found.grade, found.change, found.fix) == (Grade.COSMETIC, Change.EXTRA, "")


def test_a_hidden_object_that_we_write_blocks():
    found = in_production(described=without_object(DESCRIBED, "Contact"))
    assert found.grade == Grade.BLOCKS
    assert "Read, Create, Edit on Contacts" in found.sentence


def test_read_only_fields_of_an_object_are_one_difference():
    described = with_field(DESCRIBED, "Contact", "Phone", updateable=False, createable=False)
    described = with_field(described, "Contact", "Title", updateable=False, createable=False)
    found = in_production(described=described)
    assert (found.grade, found.names) == (Grade.CHANGES, ("Phone", "Title"))
    assert found.sentence == (
        "The integration user may write Phone and Title on Contacts in the sandbox, not in "
        "production."
    )


def test_a_read_only_field_without_which_nothing_is_written_blocks():
    described = with_field(DESCRIBED, GEM, "UserGem__DeliveryKey__c", createable=False)
    assert in_production(described=described).grade == Grade.BLOCKS


def test_a_field_that_is_hidden_changes_the_result():
    found = in_production(described=without_field(DESCRIBED, "Lead", "Title"))
    assert (found.key, found.grade) == ("Lead:see:missing", Grade.CHANGES)
    assert found.sentence == (
        "The integration user sees Title on Leads in the sandbox, not in production."
    )


def test_a_hidden_field_of_the_list_is_cosmetic():
    found = in_production(described=without_field(DESCRIBED, "Opportunity", "Amount"))
    assert found.grade == Grade.COSMETIC


def test_without_the_right_to_create_fields_are_not_told_one_by_one():
    fields = {
        name: replace(field, createable=False) for name, field in DESCRIBED["Lead"].fields.items()
    }
    described = with_object(DESCRIBED, "Lead", createable=False, fields=fields)
    assert in_production(described=described).key == "Lead:object:missing"


def test_system_permissions_are_graded_by_what_they_do():
    def without(name):
        return in_production(system_permissions={**SYSTEM_PERMISSIONS, name: False})

    assert without("ApiEnabled").grade == Grade.BLOCKS
    assert without("RunReports").grade == Grade.CHANGES
    found = without("ViewRoles")
    assert found.grade == Grade.COSMETIC
    assert found.sentence == (
        "The integration user has “View Roles and Role Hierarchy” in the sandbox, not in "
        "production."
    )


def test_a_permission_beyond_the_list_is_nobodys_concern():
    more = {**SYSTEM_PERMISSIONS, "ModifyAllData": True}
    assert compare(sandbox(system_permissions=more), production()) == []


def test_marketing_user_blocks_where_people_become_campaign_members():
    found = in_production(
        user=replace(USER, marketing_user=False),
        described=with_object(DESCRIBED, "CampaignMember", createable=False, updateable=False),
    )
    assert found.grade == Grade.BLOCKS
    assert found.sentence.startswith("“Marketing User” is ticked on the integration user in the")
    assert "tick Marketing User" in found.by_hand


def test_marketing_user_alone_blocks_nobody_who_may_add_members_all_the_same():
    found = in_production(user=replace(USER, marketing_user=False))
    assert found.grade == Grade.CHANGES
    assert "UserGems’ list asks for it" in found.sentence


def test_marketing_user_is_cosmetic_without_a_campaign():
    none = {"campaign_id": "", "campaign_name": ""}
    found = compare(
        sandbox(a_context("sandbox", **none)),
        production(a_context("production", **none), user=replace(USER, marketing_user=False)),
    )
    assert [one.grade for one in found] == [Grade.COSMETIC]


def test_another_license_is_cosmetic():
    found = in_production(user=replace(USER, license="Salesforce"))
    assert (found.grade, found.then, found.now) == (
        Grade.COSMETIC,
        "Salesforce Integration",
        "Salesforce",
    )


def test_a_missing_permission_set_license_is_cosmetic_by_itself():
    found = in_production(user=replace(USER, set_licenses=()))
    assert (found.grade, found.names) == (Grade.COSMETIC, ("SalesforceAPIIntegrationPsl",))


def test_the_sandboxs_ending_of_a_username_is_as_expected():
    found = in_sandbox(user=replace(USER, username=f"{USER.username}.full"))
    assert found.grade == Grade.EXPECTED


def test_another_person_is_cosmetic():
    found = in_production(user=replace(USER, username="priya.shah@northwind.example"))
    assert found.grade == Grade.COSMETIC


def test_view_all_on_campaigns_is_compared():
    fewer = tuple(
        replace(grant, view_all=False) if grant.object_name == "Campaign" else grant
        for grant in OBJECT_GRANTS
    )
    found = in_production(object_grants=fewer)
    assert (found.key, found.grade) == ("Campaign:all_records:missing", Grade.CHANGES)


def test_grants_that_cannot_be_read_leave_the_rest_to_be_compared():
    low = production(
        object_grants=CannotAsk(VIEW_SETUP),
        described=with_object(DESCRIBED, "Lead", createable=False),
    )
    assert [one.key for one in compare(sandbox(), low)] == ["Lead:object:missing"]
    assert unknown(sandbox(), low) == {
        "user_permissions": "View All and Modify All: the integration user lacks “View Setup and "
        "Configuration” in production."
    }


def test_rights_that_only_production_has_do_no_harm():
    described = with_field(DESCRIBED, "Lead", "Title", createable=False)
    described = without_field(described, "Contact", "Phone")
    fewer = tuple(replace(grant, modify_all=False, view_all=False) for grant in OBJECT_GRANTS)
    found = compare(sandbox(described=described, object_grants=fewer), production())
    assert [one.key for one in found] == [
        "Campaign:all_records:extra",
        "Contact:see:extra",
        "Lead:edit:extra",
    ]
    assert {one.grade for one in found} == {Grade.COSMETIC}
