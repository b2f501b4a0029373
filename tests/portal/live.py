"""A customer who is live: signed, the first batch through, and a schedule that both sides see."""

import datetime

from django.utils import timezone

from accounts.models import Customer, User
from integrations.models import OrgEpoch
from jobchanges.models import Batch, Delivery, OrgLease, SendingSchedule
from jobchanges.services.schedules import schedule_set
from portal.signoff import services
from tests.factories import JobChangeFactory
from tests.portal.signing import PRODUCTION, production_done, signed

DAY = datetime.timedelta(days=1)


def went_live(customer: Customer, admin: User, *, fresh: int = 3) -> Batch:
    """Signed and released; every job change of the first batch is in production."""
    production_done(customer, admin)
    JobChangeFactory.create_batch(fresh, customer=customer)
    # Nothing answers there: the org rests, so that a release wakes nobody who would ask it.
    org_id = OrgEpoch.objects.get(connection__environment=PRODUCTION).org_id
    OrgLease.objects.create(
        org_id=org_id, paused_until=timezone.now() + 999 * DAY, pause_reason="A rest."
    )
    batch = services.launch_release(
        summary=signed(customer, admin), by=customer.implementation_manager
    )
    through(batch)
    return batch


def through(batch: Batch) -> None:
    """Everything in it was delivered."""
    now = timezone.now()
    batch.deliveries.update(
        state=Delivery.State.DELIVERED, outcome=Delivery.Outcome.CREATED, delivered_at=now
    )
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED, ended_at=now)
    batch.refresh_from_db()


def daily(customer: Customer, by: User, *, hour: int = 6, **values) -> SendingSchedule:
    """Every day at six, UTC, chosen by the customer."""
    chosen = {"cadence": "daily", "hour": hour, "time_zone": "UTC", "side": "customer"} | values
    return schedule_set(customer=customer, by=by, **chosen)
