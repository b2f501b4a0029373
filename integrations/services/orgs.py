"""Opens the door to a connected org, and to one that has just been signed in to."""

from dataclasses import dataclass

from integrations.models import Connection
from integrations.oauth.calls import client_config
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost
from integrations.services.tokens import ConnectionTokens, connection_lost_error


def org_open(connection: Connection) -> Org:
    """A client for the connection's current org; tokens renew themselves (tokens.py).

    One per task or request: it is not for several threads. Raises ConnectionLost when the
    connection needs reconnecting or was ended.
    """
    if not connection.is_live or connection.epoch is None:
        raise connection_lost_error(connection)
    return Org(
        instance_url=connection.epoch.instance_url,
        tokens=ConnectionTokens(connection),
        config=client_config(),
        org_id=connection.epoch.org_id,
    )


@dataclass(frozen=True)
class _FreshToken:
    """The token that just came; there is no renewing before the person has confirmed."""

    token: str

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        raise ConnectionLost(detail="refused right after sign-in")


def org_open_before_confirmation(*, instance_url: str, access_token: str) -> Org:
    """A client for an org that somebody signed in to and nobody confirmed yet."""
    return Org(instance_url=instance_url, tokens=_FreshToken(access_token), config=client_config())
