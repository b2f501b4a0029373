"""Signing in: pages, codes, tokens, rotation, theft."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import jwt
import requests

from tests.rehearsal.client import CALLBACK, TIMEOUT, OrgClient, pkce
from tests.rehearsal.conftest import ADMIN, INTEGRATION, Server

USER = f"{INTEGRATION}.full"
EXPIRED = {"error": "invalid_grant", "error_description": "expired access/refresh token"}


def location_query(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_allowing_gives_tokens_for_the_chosen_org(server: Server) -> None:
    tokens = server.pages("sandbox").sign_in(USER)
    assert tokens["instance_url"] == server.url(3)
    assert tokens["id"].startswith(server.url(1) + "/id/00D")
    assert tokens["token_type"] == "Bearer"
    assert isinstance(tokens["issued_at"], str)
    assert "expires_in" not in tokens
    assert set(tokens["scope"].split()) == {"api", "refresh_token", "openid", "id"}
    assert tokens["access_token"][:15] == tokens["id"].split("/")[4][:15]


def test_the_state_comes_back_unchanged(server: Server) -> None:
    assert server.pages("sandbox").answer(USER, "allow")["state"] == "st&te=1"


def test_the_id_token_verifies_against_the_published_keys(server: Server) -> None:
    tokens = server.pages("sandbox").sign_in(USER)
    discovery = requests.get(
        server.url(1) + "/.well-known/openid-configuration", timeout=TIMEOUT
    ).json()
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
    claims = jwt.decode(
        tokens["id_token"],
        key.key,
        algorithms=["RS256"],
        audience="rehearsal-sandbox-client",
        issuer=discovery["issuer"],
    )
    assert claims["nonce"] == "n-1"
    assert claims["sub"] == tokens["id"]


def test_denying_is_told_to_the_callback(server: Server) -> None:
    assert server.pages("sandbox").answer(USER, "deny") == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "st&te=1",
    }


def test_an_unknown_callback_gets_a_page_and_no_redirect(server: Server) -> None:
    page = server.pages("sandbox").open(redirect_uri="http://evil.example/")
    assert page.status_code == 400
    assert "redirect_uri_mismatch" in page.text


def test_an_app_of_the_other_environment_is_unknown_here(server: Server) -> None:
    page = server.pages("sandbox").open(client_id="rehearsal-production-client")
    assert page.status_code == 400
    assert "invalid_client_id" in page.text


def test_faulty_requests_are_told_to_the_callback(server: Server) -> None:
    pages = server.pages("sandbox")
    for change, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "full"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ):
        answer = location_query(pages.open(**change))
        assert answer["error"] == error
        assert answer["state"] == "st&te=1"


def test_only_active_users_are_offered(server: Server) -> None:
    page = server.pages("production").open().text
    assert ADMIN in page
    assert "mario.hernandez@" in page
    assert "lucie.meyer@" not in page


def test_a_browser_that_is_signed_in_goes_to_consent_unless_a_login_is_asked_for(
    server: Server,
) -> None:
    pages = server.pages("sandbox")
    pages.answer(USER, "allow")
    assert "Allow access?" in pages.open(prompt="").text
    assert "Choose one of the org's users" in pages.open().text.replace("&#39;", "'")


def test_a_code_works_once(server: Server) -> None:
    pages = server.pages("sandbox")
    code = pages.answer(USER, "allow")["code"]
    assert pages.exchange(code).status_code == 200
    replay = pages.exchange(code)
    assert replay.status_code == 400
    assert replay.json()["error_description"] == "expired authorization code"


def test_a_code_needs_its_verifier_its_callback_and_the_secret(server: Server) -> None:
    pages = server.pages("sandbox")
    code = pages.answer(USER, "allow")["code"]
    other = pkce()[0]
    assert pages.exchange(code, code_verifier=other).json()["error"] == "invalid_grant"
    assert pages.exchange(code, code_verifier="").json()["error"] == "invalid_grant"
    wrong = pages.exchange(code, redirect_uri=CALLBACK["production"])
    assert wrong.json()["error"] == "redirect_uri_mismatch"
    assert pages.exchange(code, client_secret="x").json() == {
        "error": "invalid_client",
        "error_description": "invalid client credentials",
    }
    assert pages.exchange(code, client_id="x").json()["error"] == "invalid_client_id"
    assert pages.token(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert pages.exchange(code).status_code == 200


def test_refreshing_rotates_and_the_new_token_works(server: Server) -> None:
    pages = server.pages("sandbox")
    first = pages.sign_in(USER)
    second = pages.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert OrgClient(second).get("/limits").status_code == 200
    assert pages.refresh(second["refresh_token"]).status_code == 200


def test_a_refresh_token_used_twice_is_theft_and_ends_everything(server: Server) -> None:
    pages = server.pages("sandbox")
    first = pages.sign_in(USER)
    second = pages.refresh(first["refresh_token"]).json()
    stolen = pages.refresh(first["refresh_token"])
    assert (stolen.status_code, stolen.json()) == (400, EXPIRED)
    assert pages.refresh(second["refresh_token"]).json() == EXPIRED
    assert OrgClient(second).get("/limits").status_code == 401


def test_two_refreshes_at_once_are_told_apart_and_nothing_is_lost(server: Server) -> None:
    pages = server.pages("sandbox")
    first = pages.sign_in(USER)
    fault = {"kind": "delay", "seconds": 1, "match": {"path": "refresh:"}}
    requests.post(server.url(1) + "/rehearsal/faults", json=fault, timeout=TIMEOUT)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(pages.refresh, [first["refresh_token"]] * 2))
    answers.sort(key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 400]
    text = answers[1].json()["error_description"]
    assert text == "token request is already being processed"
    assert pages.refresh(answers[0].json()["refresh_token"]).status_code == 200


def test_the_sixth_approval_ends_the_oldest(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens = [pages.sign_in(USER) for _ in range(6)]
    assert pages.refresh(tokens[0]["refresh_token"]).json() == EXPIRED
    assert all(pages.refresh(item["refresh_token"]).status_code == 200 for item in tokens[1:])


def test_revoking_a_refresh_token_ends_its_access_tokens(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens = pages.sign_in(USER)
    url = server.url(1) + "/services/oauth2/revoke"
    done = requests.post(url, data={"token": tokens["refresh_token"]}, timeout=TIMEOUT)
    assert (done.status_code, done.text) == (200, "")
    assert OrgClient(tokens).get("/limits").status_code == 401
    assert requests.post(url, data={"token": "x"}, timeout=TIMEOUT).status_code == 400


def test_introspection_tells_whether_a_token_lives(server: Server) -> None:
    pages = server.pages("sandbox")
    tokens = pages.sign_in(USER)
    url = server.url(1) + "/services/oauth2/introspect"
    form = {"client_id": pages.client_id, "client_secret": pages.secret}
    alive = requests.post(url, data={**form, "token": tokens["access_token"]}, timeout=TIMEOUT)
    assert alive.json()["active"]
    assert alive.json()["username"] == USER
    dead = requests.post(url, data={**form, "token": "x"}, timeout=TIMEOUT)
    assert dead.json() == {"active": False}


def test_the_same_user_has_the_same_id_in_production_and_its_copy(server: Server) -> None:
    here, there = server.full_copy(), server.production()
    mine, theirs = (org.get("/services/oauth2/userinfo").json() for org in (here, there))
    assert mine["user_id"] == theirs["user_id"]
    assert mine["organization_id"] != theirs["organization_id"]
    assert mine["email"] == theirs["email"] + ".invalid"
    assert mine["preferred_username"] == theirs["preferred_username"] + ".full"
    assert mine["is_app_installed"] is True


def test_a_bad_token_gets_the_identity_services_plain_refusal(server: Server) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    url = server.url(1) + "/services/oauth2/userinfo"
    answer = requests.get(url, headers=headers, timeout=TIMEOUT)
    assert (answer.status_code, answer.text) == (403, "Bad_OAuth_Token")


def test_a_token_of_one_org_is_no_session_in_another(server: Server) -> None:
    tokens = server.pages("sandbox").sign_in(USER)
    other = OrgClient({**tokens, "instance_url": server.url(2)})
    assert other.refusal(other.get("/limits"))[:2] == (401, "INVALID_SESSION_ID")
