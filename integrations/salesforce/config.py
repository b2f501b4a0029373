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
    # Describes and layouts of large orgs are megabytes; beyond this an answer is not read on.
    largest_answer: int = 64 * 1024 * 1024


class TokenSource(Protocol):
    """Where access tokens come from. The client never stores one outside its own memory."""

    def access_token(self) -> str:
        """The token to use now."""

    def renew(self, rejected: str) -> str:
        """A newer token than `rejected`; raises `ConnectionLost` when there is none to be had."""


class Pace(Protocol):
    """Holds our calls to one org within what it can bear, over all workers.

    A client asks it before each call, tells it after each, and closes it when it is closed.
    """

    def call_begins(self, *, seconds: float) -> None:
        """Right before a call with this time-out; may wait for a bounded time.

        Raises SalesforceError `TOO_MANY_CALLS` (try again in seconds) when the org already gets
        as many of our calls as it may at once, LimitReached `API_RESERVE` (try again in hours)
        when bulk work would eat into what is left to others of the org's day.
        """

    def call_ended(self, usage: ApiUsage | None) -> None:
        """After a call, also a failed one; `usage` when the answer told it."""

    def close(self) -> None:
        """Give back what is held."""


@dataclass(frozen=True)
class ApiUsage:
    """The org's calls in the last 24 hours, from `Sforce-Limit-Info` (platform reference, 2.8)."""

    used: int
    limit: int
