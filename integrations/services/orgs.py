"""Opens the door to a connected org, and to one that has just been signed in to."""

from dataclasses import dataclass

from integrations.models import Connection, OrgKind
from integrations.oauth.calls import client_config
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost
from integrations.services.pace import OrgPace
from integrations.services.tokens import ConnectionTokens, connection_lost_error


def org_open(connection: Connection, *, bulk: bool = False) -> Org:
    """A client for the connection's current org; tokens renew themselves (tokens.py).

    One per task or request: it is not for several threads, and it is closed at the end, which
    frees its place among the org's calls. `bulk` is work that leaves a part of the org's day to
    others (pace.py): a batch or a forecast, not a test run and not a page. Raises ConnectionLost
    when the connection needs reconnecting or was ended.
    """
    if not connection.is_live or connection.epoch is None:
        raise connection_lost_error(connection)
    return Org(
        instance_url=connection.epoch.instance_url,
        tokens=ConnectionTokens(connection),
        config=client_config(),
        org_id=connection.epoch.org_id,
        pace=OrgPace(org_id=connection.epoch.org_id, connection=connection, bulk=bulk),
        # As the org itself said when it was connected, not as the link was meant.
        production=connection.epoch.kind == OrgKind.PRODUCTION,
    )


@dataclass(frozen=True)
class _FreshToken:
    """The token that just came; there is no renewing before the person has confirmed."""

    token: str

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        raise ConnectionLost(detail="refused right after sign-in")


def org_open_before_confirmation(*, instance_url: str, access_token: str, org_id: str = "") -> Org:
    """A client for an org that somebody signed in to and nobody confirmed yet.

    With `org_id` its calls count among those that the org gets from us at a time.
    """
    return Org(
        instance_url=instance_url,
        tokens=_FreshToken(access_token),
        config=client_config(),
        org_id=org_id,
        pace=OrgPace(org_id=org_id),
    )
