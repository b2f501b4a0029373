"""The app in the org: installed, unblocked, allowed for the user."""

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import (
    ADMIN,
    PACKAGES,
    PERMISSION_SETS,
    POLICIES,
    START_AGAIN,
    USAGE,
    YOU,
    Problem,
)

ROWS: tuple[Problem, ...] = (
    Problem(
        "access_denied",
        _("You pressed Deny"),
        _(
            "Salesforce asked whether UserGems may have access, and the answer was no. We ask to "
            "read and write records as this user, to go on while nobody is signed in, and to "
            "learn which org and user it is. You can take all of it back at any time."
        ),
        YOU,
        (START_AGAIN, _("On Salesforce’s page “Allow access?”, press Allow.")),
    ),
    Problem(
        "app_not_installed",
        _("The UserGems app is not installed in this org yet"),
        _(
            "Since 2025 Salesforce blocks apps that are not installed in the org, unless the "
            "person who signs in may approve them. A copied administrator profile may not."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Permission Sets, and make or open one that is assigned to the "
                "integration user."
            ),
            _("Under System Permissions, tick “Approve Uninstalled Connected Apps”, and save."),
            _(
                "It is ticked already, or Setup finds a page “API Access Control”? Then tick “Use "
                "Any API Client” instead."
            ),
            _("Start the sign-up again, as the integration user."),
            _(
                "Afterwards, in Setup under Connected Apps OAuth Usage, find UserGems (in "
                "alphabetical order, or at the very bottom) and click Install. Then the "
                "permission can be taken away."
            ),
        ),
        setup=PERMISSION_SETS,
        address_bar=("app must be installed into org", "must be installed"),
        general_page=(
            "oauth_approval_error_generic",
            "remoteaccesserrorpage.apexp",
            "we can't authorize you because of an oauth error",
            "an unexpected error has occured during authentication",
        ),
        likely=1,
    ),
    Problem(
        "app_blocked",
        _("An administrator blocked the UserGems app"),
        _("In this org the app is blocked under Connected Apps OAuth Usage."),
        ADMIN,
        (
            _("In Setup, open Connected Apps OAuth Usage."),
            _("Find UserGems: in alphabetical order, or at the very bottom."),
            _("Click Unblock, then Install."),
            _("Under Manage App Policies, check that Permitted Users include this user."),
            START_AGAIN,
        ),
        setup=USAGE,
        address_bar=("oauth_app_blocked", "this app is blocked by admin", "oauth app blocked"),
        likely=2,
    ),
    Problem(
        "package_app_missing",
        _("The package with the UserGems app is not in this org"),
        _("The app comes with the package, and this org does not have it."),
        ADMIN,
        (
            _("Install the UserGems package in this org, for all users."),
            _("In Setup, check that Installed Packages lists it."),
            START_AGAIN,
        ),
        setup=PACKAGES,
        address_bar=(
            "oauth_ec_app_not_found",
            "cross-org oauth flows are not supported for this external client app",
        ),
        likely=3,
    ),
    Problem(
        "app_not_permitted",
        _("This user is not among the app’s permitted users"),
        _(
            "The app lets in only users whom an administrator named (“Admin approved users are "
            "pre-authorized”), and the user who signed in is not one of them."
        ),
        ADMIN,
        (
            _("In Setup, open Manage Connected Apps and click UserGems."),
            _("Under Profiles or Permission Sets, add one that the integration user has."),
            _("Wait: it can take up to an hour until Salesforce goes by it."),
            START_AGAIN,
        ),
        setup=POLICIES,
        address_bar=(
            "oauth_app_access_denied",
            "user is not admin approved to access this app",
            "not admin approved",
        ),
        likely=4,
    ),
    Problem(
        "approval_missing",
        _("The user’s approval of the UserGems app is missing"),
        _(
            "Salesforce has no approval of this user for the app: it was taken back, or only "
            "users whom an administrator named are let in, and this one is not named."
        ),
        ADMIN,
        (
            _("In Setup, open Manage Connected Apps, UserGems, and look at Permitted Users."),
            _(
                "“Admin approved users are pre-authorized”: add a profile or permission set of "
                "the integration user. “All users may self-authorize”: nothing to change."
            ),
            _("Start the sign-up again, and press Allow."),
        ),
        setup=POLICIES,
        address_bar=("user hasn't approved this consumer",),
    ),
    Problem(
        "access_blocked",
        _("Salesforce blocked the app without saying why"),
        _(
            "“Access blocked: Authorization Error” comes up when the app is not installed in the "
            "org, or lets in fewer users than it should."
        ),
        ADMIN,
        (
            _(
                "In Setup, open Connected Apps OAuth Usage: UserGems must be there, installed and "
                "not blocked."
            ),
            _(
                "Under Manage App Policies, leave Permitted Users at “All users may "
                "self-authorize”, or add a profile or permission set of the integration user."
            ),
            START_AGAIN,
        ),
        setup=USAGE,
        address_bar=("access blocked: authorization error", "access blocked"),
        likely=5,
    ),
    Problem(
        "api_access_control",
        _("API Access Control keeps the app out"),
        _(
            "The user may approve apps, and Salesforce still says no: with API Access Control an "
            "org lets in only apps on its list, or users who may use any."
        ),
        ADMIN,
        (
            _("In Setup, search for “API Access Control”. No such page: this is not the cause."),
            _(
                "Give the integration user the permission “Use Any API Client”, in a permission "
                "set; or add UserGems to the list of allowed apps."
            ),
            START_AGAIN,
            _(
                "Afterwards install UserGems under Connected Apps OAuth Usage. Then the "
                "permission can be taken away."
            ),
        ),
        setup=PERMISSION_SETS,
        address_bar=("api access control", "use any api client", "api_access_control"),
        likely=6,
    ),
    Problem(
        "colleague_kept_out",
        _("We are connected, but colleagues cannot sign up to UserGems"),
        _(
            "The app was not installed after the first sign-in, or Permitted Users were narrowed "
            "later. The integration user got in before that."
        ),
        ADMIN,
        (
            _("In Setup, open Connected Apps OAuth Usage, find UserGems and click Install."),
            _(
                "Under Manage App Policies, set Permitted Users to “All users may "
                "self-authorize”, or add the profiles of your sales people."
            ),
            _("Ask your colleague to sign up again."),
        ),
        setup=USAGE,
        likely=14,
    ),
)
