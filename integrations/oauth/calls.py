"""Salesforce's sign-in endpoints with our settings: the environment's client, secret and limits.

The calls themselves are `integrations.salesforce.oauth`. Nothing here puts a token, a code or a
body into an error or a log.
"""

from typing import Any

import requests
import structlog
from django.conf import settings

from integrations.oauth.problems import problem_of
from integrations.salesforce import oauth
from integrations.salesforce.answers import json_read
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.families import Family
from integrations.salesforce.oauth import Identity, OAuthError, Token
from integrations.salesforce.session import AddressRefused, OrgSession

log = structlog.get_logger(__name__)


def client_config() -> ClientConfig:
    """How the portal talks to Salesforce, from the settings."""
    return ClientConfig(
        api_version=settings.SALESFORCE_API_VERSION,
        allowed_suffixes=tuple(settings.SALESFORCE_ALLOWED_HOST_SUFFIXES),
        connect_timeout=settings.SALESFORCE_CONNECT_TIMEOUT,
        read_timeout=settings.SALESFORCE_READ_TIMEOUT,
        write_timeout=settings.SALESFORCE_WRITE_TIMEOUT,
    )


def _client(environment: str) -> dict[str, str]:
    name = environment.upper()
    return {
        "client_id": getattr(settings, f"SALESFORCE_{name}_CLIENT_ID"),
        "client_secret": getattr(settings, f"SALESFORCE_{name}_CLIENT_SECRET"),
    }


def token_exchange(
    *, environment: str, host: str, code: str, redirect_uri: str, verifier: str
) -> Token:
    """Trade an authorization code and its PKCE verifier for tokens. Raises OAuthError."""
    return oauth.token_exchange(
        login_url=host,
        code=code,
        code_verifier=verifier,
        redirect_uri=redirect_uri,
        config=client_config(),
        **_client(environment),
    )


def token_refresh(*, environment: str, host: str, refresh_token: str) -> Token:
    """A new access token; with rotation also a new refresh token. Raises OAuthError.

    Called by whoever holds the connection's lease only (services/tokens.py).
    """
    return oauth.token_refresh(
        login_url=host,
        refresh_token=refresh_token,
        config=client_config(),
        **_client(environment),
    )


def token_revoke_quietly(*, host: str, token: str) -> bool:
    """Hand a token back to Salesforce. Returns whether it is gone; never raises.

    An org that does not answer keeps the approval until it runs out: its Setup shows it under
    Connected Apps OAuth Usage.
    """
    if not token:
        return False
    try:
        oauth.token_revoke(login_url=host, token=token, config=client_config())
    except OAuthError as error:
        log.warning("token_not_revoked", host=host, reason=error.code)
        return False
    return True


def userinfo_get(*, instance_url: str, access_token: str) -> Identity:
    """Who the token belongs to, asked at the org's own host. Raises OAuthError."""
    return oauth.userinfo(
        instance_url=instance_url, access_token=access_token, config=client_config()
    )


def keys_get(*, host: str) -> dict[str, Any]:
    """The login host's JSON web key set. Raises OAuthError."""
    try:
        with OrgSession(client_config()) as session:
            answer = session.get(f"{host}/id/keys")
        keys = json_read(answer.content) if answer.status_code == 200 else None
    except AddressRefused:
        raise OAuthError("host_not_allowed", "keys", Family.WE_MUST_ACT) from None
    except (requests.RequestException, ValueError):
        keys = None
    if not isinstance(keys, dict):
        raise OAuthError("no_answer", "keys", Family.TRY_AGAIN)
    return keys


def problem_code(error: OAuthError) -> str:
    """The row of the problem table for a failed call while signing up."""
    if error.unanswered or error.code == "not_reached":
        return "unavailable"
    if error.code in {"host_not_allowed", "unexpected_answer"}:
        return "unverified"
    return problem_of(error.code, error.description).code
