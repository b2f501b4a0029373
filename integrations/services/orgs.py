"""Opens the door to a connected org, and to one that has just been signed in to."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from integrations.models import Connection, OrgKind
from integrations.oauth.calls import client_config
from integrations.salesforce.client import Org
from integrations.salesforce.errors import ConnectionLost, SalesforceError
from integrations.salesforce.hosts import host_allowed
from integrations.services.pace import OrgPace
from integrations.services.tokens import ConnectionTokens, connection_lost_error

# A page says that an org does not answer before the web server gives up on the page (60 s), with
# waiting for a place among its calls, and in a sign-up the calls for tokens, still in it.
PAGE_PATIENCE = 25.0


def org_open(
    connection: Connection,
    *,
    bulk: bool = False,
    for_page: bool = False,
    before: Callable[[], None] | None = None,
) -> Org:
    """A client for the connection's current org; tokens renew themselves (tokens.py).

    One per task or request: it is not for several threads, and it is closed at the end, which
    frees its place among the org's calls. `bulk` is work that leaves a part of the org's day to
    others (pace.py): a batch or a forecast, not a test run and not a page. `for_page`: somebody
    waits for the answer, so an org that gives none is given up after `PAGE_PATIENCE`. `before`
    is called before each call, repeats included: to keep what the caller holds. Raises
    ConnectionLost when the connection needs reconnecting or was ended, SalesforceError when its
    address is none that the settings allow any more.
    """
    if not connection.is_live or connection.epoch is None:
        raise connection_lost_error(connection)
    if not host_allowed(connection.epoch.instance_url, settings.SALESFORCE_ALLOWED_HOST_SUFFIXES):
        raise SalesforceError("ADDRESS_REFUSED")
    return Org(
        instance_url=connection.epoch.instance_url,
        tokens=ConnectionTokens(connection),
        config=client_config(),
        org_id=connection.epoch.org_id,
        pace=OrgPace(
            org_id=connection.epoch.org_id, connection=connection, bulk=bulk, before=before
        ),
        # As the org itself said when it was connected, not as the link was meant.
        production=connection.epoch.kind == OrgKind.PRODUCTION,
        patience=PAGE_PATIENCE if for_page else math.inf,
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
        patience=PAGE_PATIENCE,
    )
