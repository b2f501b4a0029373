"""Mails: the subject says what and for which company, one link, the account to sign in with."""

import re
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command

from accounts.models import Path, SignupLink
from accounts.selectors import signup_link_find
from accounts.services import signup_link_revoke
from integrations import tasks
from jobchanges.signals import test_run_approved as approved_signal
from jobchanges.signals import test_run_ready as ready_signal
from portal.invitations import signup_link_resend, signup_link_send
from portal.mail import receivers
from tests.factories import (
    ConnectionFactory,
    DeliveryFactory,
    SignupLinkFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_worker_asks_an_org(monkeypatch):
    monkeypatch.setattr(tasks.check_run, "delay", lambda *_ids: None)


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


def links_in(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s\"<]+", text))


def send(customer, manager, *, commit, environment="sandbox") -> tuple[SignupLink, str]:
    with commit(execute=True):
        return signup_link_send(
            customer=customer,
            environment=environment,
            person_name="Priya Shah",
            email="priya.shah@northwind.example",
            by=manager,
        )


# --- the invitation ---------------------------------------------------------------------------


def test_the_invitation_says_for_whom_and_what(
    customer, manager, django_capture_on_commit_callbacks
):
    _link, token = send(customer, manager, commit=django_capture_on_commit_callbacks)
    [message] = mail.outbox
    assert message.subject == "Northwind Traders: connect your Salesforce sandbox to UserGems"
    assert message.to == ["priya.shah@northwind.example"]
    assert message.reply_to == ["maya.rao@usergems.example"]
    for text in (message.body, html_of(message)):
        assert "Hello Priya Shah" in text
        assert "Sign in as priya.shah@northwind.example" in text
        assert "Maya Rao is your implementation manager" in text
        assert links_in(text) == {f"http://testserver/signup/{token}/"}


def test_the_production_invitation_says_production(
    customer, manager, django_capture_on_commit_callbacks
):
    send(
        customer,
        manager,
        commit=django_capture_on_commit_callbacks,
        environment="production",
    )
    assert "production org" in mail.outbox[0].subject


def test_a_mailed_link_says_when(customer, manager, django_capture_on_commit_callbacks):
    link, _token = send(customer, manager, commit=django_capture_on_commit_callbacks)
    assert SignupLink.objects.get(pk=link.pk).mailed_at is not None


def test_markup_in_names_stays_text(customer, manager, django_capture_on_commit_callbacks):
    customer.name = "<script>alert(1)</script>"
    customer.save(update_fields=["name"])
    send(customer, manager, commit=django_capture_on_commit_callbacks)
    assert "<script>" not in html_of(mail.outbox[0])
    assert "&lt;" not in mail.outbox[0].body


def test_a_line_break_in_a_name_does_not_get_into_the_subject(
    customer, manager, django_capture_on_commit_callbacks
):
    customer.name = "Northwind\nBcc: everyone@nowhere.example"
    customer.save(update_fields=["name"])
    send(customer, manager, commit=django_capture_on_commit_callbacks)
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].recipients() == ["priya.shah@northwind.example"]


def test_sending_again_mails_the_new_link_only(
    customer, manager, django_capture_on_commit_callbacks
):
    link, token = send(customer, manager, commit=django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        _new, new_token = signup_link_resend(link=link, by=manager)
    assert new_token in mail.outbox[1].body
    assert token not in mail.outbox[1].body
    assert signup_link_find(token).state == SignupLink.State.REPLACED


def test_a_mail_server_that_fails_loses_no_link(
    customer, manager, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    link, _token = send(customer, manager, commit=django_capture_on_commit_callbacks)
    link.refresh_from_db()
    assert (link.state, link.mailed_at) == (SignupLink.State.ACTIVE, None)


# --- the command ------------------------------------------------------------------------------


def command(**options) -> None:
    call_command(
        "signup_link",
        customer="northwind",
        environment="sandbox",
        email="priya.shah@northwind.example",
        **options,
    )


def test_the_command_prints_the_address_and_mails_it(
    customer, capsys, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        command(name="Priya Shah")
    address = capsys.readouterr().out.strip()
    token = address.removeprefix("http://testserver/signup/").rstrip("/")
    assert signup_link_find(token).person_name == "Priya Shah"
    assert address in mail.outbox[0].body


def test_the_command_can_leave_the_mail_out(customer, capsys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        command(no_mail=True)
    assert capsys.readouterr().out.startswith("http://testserver/signup/")
    assert mail.outbox == []


def test_the_command_refuses_a_sandbox_link_without_a_sandbox_path(customer):
    customer.path = Path.PRODUCTION_ONLY
    customer.save(update_fields=["path"])
    with pytest.raises(CommandError, match="goes to production without a sandbox"):
        command()
    assert not SignupLink.objects.exists()


def test_the_command_knows_no_such_customer(db):
    with pytest.raises(CommandError, match="There is no customer “northwind”"):
        command()


# --- test runs --------------------------------------------------------------------------------


@pytest.fixture
def run(customer, manager):
    run = TestRunFactory(customer=customer, number=1)
    DeliveryFactory.create_batch(5, test_run=run)
    return run


@pytest.fixture
def sent(run, admin_person, reviewer, stranger, django_capture_on_commit_callbacks):
    def send_on(signal) -> dict[str, EmailMultiAlternatives]:
        with django_capture_on_commit_callbacks(execute=True):
            signal.send(sender=type(run), test_run=run)
        return {message.to[0]: message for message in mail.outbox}

    return send_on


def test_ready_to_review_goes_to_the_customers_people_and_their_manager(sent):
    assert set(sent(ready_signal)) == {
        "priya.shah@northwind.example",
        "ravi.menon@northwind.example",
        "maya.rao@usergems.example",
    }


def test_ready_to_review_says_what_where_and_as_whom(sent, run):
    message = sent(ready_signal)["priya.shah@northwind.example"]
    assert message.subject == "Northwind Traders: sandbox test 1 is ready to review"
    for text in (message.body, html_of(message)):
        assert "The 5 job changes" in text
        assert "Sign in as priya.shah@northwind.example: we mail you a code." in text
        assert links_in(text) == {f"http://testserver/test-runs/{run.pk}/"}


def test_the_manager_is_told_to_sign_in_with_a_password(sent):
    message = sent(ready_signal)["maya.rao@usergems.example"]
    words = "Sign in as maya.rao@usergems.example with your password and your second factor."
    assert words in message.body
    assert "we mail you a code" not in message.body


def test_who_left_gets_no_mail(sent, reviewer):
    from django.utils import timezone

    reviewer.memberships.update(left_at=timezone.now())
    assert "ravi.menon@northwind.example" not in sent(ready_signal)


def test_approved_is_told_to_everyone(sent):
    messages = sent(approved_signal)
    assert len(messages) == 3
    message = messages["ravi.menon@northwind.example"]
    assert message.subject == "Northwind Traders: sandbox test 1 is approved"


def test_nothing_is_mailed_when_the_change_is_undone(run, admin_person):
    from django.db import transaction

    class UndoneError(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            ready_signal.send(sender=type(run), test_run=run)
            raise UndoneError

    with pytest.raises(UndoneError):
        change()
    assert mail.outbox == []


def test_a_link_that_was_made_without_mail_has_no_date(customer):
    assert SignupLinkFactory(customer=customer).mailed_at is None


# --- connecting -------------------------------------------------------------------------------


def test_a_connected_org_is_news_for_all_but_who_connected_it(
    customer, admin_person, reviewer, manager, stranger, django_capture_on_commit_callbacks
):
    connection = ConnectionFactory(customer=customer, connected_by=admin_person)
    with django_capture_on_commit_callbacks(execute=True):
        receivers.connected(connection=connection)
    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {reviewer.email, manager.email}
    message = told[manager.email]
    assert message.subject == "Northwind Traders: the sandbox is connected"
    assert "Priya Shah connected" in message.body


def test_a_link_that_was_revoked_meanwhile_is_not_mailed(
    customer, manager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        link, _token = signup_link_send(
            customer=customer,
            environment="sandbox",
            person_name="Priya Shah",
            email="priya.shah@northwind.example",
            by=manager,
        )
        signup_link_revoke(link=link, by=manager)
    assert mail.outbox == []
    assert SignupLink.objects.get().mailed_at is None


def test_words_that_cannot_be_put_together_undo_no_change(
    run, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def broken(**_about) -> None:
        raise KeyError("a word")

    monkeypatch.setattr(receivers, "test_run_ready_send", broken)
    with django_capture_on_commit_callbacks(execute=True):
        ready_signal.send(sender=type(run), test_run=run)
    assert mail.outbox == []
    assert "mail.not_put" in caplog.text
