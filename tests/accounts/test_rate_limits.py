"""One try more than the limit is refused with a sentence; another address is not."""

import pytest
from django.core import mail
from django.urls import reverse

from portal.pages import security
from tests.factories import PASSWORD, SignupLinkFactory
from tests.signing_in import Browser, authenticator_give, code_request, totp_code

pytestmark = pytest.mark.django_db

WAIT = "Too many tries in a short time"
ELSEWHERE = "192.0.2.9"


@pytest.fixture
def elsewhere():
    """A browser at another network address."""
    return Browser(REMOTE_ADDR=ELSEWHERE)


def test_sign_up_links_are_not_guessed_at_speed(client, elsewhere, customer):
    link = SignupLinkFactory(customer=customer, token="the-right-one")
    for number in range(30):
        assert client.get(reverse("signup", args=[f"guess-{number}"])).status_code == 404
    answer = client.get(reverse("signup", args=["the-right-one"]))
    assert answer.status_code == 429
    assert WAIT in answer.content.decode()
    assert elsewhere.get(reverse("signup", args=["the-right-one"])).status_code == 200
    link.refresh_from_db()
    assert link.proven_at is None


def test_a_link_mails_three_codes_a_minute_to_one_address(client, customer):
    link = SignupLinkFactory(customer=customer, token="the-right-one")
    page = reverse("signup", args=["the-right-one"])
    for _ in range(3):
        assert client.post(page, {"email": link.email}).status_code == 302
        client.post(reverse("account_logout"))
    answer = client.post(page, {"email": link.email})
    assert answer.status_code == 429
    assert WAIT in answer.content.decode()
    assert len(mail.outbox) == 3


def test_one_network_asks_for_twenty_codes_a_minute(elsewhere, db):
    for number in range(20):
        code_request(Browser(), f"nobody{number}@northwind.example")
    answer = code_request(Browser(), "nobody20@northwind.example")
    assert WAIT in answer.content.decode()
    assert len(mail.outbox) == 20
    answer = code_request(elsewhere, "nobody20@northwind.example")
    assert WAIT not in answer.content.decode()
    assert len(mail.outbox) == 21


def test_codes_are_not_tried_at_speed(client, elsewhere):
    page = reverse("account_confirm_login_code")
    for _ in range(30):
        assert client.post(page, {"code": "ABCD-EFGH"}).status_code == 302
    answer = client.post(page, {"code": "ABCD-EFGH"})
    assert answer.status_code == 429
    assert WAIT in answer.content.decode()
    assert elsewhere.post(page, {"code": "ABCD-EFGH"}).status_code == 302


def test_staff_passwords_are_not_guessed_by_one_network(client, elsewhere, manager):
    page = reverse("account_login")
    for number in range(10):
        client.post(page, {"login": f"staff{number}@usergems.example", "password": "guessed"})
    answer = client.post(page, {"login": manager.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert WAIT in answer.content.decode()
    answer = elsewhere.post(page, {"login": manager.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_one_persons_password_is_not_guessed_from_many_networks(manager):
    page = reverse("account_login")
    for number in range(5):
        browser = Browser(REMOTE_ADDR=f"192.0.2.{number}")
        browser.post(page, {"login": manager.email, "password": "guessed"})
    answer = Browser(REMOTE_ADDR="192.0.2.100").post(
        page, {"login": manager.email, "password": PASSWORD}
    )
    assert WAIT in answer.content.decode()


def test_one_persons_second_factor_is_not_guessed_from_many_networks(manager, other_manager):
    secret = authenticator_give(manager)
    theirs = authenticator_give(other_manager)

    def halfway(user, address):
        browser = Browser(REMOTE_ADDR=address)
        browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        return browser

    for number in range(5):
        halfway(manager, f"192.0.2.{number}").post(reverse("mfa_authenticate"), {"code": "000000"})
    answer = halfway(manager, "192.0.2.100").post(
        reverse("mfa_authenticate"), {"code": totp_code(secret)}
    )
    assert WAIT in answer.content.decode()
    answer = halfway(other_manager, "192.0.2.100").post(
        reverse("mfa_authenticate"), {"code": totp_code(theirs)}
    )
    assert answer.status_code == 302


def test_proving_the_second_factor_again_is_limited_for_each_person(
    signed_in, manager, other_manager
):
    authenticator_give(manager)
    authenticator_give(other_manager)
    page = reverse("mfa_reauthenticate")
    client = signed_in(manager)
    for _ in range(10):
        client.post(page, {"code": "000000"})
    answer = client.post(page, {"code": "000000"})
    assert answer.status_code == 429
    assert WAIT in answer.content.decode()
    assert signed_in(other_manager).post(page, {"code": "000000"}).status_code == 200


def test_proving_the_e_mail_again_mails_three_codes_a_minute(signed_in, admin_person, reviewer):
    page = reverse("account_prove")
    for _ in range(3):
        assert signed_in(admin_person).post(page).status_code == 302
    answer = signed_in(admin_person).post(page)
    assert answer.status_code == 200
    assert WAIT in answer.content.decode()
    assert signed_in(reviewer).post(page).status_code == 302


@pytest.mark.parametrize("name", ["account_change_password", "admin:password_change"])
def test_changing_the_password_is_limited_for_each_person(signed_in, manager, other_manager, name):
    page = reverse(name)
    wrong = {"oldpassword": "guessed", "old_password": "guessed"}
    client = signed_in(manager)
    for _ in range(5):
        assert client.post(page, wrong).status_code == 200
    answer = client.post(page, wrong)
    assert answer.status_code == 429
    assert WAIT in answer.content.decode()
    assert signed_in(other_manager).post(page, wrong).status_code == 200


def test_the_security_page_as_a_file_is_not_typeset_without_end(client, elsewhere, monkeypatch):
    monkeypatch.setattr(security, "pdf_of", lambda _customer: b"%PDF-1.7")
    page = reverse("security_pdf")
    assert [client.get(page).status_code for _number in range(60)] == [200] * 60
    assert client.get(page).status_code == 429
    assert elsewhere.get(page).status_code == 200
