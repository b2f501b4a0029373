"""Roles, sign-in switches and permission set licenses of an org's people."""

from __future__ import annotations

from integrations.rehearsal.access import Access
from integrations.rehearsal.seed import fixed_id, role_id
from integrations.rehearsal.setup.made import made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.users import API_SET_LICENSE

SET_LICENSES = {API_SET_LICENSE: "Salesforce API Integration"}


def _roles(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=role_id(org.config, role.name),
            Name=role.name,
            DeveloperName=role.name.replace(" ", "_"),
            ParentRoleId=role_id(org.config, role.parent),
        )
        for role in org.config.roles
    ]


def _logins(access: Access) -> list[Row]:
    org = access.org
    frozen = {user.user_id for user in org.config.users if user.frozen}
    return [
        made(
            org,
            Id=setup_id(org, "0Yw", user["Id"]),
            UserId=user["Id"],
            IsFrozen=user["Id"] in frozen,
            IsPasswordLocked=False,
        )
        for user in org.space.rows("User")
    ]


def _license_id(name: str) -> str:
    return fixed_id("0PL", list(SET_LICENSES).index(name) + 1)


def _set_licenses(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=_license_id(name),
            DeveloperName=name,
            MasterLabel=label,
            Status="Active",
            TotalLicenses=5,
            UsedLicenses=sum(1 for user in org.config.users if name in user.set_licenses),
        )
        for name, label in SET_LICENSES.items()
    ]


def _license_assignments(access: Access) -> list[Row]:
    org = access.org
    return [
        made(
            org,
            Id=setup_id(org, "2LA", user.user_id, name),
            PermissionSetLicenseId=_license_id(name),
            AssigneeId=user.user_id,
        )
        for user in org.config.users
        for name in user.set_licenses
        if name in SET_LICENSES
    ]


MAKERS = {
    "UserRole": _roles,
    "UserLogin": _logins,
    "PermissionSetLicense": _set_licenses,
    "PermissionSetLicenseAssign": _license_assignments,
}
