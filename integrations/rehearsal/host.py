"""Which of the hosts a request came in on: the port decides."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org, World


@dataclass(frozen=True)
class Host:
    """A login host or an org's own host."""

    world: World
    port: int

    @property
    def org(self) -> Org | None:
        """The org that lives here; None on a login host."""
        return self.world.orgs.get(self.port)

    @property
    def orgs(self) -> list[Org]:
        """The orgs one can sign in to here."""
        return self.world.orgs_behind(self.port)

    @property
    def environment(self) -> str:
        """`production` or `sandbox`."""
        org = self.org
        return org.config.environment if org else self.world.login_ports.get(self.port, "")

    @property
    def title(self) -> str:
        """What the page banner calls this host."""
        org = self.org
        return org.config.title if org else f"{self.environment} login"

    @property
    def url(self) -> str:
        """The address of this host."""
        return self.world.issuer(self.port)

    def anybody(self, value: str) -> tuple[Org, Row] | None:
        """A user of an org behind this host by `org key/user id`, inactive ones too."""
        key, _, user_id = value.partition("/")
        for org in self.orgs:
            user = org.space.get("User", user_id)
            if org.config.key == key and user:
                return org, user
        return None

    def user(self, value: str) -> tuple[Org, Row] | None:
        """An active user of an org behind this host by `org key/user id`."""
        found = self.anybody(value)
        return found if found and found[1].get("IsActive") else None


def host() -> Host:
    """The host of the current request."""
    return Host(current_app.extensions["world"], int(request.environ["SERVER_PORT"]))
