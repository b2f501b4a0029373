"""Where the contract suite runs: the rehearsal org always, a real sandbox when one is named."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.errors import ConnectionLost
from integrations.salesforce.oauth import OAuthError, token_refresh
from tests.rehearsal_server import Rehearsal

VERSION = os.environ.get("SALESFORCE_API_VERSION", "66.0")
# As the site's own setting: another server that speaks Salesforce's API can be named.
REAL_HOSTS = tuple(
    os.environ.get("SALESFORCE_ALLOWED_HOST_SUFFIXES", ".salesforce.com,.force.com").split(",")
)
REFRESHED_BY = (
    "SF_TEST_REFRESH_TOKEN",
    "SF_TEST_CLIENT_ID",
    "SF_TEST_CLIENT_SECRET",
    "SF_TEST_LOGIN_URL",
)
# Taken before any fixture keeps the tests from the network.
_ASK_THE_NETWORK = socket.getaddrinfo


def given(name: str) -> str:
    """A variable of the environment; "" for none."""
    return os.environ.get(name, "").strip()


def real_given() -> bool:
    """Whether the environment names a real org and how to come in."""
    with_token = given("SF_TEST_INSTANCE_URL") and given("SF_TEST_ACCESS_TOKEN")
    return bool(with_token) or all(given(name) for name in REFRESHED_BY)


@dataclass
class Tokens:
    """An access token, and what a newer one is made with where that is known."""

    config: ClientConfig
    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    login_url: str = ""
    instance_url: str = ""
    # Salesforce gave another refresh token: the one in the environment is dead now.
    rotated: bool = False
    renewals: int = 0

    def access_token(self) -> str:
        return self.access or self.renew("")

    def renew(self, rejected: str) -> str:
        if not self.refresh:
            raise ConnectionLost(detail="the access token is dead and there is no refresh token")
        try:
            token = token_refresh(
                login_url=self.login_url,
                client_id=self.client_id,
                client_secret=self.client_secret,
                refresh_token=self.refresh,
                config=self.config,
            )
        except OAuthError as problem:
            raise ConnectionLost(problem.code, problem.description) from None
        self.renewals += 1
        self.rotated = self.rotated or bool(token.refresh_token)
        self.refresh = token.refresh_token or self.refresh
        self.access = token.access_token
        self.instance_url = self.instance_url or token.instance_url
        return self.access


@dataclass(frozen=True)
class Place:
    """One org that the suite runs in."""

    name: str  # "rehearsal" or "real"
    config: ClientConfig
    tokens: Tokens
    production: bool = False

    def client(self) -> Org:
        """A client of its own, as a task has one."""
        self.tokens.access_token()
        return Org(
            instance_url=self.tokens.instance_url,
            tokens=self.tokens,
            config=self.config,
            production=self.production,
        )


def real_place() -> Place:
    """The org of the environment."""
    config = ClientConfig(VERSION, REAL_HOSTS)
    tokens = Tokens(
        config,
        access=given("SF_TEST_ACCESS_TOKEN") if given("SF_TEST_INSTANCE_URL") else "",
        refresh=given("SF_TEST_REFRESH_TOKEN"),
        client_id=given("SF_TEST_CLIENT_ID"),
        client_secret=given("SF_TEST_CLIENT_SECRET"),
        login_url=given("SF_TEST_LOGIN_URL"),
        instance_url=given("SF_TEST_INSTANCE_URL"),
    )
    return Place("real", config, tokens)


def rehearsal_place(running: Rehearsal, org: str = "northwind-full", **user: Any) -> Place:
    """A running rehearsal org, signed in to as its integration user."""
    environment = "production" if org in {"northwind", "harbor"} else "sandbox"
    config = ClientConfig(VERSION, ("127.0.0.1",), read_timeout=20, write_timeout=30)
    answer = running.tokens(org, **user)
    tokens = Tokens(
        config,
        access=answer["access_token"],
        refresh=answer["refresh_token"],
        client_id=f"rehearsal-{environment}-client",
        client_secret=f"rehearsal-{environment}-secret",
        login_url=running.url(environment),
        instance_url=answer["instance_url"],
    )
    return Place("rehearsal", config, tokens, production=environment == "production")


@contextmanager
def network_of_salesforce() -> Iterator[None]:
    """Lets names of Salesforce's hosts be looked up, which other tests may not."""
    nearer = socket.getaddrinfo

    def asked(host: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(host, str) and host.endswith(REAL_HOSTS):
            return _ASK_THE_NETWORK(host, *rest, **named)
        return nearer(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", asked)
        yield
