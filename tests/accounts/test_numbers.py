"""Numbers from addresses and forms: anything may be sent."""

import pytest
from django.urls import reverse

from accounts.numbers import row_number
from tests.signing_in import Browser


@pytest.mark.parametrize("sent", ["", "-1", "1.0", "²", "१२", "9" * 19, "9" * 5000, "1\n", " 1"])
def test_what_is_no_primary_key_is_none(sent):
    assert row_number(sent) is None


def test_a_primary_key_is_read():
    assert row_number("12") == 12


@pytest.mark.django_db
def test_a_session_with_an_absurd_number_is_nobodys(admin_person):
    browser = Browser()
    browser.force_login(admin_person)
    answer = browser.post(reverse("usersessions_list"), {"session": "9" * 5000})
    assert answer.status_code == 302
    assert browser.get(reverse("usersessions_list")).status_code == 200
