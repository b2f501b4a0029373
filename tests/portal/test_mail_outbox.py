"""Mails on their way: with the change or not at all, to whoever may read them, and once."""

import datetime
import smtplib
from email.utils import make_msgid

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import Customer, Membership, User
from accounts.services.retention import customer_people_forget
from jobchanges.signals import test_run_approved as approved_signal
from portal.mail import (
    receivers,  # noqa: F401 (connects them)
    sending_out,
)
from portal.mail.choices import choice_set
from portal.mail.outbox import Mail, mails_put
from portal.mail.purging import mails_purge
from portal.mail.sending_out import GIVE_UP_AFTER, mails_send
from portal.models import MailKind, OutgoingMail
from tests.factories import TestRunFactory

pytestmark = pytest.mark.django_db

NEWS = {
    "subject": "Northwind Traders: something happened",
    "heading": "Something happened",
    "paragraphs": ["It happened at ⟦2026-11-23T18:00:00+00:00⟧."],
    "points": [],
    "action_label": "Look",
    "path": "/",
    "desk_path": "/admin/",
}


@pytest.fixture
def put(customer):
    """Put one piece of news on its way to each of these people."""

    def put_for(*people: User, kind=MailKind.PROGRESS, key="news") -> list[OutgoingMail]:
        mails_put(
            Mail(f"{key}:{person.pk}", person, customer, kind, "news", content=NEWS)
            for person in people
        )
        return list(OutgoingMail.objects.order_by("pk"))

    return put_for


@pytest.fixture
def server(monkeypatch):
    """A mail server that answers as told: an error to raise, or None to take the mail."""

    class Server:
        answers: list[Exception | None] = []
        seen: list[str] = []

    take = EmailBackend.send_messages

    def send_messages(self, messages):
        Server.seen += [message.to[0] for message in messages]
        answer = Server.answers.pop(0) if Server.answers else None
        if answer is not None:
            raise answer
        return take(self, messages)

    Server.answers, Server.seen = [], []
    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    return Server


def sent_to() -> list[str]:
    return [message.to[0] for message in mail.outbox]


# --- who gets one -----------------------------------------------------------------------------


def left(person: User, customer: Customer) -> None:
    person.memberships.update(left_at=timezone.now())


def switched_off(person: User, customer: Customer) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def erased(person: User, customer: Customer) -> None:
    customer_people_forget(customer=customer)


def moved(person: User, customer: Customer) -> None:
    Membership.objects.filter(user=person).delete()


@pytest.mark.parametrize("became", [left, switched_off, erased, moved])
def test_who_is_nobody_of_the_customer_any_more_gets_nothing(put, customer, admin_person, became):
    put(admin_person)
    became(admin_person, customer)
    assert mails_send() == 0
    row = OutgoingMail.objects.get()
    assert (row.dropped_why, row.content, mail.outbox) == ("not a reader any more", {}, [])


def test_staff_get_mails_of_their_customers_only(
    put, customer, manager, lead, other_manager, staff_without_rights, operator, stranger
):
    put(manager, lead, other_manager, staff_without_rights, operator, stranger)
    mails_send()
    assert set(sent_to()) == {manager.email, lead.email}


def test_a_customer_given_to_somebody_else_takes_its_mails_along(put, customer, manager):
    put(manager)
    customer.implementation_manager = None
    customer.save(update_fields=["implementation_manager"])
    assert mails_send() == 0


def test_a_manager_who_no_longer_works_here_gets_nothing(put, manager, lead):
    put(manager, lead)
    User.objects.filter(pk__in=[manager.pk, lead.pk]).update(is_active=False)
    assert mails_send() == 0


def test_staff_with_an_old_membership_get_nothing_by_it(put, customer, other_manager):
    Membership.objects.create(customer=customer, user=other_manager, role="admin")
    put(other_manager)
    assert mails_send() == 0


def test_what_a_person_switched_off_is_not_sent(put, admin_person, reviewer):
    choice_set(person=admin_person, kind=MailKind.PROGRESS, is_on=False)
    put(admin_person, reviewer)
    mails_send()
    assert sent_to() == [reviewer.email]
    choice_set(person=admin_person, kind=MailKind.PROGRESS, is_on=True)
    assert mails_send() == 0, "what was dropped does not come back"


# --- once, and never lost ---------------------------------------------------------------------


def test_a_mail_stands_or_falls_with_its_change(customer, admin_person, manager):
    run = TestRunFactory(customer=customer)

    class UndoneError(Exception):
        pass

    def undone() -> None:
        with transaction.atomic():
            approved_signal.send(sender=None, test_run=run)
            assert OutgoingMail.objects.count() == 2
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    assert not OutgoingMail.objects.exists()
    approved_signal.send(sender=None, test_run=run)
    # The process died before it could wake anybody: the sweep finds the rows.
    assert mails_send() == 2


def test_a_failing_wake_up_call_breaks_nobodys_click(
    put, admin_person, monkeypatch, django_capture_on_commit_callbacks
):
    def gone(*_args: object) -> bool:
        raise RuntimeError("no worker to wake")

    monkeypatch.setattr("portal.mail.outbox.task_wake", gone)
    with django_capture_on_commit_callbacks(execute=True):
        put(admin_person)
    assert mails_send() == 1


def test_the_same_mail_put_twice_is_one(put, admin_person):
    put(admin_person)
    put(admin_person)
    mails_send()
    assert len(mail.outbox) == 1


def test_a_mail_that_went_out_never_goes_again(put, admin_person):
    put(admin_person)
    assert [mails_send(), mails_send()] == [1, 0]
    row = OutgoingMail.objects.get()
    assert row.sent_at is not None
    assert row.content == {}


def test_what_another_worker_has_claimed_is_left_to_it(put, admin_person):
    [row] = put(admin_person)
    now = timezone.now()
    OutgoingMail.objects.update(claimed_until=now + datetime.timedelta(minutes=1))
    assert mails_send() == 0
    # It died without recording anything: after its claim the next one sends, under the same id.
    OutgoingMail.objects.update(claimed_until=now - datetime.timedelta(seconds=1))
    assert mails_send([row.pk]) == 1


def test_whoever_lost_the_claim_records_nothing_over_the_other(put, admin_person, monkeypatch):
    [row] = put(admin_person)
    others = timezone.now() + datetime.timedelta(hours=1)

    def slow(self, messages):
        OutgoingMail.objects.filter(pk=row.pk).update(claimed_until=others)
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    mails_send()
    row.refresh_from_db()
    assert (row.claimed_until, row.problem) == (others, "")


def test_a_mail_the_server_does_not_like_keeps_no_other(put, admin_person, reviewer, server):
    put(admin_person, reviewer)
    server.answers = [smtplib.SMTPDataError(552, b"too large")]
    assert mails_send() == 1
    assert server.seen == [admin_person.email, reviewer.email]


def test_two_copies_of_one_mail_carry_one_message_id(put, admin_person, monkeypatch):
    from portal.mail import sending_out

    put(admin_person)
    with monkeypatch.context() as patched:
        # The worker dies between the server's yes and the record.
        patched.setattr(sending_out, "_end", lambda *_args, **_kwargs: None)
        mails_send()
    OutgoingMail.objects.update(claimed_until=None)
    mails_send()
    first, second = (message.message()["Message-ID"] for message in mail.outbox)
    assert first == second
    assert first.endswith("@testserver>")
    assert first != make_msgid()


def test_a_silent_server_costs_no_try_and_loses_nothing(put, admin_person, monkeypatch):
    put(admin_person)

    def refuse(_self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "open", refuse)
        assert mails_send() == 0
        assert OutgoingMail.objects.get().tries == 0
    assert mails_send() == 1


def test_a_slow_server_holds_a_worker_for_a_minute_at_most(
    put, admin_person, reviewer, monkeypatch
):
    put(admin_person)
    put(reviewer)
    clock = iter([0, 10, sending_out.ROUND_SECONDS + 1])
    monkeypatch.setattr(sending_out, "monotonic", lambda: next(clock))
    assert mails_send() == 1
    monkeypatch.undo()
    assert mails_send() == 1


def test_what_fails_now_is_tried_again_later_and_later(put, admin_person, server, time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC), tick=False)
    put(admin_person)
    server.answers = [smtplib.SMTPServerDisconnected("gone")] * 2
    waits = []
    for _try in range(2):
        assert mails_send() == 0
        row = OutgoingMail.objects.get()
        waits.append(row.due_at - timezone.now())
        assert mails_send() == 0, "not before its time"
        time_machine.move_to(row.due_at, tick=False)
    assert waits == [datetime.timedelta(minutes=2), datetime.timedelta(minutes=4)]
    assert mails_send() == 1
    assert len(mail.outbox) == 1


def test_a_server_that_went_away_is_not_asked_for_the_others(
    put, admin_person, reviewer, approver, server
):
    put(admin_person, reviewer, approver)
    server.answers = [smtplib.SMTPServerDisconnected("gone")]
    assert mails_send() == 0
    assert len(server.seen) == 1
    assert mails_send() == 2, "the others are due at once, the first one later"


def test_an_address_refused_for_good_is_dropped_and_the_others_go(
    put, admin_person, reviewer, approver, server, caplog
):
    put(admin_person, reviewer, approver)
    server.answers = [
        smtplib.SMTPRecipientsRefused({admin_person.email: (550, b"No such user")}),
        smtplib.SMTPRecipientsRefused({reviewer.email: (451, b"Try later")}),
    ]
    assert mails_send() == 1
    refused, later, _sent = OutgoingMail.objects.order_by("pk")
    assert refused.dropped_why == "refused"
    assert later.dropped_at is None
    assert later.due_at > timezone.now()
    assert "mail.refused" in caplog.text
    assert admin_person.email not in caplog.text


def test_after_five_days_it_is_given_up_aloud(put, admin_person, server, caplog):
    [row] = put(admin_person)
    OutgoingMail.objects.update(created_at=timezone.now() - GIVE_UP_AFTER * 2)
    server.answers = [OSError("gone")]
    mails_send()
    row.refresh_from_db()
    assert row.dropped_why == "given up"
    assert "mail.given_up" in caplog.text


def test_a_mail_that_cannot_be_written_stops_no_other(put, admin_person, reviewer, caplog):
    put(admin_person, reviewer)
    OutgoingMail.objects.filter(user=admin_person).update(content={"subject": "broken"})
    assert mails_send() == 1
    assert sent_to() == [reviewer.email]
    assert "mail.not_written" in caplog.text


# --- how it reads -----------------------------------------------------------------------------


def test_moments_are_told_in_the_readers_zone(put, admin_person, manager):
    User.objects.filter(pk=admin_person.pk).update(time_zone="America/New_York")
    put(admin_person, manager)
    mails_send()
    told = {message.to[0]: message.body for message in mail.outbox}
    assert "23 Nov 2026, 13:00 EST" in told[admin_person.email]
    assert "23 Nov 2026, 18:00 UTC" in told[manager.email]


def test_mail_programs_get_their_unsubscribe_button(put, admin_person):
    put(admin_person)
    mails_send()
    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe"].startswith("<http://testserver/mail/unsubscribe/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_what_is_always_sent_offers_nothing_to_switch_off(put, manager):
    put(manager, kind=MailKind.ALWAYS)
    mails_send()
    [message] = mail.outbox
    assert message.message()["List-Unsubscribe"] is None
    assert "My settings" not in message.body


def test_staff_answer_to_nobody_and_are_not_told_of_their_own_manager(put, manager, admin_person):
    put(manager, admin_person)
    mails_send()
    told = {message.to[0]: message for message in mail.outbox}
    assert told[manager.email].reply_to == []
    assert "your implementation manager" not in told[manager.email].body
    assert told[admin_person.email].reply_to == [manager.email]


# --- how long it is kept ----------------------------------------------------------------------


def test_that_a_mail_went_is_forgotten_after_its_time(put, admin_person, reviewer):
    put(admin_person, reviewer)
    OutgoingMail.objects.filter(user=admin_person).update(
        sent_at=timezone.now() - datetime.timedelta(days=91)
    )
    limit = timezone.now() - datetime.timedelta(days=90)
    assert mails_purge(ended_before=limit, dry_run=True) == 1
    assert mails_purge(ended_before=limit) == 1
    assert list(OutgoingMail.objects.values_list("user", flat=True)) == [reviewer.pk]
