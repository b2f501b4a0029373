"""The org itself: active, answering, and at which address it lets people in."""

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import (
    ADMIN,
    COMPANY,
    MY_DOMAIN,
    NOBODY,
    POLICIES,
    SESSION_SETTINGS,
    START_AGAIN,
    USERS,
    Problem,
)

ROWS: tuple[Problem, ...] = (
    Problem(
        "my_domain_only",
        _("The org lets people in at its own My Domain only"),
        _(
            "An administrator switched off signing in at login.salesforce.com and "
            "test.salesforce.com. Salesforce then turns away the right name and password."
        ),
        ADMIN,
        (
            _("In Setup, open My Domain, and copy “Current My Domain URL”."),
            _("On the sign-up page, open “Your org signs in at its own My Domain?” and paste it."),
            _("Sign in there, as the integration user."),
        ),
        setup=MY_DOMAIN,
        address_bar=(
            "my domain",
            "my_domain",
            "use your company's custom domain",
            "domain login policy",
        ),
        likely=9,
    ),
    Problem(
        "org_inactive",
        _("The org is not active"),
        _("Salesforce says that this org is locked, has expired or was deleted."),
        ADMIN,
        (
            _("Sign in to the org yourself: a sandbox that was deleted does not let you in."),
            _(
                "If another org takes its place, tell your implementation manager which one. If "
                "not, ask Salesforce to unlock this one."
            ),
            START_AGAIN,
        ),
        setup=COMPANY,
        address_bar=("inactive_org", "inactive organization", "organization is inactive"),
        likely=12,
    ),
    Problem(
        "unavailable",
        _("Salesforce does not answer right now"),
        _("The org may be in maintenance. Nothing was connected."),
        NOBODY,
        (
            _("Look at status.salesforce.com, if it lasts."),
            _("Start again in a few minutes."),
        ),
        address_bar=("server_error", "temporarily_unavailable", "service unavailable"),
    ),
    Problem(
        "org_unreadable",
        _("Signed in, but the org cannot be asked"),
        _(
            "Salesforce let the user in and refused to say which org it is. Nothing was "
            "connected, and the access just given was handed back."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Users, and look at the integration user’s profile and permission "
                "sets: it needs “API Enabled” and must not be frozen."
            ),
            START_AGAIN,
        ),
        setup=USERS,
    ),
    Problem(
        "api_limit",
        _("The org’s API calls for today are used up"),
        _(
            "An org has so many API calls in 24 hours, shared by all apps. This one has none left, "
            "so we could not ask which org it is. Nothing was connected."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Company Information, and look at “API Requests, Last 24 Hours”: "
                "usually another app is using them."
            ),
            _("Start again in some hours: calls come back as the hours pass."),
        ),
        setup=COMPANY,
    ),
    Problem(
        "session_refused",
        _("The org ended our session at once"),
        _(
            "Salesforce let us in and refused the very next question. Usually the org ties a "
            "session to the address it began at, or the app’s access expires immediately."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Session Settings: untick “Lock sessions to the IP address from "
                "which they originated” and “Enforce login IP ranges on every request”, or allow "
                "our addresses."
            ),
            _(
                "Under Manage Connected Apps, UserGems, Edit Policies, set Refresh Token Policy "
                "to “valid until revoked”."
            ),
            START_AGAIN,
        ),
        setup=SESSION_SETTINGS,
        address_bar=("invalid_session_id", "session expired or invalid"),
    ),
    Problem(
        "access_ended",
        _("Salesforce ended our access"),
        _(
            "The access was revoked, it ran out under the app’s policy, the user’s password was "
            "reset, the user signed up a sixth time elsewhere, or the sandbox was refreshed."
        ),
        ADMIN,
        (
            _("Connect the org again, as the integration user."),
            _(
                "So that it lasts: in Setup, Manage Connected Apps, UserGems, Edit Policies, set "
                "Refresh Token Policy to “valid until revoked”."
            ),
        ),
        setup=POLICIES,
        address_bar=("expired access/refresh token",),
    ),
)
