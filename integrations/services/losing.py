"""A connection whose tokens are dead."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.services import event_record
from integrations.models import Connection, Health
from integrations.services.locks import customer_lock
from integrations.signals import connection_lost


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
