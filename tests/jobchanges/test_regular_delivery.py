"""A regular batch, from its due time into an org over the wire."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobchanges.models import Batch, Delivery, SendingSchedule
from jobchanges.services.regular import schedules_work

pytestmark = pytest.mark.django_db(transaction=True)


def due(customer) -> None:
    """The schedule's time has come."""
    SendingSchedule.objects.update_or_create(
        customer=customer,
        defaults={
            "cadence": "daily",
            "set_by": customer.implementation_manager,
            "next_due_at": timezone.now() - timedelta(minutes=1),
        },
    )


def test_what_came_in_since_is_in_the_org_once_and_nothing_else(production):
    for _each in range(3):
        production.job_change()
    first = production.release()
    production.deliver()
    there = {row["Id"] for row in production.records("UserGem__UserGem__c")}
    newer = [production.job_change() for _each in range(2)]
    due(production.customer)

    schedules_work(timezone.now())
    schedules_work(timezone.now())
    production.deliver()

    batch = Batch.objects.get(kind="regular")
    assert (batch.state, batch.signed_hash) == (Batch.State.ENDED, first.signed_hash)
    assert {one.job_change for one in batch.deliveries.select_related("job_change")} == set(newer)
    now_there = {row["Id"] for row in production.records("UserGem__UserGem__c")}
    assert there <= now_there
    assert len(now_there - there) == 2
    assert not Delivery.objects.exclude(state=Delivery.State.DELIVERED).exists()
