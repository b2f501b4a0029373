"""What can go wrong while signing up with Salesforce: what, who fixes it, what to click.

Sources: contact-tracking reference 4.3, platform reference 1.3 to 1.5. Texts that Salesforce
sends choose a row here and are never shown: a caller of the callback writes them freely.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise

ADMIN = _("Your Salesforce administrator can fix this.")
YOU = _("You can fix this yourself.")
OURS = _("This is on us: nothing in your org has to change.")
NOBODY = _("Nobody has to fix anything.")


@dataclass(frozen=True)
class Problem:
    """One page of `templates/integrations/problem.html`.

    `address_bar`: what the page at Salesforce shows when it never sends the browser back.
    `again`: whether the button "Start again" helps. `ours`: staff are alerted.
    """

    code: str
    title: "Words"
    what: "Words"
    who: "Words"
    click: "Words"
    address_bar: tuple[str, ...] = ()
    again: bool = True
    ours: bool = False
    status: int = HTTPStatus.BAD_REQUEST


ROWS: tuple[Problem, ...] = (
    Problem(
        "access_denied",
        _("You pressed Deny"),
        _("Salesforce asked whether UserGems may have access, and the answer was no."),
        YOU,
        _(
            "Start again and press Allow. We ask for access to data, and to keep it while you are "
            "away; you can take both back at any time."
        ),
    ),
    Problem(
        "app_not_installed",
        _("The UserGems app is not installed in this org yet"),
        _(
            "Since 2025 Salesforce blocks apps that are not installed in the org, unless the "
            "person who signs in may approve them."
        ),
        ADMIN,
        _(
            "Give the integration user the permission “Approve Uninstalled Connected Apps” (or "
            "“Use Any API Client”, if Setup knows “API Access Control”), then start again. It can "
            "be taken away afterwards."
        ),
        address_bar=(
            "error=invalid_client&error_description=app+must+be+installed+into+org",
            "RemoteAccessErrorPage.apexp",
            "OAUTH_APPROVAL_ERROR_GENERIC",
        ),
    ),
    Problem(
        "app_blocked",
        _("An administrator blocked the UserGems app"),
        _("In this org the app is blocked under Connected Apps OAuth Usage."),
        ADMIN,
        _(
            "In Setup, open Connected Apps OAuth Usage, find UserGems (alphabetical, or at the "
            "very bottom), click Unblock and Install. Then start again."
        ),
        address_bar=("OAUTH_APP_BLOCKED", "this+app+is+blocked+by+admin"),
    ),
    Problem(
        "app_not_permitted",
        _("This user is not among the app’s permitted users"),
        _(
            "The app lets in only users whom an administrator named, and the user who signed in is "
            "not one of them."
        ),
        ADMIN,
        _(
            "In Setup, open Manage Connected Apps, UserGems, and add the integration user’s "
            "profile or permission set. It can take up to an hour. Then start again."
        ),
        address_bar=(
            "OAUTH_APP_ACCESS_DENIED",
            "user+is+not+admin+approved+to+access+this+app",
        ),
    ),
    Problem(
        "package_app_missing",
        _("The package with the UserGems app is not in this org"),
        _("The app comes with the package, and this org does not have it."),
        ADMIN,
        _("Install the package in this org for all users, then start again."),
        address_bar=(
            "OAUTH_EC_APP_NOT_FOUND",
            "Cross-org+OAuth+flows+are+not+supported+for+this+external+client+app",
        ),
    ),
    Problem(
        "user_inactive",
        _("The Salesforce user is not active"),
        _("Salesforce says that the user who signed in is deactivated or frozen."),
        ADMIN,
        _("In Setup, open Users, activate or unfreeze the integration user, then start again."),
        address_bar=("inactive_user",),
    ),
    Problem(
        "org_inactive",
        _("The org is not active"),
        _("Salesforce says that this org is locked, expired or was deleted."),
        ADMIN,
        _(
            "Check in Setup that the org can be used, or tell your implementation manager which "
            "org takes its place."
        ),
        address_bar=("inactive_org",),
    ),
    Problem(
        "ip_restricted",
        _("The org does not let our address in"),
        _("Login IP ranges or login hours, on the profile or on the app, turned the sign-in away."),
        ADMIN,
        _(
            "In Setup, open Manage Connected Apps, UserGems, and relax IP restrictions for this "
            "app, or add our addresses to the profile’s ranges. Then start again."
        ),
        address_bar=("ip_restricted", "restricted_access"),
    ),
    Problem(
        "login_failed",
        _("The org refused the sign-in"),
        _(
            "Salesforce answered “authentication failure”: the user may lack “API Enabled”, be "
            "frozen, or be outside login hours or addresses."
        ),
        ADMIN,
        _(
            "In Setup, open Login History and look at the newest row of the integration user: it "
            "names the reason. Then start again."
        ),
    ),
    Problem(
        "code_expired",
        _("The answer came too late"),
        _("Salesforce’s answer is good once and for 15 minutes; this one was used or too old."),
        YOU,
        _("Start again and go straight through."),
    ),
    Problem(
        "state_unknown",
        _("This answer belongs to no sign-up under way"),
        _(
            "The page was loaded twice, more than ten minutes passed, it was opened in another "
            "browser, or you were signed out meanwhile. Nothing was connected."
        ),
        YOU,
        _("Start again in one browser window and go straight through."),
    ),
    Problem(
        "rate_limited",
        _("Salesforce asks to wait"),
        _("There were too many sign-ins of this user within an hour."),
        NOBODY,
        _("Wait an hour, then start again."),
    ),
    Problem(
        "unavailable",
        _("Salesforce does not answer right now"),
        _("The org may be in maintenance. Nothing was connected."),
        NOBODY,
        _("Start again in a few minutes."),
    ),
    Problem(
        "org_unreadable",
        _("Signed in, but the org cannot be asked"),
        _("The user who signed in may not use the API, or the org’s edition has none."),
        ADMIN,
        _("Give the integration user the permission “API Enabled”, then start again."),
    ),
    Problem(
        "our_setup",
        _("Our app is not set up correctly"),
        _("Salesforce did not accept the way our app asked."),
        OURS,
        _("We were told. Your implementation manager writes to you when it works again."),
        address_bar=("redirect_uri_mismatch", "invalid_client_id", "invalid_scope"),
        ours=True,
    ),
    Problem(
        "unverified",
        _("The answer could not be verified"),
        _("What came back was not provably from Salesforce, so nothing was connected."),
        OURS,
        _("Start again once. If this page comes back, tell your implementation manager."),
        ours=True,
    ),
    Problem(
        "my_domain_wrong",
        _("This is not a My Domain address"),
        _(
            "We sign in at Salesforce’s own addresses only: a sandbox’s ends in "
            "“.sandbox.my.salesforce.com”, a production org’s in “.my.salesforce.com”."
        ),
        YOU,
        _(
            "In Setup of the org, open My Domain, copy the current address, and start again with "
            "it."
        ),
    ),
    Problem(
        "unknown",
        _("Salesforce ended the sign-in"),
        _("It gave a reason that we do not know yet."),
        OURS,
        _(
            "Start again once. If this page comes back, tell your implementation manager: the "
            "reason is written down."
        ),
        ours=True,
    ),
    # The guard: signed in, but this org may not be connected here.
    Problem(
        "production_in_sandbox",
        _("This is a production org, and the link is for a sandbox"),
        _("Nothing was connected, and the access just given was handed back."),
        YOU,
        _(
            "Open the link in a private window, so that Salesforce does not go on with an earlier "
            "sign-in, and sign in to the sandbox at test.salesforce.com."
        ),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "sandbox_in_production",
        _("This is a sandbox, and the link is for production"),
        _("Nothing was connected, and the access just given was handed back."),
        YOU,
        _(
            "Open the link in a private window, so that Salesforce does not go on with an earlier "
            "sign-in, and sign in to production at login.salesforce.com."
        ),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "developer_org",
        _("This is a Developer Edition org"),
        _(
            "Contact tracking works in a company’s sandbox or production org. Nothing was "
            "connected, and the access just given was handed back."
        ),
        YOU,
        _("Open the link in a private window and sign in to the right org."),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "trial_org",
        _("This is a trial org"),
        _(
            "A trial org ends, and its data with it. Nothing was connected, and the access just "
            "given was handed back."
        ),
        YOU,
        _("Open the link in a private window and sign in to the right org."),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "scratch_org",
        _("This is a scratch org"),
        _(
            "A scratch org ends within weeks. Nothing was connected, and the access just given was "
            "handed back."
        ),
        YOU,
        _("Open the link in a private window and sign in to the right org."),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "org_taken",
        _("This org cannot be connected here"),
        _(
            "It needs a look by our staff first. Nothing was connected, and the access just given "
            "was handed back."
        ),
        _("Your implementation manager sorts this out with you."),
        _("We were told. If you signed in to the wrong org, start again in a private window."),
        ours=True,
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "other_org",
        _("This is a different org than the one connected before"),
        _(
            "It is neither the connected org nor a refresh of it. Nothing was connected, and the "
            "access just given was handed back."
        ),
        YOU,
        _(
            "Wrong org: start again in a private window. If this org shall take the place of the "
            "earlier one, disconnect that one first under Orgs, then start again."
        ),
        status=HTTPStatus.CONFLICT,
    ),
    # The person's own answers, and what time did.
    Problem(
        "declined",
        _("Nothing was connected"),
        _(
            "You said that this was not the right org or user. The access just given was handed "
            "back."
        ),
        YOU,
        _(
            "Start again in a private window: Salesforce then asks for a user, instead of going on "
            "with the one this browser is signed in as."
        ),
        status=HTTPStatus.OK,
    ),
    Problem(
        "attempt_over",
        _("This sign-up has ended"),
        _(
            "It was answered already, or nobody confirmed it within half an hour. What Salesforce "
            "had given was thrown away."
        ),
        YOU,
        _("Start again and confirm the org when you are back."),
    ),
    Problem(
        "link_over",
        _("This sign-up link has ended"),
        _("It was used, revoked, replaced by a newer one, or its time is over."),
        _("Your implementation manager can send a new one."),
        _("Look for a newer mail with a sign-up link, or ask for one."),
        again=False,
        status=HTTPStatus.GONE,
    ),
)
