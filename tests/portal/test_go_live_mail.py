"""Mails on the way to live: to whom, about what, for which company, with one link."""

import datetime
import re
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from jobchanges import signals
from jobchanges.models import Batch, Side
from portal.mail import receivers  # noqa: F401 (connects them)
from portal.signoff.signals import summary_ready, summary_signed, summary_voided
from tests.factories import (
    AllowanceFactory,
    BatchFactory,
    DeliveryFactory,
    SignatureFactory,
    SummaryFactory,
    TestRunFactory,
)
from tests.portal.launch import THROUGH, both_tests_approved, fill, production_org

pytestmark = pytest.mark.django_db

PRIYA, RAVI, ANA = (
    "priya.shah@northwind.example",
    "ravi.menon@northwind.example",
    "ana.costa@northwind.example",
)
MAYA = "maya.rao@usergems.example"


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, _kind)] = message.alternatives
    return str(content)


def links_in(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s\"<]+", text))


@pytest.fixture(autouse=True)
def people(admin_person, reviewer, approver, stranger):
    """Everybody of Northwind, and somebody of another company."""


@pytest.fixture
def epoch(customer):
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    return epoch


@pytest.fixture
def summary(customer, epoch):
    return SummaryFactory(customer=customer)


@pytest.fixture
def batch(customer, epoch, approver):
    batch = BatchFactory(customer=customer, epoch=epoch, customer_signer=approver)
    fill(batch, THROUGH)
    return batch


@pytest.fixture
def mailed(django_capture_on_commit_callbacks):
    def send(signal, **what) -> dict[str, EmailMultiAlternatives]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            signal.send(sender=None, **what)
        assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
        return {message.to[0]: message for message in mail.outbox}

    return send


def test_allowing_is_asked_of_those_who_may_and_told_to_the_manager(mailed, customer, epoch):
    run = TestRunFactory(customer=customer, environment="production", epoch=epoch)
    DeliveryFactory.create_batch(5, test_run=run)
    messages = mailed(signals.test_run_offered, test_run=run)
    assert set(messages) == {PRIYA, ANA, MAYA}
    message = messages[ANA]
    assert message.subject == "Northwind Traders: allow the production test"
    for text in (message.body, html_of(message)):
        assert "5 job changes are ready for the org Northwind Traders" in text
        assert "Nothing is written before Northwind Traders allows it." in text
        assert "Sign in as ana.costa@northwind.example: we mail you a code." in text
        assert links_in(text) == {f"http://testserver/test-runs/{run.pk}/"}


def test_what_was_allowed_is_told_to_who_allowed_it_and_who_sends_it(
    mailed, customer, epoch, approver
):
    run = TestRunFactory(customer=customer, environment="production", epoch=epoch)
    starts = datetime.datetime(2026, 11, 23, 18, tzinfo=datetime.UTC)
    allowance = AllowanceFactory(test_run=run, by=approver, starts_at=starts)
    messages = mailed(signals.test_run_allowed, allowance=allowance)
    assert set(messages) == {ANA, MAYA}
    message = messages[MAYA]
    assert "Ana Costa allowed the production test for Northwind Traders" in message.body
    assert "from 23 Nov 2026, 18:00 UTC on." in message.body
    words = "Sign in as maya.rao@usergems.example with your password and your second factor."
    assert words in message.body
    assert links_in(message.body) == {
        f"http://testserver{reverse('admin:jobchanges_testrun_change', args=[run.pk])}"
    }


def test_a_summary_that_is_ready_asks_both_sides_to_read_and_sign(mailed, customer, summary):
    messages = mailed(summary_ready, summary=summary)
    assert set(messages) == {PRIYA, ANA, MAYA}
    assert messages[PRIYA].subject == "Northwind Traders: read and sign go-live"
    assert links_in(messages[PRIYA].body) == {"http://testserver/go-live/"}
    desk = reverse("admin:accounts_customer_go_live", args=[customer.pk])
    assert links_in(messages[MAYA].body) == {f"http://testserver{desk}"}


def test_the_customers_signature_makes_it_the_managers_turn(mailed, summary, approver):
    messages = mailed(summary_signed, signature=SignatureFactory(summary=summary, by=approver))
    assert set(messages) == {MAYA}
    message = messages[MAYA]
    assert message.subject == "Northwind Traders: go-live waits for your signature"
    assert "Ana Costa signed for Northwind Traders." in message.body
    assert "UserGems is next" in message.body


def test_our_signature_makes_it_the_customers_turn(mailed, summary, manager):
    given = SignatureFactory(summary=summary, side=Side.VENDOR, by=manager)
    messages = mailed(summary_signed, signature=given)
    assert set(messages) == {PRIYA, ANA, MAYA}
    assert "Maya Rao signed for UserGems." in messages[ANA].body
    assert "an admin or approver reads the summary" in messages[ANA].body


def test_both_signatures_tell_when_it_may_start(mailed, summary, manager, approver):
    starts = datetime.datetime(2026, 11, 23, 18, tzinfo=datetime.UTC)
    SignatureFactory(
        summary=summary, by=approver, starts_at=starts, ends_at=starts + datetime.timedelta(days=7)
    )
    given = SignatureFactory(summary=summary, side=Side.VENDOR, by=manager)
    messages = mailed(summary_signed, signature=given)
    assert messages[PRIYA].subject == "Northwind Traders: both sides signed go-live"
    assert "between 23 Nov 2026, 18:00 UTC and 30 Nov 2026, 18:00 UTC" in messages[MAYA].body


def test_a_voided_summary_says_what_changed(mailed, summary):
    summary.differences = [{"what": "Campaign", "before": "Champions", "after": "Movers"}]
    messages = mailed(summary_voided, summary=summary)
    assert set(messages) == {PRIYA, ANA, MAYA}
    message = messages[PRIYA]
    assert message.subject == "Northwind Traders: go-live is to be signed again"
    for text in (message.body, html_of(message)):
        assert "Campaign: before “Champions”, now “Movers”." in text


def test_a_withdrawn_summary_says_who_withdrew_it(mailed, summary, approver):
    summary.voided_by = approver
    assert "Ana Costa withdrew the summary" in mailed(summary_voided, summary=summary)[MAYA].body


def test_the_release_is_told_to_everyone(mailed, batch):
    messages = mailed(signals.batch_released, batch=batch)
    assert set(messages) == {PRIYA, RAVI, ANA, MAYA}
    assert messages[RAVI].subject == "Northwind Traders: the first batch is being sent"
    assert "Maya Rao released the first batch: 50 job changes go to the org Northwind Traders" in (
        messages[RAVI].body
    )


@pytest.mark.parametrize(
    ("state", "side", "subject", "words"),
    [
        ("stopped", "customer", "is stopped", "Only Northwind Traders can let it go on."),
        ("paused", "vendor", "is paused", "Either side can let it go on."),
        ("paused", "system", "is paused", "UserGems looks into it and lets it go on."),
    ],
)
def test_a_halt_goes_to_both_sides_with_why_and_who_goes_on(
    mailed, batch, approver, state, side, subject, words
):
    batch.state = state
    batch.halted_side = side
    batch.halted_by = None if side == "system" else approver
    batch.halted_at = timezone.now()
    batch.halt_reason = "Wrong owners"
    messages = mailed(signals.batch_halted, batch=batch)
    assert set(messages) == {PRIYA, RAVI, ANA, MAYA}
    message = messages[RAVI]
    assert message.subject.startswith("Northwind Traders: the first batch")
    assert message.subject.endswith(subject)
    assert "The reason: Wrong owners" in message.body
    assert words in message.body


def test_live_goes_to_everyone_with_numbers_that_add_up(mailed, batch):
    batch.state = Batch.State.ENDED
    messages = mailed(signals.batch_ended, batch=batch)
    assert set(messages) == {PRIYA, RAVI, ANA, MAYA}
    message = messages[RAVI]
    assert message.subject == "Northwind Traders is live with UserGems"
    for text in (message.body, html_of(message)):
        assert "all 50 job changes have their answer" in text
        for line in ("created: 31", "enriched: 12", "Salesforce: 2", "Held: 1"):
            assert line in text


def test_who_left_and_who_no_longer_works_here_get_no_mail(mailed, batch, reviewer, manager):
    reviewer.memberships.update(left_at=timezone.now())
    manager.is_active = False
    manager.save(update_fields=["is_active"])
    batch.refresh_from_db()
    batch.customer.refresh_from_db()
    assert set(mailed(signals.batch_ended, batch=batch)) == {PRIYA, ANA}


def test_a_mail_server_that_fails_stops_nothing(mailed, batch, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert mailed(signals.batch_ended, batch=batch) == {}


def test_markup_in_what_people_wrote_stays_text(mailed, batch):
    batch.state = Batch.State.STOPPED
    batch.halted_side = "customer"
    batch.halt_reason = "<script>alert(1)</script>"
    message = mailed(signals.batch_halted, batch=batch)[RAVI]
    assert "<script>" not in html_of(message)
    assert "<script>alert(1)</script>" in message.body
