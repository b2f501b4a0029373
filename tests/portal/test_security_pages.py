"""What strangers send, and what a browser keeps: null characters, caches, clocks, mail hosts."""

import datetime
import time
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import SignupLinkFactory

pytestmark = pytest.mark.django_db
NUL = "a\0b"


@pytest.mark.parametrize(
    "page", ["setup", "org_list", "test_run_list", "settings", "activity", "go_live"]
)
def test_pages_of_signed_in_people_are_kept_by_no_cache(signed_in, admin_person, page):
    answer = signed_in(admin_person).get(reverse(page))
    assert answer.status_code == 200
    assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))


def test_the_managers_desk_is_kept_by_no_cache(signed_in, manager):
    answer = signed_in(manager).get(reverse("admin:index"))
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_sign_up_page_is_kept_by_no_cache_and_tells_no_site_its_address(client, customer):
    SignupLinkFactory(customer=customer, token="the-token")
    answer = client.get(reverse("signup", args=["the-token"]))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "address",
    [
        "/people/sign-in/?next=%00",
        "/signup/a%00b/",
        "/steps/a%00b/check/",
        "/test-runs/?page=%00",
        "/people/staff/?%00=1",
    ],
)
def test_a_null_character_in_an_address_is_a_bad_request(signed_in, admin_person, address):
    assert signed_in(admin_person).get(address).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"q": NUL},
        {"customer": NUL},
        {"side__exact": NUL},
        {"environment__exact": NUL},
        {NUL: "1"},
    ],
)
def test_a_null_character_in_a_filter_of_admin_is_a_bad_request(signed_in, manager, query):
    answer = signed_in(manager).get(reverse("admin:accounts_event_changelist"), query)
    assert answer.status_code == 400


def test_a_null_character_in_a_cookie_is_a_bad_request(client):
    client.cookies["sessionid"] = "0123456789\0abc"
    assert client.get("/people/sign-in/").status_code == 400


@pytest.mark.parametrize(
    ("name", "arguments", "field"),
    [
        ("account_request_login_code", [], "email"),
        ("account_login", [], "login"),
        ("signup", ["the-token"], "email"),
    ],
)
def test_a_null_character_in_a_form_is_a_bad_request(client, customer, name, arguments, field):
    SignupLinkFactory(customer=customer, token="the-token")
    answer = client.post(reverse(name, args=arguments), {field: "a\0@northwind.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize("field", ["link", "attempt", "my_domain"])
def test_a_null_character_while_connecting_is_a_bad_request(signed_in, admin_person, field):
    answer = signed_in(admin_person).post(reverse("connect_start", args=["sandbox"]), {field: NUL})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["9" * 30, "9" * 6000, "١", "-1", "1e9"])
def test_an_odd_number_of_an_attempt_is_nobodys(signed_in, admin_person, number):
    client = signed_in(admin_person)
    answer = client.post(reverse("connect_start", args=["sandbox"]), {"attempt": number})
    assert answer.status_code < 500


def test_the_bad_request_has_a_page_and_the_policy(client):
    answer = client.get("/people/sign-in/?next=%00")
    assert "<h1" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_a_code_noted_by_a_clock_that_is_a_little_ahead_is_fresh(
    signed_in, admin_person, customer, time_machine
):
    link = SignupLinkFactory(
        customer=customer, token="the-token", email=admin_person.email, proven_by=admin_person
    )
    client = signed_in(admin_person)
    time_machine.move_to(
        datetime.datetime.fromtimestamp(time.time(), datetime.UTC) - datetime.timedelta(seconds=5)
    )
    answer = client.get(reverse("signup", args=["the-token"]))
    assert "Sign up with Salesforce" in answer.content.decode()
    assert link.proven_by == admin_person


def test_the_mail_to_staff_leads_to_the_sites_own_address_whatever_the_host(settings, manager):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://onboarding.example.com"
    Client(headers={"Host": "evil.example"}).post(
        reverse("account_request_login_code"), {"email": manager.email}
    )
    [message] = mail.outbox
    assert "https://onboarding.example.com/people/staff/" in message.body
    assert "evil.example" not in str(message.message())


@pytest.mark.parametrize(
    "target", ["//evil.example", "https:evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_proving_again_never_leads_to_another_site(signed_in, admin_person, target):
    answer = signed_in(admin_person).post(reverse("account_prove"), {"next": target})
    assert urlsplit(answer.headers["Location"]).netloc == ""
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]
