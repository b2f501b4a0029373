"""Set-up objects of the Tooling API: packages, layouts, definitions, automation, sandboxes.

`FullName` and `Metadata` can be read of one row at a time only. What belongs to an object names it
by `EntityDefinitionId`: the API name of a standard object, the id of a custom one.
"""

from __future__ import annotations

from typing import Any

from integrations.rehearsal.schema.fields import (
    READ_ONLY,
    Field,
    check,
    lookup,
    moment,
    number,
    pick,
    text,
    whole,
)
from integrations.rehearsal.schema.setup_objects import setup_object

INSTALL: dict[str, Any] = {"tooling": True, "right": "InstallPackaging"}
SETUP: dict[str, Any] = {"tooling": True, "right": "ViewSetup"}
ONE_ROW_ONLY = ("FullName", "Metadata")


def _entity() -> Field:
    return Field(
        "EntityDefinitionId",
        "string",
        "Entity Definition ID",
        length=50,
        reference_to=("EntityDefinition",),
        relationship="EntityDefinition",
    )


def _metadata() -> tuple[Field, ...]:
    return (
        text("FullName", "Full Name", 255, **READ_ONLY),
        Field("Metadata", "complexvalue", "Metadata", **READ_ONLY),
    )


def _name_and_namespace() -> tuple[Field, ...]:
    return (
        text("DeveloperName", "Developer Name", 80),
        text("MasterLabel", "Label", 80, name_field=True),
        text("NamespacePrefix", "Namespace Prefix", 15),
    )


SUBSCRIBER_PACKAGE = setup_object(
    "SubscriberPackage",
    "Subscriber Package",
    "033",
    text("Name", "Package Name", 255, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("Description", "Description", 255),
    **INSTALL,
)
SUBSCRIBER_PACKAGE_VERSION = setup_object(
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
    **INSTALL,
)
INSTALLED_SUBSCRIBER_PACKAGE = setup_object(
    "InstalledSubscriberPackage",
    "Installed Subscriber Package",
    "0A3",
    lookup("SubscriberPackageId", "Subscriber Package ID", "SubscriberPackage"),
    lookup(
        "SubscriberPackageVersionId", "Subscriber Package Version ID", "SubscriberPackageVersion"
    ),
    **INSTALL,
)
LAYOUT = setup_object(
    "Layout",
    "Page Layout",
    "00h",
    text("Name", "Layout Name", 80, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    _entity(),
    text("TableEnumOrId", "Entity Enumeration Or ID", 40),
    pick("LayoutType", "Layout Type", "Standard|Global|ProcessDefinition", 40),
    *_metadata(),
    **SETUP,
)
PROFILE_LAYOUT = setup_object(
    "ProfileLayout",
    "Profile Layout",
    "01G",
    lookup("LayoutId", "Layout ID", "Layout"),
    lookup("ProfileId", "Profile ID", "Profile"),
    lookup("RecordTypeId", "Record Type ID", "RecordType"),
    text("TableEnumOrId", "Entity Enumeration Or ID", 40),
    **SETUP,
)
FLEXI_PAGE = setup_object(
    "FlexiPage",
    "Lightning Page",
    "0M0",
    *_name_and_namespace(),
    pick("Type", "Type", "AppPage|HomePage|RecordPage|UtilityBar", 40),
    _entity(),
    text("Description", "Description", 255),
    *_metadata(),
    **SETUP,
)
ENTITY_DEFINITION = setup_object(
    "EntityDefinition",
    "Entity Definition",
    None,
    text("DurableId", "Durable ID", 50),
    text("QualifiedApiName", "Qualified API Name", 70),
    text("DeveloperName", "Developer Name", 70),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("MasterLabel", "Master Label", 80, name_field=True),
    text("Label", "Label", 80),
    text("PluralLabel", "Plural Label", 80),
    text("KeyPrefix", "Key Prefix", 3),
    check("IsCustomizable", "Is Customizable"),
    check("IsLayoutable", "Is Layoutable"),
    check("IsQueryable", "Is Queryable"),
    check("IsTriggerable", "Is Triggerable"),
    check("IsDeprecatedAndHidden", "Is Deprecated"),
    audit=False,
    both_apis=True,
    **SETUP,
)
FIELD_DEFINITION = setup_object(
    "FieldDefinition",
    "Field Definition",
    None,
    text("DurableId", "Durable ID", 100),
    text("QualifiedApiName", "Qualified API Name", 70),
    _entity(),
    text("DeveloperName", "Developer Name", 70),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("MasterLabel", "Master Label", 80, name_field=True),
    text("Label", "Label", 80),
    text("DataType", "Data Type", 255),
    whole("Length", "Length"),
    whole("Precision", "Precision"),
    whole("Scale", "Scale"),
    text("RelationshipName", "Relationship Name", 80),
    check("IsCompound", "Is Compound"),
    check("IsNameField", "Is Name Field"),
    check("IsNillable", "Is Nillable"),
    audit=False,
    both_apis=True,
    **SETUP,
)
CUSTOM_FIELD = setup_object(
    "CustomField",
    "Custom Field",
    "00N",
    text("DeveloperName", "Developer Name", 80, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("TableEnumOrId", "Entity Enumeration Or ID", 40),
    _entity(),
    *_metadata(),
    **SETUP,
)
VALIDATION_RULE = setup_object(
    "ValidationRule",
    "Validation Rule",
    "03d",
    text("ValidationName", "Rule Name", 40, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    _entity(),
    check("Active", "Active"),
    text("Description", "Description", 255),
    text("ErrorDisplayField", "Error Display Field", 255),
    text("ErrorMessage", "Error Message", 255),
    *_metadata(),
    **SETUP,
)
APEX_TRIGGER = setup_object(
    "ApexTrigger",
    "Apex Trigger",
    "01q",
    text("Name", "Name", 255, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    text("TableEnumOrId", "Entity Enumeration Or ID", 40),
    _entity(),
    pick("Status", "Status", "Inactive|Active|Deleted", 40),
    number("ApiVersion", "API Version", scale=1),
    *(
        check(f"Usage{name}", name)
        for name in (
            "BeforeInsert", "AfterInsert", "BeforeUpdate", "AfterUpdate", "BeforeDelete",
            "AfterDelete", "IsBulk", "AfterUndelete",
        )
    ),
    both_apis=True,
    **SETUP,
)  # fmt: skip
FLOW = setup_object(
    "Flow",
    "Flow Version",
    "301",
    lookup("DefinitionId", "Flow Definition ID", "FlowDefinition"),
    text("MasterLabel", "Master Label", 255, name_field=True),
    whole("VersionNumber", "Version Number"),
    pick("Status", "Status", "Active|Draft|Obsolete|InvalidDraft", 40),
    pick("ProcessType", "Process Type", "AutoLaunchedFlow|Flow|Workflow", 40),
    **SETUP,
)
FLOW_DEFINITION = setup_object(
    "FlowDefinition",
    "Flow Definition",
    "300",
    *_name_and_namespace(),
    lookup("ActiveVersionId", "Active Version ID", "Flow"),
    lookup("LatestVersionId", "Latest Version ID", "Flow"),
    **SETUP,
)
FLOW_DEFINITION_VIEW = setup_object(
    "FlowDefinitionView",
    "Flow Definition View",
    None,
    text("DurableId", "Durable ID", 50),
    text("ApiName", "API Name", 255),
    text("Label", "Label", 255, name_field=True),
    text("NamespacePrefix", "Namespace Prefix", 15),
    pick("ProcessType", "Process Type", "AutoLaunchedFlow|Flow|Workflow", 40),
    pick("TriggerType", "Trigger", "RecordBeforeSave|RecordAfterSave|Scheduled", 40),
    pick("RecordTriggerType", "Record Trigger", "Create|Update|CreateAndUpdate|Delete", 40),
    text("TriggerObjectOrEventLabel", "Trigger Object Label", 80),
    text("TriggerObjectOrEventId", "Trigger Object ID", 50),
    text("ActiveVersionId", "Active Version ID", 50),
    check("IsActive", "Active"),
    audit=False,
    both_apis=True,
    **SETUP,
)
LEAD_CONVERT_SETTINGS = setup_object(
    "LeadConvertSettings", "Lead Convert Settings", "04R", *_metadata(), **SETUP
)
SANDBOX_INFO = setup_object(
    "SandboxInfo",
    "Sandbox Info",
    "0GQ",
    text("SandboxName", "Sandbox Name", 10, name_field=True),
    pick("LicenseType", "License Type", "DEVELOPER|DEVELOPER_PRO|PARTIAL|FULL", 40),
    text("TemplateId", "Template ID", 15),
    whole("HistoryDays", "History Days"),
    text("Description", "Description", 1000),
    check("AutoActivate", "Auto Activate"),
    production_only=True,
    **SETUP,
)
SANDBOX_PROCESS = setup_object(
    "SandboxProcess",
    "Sandbox Process",
    "0GR",
    lookup("SandboxInfoId", "Sandbox Info ID", "SandboxInfo"),
    text("SandboxName", "Sandbox Name", 10, name_field=True),
    # 15 characters, and not an id field.
    text("SandboxOrganization", "Sandbox Organization", 15),
    pick("LicenseType", "License Type", "DEVELOPER|DEVELOPER_PRO|PARTIAL|FULL", 40),
    pick("Status", "Status", "Pending|Processing|Sampling|Activating|Completed", 40),
    whole("CopyProgress", "Copy Progress"),
    moment("StartDate", "Start Date"),
    moment("EndDate", "End Date"),
    production_only=True,
    **SETUP,
)
