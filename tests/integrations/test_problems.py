"""Every code and text of the catalogues (platform reference 1.3 to 1.5, contact-tracking 4.3), from
the wire to the page: title, who fixes it, steps, and a note to forward."""

import datetime
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.utils import timezone

from integrations.models import ConnectAttempt
from integrations.oauth.hosts import login_url
from integrations.oauth.notes import note_for, org_address
from integrations.oauth.problem_table import ROWS
from integrations.oauth.problem_table.base import ADMIN, MANAGER, NOBODY, OURS, YOU
from integrations.oauth.problems import LOST_REASONS, PROBLEMS, problem_of
from tests.factories import (
    ConnectAttemptFactory,
    ConnectionFactory,
    LeadFactory,
    SignupLinkFactory,
)
from tests.integrations.conftest import is_alive, query_of
from tests.salesforce.conftest import says, start, stop

CALLBACK = "/connect/callback/sandbox/"
CODE = "aPrxSecretCode123=="

# What comes back instead of a code: error, error_description, the row.
CALLBACK_ERRORS = [
    ("access_denied", "end-user denied authorization", "access_denied"),
    ("access-denied", "", "access_denied"),
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin", "app_blocked"),
    ("OAUTH_APP_ACCESS_DENIED", "", "app_not_permitted"),
    ("invalid_client", "user is not admin approved to access this app", "app_not_permitted"),
    ("invalid_client", "app must be installed into org", "app_not_installed"),
    ("OAUTH_APPROVAL_ERROR_GENERIC", "", "app_not_installed"),
    ("OAUTH_EC_APP_NOT_FOUND", "", "package_app_missing"),
    (
        "invalid_client",
        "Cross-org OAuth flows are not supported for this external client app",
        "package_app_missing",
    ),
    ("access_blocked", "Access blocked: Authorization Error", "access_blocked"),
    ("inactive_user", "", "user_inactive"),
    ("inactive_org", "", "org_inactive"),
    ("rate_limit_exceeded", "", "rate_limited"),
    ("restricted_access", "", "ip_restricted"),
    ("API_DISABLED_FOR_ORG", "", "api_disabled"),
    ("API_CURRENTLY_DISABLED", "", "api_disabled"),
    ("invalid_scope", "the requested scope is not allowed", "scope_refused"),
    ("OAUTH_ACCESS_SCOPE", "", "scope_refused"),
    ("unsupported_response_type", "", "our_setup"),
    ("invalid_client_id", "client identifier invalid", "our_setup"),
    ("invalid_client_credentials", "", "our_setup"),
    ("redirect_uri_mismatch", "", "our_setup"),
    ("invalid_request", "", "our_setup"),
    ("invalid_request", "missing or invalid code challenge", "code_expired"),
    ("wrong_version", "", "version_not_offered"),
    ("server_error", "", "unavailable"),
    ("temporarily_unavailable", "", "unavailable"),
    ("immediate_unsuccessful", "", "unknown"),
    ("something_new", "<script>alert(1)</script>", "unknown"),
]
# What the token endpoint refuses with, 400.
TOKEN_ERRORS = [
    ("invalid_grant", "expired authorization code", "code_expired"),
    ("invalid_grant", "invalid code verifier", "code_expired"),
    ("invalid_grant", "authentication failure", "login_failed"),
    ("invalid_grant", "user hasn't approved this consumer", "approval_missing"),
    ("invalid_grant", "expired access/refresh token", "access_ended"),
    ("invalid_grant", "inactive user", "user_inactive"),
    ("invalid_grant", "inactive organization", "org_inactive"),
    ("invalid_grant", "ip restricted", "ip_restricted"),
    ("invalid_grant", "ip restricted or invalid login hours", "ip_restricted"),
    ("invalid_client_id", "client identifier invalid", "our_setup"),
    ("invalid_client", "invalid client credentials", "our_setup"),
    ("redirect_uri_mismatch", "redirect_uri must match configuration", "our_setup"),
    ("unsupported_grant_type", "grant type not supported", "scope_refused"),
    ("rate_limit_exceeded", "", "rate_limited"),
    ("brand_new", "who knows", "unknown"),
]


@pytest.fixture
def login_host(settings):
    """A login host that answers what the test tells it to."""
    stub, running = start()
    settings.SALESFORCE_SANDBOX_LOGIN_URL = stub.url
    yield stub
    stop(stub, running)


def page_of(answer):
    return unescape(answer.content.decode())


def shows_all_of(text, problem):
    """What every page of a problem has: cause, who fixes it, each step, the note."""
    assert f"<h1>{problem.title}</h1>" in text
    assert "Nothing in your org was changed." in text
    for words in (problem.what, problem.who, *problem.steps):
        assert str(words) in text, words
    note = re.search(r'<textarea id="note"[^>]*>(.*?)</textarea>', text, re.DOTALL)
    assert note, "no note to forward"
    for words in (problem.title, problem.what, *problem.steps):
        assert str(words) in note[1], words
    return note[1]


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "description", "code"), CALLBACK_ERRORS)
def test_each_error_of_the_callback_has_its_page(signing_up, error, description, code):
    state = query_of(signing_up.leave())["state"]
    query = urlencode({"state": state, "error": error, "error_description": description})
    answer = signing_up.client.get(f"{CALLBACK}?{query}")
    text = page_of(answer)
    assert answer.status_code == 400
    note = shows_all_of(text, PROBLEMS[code])
    assert "Start again" in text
    assert "<script>alert" not in answer.content.decode()
    assert state not in note
    attempt = signing_up.attempt()
    assert (attempt.state, attempt.error_code) == (ConnectAttempt.State.REFUSED, code)
    assert attempt.salesforce_code == error
    assert f">{error}</code>" in text


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "description", "code"), TOKEN_ERRORS)
def test_each_error_of_the_token_answer_has_its_page(
    signing_up, login_host, error, description, code
):
    state = query_of(signing_up.leave())["state"]
    login_host.then(says(400, {"error": error, "error_description": description}))
    query = urlencode({"state": state, "code": CODE})
    answer = signing_up.client.get(f"{CALLBACK}?{query}")
    assert login_host.paths == ["/services/oauth2/token"]
    note = shows_all_of(page_of(answer), PROBLEMS[code])
    assert CODE not in answer.content.decode()
    assert CODE not in note
    assert signing_up.attempt().error_code == code
    assert signing_up.attempt().salesforce_code == error


@pytest.mark.django_db
@pytest.mark.parametrize("error", ["<script>alert(1)</script>", "two words", "x" * 61, "käse", ""])
def test_what_is_no_plain_code_is_neither_kept_nor_shown(signing_up, error):
    state = query_of(signing_up.leave())["state"]
    answer = signing_up.client.get(f"{CALLBACK}?{urlencode({'state': state, 'error': error})}")
    assert str(PROBLEMS["unknown"].title) in page_of(answer)
    assert signing_up.attempt().salesforce_code == ""
    if error:
        assert error not in page_of(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("configurations", "code"),
    [
        (("app-blocked",), "app_blocked"),
        (("admin-approved-only",), "app_not_permitted"),
        (("ip-restricted",), "login_failed"),
        (("user-without-api",), "api_disabled"),
        (("api-disabled",), "api_disabled"),
        (("old-api-versions",), "version_not_offered"),
        (("api-limit-used-up",), "api_limit"),
    ],
)
def test_each_broken_org_ends_on_its_page(signing_up, tokens_seen, configurations, code):
    signing_up.rehearsal.configure("northwind-full", *configurations)
    answer = signing_up.come_back()
    assert answer.status_code == PROBLEMS[code].status
    shows_all_of(page_of(answer), PROBLEMS[code])
    attempt = signing_up.attempt()
    assert (attempt.state, attempt.sealed_token) == (ConnectAttempt.State.REFUSED, "")


@pytest.mark.django_db
def test_a_session_that_ends_at_once_has_its_page(signing_up, tokens_seen):
    signing_up.rehearsal.fault("expired_session", times=9, path="/services/data/v")
    answer = signing_up.come_back()
    note = shows_all_of(page_of(answer), PROBLEMS["session_refused"])
    org = signing_up.rehearsal.url("northwind-full")
    assert f"{org}/lightning/setup/SecuritySession/home" in note
    assert "Signed in as" in page_of(answer)
    assert not is_alive(signing_up.rehearsal, "sandbox", tokens_seen[0].refresh_token)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("configuration", "code"),
    [("developer-edition", "developer_org"), ("trial", "trial_org")],
)
def test_an_org_of_the_wrong_kind_is_named_on_its_page(signing_up, customer, configuration, code):
    signing_up.rehearsal.configure("northwind", configuration)
    SignupLinkFactory(customer=customer, environment="production", token="production")
    answer = signing_up.come_back("production", start={"link": "production"}, org="northwind")
    text = page_of(answer)
    assert answer.status_code == 409
    shows_all_of(text, PROBLEMS[code])
    assert "Org you signed in to" in text
    assert "usergems.integration@northwind.example" in text
    assert signing_up.attempt().organization["id"] in text


@pytest.mark.django_db
def test_a_scratch_org_is_no_sandbox(signing_up):
    signing_up.rehearsal.configure("northwind-full", "scratch")
    answer = signing_up.come_back()
    shows_all_of(page_of(answer), PROBLEMS["scratch_org"])


@pytest.mark.django_db
def test_the_place_in_setup_is_linked_where_the_org_is_known(signing_up, customer):
    ConnectionFactory(
        customer=customer, epoch__instance_url="https://acme--uat.sandbox.my.salesforce.com"
    )
    state = query_of(signing_up.leave(reconnect="1", my_domain=""))["state"]
    query = urlencode({"state": state, "error": "OAUTH_APP_BLOCKED"})
    text = page_of(signing_up.client.get(f"{CALLBACK}?{query}"))
    link = "https://acme--uat.sandbox.my.salesforce.com/lightning/setup/ConnectedAppsUsage/home"
    assert f'href="{link}"' in text
    assert link in shows_all_of(text, PROBLEMS["app_blocked"])


@pytest.mark.django_db
def test_the_note_says_who_asks_and_who_helps(signing_up, customer, admin_person):
    state = query_of(signing_up.leave())["state"]
    query = urlencode({"state": state, "error": "OAUTH_APP_BLOCKED"})
    text = page_of(signing_up.client.get(f"{CALLBACK}?{query}"))
    note = shows_all_of(text, PROBLEMS["app_blocked"])
    assert admin_person.email in note
    assert customer.name in note
    assert "the Salesforce sandbox" in note
    assert "OAUTH_APP_BLOCKED" in note
    if customer.implementation_manager:
        assert customer.implementation_manager.email in note


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "says"),
    [
        (ADMIN, "An administrator of the org can fix this:"),
        (YOU, "Priya Shah can fix this:"),
        (MANAGER, "UserGems has to look at this:"),
    ],
)
def test_the_note_speaks_to_the_administrator_and_not_to_who_signed_in(admin_person, who, says):
    problem = next(row for row in ROWS if row.who == who)
    attempt = ConnectAttemptFactory(user=admin_person)
    lines = note_for(problem, attempt=attempt, by=admin_person, address="").splitlines()
    assert says in lines
    assert str(who) not in lines
    assert "by signing in at test.salesforce.com" in lines[0]


@pytest.mark.django_db
def test_the_org_that_was_signed_in_to_counts_before_the_one_that_was_meant():
    seen, typed, before = (f"https://{name}.my.salesforce.com" for name in ("seen", "typed", "was"))
    connection = ConnectionFactory(epoch__instance_url=before)
    attempt = ConnectAttemptFactory(login_host=typed, identity={"instance_url": seen})
    assert org_address(attempt, connection) == seen
    attempt.identity = {}
    assert org_address(attempt, connection) == typed
    attempt.login_host = login_url("sandbox")
    assert org_address(attempt, connection) == before
    assert org_address(attempt, None) == ""


@pytest.mark.django_db(transaction=True)
def test_what_is_ours_is_mailed_once_a_day_to_who_mends_it(signing_up, customer):
    lead = LeadFactory()
    for _again in range(2):
        state = query_of(signing_up.leave())["state"]
        query = urlencode({"state": state, "error": "redirect_uri_mismatch"})
        signing_up.client.get(f"{CALLBACK}?{query}")
    ours = [one for one in mail.outbox if "failed on our side" in one.subject]
    assert [one.to for one in ours].count([lead.email]) == 1
    assert "redirect_uri_mismatch" in ours[0].body
    assert customer.name in ours[0].subject


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("whose", "days"), [("another", 0), ("same", 2)])
def test_neither_another_customer_nor_the_day_before_yesterday_keeps_staff_from_hearing(
    signing_up, customer, other_customer, whose, days
):
    ConnectAttemptFactory(
        customer=customer if whose == "same" else other_customer,
        state=ConnectAttempt.State.REFUSED,
        error_code="our_setup",
        salesforce_code="redirect_uri_mismatch",
        ended_at=timezone.now() - datetime.timedelta(days=days, minutes=1),
    )
    lead = LeadFactory()
    state = query_of(signing_up.leave())["state"]
    query = urlencode({"state": state, "error": "redirect_uri_mismatch"})
    signing_up.client.get(f"{CALLBACK}?{query}")
    assert [lead.email] in [one.to for one in mail.outbox]


# --- the table itself ------------------------------------------------------------------------


@pytest.mark.parametrize("problem", ROWS, ids=lambda problem: problem.code)
def test_every_row_says_cause_who_and_steps_without_shouting(problem):
    words = [problem.title, problem.what, problem.who, *problem.steps]
    assert all(str(one) for one in words)
    assert problem.steps
    text = " ".join(str(one) for one in words)
    assert "!" not in text
    assert "please" not in text.lower().replace("“please check", "")
    assert problem.code not in text
    if problem.who == ADMIN:
        assert problem.setup, "an administrator is told where in Setup"


def test_codes_are_unique_and_everybody_is_told_who_fixes_it():
    assert len(PROBLEMS) == len(ROWS)
    assert {problem.who for problem in ROWS} >= {ADMIN, YOU, OURS, NOBODY, MANAGER}


def test_every_reason_for_a_lost_connection_is_a_row_of_the_table():
    assert set(LOST_REASONS) - {"expired"} <= set(PROBLEMS)


def test_an_unknown_code_is_ours_to_look_at():
    assert problem_of("never_seen").ours
