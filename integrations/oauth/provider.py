"""The Salesforce provider: one class, registered once for sandbox and once for production.

What comes from allauth: the provider registry, the state stash (server-side, one use, ten
minutes, bound to session and provider), the PKCE pair and the authorize address.
What does not: the end of the flow. allauth's callback signs a person in with what comes back; a
Salesforce user is never a person here (identity-and-state). The answer therefore goes to
`integrations.views`, which reads the stashed state and asks `SalesforceOAuth2Adapter` for the
tokens. Nothing is written to SocialAccount, SocialToken or the session.
"""

import secrets
from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from integrations.oauth.adapter import SalesforceOAuth2Adapter
from integrations.oauth.hosts import login_url


def app_for(environment: str, host: str = "") -> SocialApp:
    """The registration of one environment, from the settings and never from the database.

    `host`: the login host to use, when it is the customer's own My Domain.
    """
    name = environment.upper()
    return SocialApp(
        provider=SalesforceEnvProvider.id,
        provider_id=f"{SalesforceEnvProvider.id}-{environment}",
        name=f"Salesforce ({environment})",
        client_id=getattr(settings, f"SALESFORCE_{name}_CLIENT_ID"),
        secret=getattr(settings, f"SALESFORCE_{name}_CLIENT_SECRET"),
        settings={"environment": environment, "login_url": host or login_url(environment)},
    )


class SalesforceEnvProvider(OAuth2Provider):
    """Sign up with Salesforce. The two registrations differ in client, secret and login host."""

    id = "salesforce"
    name = "Salesforce"
    account_class = ProviderAccount
    oauth2_adapter_class = SalesforceOAuth2Adapter

    @classmethod
    def for_environment(
        cls, request: HttpRequest, environment: str, host: str = ""
    ) -> "SalesforceEnvProvider":
        """The provider as registered for sandbox or production."""
        return cls(request, app=app_for(environment, host))

    def get_oauth2_adapter(self, request: HttpRequest) -> SalesforceOAuth2Adapter:
        """The adapter for this registration's host."""
        return SalesforceOAuth2Adapter(request, app=self.app)

    def get_pkce_params(self) -> dict[str, Any]:
        """PKCE with S256, whatever allauth's settings say."""
        return dict(generate_code_challenge())

    def get_auth_params(self) -> dict[str, str]:
        """Ask for the password each time.

        A browser signed in to another org would go straight through, as the wrong user
        (platform reference, 1.2).
        """
        return {"prompt": "login"}

    def get_scope(self) -> list[str]:
        """What the connection needs, and nothing a caller adds."""
        return list(settings.SALESFORCE_SCOPES)

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Ignore `?scope=` of strangers."""
        return self.get_scope()

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """Ignore `?auth_params=` of strangers: it could replace redirect_uri and state."""
        return self.get_auth_params()

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Ignore `?process=` and `?next=` of strangers."""
        return {"process": AuthProcess.REDIRECT}

    def leave(self, request: HttpRequest, *, attempt_id: int) -> HttpResponseBase:
        """Send the browser to Salesforce. State, nonce and PKCE verifier wait in the session."""
        nonce = secrets.token_urlsafe(24)
        return self.redirect(
            request,
            process=AuthProcess.REDIRECT,
            data={"attempt": attempt_id, "nonce": nonce},
            auth_params={**self.get_auth_params(), "nonce": nonce},
        )


provider_classes = [SalesforceEnvProvider]
