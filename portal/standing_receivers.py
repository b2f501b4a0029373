"""What makes a customer's standing stale. Connected by `PortalConfig.ready`."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.models import Customer, Event
from accounts.services.events import event_recorded
from jobchanges.models import SendingSchedule
from jobchanges.signals import schedule_held
from portal.standing import standing_touch


def _touch(customer_id: int) -> None:
    """After the commit: a look that begins then sees the change. A touch that fails is made good
    by the sweep, which looks at everybody again before long.
    """

    def touch() -> None:
        standing_touch(customer_id)

    transaction.on_commit(touch, robust=True)


@receiver(event_recorded, dispatch_uid="standing_event_recorded")
def recorded(*, event: Event, **_kwargs: Any) -> None:
    """Whatever people and orgs did."""
    _touch(event.customer_id)


@receiver(schedule_held, dispatch_uid="standing_schedule_held")
def held(*, schedule: SendingSchedule, **_kwargs: Any) -> None:
    """New job changes wait for somebody; no event says so."""
    customer: Customer = schedule.customer
    _touch(customer.pk)
