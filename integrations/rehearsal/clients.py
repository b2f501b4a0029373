"""The connected apps that are registered at the login hosts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ENVIRONMENTS = ("production", "sandbox")


@dataclass(frozen=True)
class Client:
    """A registered connected app. A callback ending in `*` allows everything that begins so."""

    client_id: str
    client_secret: str
    environment: str
    callbacks: tuple[str, ...]
    name: str = "UserGems"
    scopes: tuple[str, ...] = ("api", "refresh_token", "openid", "id")

    def allows(self, redirect_uri: str) -> bool:
        """Whether the app may be sent back to this address."""
        return any(
            redirect_uri.startswith(callback[:-1])
            if callback.endswith("*")
            else redirect_uri == callback
            for callback in self.callbacks
        )


def default_clients(site_url: str) -> list[Client]:
    """The demo's two apps, with the site's callback addresses."""
    return [
        Client(
            f"rehearsal-{environment}-client",
            f"rehearsal-{environment}-secret",
            environment,
            (f"{site_url.rstrip('/')}/connect/callback/{environment}/",),
        )
        for environment in ENVIRONMENTS
    ]


def clients_from_json(text: str) -> list[Client]:
    """Clients from `REHEARSAL_CLIENTS`: a list of objects with the fields of `Client`."""
    result = []
    for item in json.loads(text):
        values: dict[str, Any] = dict(item)
        values["callbacks"] = tuple(values.get("callbacks", ()))
        if "scopes" in values:
            values["scopes"] = tuple(values["scopes"])
        result.append(Client(**values))
    return result
