"""The user who signs in: active, let in, allowed to use the API."""

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import (
    ADMIN,
    LOGIN_HISTORY,
    NOBODY,
    PERMISSION_SETS,
    POLICIES,
    START_AGAIN,
    USERS,
    Problem,
)

ROWS: tuple[Problem, ...] = (
    Problem(
        "user_api_only",
        _("The integration user may not sign in with a browser"),
        _(
            "The user has “API Only User”: it may use the API, and Salesforce turns it away at "
            "every sign-in page. The first sign-in needs a page, this once."
        ),
        ADMIN,
        (
            _(
                "In Setup, find the profile or permission set that gives the integration user "
                "“API Only User”, and take the tick away."
            ),
            _("Start the sign-up again, as the integration user, and confirm the org."),
            _("Put “API Only User” back: we go on over the API alone."),
            _("Your rules forbid that? Write to your implementation manager."),
        ),
        setup=PERMISSION_SETS,
        address_bar=("api only user", "api-only", "api only", "may use the api only"),
        likely=7,
    ),
    Problem(
        "login_refused",
        _("Salesforce does not take the username and password"),
        _(
            "“Please check your username and password” stands for more than a slip: the user may "
            "be deactivated or frozen, locked after too many tries, or allowed at the org’s own "
            "address only."
        ),
        ADMIN,
        (
            _(
                "Check the username: in a sandbox it ends in a dot and the sandbox’s name, and it "
                "is used at test.salesforce.com."
            ),
            _(
                "In Setup, open Login History: the newest row of the integration user names the "
                "reason. No row at all: the username is not of this org."
            ),
            _("Mend what it names, then start the sign-up again."),
        ),
        setup=LOGIN_HISTORY,
        address_bar=("check your username and password",),
        likely=8,
    ),
    Problem(
        "user_inactive",
        _("The Salesforce user is not active"),
        _("Salesforce says that the user who signed in is deactivated or frozen."),
        ADMIN,
        (
            _("In Setup, open Users, and find the integration user."),
            _("Tick Active; or click Unfreeze, if the button is there."),
            START_AGAIN,
        ),
        setup=USERS,
        address_bar=("inactive_user", "inactive user", "user is inactive"),
        likely=11,
    ),
    Problem(
        "ip_restricted",
        _("The org does not let our address in"),
        _(
            "Login IP ranges or login hours, on the profile or on the app, turned the sign-in "
            "away. Login History calls it “Restricted IP”."
        ),
        ADMIN,
        (
            _("In Setup, open Manage Connected Apps, UserGems, Edit Policies."),
            _("Set IP Relaxation to “Relax IP restrictions”, and save."),
            _(
                "If your rules forbid that, add our addresses to the login IP ranges of the "
                "integration user’s profile: your implementation manager has the list."
            ),
            START_AGAIN,
        ),
        setup=POLICIES,
        address_bar=(
            "ip restricted",
            "ip_restricted",
            "restricted_access",
            "restricted ip",
            "invalid login hours",
        ),
        likely=10,
    ),
    Problem(
        "login_failed",
        _("The org refused the sign-in"),
        _(
            "Salesforce answered “authentication failure” and no more: the user may lack “API "
            "Enabled”, be frozen, have a changed password, or be outside login hours or addresses."
        ),
        ADMIN,
        (
            _("In Setup, open Login History."),
            _("Look at the newest row of the integration user: Status names the reason."),
            _("Mend what it names, then start the sign-up again."),
        ),
        setup=LOGIN_HISTORY,
        address_bar=("authentication failure",),
        likely=13,
    ),
    Problem(
        "api_disabled",
        _("This user may not use the API"),
        _(
            "Salesforce let the user in and refused every question: the user lacks “API Enabled”, "
            "or the org’s edition has no API."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Permission Sets, and give the integration user the system "
                "permission “API Enabled”."
            ),
            _(
                "If the user has it: under Company Information, look at the edition. Professional "
                "Edition has the API as an extra; ask Salesforce for it."
            ),
            START_AGAIN,
        ),
        setup=PERMISSION_SETS,
        address_bar=("api_disabled_for_org", "api_currently_disabled"),
    ),
    Problem(
        "rate_limited",
        _("Salesforce asks to wait"),
        _("There were too many sign-ins of this user within an hour."),
        NOBODY,
        (_("Wait an hour."), START_AGAIN),
        address_bar=("rate_limit_exceeded", "login rate exceeded"),
    ),
)
