"""What of a large batch is claimed next."""

import pytest
from django.utils import timezone

from jobchanges.delivery import queue, sweep
from jobchanges.delivery.queue import group_claim
from jobchanges.models import Batch, Delivery, TestRun
from jobchanges.services import batch_pause, batch_release
from tests.factories import ConnectionFactory, DeliveryFactory, JobChangeFactory, TestRunFactory

State = Delivery.State


@pytest.fixture
def release(customer, approver, manager):
    """Releases a batch of what was imported."""
    connection = ConnectionFactory(customer=customer, environment="production")

    def call():
        return batch_release(
            customer=customer,
            cut_off=timezone.now(),
            signed_hash=f"{Batch.objects.count() + 1:064d}",
            customer_signer=approver,
            vendor_signer=manager,
            by=manager,
        )

    call.epoch = connection.epoch
    return call


def apart(customer, number):
    """Somebody who shares nothing with the others."""
    return JobChangeFactory(
        customer=customer,
        new_company_name=f"Company {number}",
        new_company_domain=f"company{number}.example",
        new_company_website="",
        new_email=f"person@company{number}.example",
    )


def test_a_department_that_joins_one_company_does_not_hide_those_behind_it(
    release, customer, monkeypatch
):
    monkeypatch.setattr(queue, "LOOK_AT", 5)
    monkeypatch.setattr(queue, "LOOK_AT_MOST", 50)
    same = [JobChangeFactory(customer=customer) for _ in range(12)]
    others = [apart(customer, number) for number in range(3)]
    release()
    got = [item.job_change for item in group_claim(release.epoch, "worker")]
    assert got == [same[0], *others]


def test_no_more_are_claimed_at_once_than_are_matched_together(release, customer):
    for number in range(6):
        apart(customer, number)
    batch = release()
    assert len(group_claim(release.epoch, "worker", 4)) == 4
    assert batch.deliveries.filter(state=State.CLAIMED).count() == 4


def test_the_rest_is_not_claimed_before_the_first_part_has_its_answers(release, customer):
    for number in range(25):
        apart(customer, number)
    batch = release()
    assert len(group_claim(release.epoch, "worker")) == 20
    assert group_claim(release.epoch, "worker") == []
    Batch.objects.filter(pk=batch.pk).update(first_done_at=timezone.now())
    assert len(group_claim(release.epoch, "worker")) == 5


def test_an_org_whose_batch_is_halted_is_not_woken(release, customer, manager):
    apart(customer, 1)
    batch = release()
    assert sweep.epochs_to_deliver() == [release.epoch.pk]
    batch_pause(batch=batch, side="vendor", by=manager)
    assert sweep.epochs_to_deliver() == []


def test_a_delivery_that_an_older_org_took_along_joins_the_batch_of_the_org_that_came_back(
    release, customer
):
    epoch = release.epoch
    run = TestRunFactory(
        customer=customer, environment="production", epoch=epoch, state=TestRun.State.VOID
    )
    delivery = DeliveryFactory(
        test_run=run, epoch=epoch, job_change=apart(customer, 1), state=State.ORG_GONE
    )
    batch = release()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.batch) == (State.WAITING, batch)
    assert group_claim(epoch, "worker") == [delivery]
