"""Everything that writes on this floor."""

from integrations.services.attempts import (
    connect_attempt_abandon,
    connect_attempt_decline,
    connect_attempt_refuse,
    connect_attempt_reject,
    connect_attempt_return,
    connect_attempt_start,
)
from integrations.services.connections import connection_disconnect, connection_establish
from integrations.services.errors import ConnectError
from integrations.services.facts import org_facts_claim, org_facts_refresh
from integrations.services.keep_alive import connection_keep_alive, connections_resting
from integrations.services.keys import token_keys_rotate
from integrations.services.losing import connection_lose
from integrations.services.orgs import org_open
from integrations.services.pace import connection_usage_store
from integrations.services.signup import connect_attempt_complete
from integrations.services.tokens import connection_token_renew

__all__ = [
    "ConnectError",
    "connect_attempt_abandon",
    "connect_attempt_complete",
    "connect_attempt_decline",
    "connect_attempt_refuse",
    "connect_attempt_reject",
    "connect_attempt_return",
    "connect_attempt_start",
    "connection_disconnect",
    "connection_establish",
    "connection_keep_alive",
    "connection_lose",
    "connection_token_renew",
    "connection_usage_store",
    "connections_resting",
    "org_facts_claim",
    "org_facts_refresh",
    "org_open",
    "token_keys_rotate",
]
