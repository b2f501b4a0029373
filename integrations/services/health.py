"""How a connection is, as facts: pages and the desk put them into words. Asks nobody."""

import datetime
from dataclasses import dataclass

from django.conf import settings

from integrations.models import Connection, Health
from integrations.salesforce.config import ApiUsage
from integrations.services.keep_alive import idle_end, last_used, next_keep_alive
from integrations.services.pace import reserve_reached

USAGE_IS_NEWS = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class ConnectionHealth:
    """The facts of one connection at one moment.

    `usage_share` is used ÷ allowed API calls of 24 hours. The token's times are None once it is
    gone. `idle`: it could not be used for so long that people were warned.
    """

    live: bool
    since: datetime.datetime
    usage: ApiUsage | None
    usage_share: float | None
    reserve_reached: bool
    answered_at: datetime.datetime | None
    token_used_at: datetime.datetime | None
    token_age: datetime.timedelta | None
    next_keep_alive: datetime.datetime | None
    idle_end: datetime.datetime | None
    idle: bool
    permission_can_go: bool

    @property
    def keep_alive_is_late(self) -> bool:
        """Whether the token should have been used by itself already."""
        return self.token_age is not None and self.token_age.days > settings.TOKEN_KEEP_ALIVE_DAYS


def connection_health(connection: Connection, now: datetime.datetime) -> ConnectionHealth:
    """The facts, from the row and its current org (`select_related("epoch")`); no query."""
    usage = _usage(connection)
    live = connection.health == Health.CONNECTED
    used_at = last_used(connection) if live else None
    epoch = connection.epoch
    return ConnectionHealth(
        live=live,
        since=connection.health_since,
        usage=usage,
        usage_share=usage.used / usage.limit if usage else None,
        reserve_reached=_is_news(connection, now) and reserve_reached(usage),
        answered_at=connection.answered_at,
        token_used_at=used_at,
        token_age=now - used_at if used_at else None,
        next_keep_alive=next_keep_alive(connection) if live else None,
        idle_end=idle_end(connection) if live else None,
        idle=live and connection.idle_warned_at is not None,
        # An administrator has it from the profile, for good: there is nothing to take away.
        permission_can_go=bool(
            live
            and epoch
            and epoch.app_installed
            and epoch.has_temporary_permission
            and not epoch.user_is_administrator
        ),
    )


def _is_news(connection: Connection, now: datetime.datetime) -> bool:
    """Whether the org said lately how much is used: whoever waits for it asks more often."""
    at = connection.api_calls_at
    return at is not None and at > now - USAGE_IS_NEWS


def _usage(connection: Connection) -> ApiUsage | None:
    if connection.api_calls_used is None or not connection.api_calls_limit:
        return None
    return ApiUsage(used=connection.api_calls_used, limit=connection.api_calls_limit)
