"""Who gets in: what the platform says to a user or an app that does not."""

from __future__ import annotations

from urllib.parse import urlencode

from integrations.rehearsal.access import Access
from integrations.rehearsal.host import Host
from integrations.rehearsal.seed import profile_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

OPEN, BLOCKED, NOT_INSTALLED = "open", "blocked", "not_installed"
ADMIN_APPROVED, EXTERNAL_NOT_FOUND = "admin_approved", "external_not_found"
ERROR_PAGE = "/setup/secur/RemoteAccessErrorPage.apexp"
# The platform words these pages for the person who signs in; the portal never sees them. The
# wording for a user that may use the API only is not documented.
WRONG_LOGIN = (
    "Please check your username and password. "
    "If you still can't log in, contact your Salesforce administrator."
)
API_ONLY = "This user may use the API only and can't log in with a browser."
MY_DOMAIN_ONLY = "Log in with your company's My Domain address; your administrator knows it."
# What the error page says.
GENERIC = (
    "OAUTH_APPROVAL_ERROR_GENERIC",
    "An unexpected error has occured during authentication. Please try again.",
)
EXTERNAL = (
    "OAUTH_EC_APP_NOT_FOUND",
    "Cross-org OAuth flows are not supported for this external client app",
)


class Refused(Exception):
    """The request cannot go on; `redirects` says whether the callback may be told."""

    def __init__(self, error: str, description: str, redirects: bool = True) -> None:
        super().__init__(error)
        self.error, self.description, self.redirects = error, description, redirects


class NoWayBack(Exception):
    """The platform shows its own page, at `url`, and tells the callback nothing."""

    def __init__(self, org: Org, error: str, description: str) -> None:
        super().__init__(error)
        query = urlencode({"error": error, "error_description": description})
        self.url = f"{org.url}{ERROR_PAGE}?{query}"


def login_problem(here: Host, org: Org, user: Row) -> str:
    """What the login page says to a user it does not let in; empty if it does."""
    configured = org.user_config(user["Id"])
    if not user.get("IsActive") or (configured and configured.frozen):
        return WRONG_LOGIN
    if here.org is None and not org.config.login_host:
        return MY_DOMAIN_ONLY
    return API_ONLY if configured and configured.api_only else ""


def check_app(org: Org, user: Row) -> None:
    """The org lets the app in for this user. Raises Refused or NoWayBack."""
    state = org.config.connected_app
    if state == BLOCKED:
        raise Refused("OAUTH_APP_BLOCKED", "this app is blocked by admin")
    if not approved(org, user):
        raise Refused("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app")
    if state == EXTERNAL_NOT_FOUND:
        raise NoWayBack(org, *EXTERNAL)
    if state == NOT_INSTALLED and not _may_use_uninstalled(org, user):
        raise NoWayBack(org, "invalid_client", "app must be installed into org")


def approved(org: Org, user: Row) -> bool:
    """Whether the app's policy admits the user's profile."""
    profiles = {profile_id(name) for name in org.config.app_profiles}
    return org.config.connected_app != ADMIN_APPROVED or user.get("ProfileId") in profiles


def _may_use_uninstalled(org: Org, user: Row) -> bool:
    configured = org.user_config(user["Id"])
    # Unlike the other right, no profile has this one by itself, not even the administrator's.
    if configured and "UseAnyApiClient" in configured.permissions:
        return True
    approves = "ApproveUninstalledConnectedApps" in Access(org, user).permissions
    return approves and not org.config.api_access_control
