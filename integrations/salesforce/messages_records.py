"""What concerns records: rights to them, the customer's own rules, the values we write."""

from __future__ import annotations

from integrations.salesforce import setup_links as setup
from integrations.salesforce.families import Messages

RECORDS = Messages()
_customer, _ours, _again = RECORDS.customer, RECORDS.ours, RECORDS.again

_PERMISSIONS = "Setup → Permission Sets → the integration user’s set → Object Settings"
_FIELDS = "Setup → Object Manager → the object → Fields & Relationships → {fields}"

# --- passing ----------------------------------------------------------------------------------
_again(
    "UNABLE_TO_LOCK_ROW",
    "Somebody else was saving the same record. We send it again by ourselves.",
)
_again(
    "PRECONDITION_FAILED",
    "The record was changed while we were about to write it. We look again and send what is "
    "still missing.",
)
_again("PROCESSING_HALTED", "Not tried, because another record of the same group failed.")
_again(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Not saved, because another record of the same group failed.",
)

# --- rights -----------------------------------------------------------------------------------
_customer(
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "The integration user may not edit {fields}. Give it edit access to the field.",
    f"{_FIELDS} → Set Field-Level Security",
    setup.FIELDS,
)
_customer(
    "INVALID_FIELD",
    "A field we write is not in this org, or is hidden from the integration user. Install the "
    "package, or make {fields} visible.",
    "Setup → Object Manager → the object → Fields & Relationships → Set Field-Level Security",
    setup.FIELDS,
)
_customer(
    "INVALID_TYPE",
    "An object we write to is not in this org, or is hidden from the integration user. Install "
    "the package, or give access to its object.",
    _PERMISSIONS,
    setup.PERMISSION_SETS,
)
_customer(
    "NOT_FOUND",
    "The record is not there any more, or the integration user may not see it.",
    _PERMISSIONS,
    setup.PERMISSION_SETS,
)
_customer(
    "INSUFFICIENT_ACCESS",
    "The integration user may not see this record.",
    "Setup → Sharing Settings, and " + _PERMISSIONS,
    setup.SHARING,
)
_customer(
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "The integration user may not change this record. Give it edit access to the object and, "
    "where records are private, a role above the owners.",
    _PERMISSIONS + "; Setup → Sharing Settings",
    setup.PERMISSION_SETS,
)
_customer(
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "The integration user may not use a record this one is linked to: the account, the campaign "
    "or the owner. Give it access there, or choose again in the settings if the record was "
    "deleted.",
    "Setup → Sharing Settings; for campaigns also Marketing User on the user’s page",
    setup.SHARING,
)
_customer(
    "CANNOT_MODIFY_MANAGED_OBJECT",
    "A package protects what we wanted to change.",
    "Setup → Installed Packages",
    setup.PACKAGES,
)

# --- the customer's own rules -----------------------------------------------------------------
_customer(
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "An Apex trigger in the org stopped this record, or the integration user may not create it; "
    "Salesforce’s own words say which. A trigger’s author corrects it, or exempts the user.",
    "Setup → Apex Triggers; for rights Setup → Permission Sets",
    setup.APEX_TRIGGERS,
)
_customer(
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "A flow in the org failed while saving this record. Correct the flow, or exempt the "
    "integration user in its entry conditions.",
    "Setup → Flows",
    setup.FLOWS,
)
_customer(
    "APEX_ERROR",
    "Apex code in the org failed while saving this record.",
    "Setup → Apex Classes",
    setup.APEX_CLASSES,
)
_customer(
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "A validation rule of the org stopped this record. Exempt the integration user in the rule, "
    "or tell us which value it expects.",
    "Setup → Object Manager → the object → Validation Rules",
    setup.VALIDATION_RULES,
)
_customer(
    "FIELD_FILTER_VALIDATION_EXCEPTION",
    "A lookup filter of the org does not accept the linked record. Exempt the integration user "
    "in the filter.",
    f"{_FIELDS} → Lookup Filter",
    setup.FIELDS,
)
_customer(
    "REQUIRED_FIELD_MISSING",
    "The org requires {fields}, which we do not fill. Give the field a default, require it on "
    "the page layout instead, or tell us what to write.",
    _FIELDS,
    setup.FIELDS,
)
_customer(
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "{fields} is a restricted picklist without the value we write. Add the value, also for the "
    "record type, or, for the lead source, choose another one in the settings.",
    f"{_FIELDS} → Values",
    setup.FIELDS,
)
_customer(
    "DUPLICATES_DETECTED",
    "A duplicate rule of the org stopped this record. Exempt the integration user in the rule’s "
    "conditions, or leave this job change out. Where the rule only alerts, you can also tick “Save "
    "records although a duplicate rule alerts” in the settings.",
    "Setup → Duplicate Rules → the rule → Conditions; settings in the portal",
    setup.DUPLICATE_RULES,
)
_customer(
    "INACTIVE_OWNER_OR_USER",
    "The chosen owner is not active in this org. Choose another owner in the settings.",
    "Settings in the portal, or Setup → Users",
    setup.USERS,
)
_customer(
    "FIELD_INTEGRITY_EXCEPTION",
    "Values do not fit together in this org, such as a state that is not in the list of states.",
    "Setup → State and Country/Territory Picklists, or the fields and record types of the object",
    setup.FIELDS,
)
_customer(
    "INVALID_CROSS_REFERENCE_KEY",
    "An ID in the settings does not belong to this org: an owner, a campaign or a record type. "
    "Choose it again in the settings.",
    "Settings in the portal",
)
_customer("CIRCULAR_DEPENDENCY", "Records of the org point at each other in a circle.")
_customer(
    "DELETE_FAILED",
    "The org does not let this record be deleted, because others depend on it.",
)
# Any other code that begins so: the org does not let it be, and says why (platform, 3.2).
_customer(
    "CANNOT_…",
    "The org does not allow this for the record; Salesforce’s own words say why.",
    "What Salesforce’s words name",
)

# --- the record itself ------------------------------------------------------------------------
_customer(
    "STRING_TOO_LONG",
    "{fields} is shorter in this org than the text we have. Widen the field, or we shorten the "
    "text.",
    _FIELDS,
    setup.FIELDS,
)
_ours("INVALID_EMAIL_ADDRESS", "Salesforce does not accept the e-mail address we have.")
_ours("NUMBER_OUTSIDE_VALID_RANGE", "A number we wrote is too large for {fields}.")
_ours("INVALID_DATE", "A date we wrote is not valid for {fields}.")
_ours("INVALID_DATE_FORMAT", "A date we wrote is not in the form {fields} expects.")
_ours("MALFORMED_ID", "We sent an ID of the wrong kind.")
_customer(
    "DUPLICATE_VALUE",
    "Another record already has a value that must be unique.",
    _FIELDS,
    setup.FIELDS,
)
_customer(
    "DUPLICATE_EXTERNAL_ID",
    "Two records of the org carry the same external ID. Merge them, or clear it on one.",
)
_customer(
    "MULTIPLE_CHOICES",
    "Several records of the org carry the same external ID, so nothing was saved. Merge them, or "
    "clear it on all but one.",
)
_customer(
    "ENTITY_IS_DELETED",
    "The record was deleted in the meantime. Restore it, or send the job change again.",
    "Recycle Bin in the org",
)
_customer(
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "The lead was converted in the meantime. Send the job change again, and the contact is used.",
)
