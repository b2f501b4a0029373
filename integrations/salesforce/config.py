"""What a client is given: limits, the token source, and what it reports about the org's usage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ClientConfig:
    """How to talk to Salesforce; seconds for times, `"66.0"` for the API version.

    `allowed_suffixes` are host names (`"127.0.0.1"`) or, with a leading dot, the ends of host
    names (`".salesforce.com"`): nothing is ever sent anywhere else.
    """

    api_version: str
    allowed_suffixes: tuple[str, ...]
    connect_timeout: float = 3.05
    read_timeout: float = 20.0
    write_timeout: float = 120.0


class TokenSource(Protocol):
    """Where access tokens come from. The client never stores one outside its own memory."""

    def access_token(self) -> str:
        """The token to use now."""

    def renew(self, rejected: str) -> str:
        """A newer token than `rejected`; raises `ConnectionLost` when there is none to be had."""


@dataclass(frozen=True)
class ApiUsage:
    """The org's calls in the last 24 hours, from `Sforce-Limit-Info` (platform reference, 2.8)."""

    used: int
    limit: int
