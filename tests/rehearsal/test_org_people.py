"""Who is who in an org: sharing, roles, profiles, licenses, and what each may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.rehearsal import ids
from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER
from tests.rehearsal.local import LEAD, LocalOrg, Make, refusal
from tests.rehearsal.setup_queries import ask, low_rights, query

PACKAGE: dict[str, Any] = {"package_version": "1.42"}
GEM = "UserGem__UserGem__c"
HEALTHY: dict[str, Any] = {**PACKAGE, "extra_rights": frozenset()}


def object_row(org: LocalOrg, name: str, holder: str) -> dict[str, Any]:
    """The row of ObjectPermissions of a profile or a permission set; empty where it has none."""
    soql = (
        "SELECT Parent.Name, Parent.Profile.Name, PermissionsCreate, PermissionsRead, "
        "PermissionsEdit, PermissionsDelete, PermissionsViewAllRecords, "
        f"PermissionsModifyAllRecords FROM ObjectPermissions WHERE SobjectType = '{name}'"
    )
    for row in query(org, soql):
        profile = row["Parent"]["Profile"] or {}
        if holder in (row["Parent"]["Name"], profile.get("Name")):
            return row
    return {}


def field_row(org: LocalOrg, field: str, profile: str) -> dict[str, Any]:
    soql = (
        "SELECT PermissionsRead, PermissionsEdit FROM FieldPermissions "
        f"WHERE Field = '{field}' AND Parent.Profile.Name = '{profile}'"
    )
    return next(iter(query(org, soql)), {})


def letters(row: dict[str, Any]) -> str:
    names = ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
    return "".join(name[0] for name in names if row.get(f"Permissions{name}"))


def test_sharing_is_public_unless_the_org_is_set_up_otherwise(local: Make) -> None:
    soql = (
        "SELECT DefaultAccountAccess, DefaultContactAccess, DefaultLeadAccess, "
        "DefaultOpportunityAccess, DefaultCampaignAccess FROM Organization"
    )
    [row] = query(local(sharing={"Lead": "None"}), soql)
    del row["attributes"]
    assert row == {
        "DefaultAccountAccess": "Edit",
        "DefaultContactAccess": "ControlledByParent",
        "DefaultLeadAccess": "None",
        "DefaultOpportunityAccess": "Edit",
        "DefaultCampaignAccess": "All",
    }


def test_roles_stand_one_above_the_other(local: Make) -> None:
    org = local()
    rows = {row["Id"]: row for row in query(org, "SELECT Id, Name, ParentRoleId FROM UserRole")}
    above = {row["Name"]: rows.get(row["ParentRoleId"], {}).get("Name") for row in rows.values()}
    assert above["SDR"] == above["Account Executive"] == "Sales Manager"
    assert above["Sales Manager"] == "VP Sales"
    assert above["VP Sales"] is None
    soql = f"SELECT UserRole.Name FROM User WHERE Id = '{INTEGRATION_USER.user_id}'"
    assert query(org, soql)[0]["UserRole"]["Name"] == "VP Sales"


def test_roles_are_hidden_from_users_without_view_roles(local: Make) -> None:
    org = local(**low_rights("ViewRoles"))
    assert refusal(ask(org, "SELECT Id FROM UserRole"))[:2] == (400, "INVALID_TYPE")
    assert refusal(ask(org, "SELECT UserRole.Name FROM User"))[:2] == (400, "INVALID_FIELD")
    assert query(org, "SELECT UserRoleId FROM User LIMIT 1")[0]["UserRoleId"] is None


def test_active_people_are_counted_by_profile_and_by_role(local: Make) -> None:
    org = local()
    where = "FROM User WHERE IsActive = true AND UserType = 'Standard'"
    soql = (
        f"SELECT ProfileId, Profile.Name, COUNT(Id) users {where} GROUP BY ProfileId, Profile.Name"
    )
    counted = {row["Name"]: row["users"] for row in query(org, soql)}
    assert counted == {
        "System Administrator": 1,
        "Sales User": 12,
        "Minimum Access - API Only Integrations": 1,
    }
    rows = query(org, f"SELECT UserRoleId, COUNT(Id) users {where} GROUP BY UserRoleId")
    assert sum(row["users"] for row in rows) == 14


def test_whether_a_user_is_frozen_needs_manage_users(local: Make) -> None:
    other = replace(INTEGRATION_USER, user_id=ids.make("005", 77), username="a@b.example")
    soql = f"SELECT IsFrozen FROM UserLogin WHERE UserId = '{other.user_id}'"
    org = local(users=(ADMIN_USER, INTEGRATION_USER, replace(other, frozen=True)))
    assert refusal(ask(org, soql))[:2] == (400, "INVALID_TYPE")
    org.sign_in(ADMIN_USER.user_id)
    assert query(org, soql)[0]["IsFrozen"] is True


def test_the_integration_user_has_its_license_and_the_set_license(local: Make) -> None:
    org = local()
    own = f"= '{INTEGRATION_USER.user_id}'"
    [user] = query(org, f"SELECT Profile.UserLicense.Name FROM User WHERE Id {own}")
    assert user["Profile"]["UserLicense"]["Name"] == "Salesforce Integration"
    soql = "SELECT PermissionSetLicense.DeveloperName FROM PermissionSetLicenseAssign WHERE "
    [row] = query(org, f"{soql}AssigneeId {own}")
    assert row["PermissionSetLicense"]["DeveloperName"] == "SalesforceAPIIntegrationPsl"


@pytest.mark.parametrize(
    ("name", "rights"),
    [("Lead", "CRE"), ("Opportunity", "R"), ("Campaign", "CREV"), (GEM, "CREDVM"), ("Task", "")],
)
def test_a_healthy_integration_user_has_the_rights_of_the_list(
    local: Make, name: str, rights: str
) -> None:
    org = local(**HEALTHY)
    assert letters(object_row(org, name, "UserGems_Integration")) == rights


def test_describes_say_what_the_rights_are_and_writes_keep_to_them(local: Make) -> None:
    org = local(**HEALTHY)
    key = org.create("Lead", **LEAD)
    assert org.describe("Lead")[0]["deletable"] is False
    gone = org.api("DELETE", f"/sobjects/Lead/{key}")
    assert refusal(gone)[1] == "INSUFFICIENT_ACCESS_OR_READONLY"
    opportunity = org.describe("Opportunity")[0]
    assert (opportunity["createable"], opportunity["updateable"]) == (False, False)
    answer = org.api(
        "POST", "/sobjects/Opportunity", json={"Name": "Big", "CloseDate": "2027-01-01"}
    )
    assert refusal(answer)[1] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def test_activities_hang_on_system_permissions(local: Make) -> None:
    task = local(**HEALTHY).describe("Task")[0]
    assert (task["createable"], task["updateable"]) == (True, True)
    readable = local(**low_rights("EditTask")).describe("Task")[0]
    assert (readable["createable"], readable["updateable"]) == (False, False)
    hidden = local(**low_rights("ActivitiesAccess")).api("GET", "/sobjects/Task/describe")
    assert hidden.status_code == 404


def test_rights_beyond_the_list_show_in_every_answer(local: Make) -> None:
    org = local(extra_permissions=frozenset({"ModifyAllData"}), extra_rights=frozenset())
    [row] = query(org, "SELECT PermissionsModifyAllData FROM UserPermissionAccess")
    assert row["PermissionsModifyAllData"] is True
    assert letters(object_row(org, "Account", "UserGems_Integration")) == "CREDVM"
    assert org.describe("Account")[0]["deletable"] is True


def test_reps_work_with_the_package_installed_for_all(local: Make) -> None:
    org = local(**PACKAGE)
    assert letters(object_row(org, GEM, "Sales User")) == "CRE"
    row = field_row(org, "Lead.UserGem__Persona__c", "Sales User")
    assert (row["PermissionsRead"], row["PermissionsEdit"]) == (True, True)


@pytest.mark.parametrize(
    ("changes", "rights", "field"),
    [
        ({"reps_read_only": True}, "R", {"PermissionsRead": True, "PermissionsEdit": False}),
        ({"reps_without_access": True}, "", {}),
    ],
)
def test_reps_may_be_left_out_while_the_integration_user_is_not(
    local: Make, changes: dict[str, Any], rights: str, field: dict[str, Any]
) -> None:
    org = local(**PACKAGE, **changes)
    assert letters(object_row(org, GEM, "Sales User")) == rights
    row = field_row(org, "Lead.UserGem__Persona__c", "Sales User")
    assert {name: value for name, value in row.items() if name != "attributes"} == field
    assert org.describe(GEM)[0]["createable"] is True


def test_somebody_who_left_owns_nothing_new(local: Make) -> None:
    org = local(inactive_users=frozenset({"amy.brown"}))
    amy = "0057z000000001jAAA"
    assert query(org, f"SELECT IsActive FROM User WHERE Id = '{amy}'")[0]["IsActive"] is False
    answer = org.api("POST", "/sobjects/Lead", json={**LEAD, "OwnerId": amy})
    assert refusal(answer)[1] == "INACTIVE_OWNER_OR_USER"
