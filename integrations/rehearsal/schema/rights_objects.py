"""Who may do what, as the normal API shows it: permission sets, rights, packages, rules."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import check, lookup, moment, pick, text, whole
from integrations.rehearsal.schema.setup_objects import PERMISSIONS, setup_object

VIEW_SETUP = "ViewSetup"

PERMISSION_SET = setup_object(
    "PermissionSet",
    "Permission Set",
    "0PS",
    text("Name", "Permission Set Name", 80, name_field=True),
    text("Label", "Permission Set Label", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("Description", "Description", 255),
    pick("Type", "Permission Set Type", "Regular|Standard|Session|Group|Profile", 40),
    check("IsCustom", "Is Custom"),
    check("IsOwnedByProfile", "Is Owned By Profile"),
    lookup("ProfileId", "Profile ID", "Profile"),
    lookup("LicenseId", "License ID", "UserLicense"),
    lookup("PermissionSetGroupId", "Permission Set Group ID", "PermissionSetGroup"),
    *(check(f"Permissions{name}", name) for name in PERMISSIONS),
    both_apis=True,
)
PERMISSION_SET_GROUP = setup_object(
    "PermissionSetGroup",
    "Permission Set Group",
    "0PG",
    text("DeveloperName", "Developer Name", 80, name_field=True),
    text("MasterLabel", "Master Label", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    pick("Status", "Permission Set Group Status", "Updated|Outdated|Updating|Failed", 40),
)
PERMISSION_SET_GROUP_COMPONENT = setup_object(
    "PermissionSetGroupComponent",
    "Permission Set Group Component",
    "0PM",
    lookup("PermissionSetGroupId", "Permission Set Group ID", "PermissionSetGroup"),
    lookup("PermissionSetId", "Permission Set ID", "PermissionSet"),
)
PERMISSION_SET_ASSIGNMENT = setup_object(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "0Pa",
    lookup("PermissionSetId", "PermissionSet ID", "PermissionSet"),
    lookup("PermissionSetGroupId", "PermissionSetGroup ID", "PermissionSetGroup"),
    lookup("AssigneeId", "Assignee ID", "User"),
    check("IsActive", "Is Active"),
    moment("ExpirationDate", "Expiration Date"),
)
PERMISSION_SET_LICENSE = setup_object(
    "PermissionSetLicense",
    "Permission Set License",
    "0PL",
    text("DeveloperName", "Developer Name", 80),
    text("MasterLabel", "Permission Set License Label", 80, name_field=True),
    pick("Status", "Status", "Active|Disabled", 40),
    whole("TotalLicenses", "Total Licenses"),
    whole("UsedLicenses", "Used Licenses"),
    right=VIEW_SETUP,
)
PERMISSION_SET_LICENSE_ASSIGN = setup_object(
    "PermissionSetLicenseAssign",
    "Permission Set License Assignment",
    "2LA",
    lookup("PermissionSetLicenseId", "Permission Set License ID", "PermissionSetLicense"),
    lookup("AssigneeId", "Assignee ID", "User"),
    right=VIEW_SETUP,
)
FIELD_PERMISSIONS = setup_object(
    "FieldPermissions",
    "Field Permissions",
    "01k",
    lookup("ParentId", "Parent ID", "PermissionSet"),
    text("SobjectType", "SObject Type Name", 40),
    text("Field", "Field Name", 255),
    check("PermissionsRead", "Read Field"),
    check("PermissionsEdit", "Edit Field"),
    right=VIEW_SETUP,
)
OBJECT_PERMISSIONS = setup_object(
    "ObjectPermissions",
    "Object Permissions",
    "110",
    lookup("ParentId", "Parent ID", "PermissionSet"),
    text("SobjectType", "SObject Type Name", 40),
    *(
        check(f"Permissions{name}", name)
        for name in ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
    ),
    right=VIEW_SETUP,
)
USER_PERMISSION_ACCESS = setup_object(
    "UserPermissionAccess",
    "User Permission Access",
    None,
    *(check(f"Permissions{name}", name) for name in PERMISSIONS),
    audit=False,
)
USER_RECORD_ACCESS = setup_object(
    "UserRecordAccess",
    "User Record Access",
    None,
    lookup("UserId", "User ID", "User"),
    # The documentation calls it a picklist of ids of any object; it is compared as an id.
    lookup("RecordId", "Record ID", "Account|Contact|Lead|Campaign"),
    *(
        check(f"Has{name}Access", f"Has {name} Access")
        for name in ("Read", "Edit", "Delete", "Transfer", "All")
    ),
    pick("MaxAccessLevel", "Max Access Level", "None|Read|Edit|Delete|Transfer|All", 40),
    audit=False,
)
PACKAGE_LICENSE = setup_object(
    "PackageLicense",
    "Package License",
    "050",
    text("NamespacePrefix", "Namespace Prefix", 15, name_field=True),
    pick("Status", "Status", "Active|Free|Expired|Trial|Uninstalled", 40),
    whole("AllowedLicenses", "Allowed Licenses"),
    whole("UsedLicenses", "Used Licenses"),
    moment("ExpirationDate", "Expiration Date"),
    check("IsProvisioned", "Is Provisioned"),
)
DUPLICATE_RULE = setup_object(
    "DuplicateRule",
    "Duplicate Rule",
    "0Bm",
    text("DeveloperName", "Name", 80),
    text("MasterLabel", "Master Label", 80, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("SobjectType", "Object", 40),
    text("SobjectSubtype", "Object Subtype", 40),
    check("IsActive", "Active"),
)
ASSIGNMENT_RULE = setup_object(
    "AssignmentRule",
    "Assignment Rule",
    "01Q",
    text("Name", "Name", 120, name_field=True),
    pick("SobjectType", "SObject Type", "Case|Lead", 40),
    check("Active", "Active"),
)
