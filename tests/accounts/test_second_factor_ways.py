"""Ways back for a lost device, keys that change, and the fresh proof before releasing."""

import time

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.urls import reverse

from accounts.access import factor_proven_recently, fresh_factor_required
from accounts.second_factor import MFAAdapter
from accounts.services.second_factor import SecondFactorError, second_factor_reset
from tests.signing_in import (
    Browser,
    authenticator_give,
    factor_type,
    password_type,
    recovery_codes_of,
    totp_code,
)

pytestmark = pytest.mark.django_db

SET_UP, SIGN_IN = "mfa_activate_totp", "account_login"

# --- recovery codes ---------------------------------------------------------------------------


def test_a_recovery_code_signs_in_once_and_is_told_by_mail(with_codes, manager):
    code = recovery_codes_of(manager)[0]
    elsewhere = Browser()
    password_type(elsewhere, manager)
    assert factor_type(elsewhere, code).status_code == 302
    assert elsewhere.get("/admin/").status_code == 200
    assert "A recovery code was used" in mail.outbox[-1].body
    again = Browser()
    password_type(again, manager)
    assert factor_type(again, code).status_code == 200


def test_recovery_codes_are_shown_and_saved_for_some_minutes_only(
    with_codes, manager, time_machine
):
    time_machine.move_to(time.time(), tick=False)
    code = recovery_codes_of(manager)[0]
    assert code in with_codes.get(reverse("mfa_view_recovery_codes")).content.decode()
    file = with_codes.get(reverse("mfa_download_recovery_codes"))
    assert code in file.content.decode()
    assert "attachment" in file["Content-Disposition"]
    time_machine.shift(700)
    with_codes.prove(manager, "mfa")
    assert code not in with_codes.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert with_codes.get(reverse("mfa_download_recovery_codes")).status_code == 404


def test_new_recovery_codes_end_the_old_ones(with_codes, manager):
    old = recovery_codes_of(manager)
    with_codes.post(reverse("mfa_generate_recovery_codes"))
    assert not set(old) & set(recovery_codes_of(manager))


# --- the lost device --------------------------------------------------------------------------


def reset(client, user):
    return client.post(
        reverse("admin:accounts_user_reset_second_factor", args=[user.pk]), follow=True
    )


def test_an_operator_resets_it_and_the_person_sets_up_a_new_one(
    proven, manager, operator, signed_in, django_capture_on_commit_callbacks
):
    admin = signed_in(operator)
    page = admin.get(reverse("admin:accounts_user_change", args=[manager.pk])).content.decode()
    assert "Reset the second factor of Maya Rao?" in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = reset(admin, manager)
    assert "The second factor of Maya Rao is reset" in answer.content.decode()
    assert "An operator reset your second factor" in mail.outbox[-1].body
    assert "_auth_user_id" not in proven.session
    assert password_type(proven, manager).status_code == 302
    assert proven.get("/admin/")["Location"] == reverse(SET_UP)


def test_nobody_resets_their_own(operator, signed_in):
    authenticator_give(operator)
    client = signed_in(operator)
    page = client.get(reverse("admin:accounts_user_change", args=[operator.pk])).content.decode()
    assert "Reset second factor" not in page
    assert "Nobody resets their own" in reset(client, operator).content.decode()
    assert Authenticator.objects.filter(user=operator).exists()


@pytest.mark.parametrize("who", ["manager", "lead"])
def test_others_than_operators_reset_nothing(request, who, other_manager, signed_in):
    authenticator_give(other_manager)
    answer = reset(signed_in(request.getfixturevalue(who)), other_manager)
    assert answer.status_code == 403
    assert Authenticator.objects.exists()


def test_an_operator_proves_the_own_factor_before_resetting(operator, manager, secret, signed_in):
    authenticator_give(operator)
    client = signed_in(operator, fresh=False)
    answer = client.post(reverse("admin:accounts_user_reset_second_factor", args=[manager.pk]))
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.filter(user=manager).exists()


def test_the_command_line_is_the_last_way_back(manager, secret, capsys):
    call_command("reset_second_factor", manager.email)
    assert "Reset. Maya Rao" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", manager.email)
    with pytest.raises(CommandError, match="No member of staff"):
        call_command("reset_second_factor", "nobody@usergems.example")


# --- keys -------------------------------------------------------------------------------------


def test_rotating_the_keys_takes_second_factors_along(with_codes, manager, settings, capsys):
    codes = recovery_codes_of(manager)
    old, new = settings.TOKEN_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, old]
    call_command("rotate_token_keys")
    assert "2 rows" in capsys.readouterr().out
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert recovery_codes_of(manager) == codes
    app = Authenticator.objects.get(user=manager, type="totp")
    assert len(MFAAdapter().decrypt(app.data["secret"])) == 32


def test_rotating_names_a_second_factor_that_no_key_opens(manager, secret, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="authenticator"):
        call_command("rotate_token_keys")


# --- a fresh proof ----------------------------------------------------------------------------


@fresh_factor_required
def releasing(request):
    return HttpResponse("released")


@pytest.fixture
def asking(rf):
    """Ask the view above with a browser's session."""

    def ask(client, user):
        request = rf.post("/release/", headers={"referer": "http://testserver/admin/page/?a=b"})
        request.user, request.session = user, client.session
        return releasing(request)

    return ask


def test_a_code_typed_just_now_passes(asking, signed_in, manager):
    assert asking(signed_in(manager), manager).content == b"released"


def test_an_old_one_is_typed_again_and_leads_back(asking, signed_in, manager):
    answer = asking(signed_in(manager, fresh=False), manager)
    assert answer["Location"] == (
        f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2Fpage%2F%3Fa%3Db"
    )


def test_proving_it_again_makes_it_fresh(signed_in, manager, secret, rf):
    client = signed_in(manager, fresh=False)
    url = f"{reverse('mfa_reauthenticate')}?next=/admin/accounts/"
    answer = client.post(url, {"code": totp_code(secret), "next": "/admin/accounts/"})
    assert answer["Location"] == "/admin/accounts/"
    request = rf.get("/")
    request.user, request.session = manager, client.session
    assert factor_proven_recently(request)


def test_a_fresh_password_is_no_fresh_factor(asking, signed_in, manager):
    client = signed_in(manager, fresh=False)
    client.prove(manager, "password")
    assert asking(client, manager)["Location"].startswith(reverse("mfa_reauthenticate"))


def test_a_proof_of_the_future_is_none(asking, signed_in, manager):
    client = signed_in(manager, fresh=False)
    client.prove(manager, "mfa", at=time.time() + 3600)
    assert asking(client, manager)["Location"].startswith(reverse("mfa_reauthenticate"))


@pytest.mark.parametrize("who", ["manager", "lead", "admin_person"])
def test_the_service_itself_lets_operators_alone_reset(request, who, other_manager):
    authenticator_give(other_manager)
    with pytest.raises(SecondFactorError, match="Only operators"):
        second_factor_reset(user=other_manager, by=request.getfixturevalue(who))
    assert Authenticator.objects.exists()


def test_the_password_does_not_stand_in_for_the_factor(signed_in, manager, secret):
    client = signed_in(manager, fresh=False)
    answer = client.get(reverse("account_reauthenticate"))
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))


def test_customers_people_never_pass_by_a_factor(asking, signed_in, admin_person):
    with pytest.raises(PermissionDenied):
        asking(signed_in(admin_person), admin_person)
