"""Customers' people sign in by an e-mailed code, staff with a password, nobody by the other way."""

from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from accounts.access import fresh_code_required
from accounts.models import User
from tests.factories import PASSWORD
from tests.signing_in import code_request, code_type, codes_mailed

pytestmark = pytest.mark.django_db


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def page_text(response) -> str:
    return response.content.decode()


# --- by code ----------------------------------------------------------------------------------


def test_the_mailed_code_signs_a_person_in_and_leads_on(client, admin_person):
    code_request(client, admin_person.email, "/activity/")
    [code] = codes_mailed(admin_person.email)
    response = code_type(client, code, "/activity/")
    assert response.headers["Location"] == "/activity/"
    assert client.session["_auth_user_id"] == str(admin_person.pk)


def test_the_case_of_the_address_does_not_matter(client, admin_person):
    code_request(client, "Priya.SHAH@northwind.example")
    assert len(mail.outbox) == 1


def test_a_wrong_code_signs_nobody_in_and_says_so(client, admin_person):
    code_request(client, admin_person.email)
    response = code_type(client, "AAAA-AAAA")
    assert "This is not the code we mailed." in page_text(response)
    assert not is_signed_in(client)


def test_after_three_wrong_codes_the_right_one_no_longer_works(client, admin_person):
    code_request(client, admin_person.email)
    [code] = codes_mailed(admin_person.email)
    for _try in range(3):
        code_type(client, "AAAA-AAAA")
    code_type(client, code)
    assert not is_signed_in(client)


def test_a_code_ends_after_ten_minutes(client, admin_person):
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
        code_request(client, admin_person.email)
        [code] = codes_mailed(admin_person.email)
        clock.shift(601)
        code_type(client, code)
    assert not is_signed_in(client)


def test_a_new_code_can_be_asked_for_and_the_old_one_stops_working(client, admin_person):
    code_request(client, admin_person.email)
    client.post(reverse("account_confirm_login_code"), {"action": "resend"})
    first, second = codes_mailed(admin_person.email)
    code_type(client, first)
    assert not is_signed_in(client)
    code_type(client, second)
    assert is_signed_in(client)


def test_a_code_works_in_the_browser_that_asked_only(client, admin_person):
    code_request(client, admin_person.email)
    [code] = codes_mailed(admin_person.email)
    elsewhere = Client()
    code_type(elsewhere, code)
    assert not is_signed_in(elsewhere)


def test_a_switched_off_person_gets_no_code(client, admin_person):
    User.objects.filter(pk=admin_person.pk).update(is_active=False)
    code_request(client, admin_person.email)
    assert codes_mailed(admin_person.email) == []


def test_after_the_code_nobody_is_led_to_another_site(client, admin_person):
    code_request(client, admin_person.email)
    [code] = codes_mailed(admin_person.email)
    response = code_type(client, code, "https://evil.example/")
    assert urlsplit(response.headers["Location"]).netloc == ""


def test_codes_to_one_address_are_limited(client, admin_person):
    for _time in range(3):
        code_request(client, admin_person.email)
        client.cookies.clear()
    response = code_request(client, admin_person.email)
    assert "Too many tries in a short time." in page_text(response)
    assert len(mail.outbox) == 3


# --- no enumeration ---------------------------------------------------------------------------


def without_what_was_typed(response, email: str) -> str:
    import re

    text = page_text(response).replace(email, "ADDRESS")
    return re.sub(r'csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", text)


def test_every_address_gets_the_same_page(admin_person, manager):
    pages = set()
    for email in (admin_person.email, manager.email, "nobody@nowhere.example"):
        response = code_request(Client(), email)
        pages.add((tuple(response.redirect_chain), without_what_was_typed(response, email)))
    assert len(pages) == 1


def test_an_unknown_address_gets_a_mail_without_a_code(client, db):
    code_request(client, "nobody@nowhere.example")
    assert codes_mailed("nobody@nowhere.example") == []
    assert not User.objects.filter(email="nobody@nowhere.example").exists()
    assert "There is no account with this address" in mail.outbox[0].body


def test_an_empty_code_does_not_sign_an_unknown_address_in(client, db):
    code_request(client, "nobody@nowhere.example")
    code_type(client, "")
    assert not is_signed_in(client)


# --- staff ------------------------------------------------------------------------------------


def test_staff_sign_in_with_a_password(client, manager):
    response = client.post(
        reverse("account_login"), {"login": manager.email, "password": PASSWORD, "next": "/admin/"}
    )
    assert response.headers["Location"] == "/admin/"
    assert is_signed_in(client)


def test_a_wrong_password_signs_nobody_in_and_says_so(client, manager):
    response = client.post(reverse("account_login"), {"login": manager.email, "password": "wrong"})
    assert "No member of staff has this address and password." in page_text(response)
    assert not is_signed_in(client)


def test_staff_who_ask_for_a_code_get_none_but_are_told_how_they_sign_in(client, manager):
    code_request(client, manager.email)
    assert codes_mailed(manager.email) == []
    [message] = mail.outbox
    assert "who sign in with a password" in message.body
    assert f"http://testserver{reverse('account_login')}" in message.body


def test_a_customers_person_cannot_use_a_password(client, admin_person):
    admin_person.set_password(PASSWORD)
    admin_person.save(update_fields=["password"])
    response = client.post(
        reverse("account_login"), {"login": admin_person.email, "password": PASSWORD}
    )
    assert "No member of staff has this address and password." in page_text(response)
    assert not is_signed_in(client)


def test_a_person_who_became_staff_meanwhile_is_not_signed_in_by_code(client, admin_person):
    code_request(client, admin_person.email)
    [code] = codes_mailed(admin_person.email)
    User.objects.filter(pk=admin_person.pk).update(is_staff=True)
    assert code_type(client, code).status_code == 403
    assert not is_signed_in(client)


def test_the_admins_own_form_opens_nothing_for_a_customers_person(client, admin_person):
    from django.contrib.auth import authenticate

    admin_person.set_password(PASSWORD)
    admin_person.save(update_fields=["password"])
    assert authenticate(None, username=admin_person.email, password=PASSWORD) is None


def test_staff_change_their_password(signed_in, manager):
    client = signed_in(manager)
    new = "another good one"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), data)
    manager.refresh_from_db()
    assert manager.check_password(new)


def test_a_customers_person_has_no_password_to_change(signed_in, admin_person):
    assert signed_in(admin_person).get(reverse("account_change_password")).status_code == 403


# --- around it --------------------------------------------------------------------------------


def test_signing_out_is_a_button(signed_in, admin_person):
    client = signed_in(admin_person)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_nobody_signs_up_by_themselves(client, db):
    response = client.post(
        reverse("account_signup"),
        {"email": "me@nowhere.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert response.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["account_reset_password", "account_email", "account_set_password", "mfa_deactivate_totp"],
)
def test_what_is_not_used_is_not_there(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


# --- proving it again -------------------------------------------------------------------------


@fresh_code_required
def signing(request):
    return HttpResponse("signed")


@pytest.fixture
def ask(rf: RequestFactory, signed_in):
    """Calls a view that needs a fresh code, in the session of a person, `later` seconds on."""

    def call(user, *, fresh=True, method="get", later=0, **headers):
        with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
            client = signed_in(user, fresh=fresh)
            request = getattr(rf, method)("/allow/?a=1", **headers)
            request.user = user
            request.session = client.session
            clock.shift(later)
            return signing(request)

    return call


def test_a_code_of_a_moment_ago_is_enough(ask, admin_person):
    assert ask(admin_person).content == b"signed"


def test_without_one_the_person_proves_it_first_and_comes_back(ask, admin_person):
    response = ask(admin_person, fresh=False)
    assert response.headers["Location"] == f"{reverse('account_prove')}?next=%2Fallow%2F%3Fa%3D1"


def test_a_code_is_fresh_for_ten_minutes(ask, admin_person):
    assert ask(admin_person, later=600).content == b"signed"
    assert ask(admin_person, later=601).status_code == 302


def test_a_form_leads_back_to_the_page_it_was_on(ask, admin_person):
    response = ask(
        admin_person, fresh=False, method="post", HTTP_REFERER="http://testserver/sign-off/?x=1"
    )
    assert response.headers["Location"].endswith("?next=%2Fsign-off%2F%3Fx%3D1")


def test_a_form_from_elsewhere_leads_home(ask, admin_person):
    response = ask(admin_person, fresh=False, method="post", HTTP_REFERER="https://evil.example/x/")
    assert response.headers["Location"].endswith("?next=%2F")


def test_staff_never_pass(ask, manager):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        ask(manager)


def test_proving_again_mails_a_code_and_leads_back(signed_in, admin_person):
    client = signed_in(admin_person, fresh=False)
    page = client.get(reverse("account_prove"), {"next": "/activity/"})
    assert admin_person.email in page_text(page)
    assert mail.outbox == []
    response = client.post(reverse("account_prove"), {"next": "/activity/"})
    [code] = codes_mailed(admin_person.email)
    response = client.post(response.headers["Location"], {"code": code})
    assert response.headers["Location"] == "/activity/"
    assert client.session["_auth_user_id"] == str(admin_person.pk)


def test_staff_cannot_prove_by_code(signed_in, manager):
    assert signed_in(manager).get(reverse("account_prove")).status_code == 403
