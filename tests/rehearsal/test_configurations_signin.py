"""Configurations of sign-in: who gets in, who is told, and which tokens live on."""

from __future__ import annotations

from urllib.parse import unquote_plus

import jwt
import pytest
import requests

from tests.rehearsal.client import CALLBACK, TIMEOUT, OrgClient, SignInPages
from tests.rehearsal.conftest import ADMIN, INTEGRATION, Server
from tests.rehearsal.laying import FULL, allow, back, choose, configure, take_away

USER, BOSS = f"{INTEGRATION}.full", f"{ADMIN}.full"
EXPIRED = {"error": "invalid_grant", "error_description": "expired access/refresh token"}


def grant_error(description: str) -> dict[str, str]:
    return {"error": "invalid_grant", "error_description": description}


@pytest.mark.parametrize(
    ("name", "username", "error", "description"),
    [
        ("app-not-installed", USER, "invalid_client", "app must be installed into org"),
        ("api-access-control", USER, "invalid_client", "app must be installed into org"),
        ("api-access-control", BOSS, "invalid_client", "app must be installed into org"),
        (
            "external-app-not-found",
            BOSS,
            "OAUTH_EC_APP_NOT_FOUND",
            "Cross-org OAuth flows are not supported for this external client app",
        ),
    ],
)
def test_some_refusals_end_on_salesforces_own_page(
    server: Server, name: str, username: str, error: str, description: str
) -> None:
    configure(server, FULL, name)
    answer = allow(server.pages("sandbox"), username)
    address = answer.headers["Location"]
    assert address.startswith(f"{server.url(FULL)}/setup/secur/RemoteAccessErrorPage.apexp?")
    assert f"error={error}&error_description={description}" in unquote_plus(address)
    shown = requests.get(address, timeout=TIMEOUT).text
    assert ("OAUTH_EC_APP_NOT_FOUND" if "EC_APP" in error else "An unexpected error") in shown


def test_an_administrator_may_bring_an_uninstalled_app_in(server: Server) -> None:
    configure(server, FULL, "app-not-installed")
    tokens = server.pages("sandbox").sign_in(BOSS)
    found = OrgClient(tokens).get("/services/oauth2/userinfo").json()
    assert found["is_app_installed"] is False


@pytest.mark.parametrize(
    ("name", "error", "description"),
    [
        ("app-blocked", "OAUTH_APP_BLOCKED", "this app is blocked by admin"),
        (
            "admin-approved-only",
            "OAUTH_APP_ACCESS_DENIED",
            "user is not admin approved to access this app",
        ),
    ],
)
def test_other_refusals_are_told_to_the_callback(
    server: Server, name: str, error: str, description: str
) -> None:
    configure(server, FULL, name)
    told = back(allow(server.pages("sandbox"), USER))
    assert told == {"error": error, "error_description": description, "state": "st&te=1"}


def test_an_approved_profile_gets_in(server: Server) -> None:
    configure(server, FULL, "admin-approved-only")
    assert server.pages("sandbox").sign_in(BOSS)["access_token"]


@pytest.mark.parametrize("name", ["user-deactivated", "user-frozen", "api-only-user"])
def test_a_user_that_may_not_log_in_stays_on_the_login_page(server: Server, name: str) -> None:
    configure(server, FULL, name)
    answer, _, _ = choose(server.pages("sandbox"), USER)
    assert answer.status_code == 400
    assert "Allow access?" not in answer.text
    assert ("API only" if name == "api-only-user" else "administrator") in answer.text
    assert server.pages("sandbox").sign_in(BOSS)["access_token"]


def test_a_closed_login_host_leaves_the_orgs_own_address(server: Server) -> None:
    configure(server, FULL, "my-domain-only")
    answer, _, _ = choose(server.pages("sandbox"), USER)
    assert answer.status_code == 400
    assert "My Domain address" in answer.text
    own = SignInPages(server.url(FULL), "sandbox")
    tokens = own.sign_in(USER)
    assert tokens["instance_url"] == server.url(FULL)
    assert own.refresh(tokens["refresh_token"]).status_code == 200
    others = server.pages("sandbox").sign_in(f"{INTEGRATION}.dev")
    assert others["access_token"]


def test_an_orgs_own_address_has_all_endpoints_of_a_login_host(server: Server) -> None:
    base = server.url(FULL)
    found = requests.get(f"{base}/.well-known/openid-configuration", timeout=TIMEOUT).json()
    own = SignInPages(base, "sandbox")
    tokens = own.sign_in(USER)
    assert found["token_endpoint"] == f"{base}/services/oauth2/token"
    key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(
        tokens["id_token"],
        key.key,
        algorithms=["RS256"],
        audience="rehearsal-sandbox-client",
        issuer=base,
    )
    assert claims["sub"].startswith(server.url(1) + "/id/")
    form = {"token": tokens["refresh_token"]}
    assert requests.post(found["revocation_endpoint"], data=form, timeout=TIMEOUT).ok
    assert own.refresh(tokens["refresh_token"]).json() == EXPIRED


def test_an_org_of_the_other_kind_does_not_know_the_app(server: Server) -> None:
    page = SignInPages(server.url(2), "sandbox").open()
    assert page.status_code == 400
    assert "invalid_client_id" in page.text


@pytest.mark.parametrize(
    ("name", "refreshing", "status"),
    [
        ("user-deactivated", "inactive user", 401),
        ("user-frozen", "authentication failure", 401),
        ("ip-restricted", "ip restricted or invalid login hours", 200),
        ("app-blocked", "expired access/refresh token", 401),
        ("admin-approved-only", "user hasn't approved this consumer", 200),
        ("api-only-user", "", 200),
        ("app-not-installed", "", 200),
    ],
)
def test_what_becomes_of_tokens_from_before(
    server: Server, name: str, refreshing: str, status: int
) -> None:
    pages = server.pages("sandbox")
    tokens = pages.sign_in(USER)
    configure(server, FULL, name)
    assert OrgClient(tokens).get("/limits").status_code == status
    answer = pages.refresh(tokens["refresh_token"])
    if refreshing:
        assert (answer.status_code, answer.json()) == (400, grant_error(refreshing))
        # It was a refusal, not a use: once all is well the same token goes on.
        take_away(server, FULL)
        answer = pages.refresh(tokens["refresh_token"])
    assert answer.status_code == 200


def test_our_servers_outside_the_ip_ranges_get_no_tokens(server: Server) -> None:
    configure(server, FULL, "ip-restricted")
    pages = server.pages("sandbox")
    code = back(allow(pages, USER))["code"]
    assert pages.exchange(code).json() == grant_error("authentication failure")


def test_a_stolen_token_ends_everything_at_our_next_refresh(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens = pages.sign_in(USER)
    configure(server, FULL, "stolen-token")
    assert OrgClient(tokens).get("/limits").status_code == 200
    assert pages.refresh(tokens["refresh_token"]).json() == EXPIRED
    assert OrgClient(tokens).get("/limits").status_code == 401
    assert pages.sign_in(USER)["access_token"]


def test_revoked_approvals_end_every_token_of_that_org_only(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens, others = pages.sign_in(USER), pages.sign_in(f"{INTEGRATION}.dev")
    configure(server, FULL, "revoked-token")
    assert OrgClient(tokens).get("/limits").status_code == 401
    assert pages.refresh(tokens["refresh_token"]).json() == EXPIRED
    assert OrgClient(others).get("/limits").status_code == 200


def test_a_browser_that_was_signed_in_does_not_get_a_refused_user_in(server: Server) -> None:
    pages = server.pages("sandbox")
    pages.sign_in(USER)
    assert "Allow access?" in pages.open(prompt="").text
    configure(server, FULL, "user-frozen")
    page = pages.open(prompt="")
    assert "Log in" in page.text
    assert "Allow access?" not in page.text


def test_the_callback_is_the_same_at_an_orgs_own_address(server: Server) -> None:
    own = SignInPages(server.url(FULL), "sandbox")
    assert allow(own, USER).headers["Location"].startswith(CALLBACK["sandbox"] + "?code=")
