"""Talks OAuth to one login host: where to go, and what came back.

allauth's adapter would hand the answer on to its sign-in; the two methods that do so refuse here
(see `provider.py`). `exchange` takes their place.
"""

from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from integrations.oauth import calls
from integrations.oauth.hosts import login_url
from integrations.oauth.id_token import IdTokenInvalid, id_token_verify
from integrations.salesforce.families import Family
from integrations.salesforce.ids import id18
from integrations.salesforce.oauth import Identity, OAuthError, Token


class SignInRefused(Exception):
    """The answer leads to no connection; `code` is a row of the problem table.

    `token`: a refresh token that has to be handed back.
    """

    def __init__(self, code: str, *, detail: str = "", token: str = "") -> None:
        self.code = code
        self.detail = detail
        self.token = token
        super().__init__(code)


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, to which org, and the tokens (kept out of the repr by `Token`)."""

    token: Token
    person: Identity


class SalesforceOAuth2Adapter(OAuth2Adapter):
    """One registration's addresses, and the exchange of a code for tokens and identity."""

    provider_id = "salesforce"

    def __init__(self, request: HttpRequest, app: SocialApp) -> None:
        super().__init__(request)
        self.app = app
        self.environment: str = app.settings["environment"]
        self.host: str = app.settings["login_url"]
        self.authorize_url = f"{self.host}/services/oauth2/authorize"
        self.access_token_url = f"{self.host}/services/oauth2/token"

    def get_provider(self) -> Provider:
        """The provider of the same registration."""
        from integrations.oauth.provider import SalesforceEnvProvider  # it imports this module

        return SalesforceEnvProvider(self.request, app=self.app)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Our own callback, as registered with the app; never built from a request's host."""
        return callback_url(self.environment)

    def parse_token(self, data: Any) -> NoReturn:
        """Refuse: no SocialToken is ever made."""
        raise TypeError("Tokens of Salesforce are no SocialToken: use exchange().")

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any
    ) -> NoReturn:
        """Refuse: a Salesforce user is no person of the portal."""
        raise TypeError("Nobody signs in with Salesforce: use exchange().")

    def exchange(self, *, code: str, verifier: str, nonce: str) -> SignedIn:
        """Trade a code for tokens and find out who signed in, where.

        The id token is verified (id_token.py); the org's address is one of Salesforce's; token
        answer, id token and userinfo name the same org and user. Raises SignInRefused.
        """
        try:
            token = calls.token_exchange(
                environment=self.environment,
                host=self.host,
                code=code,
                redirect_uri=callback_url(self.environment),
                verifier=verifier,
            )
        except OAuthError as error:
            raise SignInRefused(calls.problem_code(error), detail=error.code) from error
        try:
            return self._identify(token, nonce=nonce)
        except IdTokenInvalid as error:
            raise SignInRefused(
                "unverified", detail=str(error), token=token.refresh_token
            ) from error
        except OAuthError as error:
            raise SignInRefused(
                calls.problem_code(error), detail=error.code, token=token.refresh_token
            ) from error

    def _identify(self, token: Token, *, nonce: str) -> SignedIn:
        """Who is behind a token answer; its instance_url is an allowed host already."""
        if not token.refresh_token:
            raise OAuthError("invalid_scope", "no refresh token came", Family.WE_MUST_ACT)
        claims = id_token_verify(
            token.id_token,
            keys=calls.keys_get(host=self.host),
            client_id=self.app.client_id,
            issuers={self.host, token.instance_url, login_url(self.environment)},
            nonce=nonce,
        )
        person = calls.userinfo_get(
            instance_url=token.instance_url, access_token=token.access_token
        )
        named = (token.org_id, token.user_id)
        if identity_parts(claims["sub"]) != named:
            raise IdTokenInvalid("The id token and the token answer name different users.")
        if (person.org_id, person.user_id) != named:
            raise IdTokenInvalid("Userinfo and the token answer name different users.")
        return SignedIn(token=token, person=person)


def callback_url(environment: str) -> str:
    """Where Salesforce sends the browser back: as registered, under the site's own address."""
    return settings.SITE_URL + reverse("connect_callback", args=[environment])


def identity_parts(identity_url: str) -> tuple[str, str]:
    """Org id and user id (18 characters) of `https://…/id/00D…/005…`. Raises IdTokenInvalid."""
    try:
        parts = urlsplit(identity_url).path.strip("/").split("/")
    except ValueError as error:
        raise IdTokenInvalid("The identity address is none.") from error
    if len(parts) != 3 or parts[0] != "id":
        raise IdTokenInvalid("The identity address has another form.")
    try:
        org_id, user_id = id18(parts[1]), id18(parts[2])
    except ValueError as error:
        raise IdTokenInvalid("The identity address holds no ids.") from error
    if not (org_id.startswith("00D") and user_id.startswith("005")):
        raise IdTokenInvalid("The identity address names no org and user.")
    return org_id, user_id
