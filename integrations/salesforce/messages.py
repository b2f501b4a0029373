"""Error code → family, sentence, who fixes it, where to click. Data; `catalogue.py` reads it.

`{fields}` stands for the fields that Salesforce named.
"""

from __future__ import annotations

from integrations.salesforce.families import (
    ADMINISTRATOR,
    NOBODY,
    USERGEMS,
    Explanation,
    Family,
)

MESSAGES: dict[str, Explanation] = {}


def _customer(code: str, sentence: str, where: str = "") -> None:
    MESSAGES[code] = Explanation(Family.CUSTOMER_MUST_ACT, sentence, ADMINISTRATOR, where)


def _ours(code: str, sentence: str) -> None:
    MESSAGES[code] = Explanation(Family.WE_MUST_ACT, sentence, USERGEMS)


def _again(code: str, sentence: str) -> None:
    MESSAGES[code] = Explanation(Family.TRY_AGAIN, sentence, NOBODY)


_PERMISSIONS = "Setup → Permission Sets → the integration user’s set → Object Settings"
_AUTOMATION = "Setup → Flows, or Setup → Apex Triggers"

# --- connection and limits --------------------------------------------------------------------
_customer(
    "INVALID_SESSION_ID",
    "The connection to Salesforce has ended. Connect the org again.",
    "Connect again in the portal",
)
_ours("INVALID_AUTH_HEADER", "We signed in to Salesforce in a way it does not accept.")
# Ours: no key opens the stored token. It works again as soon as the key is back.
MESSAGES["TOKEN_UNREADABLE"] = Explanation(
    Family.TRY_AGAIN,
    "We cannot read our stored access to this org. UserGems mends it; nothing is lost, and "
    "sending goes on then.",
    USERGEMS,
)
_customer(
    "REDIRECTED",
    "The org has moved to another address. Connect it again, and we use the new one.",
    "Connect again in the portal",
)
_again(
    "REQUEST_LIMIT_EXCEEDED",
    "The org has used up its API calls for the last 24 hours. Sending goes on when calls are "
    "free again.",
)
_again(
    "SERVER_UNAVAILABLE",
    "Salesforce is not available at the moment. We try again by ourselves.",
)
_again("UNKNOWN_EXCEPTION", "Salesforce had a problem of its own. We try again by ourselves.")
_again("NO_ANSWER", "Salesforce did not answer in time. We try again by ourselves.")
_again("NOT_JSON", "Salesforce answered with a page instead of data. We try again by ourselves.")
_again(
    "OUTCOME_UNKNOWN",
    "Salesforce did not say whether this was saved. We look in the org before anything is sent "
    "again.",
)
_again(
    "UNABLE_TO_LOCK_ROW",
    "Somebody else was saving the same record. We send it again by ourselves.",
)
_again("INVALID_QUERY_LOCATOR", "The list ran out while it was being read. We read it again.")
_again("PROCESSING_HALTED", "Not tried, because another record of the same group failed.")
_again(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Not saved, because another record of the same group failed.",
)
_customer(
    "API_DISABLED_FOR_ORG",
    "This edition of Salesforce comes without API access, which the connection needs.",
    "Setup → Company Information shows the edition",
)
_customer(
    "API_CURRENTLY_DISABLED",
    "The integration user may not use the API. Give it the permission API Enabled.",
    "Setup → Permission Sets → the integration user’s set → System Permissions → API Enabled",
)
_customer(
    "API_DISABLED_FOR_USER",
    "The integration user may not use the API. Give it the permission API Enabled.",
    "Setup → Permission Sets → the integration user’s set → System Permissions → API Enabled",
)
_customer(
    "STORAGE_LIMIT_EXCEEDED",
    "The org is full. Delete records that are no longer needed, or use a larger sandbox.",
    "Setup → Storage Usage",
)
_customer(
    "TXN_SECURITY_METERING_ERROR",
    "A transaction security policy stopped the integration user. Exempt it from the policy.",
    "Setup → Transaction Security Policies",
)

# --- rights -----------------------------------------------------------------------------------
_customer(
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "The integration user may not edit {fields}. Give it edit access to the field.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields} → "
    "Set Field-Level Security",
)
_customer(
    "INVALID_FIELD",
    "A field we write is not in this org, or is hidden from the integration user. Install the "
    "package, or make {fields} visible.",
    "Setup → Object Manager → the object → Fields & Relationships → Set Field-Level Security",
)
_customer(
    "INVALID_TYPE",
    "An object we write to is not in this org, or is hidden from the integration user. Install "
    "the package, or give access to its object.",
    _PERMISSIONS,
)
_customer(
    "NOT_FOUND",
    "The record is not there any more, or the integration user may not see it.",
    _PERMISSIONS,
)
_customer(
    "INSUFFICIENT_ACCESS",
    "The integration user may not see this record.",
    "Setup → Sharing Settings, and " + _PERMISSIONS,
)
_customer(
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "The integration user may not change this record. Give it edit access to the object and, "
    "where records are private, a role above the owners.",
    _PERMISSIONS + "; Setup → Sharing Settings",
)
_customer(
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "The integration user may not use a record this one is linked to: the account, the campaign "
    "or the owner. Give it access there.",
    "Setup → Sharing Settings; for campaigns also Marketing User on the user’s page",
)
_customer(
    "CANNOT_MODIFY_MANAGED_OBJECT",
    "A package protects what we wanted to change.",
    "Setup → Installed Packages",
)

# --- the customer's own rules -----------------------------------------------------------------
_customer(
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "An Apex trigger in the org stopped this record. Its author has to correct it, or exempt the "
    "integration user.",
    "Setup → Apex Triggers",
)
_customer(
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "A flow in the org failed while saving this record. Correct the flow, or exempt the "
    "integration user in its start conditions.",
    _AUTOMATION,
)
_customer(
    "APEX_ERROR",
    "Apex code in the org failed while saving this record.",
    "Setup → Apex Classes",
)
_customer(
    "APEX_REST_SERVICES_DISABLED",
    "Apex REST services are switched off for the integration user.",
    "Setup → Permission Sets → the integration user’s set → System Permissions",
)
_customer(
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "A validation rule of the org stopped this record. Exempt the integration user in the rule, "
    "or tell us which value it expects.",
    "Setup → Object Manager → the object → Validation Rules",
)
_customer(
    "FIELD_FILTER_VALIDATION_EXCEPTION",
    "A lookup filter of the org does not accept the linked record. Exempt the integration user "
    "in the filter.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields} → Lookup Filter",
)
_customer(
    "REQUIRED_FIELD_MISSING",
    "The org requires {fields}, which we do not fill. Give the field a default, require it on "
    "the page layout instead, or tell us what to write.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields}",
)
_customer(
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "{fields} is a restricted picklist without the value we write. Add the value, also for the "
    "record type.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields} → Values",
)
_customer(
    "DUPLICATES_DETECTED",
    "A duplicate rule of the org stopped this record. Exempt the integration user in the rule’s "
    "conditions, or leave this job change out.",
    "Setup → Duplicate Rules → the rule → Conditions",
)
_customer(
    "INACTIVE_OWNER_OR_USER",
    "The chosen owner is not active in this org. Choose another owner in the settings.",
    "Settings in the portal, or Setup → Users",
)
_customer(
    "FIELD_INTEGRITY_EXCEPTION",
    "Values do not fit together in this org, such as a state that is not in the list of states.",
    "Setup → State and Country/Territory Picklists, or the record types of the object",
)
_customer(
    "INVALID_CROSS_REFERENCE_KEY",
    "An ID in the settings does not belong to this org: an owner, a campaign or a record type. "
    "Choose it again in the settings.",
    "Settings in the portal",
)
_customer(
    "CIRCULAR_DEPENDENCY",
    "Records of the org point at each other in a circle.",
)
_customer(
    "DELETE_FAILED",
    "The org does not let this record be deleted, because others depend on it.",
)

# --- the record itself ------------------------------------------------------------------------
_customer(
    "STRING_TOO_LONG",
    "{fields} is shorter in this org than the text we have. Widen the field, or we shorten the "
    "text.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields}",
)
_ours("INVALID_EMAIL_ADDRESS", "Salesforce does not accept the e-mail address we have.")
_ours("NUMBER_OUTSIDE_VALID_RANGE", "A number we wrote is too large for {fields}.")
_ours("INVALID_DATE", "A date we wrote is not valid for {fields}.")
_ours("INVALID_DATE_FORMAT", "A date we wrote is not in the form {fields} expects.")
_customer(
    "DUPLICATE_VALUE",
    "Another record already has a value that must be unique.",
    "Setup → Object Manager → the object → Fields & Relationships → {fields}",
)
_customer(
    "DUPLICATE_EXTERNAL_ID",
    "Two records of the org carry the same external ID.",
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

# --- ours -------------------------------------------------------------------------------------
_ours("MALFORMED_ID", "We sent an ID of the wrong kind.")
_ours("MALFORMED_QUERY", "We asked in a way Salesforce does not understand.")
_ours("MALFORMED_SEARCH", "We searched in a way Salesforce does not understand.")
_ours("JSON_PARSER_ERROR", "We sent a value that Salesforce cannot read.")
_ours("METHOD_NOT_ALLOWED", "We called Salesforce in a way it does not offer.")
_ours("UNSUPPORTED_API_VERSION", "We use a version of the API that this org does not offer.")
_ours("HTTP_410", "We use a version of the API that this org does not offer.")
_ours("QUERY_TIMEOUT", "A question to the org took too long. UserGems asks in smaller parts.")
_ours("OPERATION_TOO_LARGE", "A question to the org was too large. UserGems asks in smaller parts.")
_ours("EXCEEDED_ID_LIMIT", "We sent too many records at once.")
_ours("LIMIT_EXCEEDED", "We asked for more at once than Salesforce allows.")
_ours("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "We asked for more at once than Salesforce allows.")
_ours("INVALID_INPUT", "We sent a request in a form Salesforce does not accept.")
_ours("UNEXPECTED_ANSWER", "Salesforce answered in a form we do not know.")
_ours("MULTIPLE_CHOICES", "Several records of the org carry the same external ID.")
_ours(
    "UNSENDABLE_TEXT",
    "A text of this job change contains a sign that Salesforce would take for a reference, so it "
    "was not sent.",
)
