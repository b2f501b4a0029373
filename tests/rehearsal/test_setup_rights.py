"""Rights by query: the user's own, other people's, and access to single records."""

from __future__ import annotations

import pytest

from integrations.rehearsal.config import INTEGRATION_USER
from tests.rehearsal.local import Make, refusal
from tests.rehearsal.setup_queries import ask, low_rights, query


def test_the_users_rights_are_one_row_with_the_described_columns(local: Make) -> None:
    org = local(**low_rights("ViewSetup"))
    [row] = query(
        org, "SELECT PermissionsViewSetup, PermissionsApiEnabled FROM UserPermissionAccess"
    )
    assert (row["PermissionsViewSetup"], row["PermissionsApiEnabled"]) == (False, True)
    answer = ask(org, "SELECT PermissionsFly FROM UserPermissionAccess")
    assert refusal(answer)[:2] == (400, "INVALID_FIELD")


@pytest.mark.parametrize(("security", "seen"), [("all", True), ("admins", False)])
def test_field_permissions_tell_who_else_sees_a_field(
    local: Make, security: str, seen: bool
) -> None:
    soql = (
        "SELECT Parent.Profile.Name, Parent.IsOwnedByProfile, PermissionsRead, PermissionsEdit "
        "FROM FieldPermissions WHERE SobjectType = 'Lead' AND Field = 'Lead.UserGem__Persona__c'"
    )
    org = local(package_version="1.42", package_security=security)
    names = {
        row["Parent"]["Profile"]["Name"]
        for row in query(org, soql)
        if row["Parent"]["IsOwnedByProfile"]
    }
    assert "System Administrator" in names
    assert ("Sales User" in names) is seen


def test_object_permissions_follow_the_rights_of_writes(local: Make) -> None:
    org = local(no_create=frozenset({"Lead"}))
    soql = (
        "SELECT Parent.Name, PermissionsCreate, PermissionsRead FROM ObjectPermissions "
        "WHERE SobjectType = 'Lead' AND Parent.Name = 'UserGems_Integration'"
    )
    [row] = query(org, soql)
    assert (row["PermissionsCreate"], row["PermissionsRead"]) == (False, True)


def test_the_integration_users_permission_sets_are_listed(local: Make) -> None:
    org = local()
    soql = (
        "SELECT PermissionSet.Name, PermissionSetGroupId FROM PermissionSetAssignment "
        f"WHERE AssigneeId = '{INTEGRATION_USER.user_id}'"
    )
    assert "UserGems_Integration" in {row["PermissionSet"]["Name"] for row in query(org, soql)}
    assert query(org, "SELECT Id FROM PermissionSetGroupComponent") == []


def test_access_to_records_is_told_for_named_ones_only(local: Make) -> None:
    org = local(no_edit=frozenset({"Account"}))
    [account] = query(org, "SELECT Id FROM Account LIMIT 1")
    lead = org.create("Lead", LastName="Doe", Company="Acme")
    soql = (
        "SELECT RecordId, HasReadAccess, HasEditAccess, MaxAccessLevel FROM UserRecordAccess "
        f"WHERE UserId = '{INTEGRATION_USER.user_id}' "
        f"AND RecordId IN ('{account['Id']}', '{lead}', '00Q000000000000EAA')"
    )
    found = {row["RecordId"]: row for row in query(org, soql)}
    assert (found[account["Id"]]["HasReadAccess"], found[account["Id"]]["HasEditAccess"]) == (
        True,
        False,
    )
    assert found[lead]["HasEditAccess"] is True
    assert found["00Q000000000000EAA"]["MaxAccessLevel"] == "None"
    everything = ask(org, "SELECT RecordId FROM UserRecordAccess")
    assert refusal(everything)[:2] == (400, "MALFORMED_QUERY")


def test_the_limits_hide_storage_from_users_without_view_setup(local: Make) -> None:
    assert "DataStorageMB" not in local(**low_rights("ViewSetup")).api("GET", "/limits").get_json()


def test_a_full_org_has_no_storage_left(local: Make) -> None:
    limits = local(storage_full=True).api("GET", "/limits").get_json()
    assert limits["DataStorageMB"]["Remaining"] == 0
