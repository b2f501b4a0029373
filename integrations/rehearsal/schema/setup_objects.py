"""What an org is: users, profiles, queues, the organization itself, record types."""

from __future__ import annotations

from typing import Any

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
    "ModifyMetadata",
    "ApiUserOnly",
    "AssignPermissionSets",
    "AuthorApex",
    "BulkApiHardDelete",
    "DataExport",
    "EditEvent",
    "EditReadonlyFields",
    "EditTask",
    "ImportLeads",
    "ManageDataIntegrations",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "ManageRoles",
    "ManageSharing",
    "ManageUsers",
    "ResetPasswords",
    "TransferAnyEntity",
    "TransferAnyLead",
    "ViewAllUsers",
    "ViewEncryptedData",
]

# Org-wide default sharing by object, as the one row of Organization words it.
SHARING = {
    "Account": "None|Read|Edit",
    "Contact": "None|Read|Edit|ControlledByParent",
    "Opportunity": "None|Read|Edit",
    "Lead": "None|Read|Edit|ReadEditTransfer",
    "Campaign": "None|Read|Edit|All",
}


def setup_object(
    name: str, label: str, prefix: str | None, *fields: Field, audit: bool = True, **more: Any
) -> SObject:
    """An object that can be read only; `more` says in which API and who knows it."""
    return SObject(
        name,
        label,
        label + ("es" if label.endswith("s") else "s"),
        prefix,
        (record_id(f"{label} ID"), *fields, *(audit_fields() if audit else ())),
        createable=False,
        updateable=False,
        deletable=False,
        layoutable=False,
        searchable=False,
        **more,
    )


USER = setup_object(
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
    text("CompanyName", "Company Name", 80),
    text("Department", "Department", 80),
    text("EmployeeNumber", "Employee Number", 20),
    text("FederationIdentifier", "SAML Federation ID", 512),
    lookup("ManagerId", "Manager ID", "User"),
    both_apis=True,
)
PROFILE = setup_object(
    "Profile",
    "Profile",
    "00e",
    text("Name", "Name", 255, name_field=True),
    lookup("UserLicenseId", "User License ID", "UserLicense"),
    pick("UserType", "User Type", "Standard", 40),
    text("Description", "Description", 255),
    both_apis=True,
)
USER_LICENSE = setup_object(
    "UserLicense",
    "User License",
    "100",
    text("Name", "Name", 80, name_field=True),
    text("LicenseDefinitionKey", "License Def. ID", 40),
)
USER_ROLE = setup_object(
    "UserRole",
    "Role",
    "00E",
    text("Name", "Name", 80, name_field=True),
    lookup("ParentRoleId", "Parent Role ID", "UserRole"),
    text("DeveloperName", "Developer Name", 80),
    right="ViewRoles",
)
# Not the sign-ins of a user: whether it may sign in.
USER_LOGIN = setup_object(
    "UserLogin",
    "User Login",
    "0Yw",
    lookup("UserId", "User ID", "User"),
    check("IsFrozen", "Frozen"),
    check("IsPasswordLocked", "Password Locked"),
    right="ManageUsers",
)
GROUP = setup_object(
    "Group",
    "Group",
    "00G",
    text("Name", "Name", 40, name_field=True),
    text("DeveloperName", "Developer Name", 80),
    pick("Type", "Type", "Regular|Queue|Role|Organization", 40),
    both_apis=True,
)
ORGANIZATION = setup_object(
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
    *(
        pick(f"Default{name}Access", f"Default {name} Access", values, 40, restricted=True)
        for name, values in SHARING.items()
    ),
)
RECORD_TYPE = setup_object(
    "RecordType",
    "Record Type",
    "012",
    text("Name", "Name", 80, name_field=True),
    text("DeveloperName", "Record Type Name", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("SobjectType", "SObject Type Name", 40),
    text("Description", "Description", 255),
    check("IsActive", "Active"),
    both_apis=True,
)
LEAD_STATUS = setup_object(
    "LeadStatus",
    "Lead Status Value",
    "01J",
    text("MasterLabel", "Master Label", 255, name_field=True),
    text("ApiName", "API Name", 255),
    whole("SortOrder", "Sort Order"),
    check("IsDefault", "Is Default"),
    check("IsConverted", "Is Converted"),
)
