"""The sign-in endpoints, over the same session rules (platform reference, 1.4 to 1.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from integrations.salesforce.answers import json_read
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.errors import Family, parse_errors
from integrations.salesforce.hosts import host_allowed
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.session import AddressRefused, OrgSession, org_origin
from integrations.salesforce.sorting import never_sent

_IDENTITY = re.compile(r"/id/([A-Za-z0-9]{15,18})/([A-Za-z0-9]{15,18})")
_OURS = frozenset(
    {
        "invalid_client_id",
        "invalid_client",
        "invalid_client_credentials",
        "redirect_uri_mismatch",
        "unsupported_grant_type",
        "unsupported_response_type",
        "invalid_scope",
        "invalid_request",
    }
)
_BUSY_TEXT = "already being processed"
_LOST_TEXTS = ("expired access/refresh token", "hasn't approved this consumer")


class OAuthError(Exception):
    """Sign-in refused something, or could not be asked. `description` is Salesforce's own text."""

    def __init__(
        self, code: str, description: str = "", family: Family = Family.CUSTOMER_MUST_ACT
    ) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.family = family

    @property
    def lost(self) -> bool:
        """Whether the refresh token is dead: only connecting again helps."""
        return self.code == "invalid_grant" and any(
            text in self.description.lower() for text in _LOST_TEXTS
        )

    @property
    def busy(self) -> bool:
        """Whether another refresh of the same token is under way: re-read the stored token."""
        return _BUSY_TEXT in self.description.lower()

    @property
    def unanswered(self) -> bool:
        """Whether the request may have been carried out without us hearing of it.

        After a refresh under rotation that means: the old token may be spent and the new one
        lost.
        """
        return self.code in {"no_answer", "not_json", "server_error"}

    def __str__(self) -> str:
        return f"{self.code}: {self.description}" if self.description else self.code


@dataclass(frozen=True)
class Token:
    """A token answer. Values stay out of repr, so out of logs and tracebacks.

    `refresh_token` is empty when the answer held none: on a refresh the old one then stays.
    `issued_at` is in milliseconds; there is no expiry in the answer.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    id_token: str = field(repr=False)
    signature: str = field(repr=False)
    instance_url: str
    identity_url: str
    org_id: str
    user_id: str
    scope: str
    issued_at: int | None


@dataclass(frozen=True)
class Identity:
    """What userinfo says. The e-mail is no identity: org id and user id are."""

    identity_url: str
    org_id: str
    user_id: str
    username: str
    name: str
    email: str
    active: bool
    app_installed: bool | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for a JSON column."""
        return asdict(self)


def token_exchange(
    *,
    login_url: str,
    client_id: str,
    client_secret: str,
    code: str,
    code_verifier: str,
    redirect_uri: str,
    config: ClientConfig,
) -> Token:
    """A code for tokens. Raises OAuthError."""
    return _token(
        login_url,
        {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": client_id,
            "client_secret": client_secret,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        },
        config,
    )


def token_refresh(
    *,
    login_url: str,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    config: ClientConfig,
) -> Token:
    """A new access token, and under rotation a new refresh token; sent exactly once.

    `login_url` is the login host or the org's own. Raises OAuthError: `lost`, `busy`,
    `unanswered` and the family say what to do.
    """
    return _token(
        login_url,
        {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": client_id,
            "client_secret": client_secret,
        },
        config,
    )


def token_revoke(*, login_url: str, token: str, config: ClientConfig) -> None:
    """End a token; a refresh token takes its access tokens along. Raises OAuthError.

    A token Salesforce does not know any more counts as ended.
    """
    answer = _send("POST", login_url, "/services/oauth2/revoke", config, form={"token": token})
    if answer.status_code == 200:
        return
    problem = _problem(answer)
    if problem.code not in {"invalid_token", "unsupported_token_type"}:
        raise problem


def userinfo(*, instance_url: str, access_token: str, config: ClientConfig) -> Identity:
    """Who the access token belongs to, asked at the org's own host. Raises OAuthError."""
    answer = _send(
        "GET",
        instance_url,
        "/services/oauth2/userinfo",
        config,
        headers={"Authorization": f"Bearer {access_token}"},
    )
    if answer.status_code != 200:
        raise _problem(answer)
    data = _object(answer)
    if not is_id(data.get("organization_id"), "00D") or not is_id(data.get("user_id"), "005"):
        raise OAuthError("unexpected_answer", "userinfo", Family.WE_MUST_ACT)
    installed = data.get("is_app_installed")
    return Identity(
        identity_url=_text(data, "sub"),
        org_id=id18(data["organization_id"]),
        user_id=id18(data["user_id"]),
        username=_text(data, "preferred_username"),
        name=_text(data, "name"),
        email=_text(data, "email"),
        active=data.get("active") is not False,
        app_installed=installed if isinstance(installed, bool) else None,
    )


def _token(login_url: str, form: Mapping[str, str], config: ClientConfig) -> Token:
    answer = _send("POST", login_url, "/services/oauth2/token", config, form=form)
    if answer.status_code != 200:
        raise _problem(answer)
    data = _object(answer)
    identity_url = _text(data, "id")
    try:
        found = _IDENTITY.fullmatch(urlsplit(identity_url).path)
    except ValueError:
        found = None
    if not _text(data, "access_token") or not found:
        raise OAuthError("unexpected_answer", "token answer", Family.WE_MUST_ACT)
    try:
        org_id, user_id = id18(found[1]), id18(found[2])
    except ValueError:
        raise OAuthError("unexpected_answer", "identity", Family.WE_MUST_ACT) from None
    try:
        instance_url = org_origin(_text(data, "instance_url"), config)
    except ValueError:
        raise OAuthError("host_not_allowed", "instance_url", Family.WE_MUST_ACT) from None
    issued = _text(data, "issued_at")
    return Token(
        access_token=_text(data, "access_token"),
        refresh_token=_text(data, "refresh_token"),
        id_token=_text(data, "id_token"),
        signature=_text(data, "signature"),
        instance_url=instance_url,
        identity_url=identity_url,
        org_id=org_id,
        user_id=user_id,
        scope=_text(data, "scope"),
        issued_at=int(issued) if re.fullmatch(r"[0-9]{1,15}", issued) else None,
    )


def _send(
    method: str,
    base: str,
    path: str,
    config: ClientConfig,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    """One request, never repeated; OAuthError when no whole answer came."""
    if not host_allowed(base, config.allowed_suffixes):
        raise OAuthError("host_not_allowed", "", Family.WE_MUST_ACT)
    with OrgSession(config) as session:
        try:
            return session.request(
                method, base.rstrip("/") + path, data=form, headers=dict(headers or {})
            )
        except AddressRefused:
            raise OAuthError("host_not_allowed", "", Family.WE_MUST_ACT) from None
        except requests.RequestException as problem:
            code = "not_reached" if never_sent(problem) else "no_answer"
            raise OAuthError(code, type(problem).__name__, Family.TRY_AGAIN) from None


def _problem(answer: requests.Response) -> OAuthError:
    """The OAuthError for an answer that is no success."""
    status = answer.status_code
    if status >= 500 or status in {408, 420}:
        return OAuthError("server_error", f"HTTP {status}", Family.TRY_AGAIN)
    error = parse_errors(status, answer.headers.get("Content-Type", ""), answer.content)[0]
    if error.code == f"HTTP_{status}":
        return OAuthError("not_json", f"HTTP {status}", Family.TRY_AGAIN)
    family = Family.WE_MUST_ACT if error.code in _OURS else Family.CUSTOMER_MUST_ACT
    if _BUSY_TEXT in error.message.lower() or error.code in {
        "rate_limit_exceeded",
        "REQUEST_LIMIT_EXCEEDED",
    }:
        family = Family.TRY_AGAIN
    return OAuthError(error.code, error.message, family)


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        data = json_read(answer.content)
    except ValueError:
        raise OAuthError("not_json", f"HTTP {answer.status_code}", Family.TRY_AGAIN) from None
    if not isinstance(data, dict):
        raise OAuthError("unexpected_answer", "", Family.WE_MUST_ACT)
    return data


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return str(value) if isinstance(value, str | int) else ""
