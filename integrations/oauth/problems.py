"""Finds the page for what Salesforce answered, by its codes and its texts.

Texts that Salesforce sends choose a row and are never shown: anybody may open the callback with
words of their own. Addresses that a person pastes: `pasted.py`.
"""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table import ROWS, Problem

PROBLEMS: dict[str, Problem] = {row.code: row for row in ROWS}

# `error` of the callback and of the token answer; the description decides where one code has
# several causes (platform reference, 1.3 to 1.5).
_BY_ERROR = {
    "access_denied": "access_denied",
    "access-denied": "access_denied",
    "oauth_app_blocked": "app_blocked",
    "oauth_app_access_denied": "app_not_permitted",
    "oauth_ec_app_not_found": "package_app_missing",
    "oauth_approval_error_generic": "app_not_installed",
    "inactive_user": "user_inactive",
    "inactive_org": "org_inactive",
    "rate_limit_exceeded": "rate_limited",
    "restricted_access": "ip_restricted",
    "ip_restricted": "ip_restricted",
    "api_disabled_for_org": "api_disabled",
    "api_currently_disabled": "api_disabled",
    "api_disabled_for_user": "api_disabled",
    "request_limit_exceeded": "api_limit",
    "invalid_session_id": "session_refused",
    "bad_oauth_token": "session_refused",
    "invalid_scope": "scope_refused",
    "oauth_access_scope": "scope_refused",
    "unsupported_grant_type": "scope_refused",
    "unsupported_response_type": "our_setup",
    "invalid_client_id": "our_setup",
    "invalid_client": "our_setup",
    "invalid_client_credentials": "our_setup",
    "redirect_uri_mismatch": "our_setup",
    "invalid_request": "our_setup",
    "wrong_version": "version_not_offered",
    "unsupported_api_version": "version_not_offered",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
    "invalid_grant": "code_expired",
}
_BY_DESCRIPTION = (
    ("must be installed", "app_not_installed"),
    ("blocked by admin", "app_blocked"),
    ("access blocked", "access_blocked"),
    ("not admin approved", "app_not_permitted"),
    ("hasn't approved", "approval_missing"),
    ("cross-org oauth", "package_app_missing"),
    ("api access control", "api_access_control"),
    ("api only", "user_api_only"),
    ("my domain", "my_domain_only"),
    ("code challenge", "code_expired"),
    ("code verifier", "code_expired"),
    ("expired authorization code", "code_expired"),
    ("expired access/refresh token", "access_ended"),
    ("authentication failure", "login_failed"),
    ("inactive user", "user_inactive"),
    ("inactive org", "org_inactive"),
    ("ip restricted", "ip_restricted"),
    ("restricted ip", "ip_restricted"),
    ("login hours", "ip_restricted"),
)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def problem_of(error: str, description: str = "") -> Problem:
    """The row for what Salesforce sent as `error` and `error_description`."""
    description = description.lower().replace("+", " ").replace("’", "'")
    for words, code in _BY_DESCRIPTION:
        if words in description:
            return PROBLEMS[code]
    return PROBLEMS[_BY_ERROR.get(error.strip().lower(), "unknown")]


def salesforce_code(error: str) -> str:
    """Salesforce's own code, to be kept and shown to support; "" for anything but a plain code.

    Strangers may call the callback: what is no code is not kept, not even in part.
    """
    return error if _CODE.fullmatch(error) else ""


def problems_likely() -> list[Problem]:
    """Why somebody did not come back, in the order in which to look (contact-tracking, 4.3)."""
    return sorted((row for row in ROWS if row.likely), key=lambda row: row.likely)


# Why a connection needs reconnecting; stored with it as `str()`.
LOST_REASONS: dict[str, str | Promise] = {
    "access_ended": _(
        "Salesforce ended our access: it was revoked, it ran out after a time without use, "
        "or the sandbox was refreshed."
    ),
    "login_failed": _(
        "Salesforce refuses the integration user: deactivated, frozen, or with a changed "
        "password. Login History in Setup names the reason."
    ),
    "user_inactive": _("The integration user is not active any more: Setup → Users shows it."),
    "org_inactive": _("The org is locked, expired or deleted."),
    "ip_restricted": _(
        "The org does not let our address in any more. Login History in Setup calls it "
        "“Restricted IP”."
    ),
    "app_not_installed": _(
        "The UserGems app is not installed in the org any more: Setup → Connected Apps "
        "OAuth Usage lists it."
    ),
    "app_not_permitted": _("The app’s approval was taken back, or its permitted users changed."),
    "approval_missing": _("The app’s approval was taken back, or its permitted users changed."),
    "app_blocked": _(
        "An administrator blocked the UserGems app: Setup → Connected Apps OAuth Usage → "
        "UserGems → Unblock."
    ),
}
