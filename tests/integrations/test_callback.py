"""What can come back instead of a code: each a page that says what to do (platform 1.3, 1.4)."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from integrations.models import ConnectAttempt, Connection
from integrations.oauth.hosts import my_domain_clean
from integrations.oauth.problems import PROBLEMS, problem_in_address, problem_of
from integrations.services import connect_attempt_return
from tests.factories import ConnectAttemptFactory
from tests.integrations.conftest import query_of

pytestmark = pytest.mark.django_db

CALLBACK = "/connect/callback/sandbox/"

# error, error_description, what the page says, whether the customer can fix it
FAILING = [
    ("access_denied", "end-user denied authorization", "You pressed Deny"),
    ("access-denied", "", "You pressed Deny"),
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin", "An administrator blocked"),
    ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved", "permitted users"),
    ("invalid_client", "app must be installed into org", "not installed in this org yet"),
    ("OAUTH_EC_APP_NOT_FOUND", "", "is not in this org"),
    ("inactive_user", "", "user is not active"),
    ("inactive_org", "", "org is not active"),
    ("rate_limit_exceeded", "", "asks to wait"),
    ("restricted_access", "", "does not let our address in"),
    ("invalid_scope", "the requested scope is not allowed", "not set up correctly"),
    ("invalid_client_id", "client identifier invalid", "not set up correctly"),
    ("invalid_client", "invalid client credentials", "not set up correctly"),
    ("redirect_uri_mismatch", "", "not set up correctly"),
    ("unsupported_response_type", "", "not set up correctly"),
    ("wrong_version", "", "not set up correctly"),
    ("invalid_request", "missing or invalid code challenge", "came too late"),
    ("immediate_unsuccessful", "", "Salesforce ended the sign-in"),
    ("something_new", "<script>alert(1)</script>", "Salesforce ended the sign-in"),
]


def state_of(signing_up):
    return query_of(signing_up.leave())["state"]


def come_back(signing_up, **query):
    return signing_up.client.get(f"{CALLBACK}?{urlencode(query)}")


@pytest.mark.parametrize(("error", "description", "says"), FAILING)
def test_each_failing_callback_has_a_page_and_a_way_on(signing_up, error, description, says):
    state = state_of(signing_up)
    answer = come_back(signing_up, state=state, error=error, error_description=description)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert says in text
    assert "Start again" in text
    assert "<script>alert" not in text
    attempt = signing_up.attempt()
    assert attempt.state == ConnectAttempt.State.REFUSED
    assert attempt.error_code in PROBLEMS


def test_the_real_deny_button_leads_to_the_same_page(signing_up):
    answer = signing_up.come_back(decision="deny")
    assert "You pressed Deny" in answer.content.decode()


def test_a_description_of_strangers_is_never_shown(signing_up):
    answer = come_back(
        signing_up,
        state=state_of(signing_up),
        error="access_denied",
        error_description="Call +1 555 0100 and read out your password",
    )
    assert "555" not in answer.content.decode()


def test_an_unknown_state_is_refused(signing_up):
    answer = come_back(signing_up, state="made-up", code="aPrx")
    assert answer.status_code == 400
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_a_missing_state_is_refused(signing_up):
    signing_up.leave()
    answer = come_back(signing_up, code="aPrx")
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_the_same_answer_twice_is_refused_and_leaves_the_first_alone(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    first = signing_up.answer(address)
    assert first.status_code == 302
    again = signing_up.answer(address)
    assert again.status_code == 400
    assert "belongs to no sign-up under way" in again.content.decode()
    assert signing_up.attempt().state == ConnectAttempt.State.RETURNED
    assert first["Location"] in again.content.decode()


def test_a_state_of_the_sandbox_is_worth_nothing_at_the_production_callback(signing_up):
    state = state_of(signing_up)
    answer = signing_up.client.get(
        f"{reverse('connect_callback', args=['production'])}?code=x&state={state}"
    )
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_an_answer_after_eleven_minutes_is_refused(signing_up, time_machine):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    import datetime

    time_machine.move_to(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=11))
    answer = signing_up.answer(address)
    assert "belongs to no sign-up under way" in answer.content.decode()


def test_somebody_signed_out_gets_a_page_and_the_code_goes_nowhere(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.client.logout()
    answer = signing_up.answer(address)
    assert answer.status_code == 400
    assert query_of(address)["code"] not in answer.content.decode()


def test_a_code_that_salesforce_does_not_know_is_too_late(signing_up):
    answer = come_back(signing_up, state=state_of(signing_up), code="aPrxunknown==")
    assert "The answer came too late" in answer.content.decode()


def test_a_code_of_another_sign_in_fails_on_its_verifier(signing_up):
    other = query_of(signing_up.rehearsal.sign_in(signing_up.leave()))["code"]
    answer = come_back(signing_up, state=state_of(signing_up), code=other)
    assert answer.status_code == 400
    assert "The answer came too late" in answer.content.decode()
    assert not Connection.objects.exists()


def test_our_wrong_secret_is_on_us(signing_up, settings):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    settings.SALESFORCE_SANDBOX_CLIENT_SECRET = "rotated"
    answer = signing_up.answer(address)
    assert "This is on us" in answer.content.decode()


def test_maintenance_at_salesforce_asks_to_come_back_later(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.rehearsal.fault("http_503_html", path="/services/oauth2/token")
    answer = signing_up.answer(address)
    assert "does not answer right now" in answer.content.decode()


def test_an_org_outside_the_allowed_hosts_is_refused_and_unasked(signing_up, settings):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com"]
    signing_up.answer(address)
    assert signing_up.attempt().state == ConnectAttempt.State.REFUSED
    assert signing_up.rehearsal.calls("northwind-full") == []


def test_the_help_page_lists_causes_with_their_address_bar_texts(signing_up):
    signing_up.leave()
    answer = signing_up.client.get(reverse("connect_help", args=["sandbox"]))
    text = answer.content.decode()
    assert "error=invalid_client&amp;error_description=app+must+be+installed+into+org" in text
    assert "OAUTH_APPROVAL_ERROR_GENERIC" in text
    assert "Use Any API Client" in text
    assert signing_up.attempt().state == ConnectAttempt.State.ABANDONED


def test_coming_back_after_opening_the_help_page_still_works(signing_up):
    address = signing_up.rehearsal.sign_in(signing_up.leave())
    signing_up.client.get(reverse("connect_help", args=["sandbox"]))
    assert signing_up.answer(address).status_code == 302
    assert signing_up.attempt().state == ConnectAttempt.State.RETURNED


def test_a_pasted_address_names_the_cause(signing_up):
    pasted = (
        "https://acme--uat.sandbox.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"
        "?error=invalid_client&error_description=app+must+be+installed+into+org"
    )
    answer = signing_up.client.post(reverse("connect_help", args=["sandbox"]), {"address": pasted})
    assert "The UserGems app is not installed in this org yet" in answer.content.decode()


def test_the_help_page_is_for_customers_people_only(signed_in, manager):
    assert signed_in(manager).get(reverse("connect_help", args=["sandbox"])).status_code == 404


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin", "app_blocked"),
        ("OAUTH_EC_APP_NOT_FOUND", "package_app_missing"),
        ("user is not admin approved to access this app", "app_not_permitted"),
        ("nothing we know", None),
    ],
)
def test_pasted_texts_find_their_row(text, code):
    found = problem_in_address(text)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("error", "description", "code"),
    [
        ("invalid_grant", "expired authorization code", "code_expired"),
        ("invalid_grant", "invalid code verifier", "code_expired"),
        ("invalid_grant", "authentication failure", "login_failed"),
        ("invalid_client_id", "client identifier invalid", "our_setup"),
        ("invalid_client", "invalid client credentials", "our_setup"),
        ("redirect_uri_mismatch", "redirect_uri must match configuration", "our_setup"),
        ("unsupported_grant_type", "grant type not supported", "our_setup"),
    ],
)
def test_each_token_error_finds_its_row(error, description, code):
    assert problem_of(error, description).code == code


def test_every_page_says_who_fixes_it_without_shouting():
    for problem in PROBLEMS.values():
        words = f"{problem.title} {problem.what} {problem.who} {problem.click}"
        assert all((problem.title, problem.what, problem.who, problem.click)), problem.code
        assert "!" not in words, problem.code
        assert "please" not in words.lower(), problem.code


def test_a_null_character_in_what_the_org_says_is_left_out(customer, admin_person):
    attempt = ConnectAttemptFactory(customer=customer, user=admin_person, state="started")
    connect_attempt_return(
        attempt=attempt, token={}, identity={"profile": "a\0b"}, organization={"name": "c\0d"}
    )
    attempt.refresh_from_db()
    assert (attempt.identity["profile"], attempt.organization["name"]) == ("ab", "cd")


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 64 + ".my.salesforce.com",
        "evilsalesforce.com",
        "acme.my.salesforce.com@evil.example",
        "user:secret@acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "acme.my.salesforce.com:8443",
        "acme.my.salesforce.com.evil.example",
        "evil.example/.my.salesforce.com",
        "https://[x",
    ],
)
def test_what_only_looks_like_a_my_domain_is_refused(typed):
    assert my_domain_clean("production", typed) is None


def test_a_my_domain_as_long_as_a_name_may_be_is_taken():
    host = "a" * 63 + ".my.salesforce.com"
    assert my_domain_clean("production", host) == f"https://{host}"
