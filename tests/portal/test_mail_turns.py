"""Whose-turn mails come at the right moment; reminders by working days, and by day."""

import datetime

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer, User
from accounts.services import customer_hold, customer_hold_lift
from portal.mail import (
    ladder,
    receivers,  # noqa: F401 (connects them)
)
from portal.mail.choices import choice_set
from portal.mail.ladder import ladder_put
from portal.mail.purging import mails_purge
from portal.mail.sending_out import mails_send
from portal.models import MailKind, OutgoingMail, Standing
from portal.standing import TurnFacts, standings_refresh, turn_changed
from tests.factories import (
    ConfirmationFactory,
    CustomerFactory,
    MembershipFactory,
    SignupLinkFactory,
    TestRunFactory,
)
from tests.portal.situations import CONFIRMED, connect, settings_chosen

pytestmark = pytest.mark.django_db

# A Monday morning.
MONDAY = datetime.datetime(2026, 11, 23, 10, tzinfo=datetime.UTC)
PRIYA, RAVI, ANA = (
    "priya.shah@northwind.example",
    "ravi.menon@northwind.example",
    "ana.costa@northwind.example",
)
MAYA, LENA = "maya.rao@usergems.example", "lena.ortiz@usergems.example"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture(autouse=True)
def people(admin_person, reviewer, approver, stranger, lead, other_manager):
    """Everybody of Northwind, and others who must hear nothing."""


@pytest.fixture
def epoch(customer):
    """The sandbox is connected; its permissions are the customer's turn, its settings ours."""
    return connect(customer).epoch


def passed(customer: Customer, **turns: str) -> None:
    """The turn passes on: from nobody's to these."""
    after = TurnFacts(stage="sandbox", **turns, vendor_since=MONDAY, customer_since=MONDAY)
    turn_changed.send_robust(
        sender=None, customer_id=customer.pk, before=TurnFacts(stage="sandbox"), after=after
    )


def sent_later(clock, minutes: int = 6) -> dict[str, mail.EmailMultiAlternatives]:
    clock.move_to(timezone.now() + datetime.timedelta(minutes=minutes), tick=False)
    mail.outbox.clear()
    mails_send()
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
    return {message.to[0]: message for message in mail.outbox}


# --- the turn ---------------------------------------------------------------------------------


def test_whose_turn_it_has_become_is_told_a_little_later(clock, customer, epoch):
    passed(customer, customer_step="sandbox.permissions", vendor_step="sandbox.settings")
    assert mails_send() == 0, "checks may still be running, people clicking on"
    messages = sent_later(clock)
    assert set(messages) == {PRIYA, MAYA}
    message = messages[PRIYA]
    assert message.subject == (
        "Northwind Traders: it is your turn (Give the integration user its permissions)"
    )
    assert "http://testserver/?step=sandbox.permissions" in message.body
    assert f"Sign in as {PRIYA}: we mail you a code." in message.body
    assert "Choose where job changes go" in messages[MAYA].subject
    assert f"/admin/accounts/customer/{customer.pk}/change/" in messages[MAYA].body
    assert f"Sign in as {MAYA} with your password" in messages[MAYA].body


def test_who_goes_on_to_their_own_next_step_gets_no_mail(clock, customer, epoch):
    turn_changed.send_robust(
        sender=None,
        customer_id=customer.pk,
        before=TurnFacts(customer_step="sandbox.package", vendor_step="sandbox.settings"),
        after=TurnFacts(customer_step="sandbox.permissions", vendor_step="sandbox.settings"),
    )
    assert sent_later(clock) == {}


def test_all_who_can_act_are_told_and_again_when_the_turn_comes_back(clock, customer, epoch):
    otto = MembershipFactory(customer=customer, user__email="otto.lund@northwind.example").user
    passed(customer, customer_step="sandbox.permissions")
    assert set(sent_later(clock)) == {PRIYA, otto.email}
    clock.move_to(timezone.now() + datetime.timedelta(hours=1), tick=False)
    turn_changed.send_robust(
        sender=None,
        customer_id=customer.pk,
        before=TurnFacts(),
        after=TurnFacts(customer_step="sandbox.permissions", customer_since=timezone.now()),
    )
    assert set(sent_later(clock)) == {PRIYA, otto.email}


def test_the_first_look_at_a_customer_mails_nobody(clock, customer, epoch):
    turn_changed.send_robust(
        sender=None,
        customer_id=customer.pk,
        before=None,
        after=TurnFacts(customer_step="sandbox.permissions"),
    )
    assert not OutgoingMail.objects.exists()


def test_a_turn_that_passed_on_meanwhile_is_not_told(clock, customer, epoch, admin_person):
    passed(customer, vendor_step="sandbox.settings")
    settings_chosen(customer, epoch)
    assert sent_later(clock) == {}
    assert OutgoingMail.objects.get().dropped_why == "turn passed on"


def test_what_goes_to_and_fro_is_told_once_in_a_while(clock, customer, epoch):
    passed(customer, customer_step="sandbox.permissions")
    assert set(sent_later(clock)) == {PRIYA}
    for _flap in range(2):
        clock.move_to(timezone.now() + datetime.timedelta(minutes=15), tick=False)
        after = TurnFacts(
            stage="sandbox", customer_step="sandbox.permissions", customer_since=timezone.now()
        )
        turn_changed.send_robust(
            sender=None, customer_id=customer.pk, before=TurnFacts(stage="sandbox"), after=after
        )
        assert sent_later(clock) == {}
    clock.move_to(timezone.now() + datetime.timedelta(minutes=30), tick=False)
    assert set(sent_later(clock)) == {PRIYA}
    clock.move_to(timezone.now() + datetime.timedelta(hours=3), tick=False)
    assert sent_later(clock) == {}


def test_nothing_is_told_while_the_customer_is_on_hold(clock, customer, epoch, manager):
    passed(customer, customer_step="sandbox.permissions")
    customer_hold(customer=customer, reason="Budget is being talked about", by=manager)
    assert sent_later(clock) == {}
    passed(customer, customer_step="sandbox.settings")
    assert OutgoingMail.objects.count() == 1


def test_a_turn_that_another_mail_told_of_is_not_told_again(
    clock, customer, epoch, admin_person, django_capture_on_commit_callbacks
):
    from jobchanges.signals import test_run_ready as ready_signal

    run = TestRunFactory(customer=customer, epoch=epoch, state="review", sent_at=MONDAY)
    with django_capture_on_commit_callbacks(execute=True):
        ready_signal.send(sender=None, test_run=run)
    assert PRIYA in {message.to[0] for message in mail.outbox}
    OutgoingMail.objects.update(step="sandbox.permissions")
    otto = MembershipFactory(customer=customer, user__email="otto.lund@northwind.example").user
    passed(customer, customer_step="sandbox.permissions")
    assert set(sent_later(clock)) == {otto.email}, "whom the other mail did not tell"


def test_ten_thousand_that_wait_cost_a_few_queries_each_hundred(customer, lead):
    def queries(count: int) -> int:
        for _number in range(count):
            waiting = MembershipFactory(customer__implementation_manager=None).customer
            Standing.objects.create(
                customer=waiting,
                stage="sandbox",
                customer_step="sandbox.connect",
                customer_since=MONDAY - datetime.timedelta(days=9),
            )
        OutgoingMail.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            assert ladder_put()
        return len(asked)

    assert queries(1) == queries(4)


def test_nobody_s_mailbox_is_flooded(customer, lead, monkeypatch):
    monkeypatch.setattr(ladder, "MOST_A_DAY", 2)
    for _number in range(3):
        waiting = CustomerFactory(implementation_manager=None)
        Standing.objects.create(
            customer=waiting,
            stage="sandbox",
            vendor_step="sandbox.settings",
            vendor_since=MONDAY - datetime.timedelta(days=9),
        )
    assert ladder_put() == 2
    assert ladder_put() == 0
    assert ladder_put(MONDAY + datetime.timedelta(days=1)) == 1


def test_a_reminder_that_went_is_remembered_as_long_as_its_turn_may_last(customer, manager):
    Standing.objects.create(
        customer=customer,
        stage="sandbox",
        vendor_step="sandbox.settings",
        vendor_since=MONDAY - datetime.timedelta(days=9),
    )
    assert ladder_put() == 1
    OutgoingMail.objects.update(sent_at=MONDAY)
    later = MONDAY + datetime.timedelta(days=3)
    assert mails_purge(ended_before=later) == 0
    OutgoingMail.objects.update(created_at=MONDAY - ladder.OLDEST)
    assert mails_purge(ended_before=later) == 1


def test_the_standing_of_a_customer_leads_to_the_mail(
    clock, customer, epoch, admin_person, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        standings_refresh([customer])
    assert not OutgoingMail.objects.exists()
    settings_chosen(customer, epoch)
    for step in CONFIRMED:
        ConfirmationFactory(customer=customer, step=step, epoch=epoch, by=admin_person)
    Standing.objects.update(vendor_step="", customer_step="sandbox.permissions")
    with django_capture_on_commit_callbacks(execute=True):
        standings_refresh([customer])
        standings_refresh([customer])
    assert set(sent_later(clock)) == {MAYA}


def test_the_same_handing_over_heard_twice_is_one_mail(clock, customer, epoch):
    passed(customer, customer_step="sandbox.permissions")
    passed(customer, customer_step="sandbox.permissions")
    assert set(sent_later(clock)) == {PRIYA}


# --- the ladder -------------------------------------------------------------------------------


@pytest.fixture
def waits(customer, epoch):
    """The customer's permissions have waited since that Monday, 10:00."""

    def wait(since=MONDAY, **turns):
        turns = turns or {"customer_step": "sandbox.permissions", "customer_since": since}
        Standing.objects.update_or_create(
            customer=customer, defaults={"stage": "sandbox", "stale": False, **turns}
        )

    wait()
    return wait


def at(clock, day: int, hour: int = 10) -> dict[str, mail.EmailMultiAlternatives]:
    """Who is reminded on that day of November (after the 30th: of December)."""
    clock.move_to(MONDAY.replace(hour=hour) + datetime.timedelta(days=day - 23), tick=False)
    mail.outbox.clear()
    ladder_put()
    ladder_put()
    mails_send()
    mails_send()
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
    return {message.to[0]: message for message in mail.outbox}


def test_the_ladder_climbs_by_working_days_to_more_people(clock, customer, waits):
    MembershipFactory(
        customer=customer, user__email="otto.lund@northwind.example", user__full_name="Otto Lund"
    )
    otto = "otto.lund@northwind.example"
    assert at(clock, 25) == {}
    third = at(clock, 26)
    assert set(third) == {PRIYA}
    assert third[PRIYA].subject == (
        "Northwind Traders: “Give the integration user its permissions” has waited for you for "
        "3 working days"
    )
    assert "since 23 Nov 2026, 10:00 UTC" in third[PRIYA].body
    assert at(clock, 28) == at(clock, 29) == {}, "a weekend"
    assert at(clock, 30) == {}, "five working days"
    seventh = at(clock, 32)
    assert set(seventh) == {PRIYA, otto, MAYA}
    assert "has not gone on with" in seventh[MAYA].subject
    assert "Reminded as well: Priya Shah, Otto Lund" in seventh[MAYA].body
    assert set(at(clock, 41)) == {PRIYA, otto, MAYA, LENA}
    assert at(clock, 60) == {}, "the digest goes on, the ladder has ended"


def test_what_waits_on_us_reminds_the_manager_then_the_leads(clock, customer, waits):
    waits(
        vendor_step="sandbox.settings",
        vendor_since=MONDAY,
        customer_step="",
        customer_since=None,
    )
    third = at(clock, 26)
    assert set(third) == {MAYA}
    assert "has waited for you for 3 working days" in third[MAYA].subject
    assert set(at(clock, 32)) == {MAYA}
    last = at(clock, 41)
    assert set(last) == {MAYA, LENA}
    assert "has waited for us" in last[LENA].subject
    assert "Its manager: Maya Rao." in last[LENA].body


def test_nobody_is_reminded_at_night_of_their_own(clock, customer, waits, admin_person):
    User.objects.filter(pk=admin_person.pk).update(time_zone="America/Los_Angeles")
    assert at(clock, 26, hour=11) == {}, "three in the morning there"
    assert set(at(clock, 26, hour=18)) == {PRIYA}


def test_a_reminder_that_was_held_up_waits_for_the_morning(clock, customer, waits):
    clock.move_to(MONDAY + datetime.timedelta(days=3), tick=False)
    ladder_put()
    clock.move_to(MONDAY.replace(hour=22) + datetime.timedelta(days=4), tick=False)
    assert mails_send() == 0
    row = OutgoingMail.objects.get()
    assert row.due_at == datetime.datetime(2026, 11, 30, 9, tzinfo=datetime.UTC)
    assert row.tries == 0


def test_no_reminders_on_hold_and_the_hold_does_not_count(clock, customer, waits, manager):
    customer_hold(customer=customer, reason="Their freeze", by=manager)
    assert at(clock, 41) == {}
    customer_hold_lift(customer=customer, by=manager)
    assert at(clock, 42) == {}
    assert set(at(clock, 46)) == {PRIYA}, "three working days after it was lifted"


def test_a_turn_that_has_passed_on_is_not_reminded_of(clock, customer, waits):
    waits(since=MONDAY, customer_step="sandbox.layouts", customer_since=MONDAY)
    assert at(clock, 26) == {}


def test_who_does_not_want_turn_mails_passes_the_reminder_on(clock, customer, waits, admin_person):
    MembershipFactory(customer=customer, user__email="otto.lund@northwind.example")
    choice_set(person=admin_person, kind=MailKind.TURN, is_on=False)
    assert set(at(clock, 26)) == {"otto.lund@northwind.example"}


def test_where_nobody_of_the_company_can_act_the_manager_learns_it(
    clock, customer, waits, admin_person
):
    admin_person.memberships.update(left_at=MONDAY)
    SignupLinkFactory(
        customer=customer,
        person_name="Nora New",
        email="nora.new@northwind.example",
        expires_at=MONDAY + datetime.timedelta(days=30),
    )
    messages = at(clock, 26)
    assert set(messages) == {MAYA}
    assert "Nora New has not used the sign-up link" in messages[MAYA].body


def test_whose_account_is_switched_off_keeps_no_reminder_from_others(
    clock, customer, waits, admin_person, manager
):
    User.objects.filter(pk__in=[admin_person.pk, manager.pk]).update(is_active=False)
    assert set(at(clock, 26)) == {LENA}, "nobody there can act, and the manager has left"


def test_a_manager_who_lost_the_customer_is_not_reminded(clock, customer, waits, other_manager):
    customer.implementation_manager = other_manager
    customer.save(update_fields=["implementation_manager"])
    assert set(at(clock, 32)) == {PRIYA, other_manager.email}
