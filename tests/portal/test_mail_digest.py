"""The morning's mail: what is open, when it is morning, and not the same list every day."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Customer
from portal.mail import receivers  # noqa: F401 (connects them)
from portal.mail.choices import choice_set
from portal.mail.digest import digest_put
from portal.mail.sending_out import mails_send
from portal.models import BrowserZone, MailKind, OutgoingMail
from portal.standing import standings_refresh
from tests.factories import CustomerFactory, MembershipFactory
from tests.portal.situations import connect, settings_chosen

pytestmark = pytest.mark.django_db

# A Monday, 8:10.
MONDAY = datetime.datetime(2026, 11, 23, 8, 10, tzinfo=datetime.UTC)
PRIYA, MAYA = "priya.shah@northwind.example", "maya.rao@usergems.example"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def epoch(customer, admin_person, reviewer, stranger):
    """Permissions wait for Northwind's admins, settings for Maya, both since last year."""
    epoch = connect(customer).epoch
    standings_refresh([customer])
    return epoch


def morning(clock, moment=MONDAY) -> dict[str, mail.EmailMultiAlternatives]:
    clock.move_to(moment, tick=False)
    mail.outbox.clear()
    digest_put()
    digest_put()
    mails_send()
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
    return {message.to[0]: message for message in mail.outbox}


def days(number: int, **more: int) -> datetime.datetime:
    return MONDAY + datetime.timedelta(days=number, **more)


def test_each_side_reads_what_is_open_for_it(clock, customer, epoch):
    messages = morning(clock)
    assert set(messages) == {PRIYA, MAYA}
    theirs, ours = messages[PRIYA], messages[MAYA]
    assert theirs.subject.startswith("Northwind Traders: ")
    assert "open in the setup" in theirs.subject
    assert "- Give the integration user its permissions, since 18 Nov 2025" in theirs.body
    assert "Choose where job changes go" not in theirs.body
    assert "http://testserver/\n" in theirs.body
    assert ours.subject == "UserGems onboarding: 1 customer waits on you"
    assert "- Northwind Traders: Choose where job changes go, since 18 Nov 2025" in ours.body
    assert "Waiting long on the customer" in ours.body
    assert "http://testserver/admin/" in ours.body


def test_the_same_list_comes_again_after_a_week_and_a_new_one_the_next_day(
    clock, customer, epoch, admin_person
):
    assert PRIYA in morning(clock)
    assert set(morning(clock, days(1))) == {MAYA}, "staff read it every day"
    settings_chosen(customer, epoch, validated_org_id="another org")
    assert PRIYA in morning(clock, days(7))


def test_no_digest_at_night_at_noon_or_on_a_weekend(clock, customer, epoch, admin_person):
    assert morning(clock, days(0, hours=-1)) == {}
    assert morning(clock, days(0, hours=5)) == {}
    assert morning(clock, days(5)) == {}
    # What the browser said is her zone until she chooses one.
    BrowserZone.objects.create(user=admin_person, name="America/New_York")
    assert set(morning(clock)) == {MAYA}
    assert set(morning(clock, days(0, hours=5))) == {PRIYA}


def test_what_began_yesterday_evening_has_had_its_own_mail(clock, customer, epoch, admin_person):
    later = CustomerFactory(name="Tailspin Toys", implementation_manager=None)
    MembershipFactory(customer=later, user=admin_person)
    standings_refresh([later])
    assert "Tailspin" not in morning(clock)[PRIYA].subject
    again = morning(clock, days(1))[PRIYA]
    assert "Tailspin Toys: " in again.body
    assert "Northwind Traders: Give" in again.body


def test_on_hold_there_is_nothing_to_read(clock, customer, epoch):
    Customer.objects.update(hold_reason="Freeze")
    assert morning(clock) == {}


def test_the_desks_digest_names_what_is_overdue(clock, customer, epoch):
    Customer.objects.filter(pk=customer.pk).update(planned_go_live=datetime.date(2026, 11, 20))
    body = morning(clock)[MAYA].body
    assert "Planned go-live has passed" in body
    assert "- Northwind Traders: planned for 20 Nov 2026" in body


def test_customers_without_a_manager_stand_in_the_leads_digest(
    clock, customer, epoch, lead, other_manager
):
    assert lead.email not in morning(clock)
    Customer.objects.update(implementation_manager=None)
    messages = morning(clock, days(1))
    assert lead.email in messages
    assert MAYA not in messages
    assert "Northwind Traders" in messages[lead.email].body


def test_who_left_or_does_not_want_it_gets_none(clock, customer, epoch, admin_person, manager):
    choice_set(person=manager, kind=MailKind.DIGEST, is_on=False)
    digest_put()
    admin_person.memberships.update(left_at=timezone.now())
    mails_send()
    assert mail.outbox == []
    row = OutgoingMail.objects.get(user=admin_person)
    assert row.dropped_why == "not a reader any more"
    assert not OutgoingMail.objects.filter(user=manager).exists()


def test_a_digest_held_up_until_the_evening_leaves_it_to_the_next_morning(clock, customer, epoch):
    digest_put()
    clock.move_to(days(0, hours=13), tick=False)
    assert mails_send() == 0, "nine in the evening is no morning"
    assert set(morning(clock, days(1))) == {PRIYA, MAYA}
