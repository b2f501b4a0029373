"""Comments reach the other side, together, at most once in half an hour a test."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from jobchanges.models import Comment
from jobchanges.signals import comment_added
from portal.mail import receivers  # noqa: F401 (connects them)
from portal.mail.sending_out import mails_send
from portal.models import OutgoingMail
from tests.factories import CommentFactory, DeliveryFactory, JobChangeFactory, TestRunFactory

pytestmark = pytest.mark.django_db

PRIYA, RAVI = "priya.shah@northwind.example", "ravi.menon@northwind.example"
MAYA = "maya.rao@usergems.example"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC), tick=False)
    return time_machine


@pytest.fixture
def say(customer, admin_person, reviewer, stranger, manager):
    """Somebody writes on one job change of Northwind's test."""
    run = TestRunFactory(customer=customer, number=1, state="review", sent_at=timezone.now())
    job_change = JobChangeFactory(customer=customer, first_name="Jordan", last_name="Avery")
    delivery = DeliveryFactory(test_run=run, job_change=job_change)

    def say_it(text, *, by=manager, side="vendor") -> Comment:
        comment = CommentFactory(delivery=delivery, by=by, side=side, text=text)
        comment_added.send(sender=Comment, comment=comment)
        return comment

    return say_it


def sent(clock, minutes: int) -> dict[str, mail.EmailMultiAlternatives]:
    clock.move_to(timezone.now() + datetime.timedelta(minutes=minutes), tick=False)
    mail.outbox.clear()
    mails_send()
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
    return {message.to[0]: message for message in mail.outbox}


def test_what_was_written_together_comes_together_to_the_other_side(clock, say):
    say("Is Dana right?")
    say("And the title?")
    assert sent(clock, 1) == {}
    messages = sent(clock, 3)
    assert set(messages) == {PRIYA, RAVI}
    message = messages[PRIYA]
    assert message.subject == "Northwind Traders: 2 comments on sandbox test 1"
    assert "- Maya Rao on Jordan Avery: Is Dana right?" in message.body
    assert "- Maya Rao on Jordan Avery: And the title?" in message.body
    assert sent(clock, 60) == {}


def test_our_side_reads_what_the_customer_wrote(clock, say, admin_person):
    say("Wrong owner.", by=admin_person, side="customer")
    assert set(sent(clock, 4)) == {MAYA}


def test_a_second_mail_waits_half_an_hour_and_loses_no_comment(clock, say):
    say("First")
    assert set(sent(clock, 4)) == {PRIYA, RAVI}
    say("Second")
    say("Third")
    assert sent(clock, 10) == {}
    message = sent(clock, 25)[PRIYA]
    assert message.subject == "Northwind Traders: 2 comments on sandbox test 1"
    assert "First" not in message.body


def test_two_workers_at_once_tell_nothing_twice(clock, say):
    say("First")
    say("Second")
    clock.move_to(timezone.now() + datetime.timedelta(minutes=4), tick=False)
    first, second = OutgoingMail.objects.filter(user__email=PRIYA).order_by("pk")
    # Another worker holds the first one and has not recorded that it went out.
    OutgoingMail.objects.filter(pk=first.pk).update(
        claimed_until=timezone.now() + datetime.timedelta(minutes=10)
    )
    mails_send([second.pk])
    assert mail.outbox == []
    # That worker died: the first one tells both, once.
    assert set(sent(clock, 15)) == {PRIYA, RAVI}
    assert sent(clock, 60) == {}


def test_of_a_draft_the_customer_hears_nothing(clock, say, manager):
    comment = say("Too many leads in here?")
    OutgoingMail.objects.all().delete()
    run = comment.delivery.test_run
    run.state, run.sent_at = "draft", None
    comment_added.send(sender=Comment, comment=comment)
    assert not OutgoingMail.objects.exists()


def test_markup_and_length_of_a_comment_do_no_harm(clock, say):
    say("<script>alert(1)</script>" + "x" * 1900)
    message = sent(clock, 4)[PRIYA]
    [(html, _kind)] = message.alternatives
    assert "<script>" not in html
    assert "x" * 500 not in html
