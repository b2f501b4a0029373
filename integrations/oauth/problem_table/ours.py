"""On our side: how our app asks, what we can verify, what we do not know yet."""

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import OURS, POLICIES, Problem

WE_WERE_TOLD = _("We were told. Your implementation manager writes to you when it works again.")

ROWS: tuple[Problem, ...] = (
    Problem(
        "our_setup",
        _("Our app is not set up correctly"),
        _("Salesforce did not accept the way our app asked. Nothing was connected."),
        OURS,
        (WE_WERE_TOLD, _("Then start the sign-up again.")),
        address_bar=(
            "redirect_uri_mismatch",
            "invalid_client_id",
            "invalid_client_credentials",
            "client identifier invalid",
            "invalid client credentials",
            "unsupported_response_type",
        ),
        ours=True,
    ),
    Problem(
        "scope_refused",
        _("Salesforce did not give the app what it asks for"),
        _(
            "The app asks to use the API and to keep its access. Salesforce said no, or left the "
            "second one out. Nothing was connected."
        ),
        _("This is on us, unless somebody edited the app’s policies in your org."),
        (
            WE_WERE_TOLD,
            _(
                "If your org edited the app’s policies: in Setup, Manage Connected Apps, "
                "UserGems, allow the scopes “api” and “refresh_token”, and set Refresh Token "
                "Policy to “valid until revoked”. Then start the sign-up again."
            ),
        ),
        setup=POLICIES,
        address_bar=("invalid_scope", "oauth_access_scope", "unsupported_grant_type"),
        ours=True,
    ),
    Problem(
        "version_not_offered",
        _("The org does not offer the API version that we use"),
        _(
            "Salesforce retires old API versions, and each org moves to a new release on a date "
            "of its own. Ours and your org’s do not meet. Nothing was connected."
        ),
        OURS,
        (WE_WERE_TOLD, _("Then start the sign-up again.")),
        address_bar=("wrong_version", "unsupported_api_version"),
        ours=True,
    ),
    Problem(
        "unverified",
        _("The answer could not be verified"),
        _("What came back was not provably from Salesforce, so nothing was connected."),
        OURS,
        (
            _("Start the sign-up again, once."),
            _("If this page comes back, tell your implementation manager."),
        ),
        ours=True,
    ),
    Problem(
        "unknown",
        _("Salesforce ended the sign-in for a reason we do not know"),
        _(
            "It gave a code that we have not met yet; it stands below, for support. Nothing was "
            "connected."
        ),
        OURS,
        (
            _("Start the sign-up again, once: some reasons pass."),
            _(
                "If this page comes back, look at Login History in Setup: the newest row of the "
                "integration user may name the reason."
            ),
            _("We were told. Your implementation manager writes to you when we know more."),
        ),
        ours=True,
    ),
)
