"""“Read again now”, on the page of a run and of each of its job changes, for both sides."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Delivery, RecordWrite, TestRun
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(customer):
    """Two delivered job changes, read and settled an hour ago."""
    connection = ConnectionFactory(customer=customer)
    run = TestRunFactory(
        customer=customer,
        epoch=connection.epoch,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
        sent_by=customer.implementation_manager,
    )
    before = timezone.now() - datetime.timedelta(hours=1)
    for position in range(2):
        delivery = DeliveryFactory(
            test_run=run,
            epoch=connection.epoch,
            position=position,
            job_change=JobChangeFactory(customer=customer),
            state=Delivery.State.DELIVERED,
            released_at=before,
            attempts_made=1,
        )
        RecordWriteFactory(
            attempt=AttemptFactory(delivery=delivery),
            stored_at=before,
            settled={"LastName": "Whitfield"},
            settled_at=before,
        )
    return run


@pytest.fixture
def desk(signed_in, manager):
    """The manager, signed in with a second factor."""
    return signed_in(manager)


@pytest.fixture
def woken(monkeypatch):
    """Which orgs a worker was called for."""
    calls = []
    monkeypatch.setattr("jobchanges.tasks.records_settle_org.delay", calls.append)
    return calls


def page(client, run, **query):
    return client.get(reverse("test_run", args=[run.pk]), query).content.decode()


def test_all_of_a_run_are_asked_for_and_the_page_says_that_they_are_read(
    client, reviewer, run, woken
):
    client.force_login(reviewer)
    assert "Read all again now" in page(client, run)
    answer = client.post(reverse("test_run_read_again", args=[run.pk]), follow=True)
    html = answer.content.decode()
    assert "The org is asked in the background." in html
    assert "being read again" in html
    assert 'hx-trigger="every 3s"' in html
    assert RecordWrite.objects.filter(settle_due_at__isnull=False).count() == 2


def test_it_asks_no_more_when_they_were_read(client, reviewer, run):
    client.force_login(reviewer)
    html = page(client, run)
    assert "being read again" not in html
    assert "every 3s" not in html


def test_one_job_change_comes_back_to_its_own_record(client, admin_person, run, woken):
    client.force_login(admin_person)
    delivery = run.deliveries.last()
    write = RecordWrite.objects.get(attempt__delivery=delivery)
    answer = client.post(
        reverse("delivery_read_again", args=[run.pk, delivery.pk]), {"tab": f"record-{write.pk}"}
    )
    assert answer.url.endswith(f"?open={delivery.pk}&tab=record-{write.pk}#delivery-{delivery.pk}")
    assert RecordWrite.objects.get(settle_due_at__isnull=False) == write


def test_the_manager_asks_from_the_desk(desk, run, woken):
    url = reverse("admin:jobchanges_testrun_change", args=[run.pk])
    assert "Read all again now" in desk.get(url).content.decode()
    answer = desk.post(reverse("test_run_read_again", args=[run.pk]))
    assert answer.url == url


def test_a_second_click_is_told_to_wait(client, reviewer, run, woken):
    client.force_login(reviewer)
    address = reverse("test_run_read_again", args=[run.pk])
    client.post(address)
    assert "Wait 15 seconds" in client.post(address, follow=True).content.decode()


def test_a_connection_that_is_down_is_said(client, reviewer, run):
    connection = run.epoch.connection
    connection.health = "needs_reconnect"
    connection.save(update_fields=["health"])
    client.force_login(reviewer)
    address = reverse("test_run_read_again", args=[run.pk])
    html = client.post(address, follow=True).content.decode()
    assert "is down. The customer reconnects it first." in html


def test_each_difference_has_its_word_and_its_sentence(client, reviewer, run):
    write = RecordWrite.objects.first()
    write.sent = {"Title": "VP Revenue Operations", "Phone": "1", "City": "Bern"}
    write.stored = {"Title": "VP Revenue", "City": "Bern"}
    write.settled = {"Title": "VP Revenue", "City": "Basel"}
    write.hidden = ["Phone"]
    write.changed_by, write.changed_by_kind = "Amy Brown", "person"
    write.changed_at = write.stored_at + datetime.timedelta(minutes=5)
    write.save()
    client.force_login(reviewer)
    html = page(client, run)
    assert "<b>Cut short.</b> Salesforce cut it to the length of the field" in html
    assert "<b>Not readable.</b> We wrote it, and the integration user may not read it" in html
    assert "<b>Changed later.</b> Bern when saved." in html
    assert "Amy Brown saved the record last, 5 min later." in html
    assert "not known" in html
