"""Finds the page for what Salesforce answered: by its codes, its texts, or a pasted address.

Texts that Salesforce sends choose a row and are never shown: anybody may open the callback with
words of their own.
"""

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
    "invalid_scope": "our_setup",
    "oauth_access_scope": "our_setup",
    "unsupported_response_type": "our_setup",
    "unsupported_grant_type": "our_setup",
    "invalid_client_id": "our_setup",
    "invalid_client": "our_setup",
    "invalid_client_credentials": "our_setup",
    "redirect_uri_mismatch": "our_setup",
    "wrong_version": "our_setup",
    "invalid_request": "our_setup",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
    "invalid_grant": "code_expired",
}
_BY_DESCRIPTION = (
    ("must be installed", "app_not_installed"),
    ("blocked by admin", "app_blocked"),
    ("not admin approved", "app_not_permitted"),
    ("hasn't approved", "app_not_permitted"),
    ("cross-org oauth", "package_app_missing"),
    ("code challenge", "code_expired"),
    ("code verifier", "code_expired"),
    ("expired authorization code", "code_expired"),
    ("authentication failure", "login_failed"),
    ("inactive user", "user_inactive"),
    ("inactive organization", "org_inactive"),
    ("ip restricted", "ip_restricted"),
)


def problem_of(error: str, description: str = "") -> Problem:
    """The row for what Salesforce sent as `error` and `error_description`."""
    description = description.lower().replace("+", " ").replace("’", "'")
    for words, code in _BY_DESCRIPTION:
        if words in description:
            return PROBLEMS[code]
    return PROBLEMS[_BY_ERROR.get(error.strip().lower(), "unknown")]


def problems_without_return() -> list[Problem]:
    """Those at which Salesforce shows a page of its own and never sends the browser back."""
    return [row for row in ROWS if row.address_bar]


def problem_in_address(text: str) -> Problem | None:
    """The row whose words stand in an address or error text that a person pasted."""
    text = text.lower().replace("%20", " ").replace("+", " ").replace("%27", "'")
    for row in problems_without_return():
        if any(words.lower().replace("+", " ") in text for words in row.address_bar[::-1]):
            return row
    return None


# Why a connection needs reconnecting; stored with it, so in plain text.
LOST_REASONS: dict[str, str] = {
    "expired": "Salesforce ended our access: it was revoked, it ran out after a time without use, "
    "or the sandbox was refreshed.",
    "login_failed": "Salesforce refuses the integration user: deactivated, frozen, or with a "
    "changed password.",
    "user_inactive": "The integration user is not active any more.",
    "org_inactive": "The org is locked, expired or deleted.",
    "ip_restricted": "The org does not let our address in any more.",
    "app_not_permitted": "The app’s approval was taken back, or its permitted users changed.",
    "app_blocked": "An administrator blocked the UserGems app.",
}
