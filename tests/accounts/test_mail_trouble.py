"""A mail server that does not answer: a sentence on the page, never a 500."""

import smtplib

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from accounts.models import SignupLink
from accounts.services import SignupLinkError, signup_link_create
from tests.factories import SignupLinkFactory

pytestmark = pytest.mark.django_db
SAYS = "The mail could not be sent."


@pytest.fixture
def mail_fails(monkeypatch):
    def refuse(*_args):
        raise smtplib.SMTPServerDisconnected("no")

    def start():
        monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    return start


def test_asking_for_a_code_says_it(client, admin_person, mail_fails):
    mail_fails()
    answer = client.post(reverse("account_request_login_code"), {"email": admin_person.email})
    assert answer.status_code == 200
    assert SAYS in answer.content.decode()


def test_a_stranger_reads_the_same(client, db, mail_fails):
    mail_fails()
    answer = client.post(reverse("account_request_login_code"), {"email": "x@nowhere.example"})
    assert SAYS in answer.content.decode()


def test_asking_again_says_it(client, admin_person, mail_fails):
    client.post(reverse("account_request_login_code"), {"email": admin_person.email})
    mail_fails()
    answer = client.post(reverse("account_confirm_login_code"), {"action": "resend"}, follow=True)
    assert answer.status_code == 200
    assert SAYS in answer.content.decode()


def test_a_sign_up_link_says_it(client, customer, mail_fails):
    SignupLinkFactory(customer=customer, token="the-token", email="priya.shah@northwind.example")
    mail_fails()
    answer = client.post(
        reverse("signup", args=["the-token"]), {"email": "priya.shah@northwind.example"}
    )
    assert SAYS in answer.content.decode()


def test_proving_again_says_it(signed_in, admin_person, mail_fails):
    mail_fails()
    answer = signed_in(admin_person).post(reverse("account_prove"), {"next": "/"})
    assert answer.status_code < 500


def test_a_name_longer_than_the_column_is_cut(customer, manager):
    link, _token = signup_link_create(
        customer=customer,
        environment="sandbox",
        person_name="x" * 500,
        email="p@northwind.example",
        by=manager,
    )
    assert len(SignupLink.objects.get(pk=link.pk).person_name) == 150


def test_an_address_longer_than_the_column_is_refused_with_a_sentence(customer, manager):
    domain = ".".join(["d" * 60] * 5)
    with pytest.raises(SignupLinkError, match="e-mail address"):
        signup_link_create(
            customer=customer,
            environment="sandbox",
            person_name="P",
            email=f"p@{domain}.example",
            by=manager,
        )
