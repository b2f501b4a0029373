"""Objects and rights that a survey asks about (contact-tracking, 5.1 and 5.2)."""

from integrations.salesforce.manifest import MANIFESTS, PackageManifest

PACKAGE: PackageManifest = next(iter(MANIFESTS.values()))
# Whose records we write, and what the permission list names besides (contact-tracking, 5.1).
WRITTEN = ("Lead", "Contact", "Account", "CampaignMember", PACKAGE.object_name)
DESCRIBED = (
    "Lead",
    "Contact",
    "Account",
    PACKAGE.object_name,
    "Campaign",
    "CampaignMember",
    "Opportunity",
    "OpportunityContactRole",
    "Task",
    "Event",
)
ON_PAGES = ("Lead", "Contact", "Account")
COUNTED = ("Account", "Contact", "Lead", "Opportunity")
# System permissions worth knowing of an integration user, without "Permissions"; which of them an
# org knows is told by a describe.
RIGHTS = (
    "ApiEnabled",
    "RunReports",
    "ActivitiesAccess",
    "ViewSetup",
    "ViewRoles",
    "InstallPackaging",
    "ConvertLeads",
    "ModifyMetadata",
    "ApproveUninstalledConnectedApps",
    "UseAnyApiClient",
    "ApiUserOnly",
    "ModifyAllData",
    "ViewAllData",
    "CustomizeApplication",
    "AuthorApex",
    "ManageUsers",
    "ManageInternalUsers",
    "ManageProfilesPermissionsets",
    "AssignPermissionSets",
    "ManageSharing",
    "ManageRoles",
    "ManageEncryptionKeys",
    "ViewEncryptedData",
    "DataExport",
    "ResetPasswords",
    "EditReadonlyFields",
    "BulkApiHardDelete",
    "TransferAnyEntity",
    "TransferAnyLead",
    "ViewAllUsers",
    "PasswordNeverExpires",
)
# The profile whose users see everything.
ADMINISTRATOR = "System Administrator"
# Objects whose default sharing Organization tells.
SHARED = ("Account", "Contact", "Lead", "Opportunity", "Campaign")
