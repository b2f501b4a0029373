"""Signs of life, which `/health/ready` looks at."""

from django.utils import timezone

from portal.models import Heartbeat

# Written by a task, so that it says: the scheduler sends, the broker carries, a worker works.
WORKER = "worker"


def heartbeat_record(name: str = WORKER) -> None:
    """Write down that this part does its work now: one statement, whoever was first."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=timezone.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
