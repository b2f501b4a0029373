"""Who we are in an org, and which org it is (platform reference, 4.1, 4.2, 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import checked_name
from integrations.salesforce.query import query, tooling_query
from integrations.salesforce.shapes import NOT_READABLE, mapping, number, odd, reading, record_id
from integrations.salesforce.soql import quote

_ORGANIZATION = (
    "SELECT Id, Name, InstanceName, IsSandbox, OrganizationType, TrialExpirationDate, "
    "NamespacePrefix, CreatedDate FROM Organization LIMIT 1"
)
_USER = (
    "SELECT Id, Username, Name, Email, IsActive, UserType, UserPermissionsMarketingUser, "
    "Profile.Name FROM User WHERE Id = {user}"
)
_RIGHTS = (
    "SELECT PermissionsModifyAllData, PermissionsCustomizeApplication FROM UserPermissionAccess"
)
_INSTALLED = (
    "SELECT Id, SubscriberPackage.NamespacePrefix, SubscriberPackageVersionId "
    "FROM InstalledSubscriberPackage"
)
_VERSION = (
    "SELECT MajorVersion, MinorVersion, PatchVersion, BuildNumber, IsBeta "
    "FROM SubscriberPackageVersion WHERE Id = {version}"
)


def organization(door: Door) -> dict[str, Any]:
    """The one row of Organization, as SOQL names its fields."""
    rows = query(door, _ORGANIZATION)
    if not rows:
        raise odd("Organization has no row")
    return rows[0]


def userinfo(door: Door) -> dict[str, Any]:
    """Whose token it is, as the sign-in service says: `user_id`, `is_app_installed`, …."""
    info = door.plain("/services/oauth2/userinfo", with_token=True)
    with reading("userinfo"):
        record_id(info["user_id"])
        return dict(mapping(info))


def running_user(door: Door) -> dict[str, Any]:
    """The user the token belongs to; three calls.

    `Id Username Name Email IsActive UserType UserPermissionsMarketingUser Profile{Name}` as SOQL
    names them, and ours: `IsAdministrator` (may modify all data; None when the org does not
    say), `IsAppInstalled` (None likewise), `OrganizationId`.
    """
    info = userinfo(door)
    user = quote(record_id(info["user_id"]))
    rows = query(door, _USER.format(user=user))
    if not rows:
        raise odd("User has no row")
    installed = info.get("is_app_installed")
    return {
        **rows[0],
        "IsAdministrator": _is_administrator(door),
        "IsAppInstalled": installed if isinstance(installed, bool) else None,
        "OrganizationId": info.get("organization_id"),
    }


def package_version(door: Door, namespace: str) -> str | None:
    """The installed version of the package with this namespace, such as `1.42`; two calls.

    "" when the list of packages was read and it is not in it; None when the user may not read
    the list (no Download AppExchange Packages): look for the package's objects then. Where
    several packages share the namespace, the highest version counts. A package is asked for on
    its own, because one broken package spoils a joined query in some orgs.
    """
    checked_name(namespace)
    try:
        rows = tooling_query(door, _INSTALLED)
    except SalesforceError as error:
        if error.code in NOT_READABLE:
            return None
        raise
    with reading("InstalledSubscriberPackage"):
        installed = [
            record_id(row["SubscriberPackageVersionId"])
            for row in rows
            if mapping(row.get("SubscriberPackage")).get("NamespacePrefix") == namespace
        ]
    return package_version_from(
        [
            row
            for version in installed
            for row in tooling_query(door, _VERSION.format(version=quote(version)))
        ]
    )


def package_version_from(versions: Sequence[dict[str, Any]]) -> str:
    """The highest of these rows of SubscriberPackageVersion, such as `1.42`; "" for none."""
    if not versions:
        return ""
    with reading("SubscriberPackageVersion"):
        highest = max(versions, key=_numbers)
        parts = _numbers(highest)
    shown = parts[:3] if parts[2] else parts[:2]
    return ".".join(map(str, shown)) + (" beta" if highest.get("IsBeta") else "")


def _numbers(row: dict[str, Any]) -> tuple[int, int, int, int]:
    names = ("MajorVersion", "MinorVersion", "PatchVersion", "BuildNumber")
    major, minor, patch, build = (number(row.get(name)) for name in names)
    return major, minor, patch, build


def _is_administrator(door: Door) -> bool | None:
    """A column the org does not know makes the whole query fail; then nobody can say."""
    try:
        rows = query(door, _RIGHTS)
    except SalesforceError as error:
        if error.code in NOT_READABLE:
            return None
        raise
    if not rows:
        return None
    return bool(rows[0].get("PermissionsModifyAllData"))
