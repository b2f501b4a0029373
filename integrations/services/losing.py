"""A connection whose tokens are dead, or whose refresh is refused because of our own app."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import event_record
from integrations.models import Connection, Health
from integrations.services.locks import customer_lock
from integrations.signals import connection_lost, connection_refused

# Shown to the customer too, while it lasts.
REFUSED_APP = _(
    "Salesforce does not accept the UserGems app at the moment. UserGems was told and mends it: "
    "nothing is lost, and nothing is to be done in the org."
)
REFUSED_UNKNOWN = _(
    "Salesforce does not renew our access at the moment, for a reason we have not seen before. "
    "UserGems was told and looks into it: nothing is lost."
)
_APP_CODES = frozenset({"invalid_client", "invalid_client_id", "invalid_client_credentials"})


def connection_lose(*, connection: Connection, reason: str) -> bool:
    """Mark a connected connection as *needs reconnecting*; the dead tokens are thrown away.

    `connection` as it was read: when somebody refreshed or reconnected it since (another
    generation), nothing happens. `reason` is a sentence for people. Returns whether it moved.
    Never called for an org that merely does not answer (platform reference, 1.5).
    """
    with transaction.atomic():
        customer_lock(connection.customer_id)
        moved = Connection.objects.filter(
            pk=connection.pk,
            health=Health.CONNECTED,
            token_generation=connection.token_generation,
        ).update(
            health=Health.NEEDS_RECONNECTING,
            health_reason=reason,
            health_since=timezone.now(),
            access_token="",
            refresh_token="",
            token_generation=F("token_generation") + 1,
            refresh_lease_until=None,
        )
        if not moved:
            return False
        connection.refresh_from_db()
        event_record(
            customer=connection.customer,
            action="connection.lost",
            by=None,
            side="system",
            environment=connection.environment,
            org_id=connection.epoch.org_id if connection.epoch else "",
            data={"connection": connection.pk},
        )
        connection_lost.send(sender=Connection, connection=connection)
    return True


def connection_refused_note(*, connection: Connection, code: str) -> bool:
    """Say with a live connection why it cannot be renewed; the next refresh takes it away.

    `code` is Salesforce's, for staff. Returns whether it is news, of which staff are told: an app
    that is refused is refused for all customers of an environment, so it is news once.
    """
    reason = REFUSED_APP if code in _APP_CODES else REFUSED_UNKNOWN
    with transaction.atomic():
        known = Connection.objects.filter(
            environment=connection.environment, health=Health.CONNECTED, health_reason=REFUSED_APP
        ).exists()
        noted = Connection.objects.filter(
            pk=connection.pk, health=Health.CONNECTED, health_reason=""
        ).update(health_reason=reason)
        news = bool(noted) and not (known and reason == REFUSED_APP)
        if news:
            connection.refresh_from_db()
            connection_refused.send(sender=Connection, connection=connection, code=code[:60])
    return news
