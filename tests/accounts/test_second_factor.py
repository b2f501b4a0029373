"""Staff's second factor: nothing opens without it, and lost devices have a way back."""

import json

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.second_factor import code_use
from tests.factories import PASSWORD
from tests.signing_in import (
    Browser,
    authenticator_give,
    factor_type,
    password_type,
    recovery_codes_of,
    totp_code,
)

pytestmark = pytest.mark.django_db

# --- enforced ---------------------------------------------------------------------------------

SET_UP, SIGN_IN = "mfa_activate_totp", "account_login"


@pytest.mark.parametrize(
    ("has_factor", "in_session", "page", "leads_to"),
    [
        (False, False, "admin:index", SET_UP),
        (False, False, "setup", SET_UP),
        (False, False, "admin:accounts_customer_changelist", SET_UP),
        (False, False, "admin:password_change", SET_UP),
        (False, False, "mfa_index", SET_UP),
        (False, False, "usersessions_list", SET_UP),
        (False, False, SET_UP, ""),
        (False, False, "account_change_password", ""),
        (False, False, "account_logout", ""),
        (True, False, "admin:index", SIGN_IN),
        (True, False, SET_UP, SIGN_IN),
        (True, False, "account_change_password", SIGN_IN),
        (True, False, "mfa_view_recovery_codes", SIGN_IN),
        (True, True, "admin:index", ""),
        (True, True, "mfa_index", ""),
        (True, True, "account_change_password", ""),
    ],
)
def test_staff_open_nothing_without_a_proven_second_factor(
    manager, has_factor, in_session, page, leads_to
):
    if has_factor:
        authenticator_give(manager)
    browser = Browser()
    super(Browser, browser).force_login(manager)
    browser.prove(manager, "password")
    if in_session:
        browser.prove(manager, "mfa")
    answer = browser.get(reverse(page))
    if leads_to:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse(leads_to))
    else:
        assert answer.status_code == 200


def test_a_form_sent_without_a_second_factor_changes_nothing(password_only, manager):
    answer = password_only.post(reverse("usersessions_list"))
    assert answer["Location"] == reverse(SET_UP)


def test_a_session_without_the_factor_that_exists_ends(manager, client):
    super(Browser, client).force_login(manager)
    authenticator_give(manager)
    answer = client.get("/admin/accounts/")
    assert answer["Location"] == f"{reverse(SIGN_IN)}?next=%2Fadmin%2Faccounts%2F"
    assert "_auth_user_id" not in client.session


def test_customers_people_need_none_and_find_no_such_pages(signed_in, admin_person):
    client = signed_in(admin_person)
    assert client.get(reverse("setup")).status_code == 200
    assert client.get(reverse(SET_UP)).status_code == 404
    assert client.get(reverse("mfa_reauthenticate")).status_code == 404


def test_the_first_one_is_not_set_up_without_a_fresh_password(client, manager):
    super(Browser, client).force_login(manager)
    answer = client.get(reverse(SET_UP))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    answer = client.post(answer["Location"], {"password": PASSWORD}, follow=True)
    assert "QR code" in answer.content.decode()


# --- setting up -------------------------------------------------------------------------------


def test_setting_up_leads_from_the_password_to_recovery_codes_and_the_desk(client, manager):
    password_type(client, manager)
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0] == reverse(SET_UP)
    text = page.content.decode()
    assert "<svg" in text
    assert "style=" not in text
    assert "data:" not in text
    answer = client.post(reverse(SET_UP), {"code": totp_code(page.context["form"].secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    text = client.get(answer["Location"]).content.decode()
    assert all(code in text for code in recovery_codes_of(manager))
    assert client.get("/admin/").status_code == 200


def test_a_wrong_code_sets_nothing_up_and_keeps_the_picture(password_only, manager):
    offered = password_only.get(reverse(SET_UP)).context["form"].secret
    answer = password_only.post(reverse(SET_UP), {"code": "12345"})
    assert answer.status_code == 422
    assert "not the code of this moment" in answer.content.decode()
    assert answer.context["form"].secret == offered
    assert not Authenticator.objects.exists()


def test_nothing_of_it_can_be_read_in_the_database(password_only, manager):
    offered = password_only.get(reverse(SET_UP)).context["form"].secret
    assert not any(offered in str(each.get_decoded()) for each in Session.objects.all())
    password_only.post(reverse(SET_UP), {"code": totp_code(offered)})
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert offered not in stored
    assert not any(code in stored for code in recovery_codes_of(manager))
    assert not any(offered in str(each.get_decoded()) for each in Session.objects.all())


def test_the_person_is_mailed(password_only, manager, django_capture_on_commit_callbacks):
    offered = password_only.get(reverse(SET_UP)).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        password_only.post(reverse(SET_UP), {"code": totp_code(offered)})
    [message] = mail.outbox
    assert message.to == [manager.email]
    assert "An authenticator app was set up" in message.body
    assert offered not in message.body


def test_another_phone_takes_the_place_of_the_first_and_ends_other_sessions(
    proven, manager, secret
):
    elsewhere = Browser()
    elsewhere.force_login(manager)
    offered = proven.get(reverse(SET_UP)).context["form"].secret
    proven.post(reverse(SET_UP), {"code": totp_code(offered, later=1)})
    assert proven.get("/admin/").status_code == 200
    assert "_auth_user_id" not in elsewhere.session
    fresh = Browser()
    password_type(fresh, manager)
    assert factor_type(fresh, totp_code(secret, later=1)).status_code == 200
    assert factor_type(fresh, totp_code(offered)).status_code == 302


def test_another_phone_needs_a_fresh_code_first(signed_in, manager, secret):
    answer = signed_in(manager, fresh=False).get(reverse(SET_UP))
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))


# --- signing in -------------------------------------------------------------------------------


def test_the_password_alone_signs_nobody_in(client, manager, secret):
    answer = password_type(client, manager, "/admin/accounts/")
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session


def test_password_and_code_lead_to_where_one_was_going(client, manager, secret):
    password_type(client, manager, "/admin/accounts/")
    answer = factor_type(client, totp_code(secret))
    assert answer["Location"] == "/admin/accounts/"
    assert client.get("/admin/accounts/").status_code == 200


def test_a_code_of_the_step_before_is_taken_an_older_one_is_not(client, manager, secret):
    password_type(client, manager)
    assert factor_type(client, totp_code(secret, later=-2)).status_code == 200
    assert factor_type(client, totp_code(secret, later=-1)).status_code == 302


def test_a_code_works_once(proven, manager, secret, time_machine):
    elsewhere = Browser()
    password_type(elsewhere, manager)
    answer = factor_type(elsewhere, totp_code(secret))
    assert answer.status_code == 200
    assert "used before" in answer.content.decode()


def test_the_code_that_set_it_up_does_not_sign_in(client, manager, time_machine):
    time_machine.move_to("2026-03-02T10:00:10Z", tick=False)
    password_type(client, manager)
    page = client.get("/admin/", follow=True)
    code = totp_code(page.context["form"].secret)
    assert client.post(reverse(SET_UP), {"code": code}).status_code == 302
    time_machine.shift(20)
    elsewhere = Browser()
    password_type(elsewhere, manager)
    answer = factor_type(elsewhere, code)
    assert answer.status_code == 200
    assert "used before" in answer.content.decode()


def test_a_code_that_somebody_used_is_still_everybody_elses(manager, other_manager):
    """Two apps show the same six digits now and then."""
    code_use(manager, "123456")
    code_use(other_manager, "123456")
    with pytest.raises(ValidationError):
        code_use(manager, "123 456")


@pytest.mark.parametrize("seconds", [20, 40])
def test_a_code_works_once_also_in_the_step_after_its_own(
    client, manager, secret, time_machine, seconds
):
    time_machine.move_to("2026-03-02T10:00:10Z", tick=False)
    code = totp_code(secret)
    password_type(client, manager)
    assert factor_type(client, code).status_code == 302
    time_machine.shift(seconds)
    elsewhere = Browser()
    password_type(elsewhere, manager)
    assert factor_type(elsewhere, code).status_code == 200


def test_the_sixth_wrong_code_is_refused_with_a_sentence(client, manager, secret):
    password_type(client, manager)
    for _ in range(5):
        factor_type(client, "000000")
    answer = factor_type(client, totp_code(secret))
    assert answer.status_code == 200
    assert "Too many tries" in answer.content.decode()


def test_the_sixth_wrong_code_sets_nothing_up_either(password_only, manager):
    offered = password_only.get(reverse(SET_UP)).context["form"].secret
    for _ in range(5):
        password_only.post(reverse(SET_UP), {"code": "000000"})
    answer = password_only.post(reverse(SET_UP), {"code": totp_code(offered)})
    assert "Too many tries" in answer.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("typed", ["²²²²²²", "abc def", "💎", "1" * 5000, " "])
def test_whatever_is_typed_in_place_of_a_code_is_answered(client, manager, secret, typed):
    password_type(client, manager)
    assert factor_type(client, typed).status_code == 200


def test_a_form_without_a_code_is_answered(client, manager, secret):
    password_type(client, manager)
    assert client.post(reverse("mfa_authenticate"), {"credential": "{}"}).status_code == 200


def test_a_secret_that_no_key_opens_is_said(client, manager, secret, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    password_type(client, manager)
    answer = factor_type(client, totp_code(secret))
    assert "We cannot read your authenticator" in answer.content.decode()
