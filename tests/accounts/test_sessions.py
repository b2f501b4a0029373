"""Where a person is signed in: listed, ended one by one or all, ended for those who leave."""

import datetime

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse

from accounts.devices import device_name
from accounts.services import sessions_end
from tests.signing_in import Browser, code_request, code_type, codes_mailed

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
)
LIST = "usersessions_list"


def sign_in(user, user_agent, address="127.0.0.1"):
    """A browser of this kind, at this address, in which the person typed their code."""
    browser = Browser(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    code_request(browser, user.email)
    code_type(browser, codes_mailed(user.email)[-1])
    return browser


def is_signed_in(browser):
    return "_auth_user_id" in browser.session


@pytest.fixture
def here(admin_person):
    return sign_in(admin_person, FIREFOX)


@pytest.fixture
def phone(here, admin_person):
    return sign_in(admin_person, SAFARI, "192.0.2.7")


def test_every_browser_is_listed_with_its_address(here, phone):
    text = here.get(reverse(LIST)).content.decode()
    assert "Firefox on Windows" in text
    assert "Safari on iPhone" in text
    assert "192.0.2.7" in text
    assert "this browser" in text


def test_one_session_is_ended_and_the_others_stay(here, phone, admin_person):
    theirs = UserSession.objects.get(ip="192.0.2.7")
    answer = here.post(reverse(LIST), {"session": theirs.pk}, follow=True)
    assert "That session has ended." in answer.content.decode()
    assert "Safari on iPhone" not in answer.content.decode()
    assert not is_signed_in(phone)
    assert is_signed_in(here)


def test_all_others_are_ended_at_once(here, phone, admin_person):
    sign_in(admin_person, EDGE)
    answer = here.post(reverse(LIST), follow=True)
    assert "2 other sessions have ended." in answer.content.decode()
    assert not is_signed_in(phone)
    assert is_signed_in(here)


@pytest.mark.parametrize("sent", ["987654321", "not a number", "²"])
def test_what_is_no_session_of_theirs_is_left_alone(here, phone, sent):
    assert here.post(reverse(LIST), {"session": sent}).status_code == 302
    assert is_signed_in(phone)


def test_nobody_ends_somebody_elses(phone, stranger, signed_in):
    theirs = UserSession.objects.get(ip="192.0.2.7")
    signed_in(stranger).post(reverse(LIST), {"session": theirs.pk})
    assert is_signed_in(phone)


def test_last_seen_moves_on_every_few_minutes_without_a_write_at_every_page(here, time_machine):
    first = UserSession.objects.get().last_seen_at
    time_machine.move_to(first + datetime.timedelta(hours=1))
    here.get("/")
    seen = UserSession.objects.get().last_seen_at
    assert seen - first >= datetime.timedelta(minutes=59)
    here.get("/")
    assert UserSession.objects.get().last_seen_at == seen


def test_who_leaves_is_signed_out_everywhere_however_the_session_began(
    here, phone, admin_person, stranger, signed_in
):
    older, other = signed_in(admin_person), signed_in(stranger)
    assert sessions_end(user=admin_person) == 3
    assert not any(map(is_signed_in, (here, phone, older)))
    assert not UserSession.objects.exists()
    assert is_signed_in(other)


def test_switching_an_account_off_ends_its_sessions(signed_in, operator, other_manager):
    theirs = signed_in(other_manager)
    page = reverse("admin:accounts_user_change", args=[other_manager.pk])
    data = {"email": other_manager.email, "full_name": "Otto Berg", "is_staff": "on"}
    assert signed_in(operator).post(page, data).status_code == 302
    assert not is_signed_in(theirs)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent, words):
    assert device_name(user_agent) == words
