"""What concerns the whole connection: sign-in, limits, answers that are none, our own mistakes."""

from __future__ import annotations

from integrations.salesforce import setup_links as setup
from integrations.salesforce.families import USERGEMS, Messages

CONNECTION = Messages()
_customer, _ours, _again = CONNECTION.customer, CONNECTION.ours, CONNECTION.again

_SYSTEM = "Setup → Permission Sets → the integration user’s set → System Permissions"
_RECONNECT = "Connect again in the portal"

# --- sign-in ----------------------------------------------------------------------------------
_customer(
    "INVALID_SESSION_ID",
    "The connection to Salesforce has ended. Connect the org again.",
    _RECONNECT,
)
_customer(
    "Bad_OAuth_Token",
    "The connection to Salesforce has ended. Connect the org again.",
    _RECONNECT,
)
_customer(
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
    "The integration user’s password has expired. Set a new one, then connect the org again.",
    "Setup → Users → the integration user → Reset Password",
    setup.USERS,
)
_ours("INVALID_AUTH_HEADER", "We signed in to Salesforce in a way it does not accept.")
# Ours: no key opens the stored token. It works again as soon as the key is back.
_again(
    "TOKEN_UNREADABLE",
    "We cannot read our stored access to this org. UserGems mends it; nothing is lost, and "
    "sending goes on then.",
    who=USERGEMS,
)
_customer(
    "API_DISABLED_FOR_ORG",
    "This edition of Salesforce comes without API access, which the connection needs.",
    "Setup → Company Information shows the edition",
    setup.COMPANY,
)
for _code in ("API_CURRENTLY_DISABLED", "API_DISABLED_FOR_USER"):
    _customer(
        _code,
        "The integration user may not use the API. Give it the permission API Enabled.",
        f"{_SYSTEM} → API Enabled",
        setup.PERMISSION_SETS,
    )
_customer(
    "APEX_REST_SERVICES_DISABLED",
    "Apex REST services are switched off for the integration user.",
    f"{_SYSTEM} → Apex REST Services",
    setup.PERMISSION_SETS,
)
_customer(
    "TXN_SECURITY_METERING_ERROR",
    "A transaction security policy stopped the integration user. Exempt it from the policy.",
    "Setup → Transaction Security Policies",
    setup.TRANSACTION_SECURITY,
)
_customer(
    "FUNCTIONALITY_NOT_ENABLED",
    "What we use is switched off in this org, or for the integration user. Switch it on.",
    _SYSTEM,
    setup.PERMISSION_SETS,
)

# --- limits -----------------------------------------------------------------------------------
_again(
    "REQUEST_LIMIT_EXCEEDED",
    "The org has used up its API calls for the last 24 hours. Sending goes on when calls are "
    "free again.",
    "Setup → Company Information shows API Requests, Last 24 Hours",
    setup.COMPANY,
)
_again(
    "API_RESERVE",
    "The org has used most of its API calls for the last 24 hours. We leave the rest to your "
    "other tools; sending goes on when calls are free again.",
    "Setup → Company Information shows API Requests, Last 24 Hours",
    setup.COMPANY,
)
_again(
    "TOO_MANY_CALLS",
    "The org is answering as many of our calls as we send at one time. We go on in a few seconds.",
)
_customer(
    "STORAGE_LIMIT_EXCEEDED",
    "The org has no storage left. Delete records that are no longer needed, or add storage: for "
    "a sandbox that means a larger one.",
    "Setup → Storage Usage",
    setup.STORAGE,
)

# --- Salesforce’s own trouble, and answers that are none --------------------------------------
_again(
    "SERVER_UNAVAILABLE",
    "Salesforce is not available at the moment. We try again by ourselves.",
)
_again(
    "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE",
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
_again("INVALID_QUERY_LOCATOR", "The list ran out while it was being read. We read it again.")
_customer(
    "REDIRECTED",
    "The org has moved to another address. Connect it again, and we use the new one.",
    _RECONNECT,
    setup.MY_DOMAIN,
)
_ours("NOT_MODIFIED", "Salesforce says that nothing has changed, which we did not ask.")
_ours(
    "REFUSED_WITHOUT_REASON",
    "Salesforce, or something on the way to it, refused the call and gave no reason. UserGems "
    "looks into it.",
)
_ours("UNEXPECTED_ANSWER", "Salesforce answered in a form we do not know.")
_ours("ANSWER_TOO_LARGE", "Salesforce’s answer was larger than we read. UserGems asks for less.")

# --- ours -------------------------------------------------------------------------------------
_ours("MALFORMED_QUERY", "We asked in a way Salesforce does not understand.")
_ours("MALFORMED_SEARCH", "We searched in a way Salesforce does not understand.")
_ours("INVALID_QUERY_FILTER_OPERATOR", "We asked in a way Salesforce does not understand.")
_ours("JSON_PARSER_ERROR", "We sent a value that Salesforce cannot read.")
_ours("METHOD_NOT_ALLOWED", "We called Salesforce in a way it does not offer.")
for _code in ("UNSUPPORTED_API_VERSION", "API_VERSION_NOT_OFFERED"):
    _ours(
        _code,
        "We use a version of the API that this org does not offer. UserGems moves to one that it "
        "offers; nothing is to be done in the org.",
    )
_ours("QUERY_TIMEOUT", "A question to the org took too long. UserGems asks in smaller parts.")
_ours("OPERATION_TOO_LARGE", "A question to the org was too large. UserGems asks in smaller parts.")
_ours("EXCEEDED_ID_LIMIT", "We sent too many records at once.")
for _code in ("LIMIT_EXCEEDED", "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS"):
    _ours(_code, "We asked for more at once than Salesforce allows.")
for _code in ("INVALID_INPUT", "MISSING_ARGUMENT", "INVALID_TYPE_FOR_OPERATION"):
    _ours(_code, "We sent a request in a form Salesforce does not accept.")
_ours("INVALID_TYPE_ON_FIELD_IN_RECORD", "We sent a value of the wrong kind for {fields}.")
_ours(
    "ADDRESS_REFUSED",
    "An address would have led away from this org, so nothing was sent. UserGems looks into it.",
)
_ours("UNSENDABLE", "We put together something that cannot be sent. UserGems looks into it.")
_ours(
    "REPORT_IN_SANDBOX", "Reports are read in production only, and this org is not known to be one."
)
_ours(
    "UNSENDABLE_TEXT",
    "A text of this job change contains a sign that Salesforce would take for a reference, so it "
    "was not sent.",
)
