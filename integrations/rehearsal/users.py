"""The people an administrator set up for us: the integration user, and an administrator."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.rehearsal import ids

ADMIN_PROFILE = "System Administrator"
API_PROFILE = "Minimum Access - API Only Integrations"
# The profile of the record owners, and one with a full license that grants nothing.
SALES_PROFILE = "Sales User"
MINIMUM_PROFILE = "Minimum Access - Salesforce"
# Each profile belongs to one user license.
PROFILE_LICENSES = {
    ADMIN_PROFILE: "Salesforce",
    SALES_PROFILE: "Salesforce",
    API_PROFILE: "Salesforce Integration",
    MINIMUM_PROFILE: "Salesforce",
}
API_SET_LICENSE = "SalesforceAPIIntegrationPsl"


def org_part_id(prefix: str, instance: str, rest: str) -> str:
    """A fixed id with a readable end, such as `0057z0000000Int…`."""
    value = prefix + instance + rest.rjust(10, "0")
    return value + ids.suffix(value)


@dataclass(frozen=True)
class UserConfig:
    """A user that is not a record owner from the CRM file."""

    user_id: str
    username: str
    first_name: str
    last_name: str
    profile: str
    marketing_user: bool = True
    permissions: tuple[str, ...] = ()
    active: bool = True
    # "API Only User": may use the API and may not sign in with a browser.
    api_only: bool = False
    # Frozen by an administrator: no way in, though the user is active.
    frozen: bool = False
    # The name of a role (`OrgConfig.roles`), or none.
    role: str = ""
    # Permission set licenses by developer name; the profile decides the user license.
    set_licenses: tuple[str, ...] = ()


INTEGRATION_USER = UserConfig(
    org_part_id("005", "7z", "Int"),
    "usergems.integration@northwind.example",
    "UserGems",
    "Integration",
    API_PROFILE,
    permissions=(
        "ApiEnabled",
        "ActivitiesAccess",
        "EditTask",
        "EditEvent",
        "RunReports",
        "ViewSetup",
        "ViewRoles",
        "InstallPackaging",
        "ApproveUninstalledConnectedApps",
    ),
    role="VP Sales",
    set_licenses=(API_SET_LICENSE,),
)
ADMIN_USER = UserConfig(
    org_part_id("005", "7z", "Adm"), "priya.shah@northwind.example", "Priya", "Shah", ADMIN_PROFILE
)
