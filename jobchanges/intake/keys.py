"""Who may hand job changes in: one key per client, of which only the hash is kept.

`INTAKE_API_KEYS` lists `client:hash` or `client:hash:slug+slug`, separated by commas: the name of
the client, the SHA-256 of its key in hexadecimal, and the customers it may write for (all, where
none is named). A client that stands there twice has two keys, so that a key can be replaced
without a gap. Keys are random and long (`manage.py intake_key`), so a fast hash is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

# Shows in a log or a repository what it is; whoever finds one knows whom to tell.
PREFIX = "ugjc_"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")


@dataclass(frozen=True)
class Client:
    """A program that hands job changes in. Without `customers` it may do so for all."""

    name: str
    digest: str = field(repr=False)
    customers: frozenset[str] = frozenset()

    def may_write_for(self, slug: str) -> bool:
        """Whether its key is good for this customer."""
        return not self.customers or slug in self.customers


def key_make() -> str:
    """A new key; shown once, never stored."""
    return PREFIX + secrets.token_urlsafe(32)


def key_digest(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def clients_read(entries: Iterable[str]) -> list[Client]:
    """The clients of `INTAKE_API_KEYS`. Raises ValueError, with the place, for what is none."""
    clients = []
    for number, entry in enumerate(entries, start=1):
        name, _colon, rest = entry.strip().partition(":")
        digest, _colon, slugs = rest.partition(":")
        customers = frozenset(slugs.split("+")) if slugs else frozenset()
        if not _NAME.fullmatch(name):
            raise ValueError(f"entry {number} does not begin with a client's name")
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"entry {number} ({name}) has no SHA-256 in hexadecimal as its hash")
        if not all(_SLUG.fullmatch(slug) for slug in customers):
            raise ValueError(f"entry {number} ({name}) names something that is no customer's slug")
        clients.append(Client(name, digest, customers))
    return clients


def client_find(clients: Iterable[Client], key: str) -> Client | None:
    """Whose key this is. Every hash is compared, and none faster than another."""
    digest = key_digest(key)
    found = None
    for client in clients:
        if hmac.compare_digest(client.digest, digest):
            found = client
    return found
