"""What an org is: users, profiles, rights, the organization itself, installed packages."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import (
    SYSTEM,
    Field,
    SObject,
    audit_fields,
    check,
    lookup,
    moment,
    pick,
    record_id,
    text,
    url,
    whole,
)

PERMISSIONS = [
    "ApiEnabled",
    "ViewSetup",
    "ModifyAllData",
    "ViewAllData",
    "ConvertLeads",
    "RunReports",
    "ViewRoles",
    "ActivitiesAccess",
    "InstallPackaging",
    "CustomizeApplication",
    "ApproveUninstalledConnectedApps",
    "UseAnyApiClient",
]


def _setup(
    name: str, label: str, prefix: str | None, *fields: Field, tooling: bool = False
) -> SObject:
    """An object that can be read only."""
    audit = () if name == "UserPermissionAccess" else audit_fields()
    return SObject(
        name,
        label,
        label + ("es" if label.endswith("s") else "s"),
        prefix,
        (record_id(f"{label} ID"), *fields, *audit),
        createable=False,
        updateable=False,
        deletable=False,
        layoutable=False,
        searchable=False,
        tooling=tooling,
    )


USER = _setup(
    "User",
    "User",
    "005",
    text("Username", "Username", 80, required=True, id_lookup=True),
    text("LastName", "Last Name", 80, required=True, extra_type="personname"),
    text("FirstName", "First Name", 40, extra_type="personname"),
    text("Name", "Full Name", 121, name_field=True, extra_type="personname", **SYSTEM),
    Field("Email", "email", "Email", length=128, required=True, id_lookup=True),
    text("Alias", "Alias", 8, required=True),
    text("CommunityNickname", "Nickname", 40, required=True),
    text("Title", "Title", 80),
    check("IsActive", "Active"),
    lookup("UserRoleId", "Role ID", "UserRole"),
    lookup("ProfileId", "Profile ID", "Profile", required=True),
    pick("UserType", "User Type", "Standard|PowerPartner|Guest", 40, restricted=True),
    text("TimeZoneSidKey", "Time Zone", 40),
    text("LocaleSidKey", "Locale", 40),
    text("LanguageLocaleKey", "Language", 40),
    url("SmallPhotoUrl", "Url for Thumbnail sized Photo"),
    check("UserPermissionsMarketingUser", "Marketing User"),
    moment("LastLoginDate", "Last Login"),
)
PROFILE = _setup(
    "Profile",
    "Profile",
    "00e",
    text("Name", "Name", 255, name_field=True),
    lookup("UserLicenseId", "User License ID", "UserLicense"),
    pick("UserType", "User Type", "Standard", 40),
)
USER_LICENSE = _setup(
    "UserLicense",
    "User License",
    "100",
    text("Name", "Name", 80, name_field=True),
    text("LicenseDefinitionKey", "License Def. ID", 40),
)
USER_ROLE = _setup("UserRole", "Role", "00E", text("Name", "Name", 80, name_field=True))
GROUP = _setup(
    "Group",
    "Group",
    "00G",
    text("Name", "Name", 40, name_field=True),
    text("DeveloperName", "Developer Name", 80),
    pick("Type", "Type", "Regular|Queue|Role|Organization", 40),
)
ORGANIZATION = _setup(
    "Organization",
    "Organization",
    "00D",
    text("Name", "Name", 80, name_field=True),
    text("Country", "Country", 80),
    text("PrimaryContact", "Primary Contact", 80),
    text("DefaultLocaleSidKey", "Locale", 40),
    text("TimeZoneSidKey", "Time Zone", 40),
    text("LanguageLocaleKey", "Language", 40),
    moment("TrialExpirationDate", "Trial Expiration Date"),
    pick(
        "OrganizationType",
        "Edition",
        "Team Edition|Professional Edition|Enterprise Edition|Developer Edition|"
        "Unlimited Edition|Performance Edition",
        40,
    ),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("InstanceName", "Instance Name", 5),
    check("IsSandbox", "Is Sandbox"),
    check("IsReadOnly", "Is Read Only"),
)
RECORD_TYPE = _setup(
    "RecordType",
    "Record Type",
    "012",
    text("Name", "Name", 80, name_field=True),
    text("DeveloperName", "Record Type Name", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("SobjectType", "SObject Type Name", 40),
    check("IsActive", "Active"),
)
LEAD_STATUS = _setup(
    "LeadStatus",
    "Lead Status Value",
    "01J",
    text("MasterLabel", "Master Label", 255, name_field=True),
    text("ApiName", "API Name", 255),
    whole("SortOrder", "Sort Order"),
    check("IsDefault", "Is Default"),
    check("IsConverted", "Is Converted"),
)
PERMISSION_SET = _setup(
    "PermissionSet",
    "Permission Set",
    "0PS",
    text("Name", "Permission Set Name", 80, name_field=True),
    text("Label", "Permission Set Label", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    check("IsOwnedByProfile", "Is Owned By Profile"),
    lookup("ProfileId", "Profile ID", "Profile"),
)
PERMISSION_SET_ASSIGNMENT = _setup(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "0Pa",
    lookup("PermissionSetId", "PermissionSet ID", "PermissionSet"),
    lookup("PermissionSetGroupId", "PermissionSetGroup ID", "PermissionSet"),
    lookup("AssigneeId", "Assignee ID", "User"),
)
USER_PERMISSION_ACCESS = _setup(
    "UserPermissionAccess",
    "User Permission Access",
    None,
    *(check(f"Permissions{name}", name) for name in PERMISSIONS),
)
SUBSCRIBER_PACKAGE = _setup(
    "SubscriberPackage",
    "Subscriber Package",
    "033",
    text("Name", "Package Name", 255, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("Description", "Description", 255),
    tooling=True,
)
SUBSCRIBER_PACKAGE_VERSION = _setup(
    "SubscriberPackageVersion",
    "Subscriber Package Version",
    "04t",
    text("Name", "Version Name", 255, name_field=True),
    lookup("SubscriberPackageId", "Subscriber Package ID", "SubscriberPackage"),
    whole("MajorVersion", "Major Version"),
    whole("MinorVersion", "Minor Version"),
    whole("PatchVersion", "Patch Version"),
    whole("BuildNumber", "Build Number"),
    check("IsBeta", "Is Beta"),
    check("IsManaged", "Is Managed"),
    tooling=True,
)
INSTALLED_SUBSCRIBER_PACKAGE = _setup(
    "InstalledSubscriberPackage",
    "Installed Subscriber Package",
    "0A3",
    lookup("SubscriberPackageId", "Subscriber Package ID", "SubscriberPackage"),
    lookup(
        "SubscriberPackageVersionId", "Subscriber Package Version ID", "SubscriberPackageVersion"
    ),
    tooling=True,
)
