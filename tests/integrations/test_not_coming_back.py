"""Salesforce kept the person: the page "It did not come back?", what is pasted there, and what is
known of an attempt that never came back (platform reference 1.3, contact-tracking 4.3)."""

import re
from html import unescape

import pytest
import requests
from django.urls import reverse

from integrations.models import ConnectAttempt
from integrations.oauth.pasted import pasted_problem, pasted_shown
from integrations.oauth.problems import PROBLEMS, problems_likely
from integrations.services import connect_attempt_abandon
from tests.integrations.conftest import TOKEN
from tests.rehearsal_server import ADMINISTRATOR, INTEGRATION

CALLBACK = "/connect/callback/sandbox/"
SECRETS = ("aPrxSecretCode123==", "st4te0fMine")


def page_of(answer):
    return unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"
            "?error=invalid_client&error_description=app+must+be+installed+into+org",
            "app_not_installed",
        ),
        ("ERROR=INVALID_CLIENT&ERROR_DESCRIPTION=APP%20MUST%20BE%20INSTALLED", "app_not_installed"),
        (
            "…error%3Dinvalid_client%26error_description%3Dapp%2Bmust%2Bbe%2Binst",
            "app_not_installed",
        ),
        ("https://acme.my.salesforce.com/setup/secur/RemoteAccessErr", "app_not_installed"),
        ("OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occured", "app_not_installed"),
        ("We can’t authorize you because of an OAuth error.", "app_not_installed"),
        (
            "/setup/secur/RemoteAccessErrorPage.apexp?error=OAUTH_EC_APP_NOT_FOUND"
            "&error_description=Cross-org+OAuth+flows+are+not+supported+for+this+external",
            "package_app_missing",
        ),
        (
            "Cross-org OAuth flows are not supported for this external client app",
            "package_app_missing",
        ),
        ("error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin", "app_blocked"),
        ("OAuth App Blocked", "app_blocked"),
        ("user is not admin approved to access this app", "app_not_permitted"),
        ("Access blocked: Authorization Error", "access_blocked"),
        ("API Access Control", "api_access_control"),
        ("This user may use the API only and can't log in with a browser.", "user_api_only"),
        ("Log in with your company's My Domain address", "my_domain_only"),
        ("Please check your username and password. If you still can't log in", "login_refused"),
        ("Restricted IP", "ip_restricted"),
        ("error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match", "our_setup"),
        ("error=rate_limit_exceeded", "rate_limited"),
        ("error=OAUTH_ACCESS_SCOPE", "scope_refused"),
        ("error=inactive_user&state=abc", "user_inactive"),
        ("https://acme--uat.sandbox.my.salesforce.com/home", None),
        ("nothing we know", None),
        ("error=", None),
        ("%", None),
        ("", None),
    ],
)
def test_a_pasted_text_finds_its_cause(text, code):
    found = pasted_problem(text)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "text",
    [
        f"https://onboarding.example{CALLBACK}?code={SECRETS[0]}&state={SECRETS[1]}",
        f"https://x.my.salesforce.com/?startURL=%2Fsetup%3Fcode%3D{SECRETS[0]}%26state%3D{SECRETS[1]}",
        f"https://x.my.salesforce.com/#access_token={SECRETS[0]}&state={SECRETS[1]}",
        f"state={SECRETS[1]}&code={SECRETS[0]}&error=access_denied",
        f"error=access_denied&error_description=code%3D{SECRETS[0]}+{SECRETS[1]}",
        f"error_description={SECRETS[0]}{SECRETS[1]}",
        f"error%3Daccess_denied%26code%3D{SECRETS[0][:-2]}%26state%3D{SECRETS[1]}",
        f"code {SECRETS[0][:-2]} {SECRETS[1]}?error=access_denied",
    ],
)
def test_a_code_or_state_in_a_pasted_address_is_not_shown_again(text):
    shown = pasted_shown(text)
    for secret in SECRETS:
        assert secret not in shown
        assert secret.rstrip("=") not in shown


def test_a_token_by_itself_is_not_shown_again():
    token = "00D5g000008AbCd!AQ8AQ" + "x9" * 30
    assert token not in pasted_shown(token)
    code = "aPrx" + "x9" * 16
    assert code not in pasted_shown(code)
    assert code not in pasted_shown(f"OAuth error {code}")
    assert pasted_shown("OAuth App Blocked") == "OAuth App Blocked"


def test_only_what_names_the_error_is_shown_again():
    shown = pasted_shown(
        "https://x.my.salesforce.com/?error=access_denied&state=AbcDef&code=GhiJkl"
    )
    assert shown == "https://x.my.salesforce.com/?error=access_denied"


@pytest.mark.django_db
def test_a_pasted_address_leads_to_the_steps_and_is_kept_nowhere(signing_up, caplog):
    signing_up.leave()
    pasted = (
        "https://acme--uat.sandbox.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client"
        f"&error_description=app+must+be+installed+into+org&code={SECRETS[0]}&x=<script>alert(1)"
    )
    answer = signing_up.client.post(reverse("connect_help", args=["sandbox"]), {"address": pasted})
    text = page_of(answer)
    problem = PROBLEMS["app_not_installed"]
    assert f'id="found">{problem.title}' in text
    for step in problem.steps:
        assert str(step) in text
    # The page was the org's own: now it is known where its Setup is.
    assert "https://acme--uat.sandbox.my.salesforce.com/lightning/setup/PermSets/home" in text
    assert "<script>alert" not in answer.content.decode()
    assert SECRETS[0] not in text
    assert SECRETS[0] not in caplog.text
    assert SECRETS[0] not in str(list(ConnectAttempt.objects.values()))
    assert SECRETS[0] not in str(dict(signing_up.client.session))


@pytest.mark.django_db
def test_a_refusal_can_be_read_again_from_the_setup_and_the_sign_up_page(signing_up):
    signing_up.come_back(decision="deny")
    page = reverse("connect_confirm", args=[signing_up.attempt().pk])
    step = f"{reverse('setup')}?step=sandbox.connect"
    for address in (reverse("signup", args=[TOKEN]), step):
        assert f'href="{page}"' in page_of(signing_up.client.get(address)), address
    assert "You pressed Deny" in page_of(signing_up.client.get(page))


@pytest.mark.django_db
def test_an_attempt_that_is_still_away_leads_to_the_help(signing_up):
    signing_up.leave()
    answer = signing_up.client.get(reverse("connect_confirm", args=[signing_up.attempt().pk]))
    assert answer["Location"] == reverse("connect_help", args=["sandbox"])


@pytest.mark.django_db
def test_an_attempt_nobody_confirmed_did_come_back(signing_up):
    signing_up.come_back()
    attempt = signing_up.attempt()
    connect_attempt_abandon(attempt=attempt)
    for address in (reverse("signup", args=[TOKEN]), reverse("setup"), reverse("org_list")):
        shown = page_of(signing_up.client.get(address))
        assert "did not come back from Salesforce" not in shown, address


@pytest.mark.django_db(transaction=True)
def test_reading_the_help_gives_up_nothing_that_waits_for_a_yes(signing_up):
    signing_up.come_back()
    signing_up.client.get(reverse("connect_help", args=["sandbox"]))
    assert signing_up.attempt().state == ConnectAttempt.State.RETURNED
    assert signing_up.confirm()["Location"] == reverse("setup")


@pytest.mark.django_db
def test_nothing_pasted_is_said_at_the_field(signing_up):
    answer = signing_up.client.post(reverse("connect_help", args=["sandbox"]), {"address": " "})
    assert answer.status_code == 422
    assert "Paste the address or the error text" in page_of(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "configuration", ["app-not-installed", "api-access-control", "external-app-not-found"]
)
def test_a_refusal_that_never_comes_back_is_seen_and_named(signing_up, configuration, customer):
    rehearsal = signing_up.rehearsal
    rehearsal.configure("northwind-full", configuration)
    away = rehearsal.sign_in(signing_up.leave())
    assert "RemoteAccessErrorPage.apexp" in away
    signup_page = page_of(signing_up.client.get(reverse("signup", args=[TOKEN])))
    help_page = signing_up.client.post(reverse("connect_help", args=["sandbox"]), {"address": away})
    named = {
        "app-not-installed": "app_not_installed",
        "api-access-control": "app_not_installed",
        "external-app-not-found": "package_app_missing",
    }[configuration]
    assert f'id="found">{PROBLEMS[named].title}' in page_of(help_page)
    assert "It did not come back?" in signup_page
    # From now on it is known that nothing came back.
    for address in (reverse("signup", args=[TOKEN]), reverse("setup"), reverse("org_list")):
        assert "did not come back from Salesforce" in page_of(signing_up.client.get(address)), (
            address
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ("api-only-user", "user_api_only"),
        ("my-domain-only", "my_domain_only"),
        ("user-deactivated", "login_refused"),
        ("user-frozen", "login_refused"),
    ],
)
def test_what_the_login_page_says_finds_its_cause(signing_up, configuration, says):
    signing_up.rehearsal.configure("northwind-full", configuration)
    address = signing_up.leave()
    login = requests.get(address, timeout=30).text
    user = re.search(rf'value="([^"]+)".{{0,200}}?<small>{INTEGRATION}.full<', login, re.DOTALL)
    shown = requests.post(address, {"user": user[1]}, timeout=30).text
    words = re.search(r'class="problem"[^>]*>(.*?)</p>', shown, re.DOTALL)
    assert pasted_problem(unescape(words[1])).code == says


@pytest.mark.django_db(transaction=True)
def test_an_org_that_lets_in_at_its_own_address_only_is_connected_there(signing_up):
    signing_up.rehearsal.configure("northwind-full", "my-domain-only")
    own = signing_up.rehearsal.url("northwind-full")
    connection = signing_up.connect(start={"link": TOKEN, "my_domain": own})
    assert connection.token_host == own


@pytest.mark.django_db(transaction=True)
def test_app_blocked_for_users_but_open_to_the_administrator(signing_up):
    signing_up.rehearsal.configure("northwind-full", "admin-approved-only")
    assert signing_up.come_back(username=ADMINISTRATOR).status_code == 302


def test_likely_causes_stand_in_the_order_of_diagnosis():
    codes = [problem.code for problem in problems_likely()]
    places = [
        codes.index(code)
        for code in (
            "app_not_installed",
            "app_not_permitted",
            "api_access_control",
            "ip_restricted",
            "login_failed",
            "colleague_kept_out",
        )
    ]
    assert places == sorted(places)
    assert len({problem.likely for problem in problems_likely()}) == len(codes)
