"""Workers and people at the same moment: each mail exists once and goes out once."""

import collections
import datetime

import pytest
from django.core import mail
from django.utils import timezone

from portal import tasks
from portal.mail.ladder import ladder_put
from portal.mail.outbox import Mail, mails_put
from portal.mail.sending_out import mails_send
from portal.models import MailKind, OutgoingMail, Standing
from tests.portal.situations import connect
from tests.portal.test_checks_races import at_once
from tests.portal.test_mail_outbox import NEWS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    monkeypatch.setattr(tasks.mails_send, "delay", lambda *_ids: None)


def test_workers_that_send_at_once_send_each_mail_once(customer, admin_person, reviewer, manager):
    mails_put(
        Mail(f"news:{number}:{who.pk}", who, customer, MailKind.PROGRESS, "news", content=NEWS)
        for number in range(8)
        for who in (admin_person, reviewer, manager)
    )
    sent = at_once(mails_send, mails_send, mails_send)
    assert sum(sent) == 24
    ids = collections.Counter(message.extra_headers["Message-ID"] for message in mail.outbox)
    assert len(ids) == 24
    assert set(ids.values()) == {1}
    assert not OutgoingMail.objects.filter(sent_at=None).exists()


def test_sweeps_that_run_at_once_put_each_reminder_once(
    customer, admin_person, manager, time_machine
):
    time_machine.move_to(datetime.datetime(2026, 11, 26, 11, tzinfo=datetime.UTC))
    connect(customer)
    Standing.objects.create(
        customer=customer,
        stage="sandbox",
        stale=False,
        customer_step="sandbox.permissions",
        customer_since=timezone.now() - datetime.timedelta(days=9),
    )
    at_once(ladder_put, ladder_put, ladder_put)
    assert OutgoingMail.objects.count() == 2
    assert set(OutgoingMail.objects.values_list("user", flat=True)) == {
        admin_person.pk,
        manager.pk,
    }
