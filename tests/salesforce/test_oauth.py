"""Tokens: exchanged, refreshed and revoked with no repeat, no redirect and nothing in the open."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from integrations.salesforce import oauth
from integrations.salesforce.config import ClientConfig
from integrations.salesforce.families import Family
from integrations.salesforce.oauth import OAuthError
from tests.salesforce.conftest import (
    CONFIG,
    Server,
    cut,
    hangs_up,
    page,
    plain_text,
    says,
    silence,
)

ORG, USER = "00D5g000008AbCdEAK", "0055g00000AbCdEEAV"


def token_answer(server: Server, **changes: Any) -> dict[str, Any]:
    return {
        "access_token": "00D5g000008AbCd!SECRET-ACCESS",
        "refresh_token": "5Aep861SECRET-REFRESH",
        "signature": "c2ln",
        "scope": "refresh_token id api openid",
        "id_token": "eyJSECRET-ID",
        "instance_url": server.url,
        "id": f"https://test.salesforce.com/id/{ORG}/{USER}",
        "token_type": "Bearer",
        "issued_at": "1795350000123",
        **changes,
    }


def exchange(server: Server) -> oauth.Token:
    return oauth.token_exchange(
        login_url=server.url,
        client_id="3MVG9",
        client_secret="s3cret",
        code="aPrx==",
        code_verifier="v" * 43,
        redirect_uri="https://portal.example/connect/callback/sandbox/",
        config=CONFIG,
    )


def refresh(server: Server) -> oauth.Token:
    return oauth.token_refresh(
        login_url=server.url,
        client_id="3MVG9",
        client_secret="s3cret",
        refresh_token="5Aep861",
        config=CONFIG,
    )


def test_a_code_is_exchanged_for_tokens(server):
    server.then(says(200, token_answer(server)))
    token = exchange(server)
    assert token.access_token.endswith("SECRET-ACCESS")
    assert (token.org_id, token.user_id) == (ORG, USER)
    assert (token.instance_url, token.issued_at) == (server.url, 1795350000123)
    assert server.seen[0].path == "/services/oauth2/token"
    form = {name: values[0] for name, values in parse_qs(server.seen[0].body).items()}
    assert form == {
        "grant_type": "authorization_code",
        "code": "aPrx==",
        "client_id": "3MVG9",
        "client_secret": "s3cret",
        "redirect_uri": "https://portal.example/connect/callback/sandbox/",
        "code_verifier": "v" * 43,
    }


def test_a_token_does_not_show_its_values(server):
    server.then(says(200, token_answer(server)))
    assert "SECRET" not in repr(exchange(server))


def test_a_refresh_without_rotation_brings_no_new_refresh_token(server):
    answer = token_answer(server)
    del answer["refresh_token"]
    server.then(says(200, answer))
    assert refresh(server).refresh_token == ""


@pytest.mark.parametrize(
    ("error", "description", "lost", "busy", "family"),
    [
        (
            "invalid_grant",
            "expired access/refresh token",
            True,
            False,
            Family.CUSTOMER_MUST_ACT,
        ),
        (
            "invalid_grant",
            "token request is already being processed",
            False,
            True,
            Family.TRY_AGAIN,
        ),
        ("invalid_grant", "authentication failure", False, False, Family.CUSTOMER_MUST_ACT),
        ("invalid_client", "invalid client credentials", False, False, Family.WE_MUST_ACT),
        ("redirect_uri_mismatch", "redirect_uri must match", False, False, Family.WE_MUST_ACT),
        ("rate_limit_exceeded", "slow down", False, False, Family.TRY_AGAIN),
        # The code decides, not its text.
        ("invalid_request", "expired access/refresh token", False, False, Family.WE_MUST_ACT),
    ],
)
def test_each_refusal_says_what_to_do(server, error, description, lost, busy, family):
    server.then(says(400, {"error": error, "error_description": description}))
    with pytest.raises(OAuthError) as caught:
        refresh(server)
    assert (caught.value.code, caught.value.lost, caught.value.busy) == (error, lost, busy)
    assert caught.value.family is family
    assert not caught.value.unanswered


@pytest.mark.parametrize(
    "trouble",
    [silence, hangs_up, cut({"access_token": "x"}), page(503), page(200), page(400)],
    ids=["silence", "hang-up", "cut", "503 page", "200 page", "400 page"],
)
def test_a_refresh_without_a_proper_answer_is_not_repeated(server, trouble):
    server.then(trouble, says(200, token_answer(server)))
    with pytest.raises(OAuthError) as caught:
        refresh(server)
    assert caught.value.family is Family.TRY_AGAIN
    assert caught.value.unanswered
    assert not caught.value.lost
    assert len(server.seen) == 1


def test_a_refresh_that_never_left_cannot_have_spent_the_token(server, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *a: (_ for _ in ()).throw(OSError("down")))
    with pytest.raises(OAuthError) as caught:
        refresh(server)
    assert caught.value.family is Family.TRY_AGAIN
    assert not caught.value.unanswered


def test_the_client_secret_follows_no_redirect(server, elsewhere):
    server.then(says(307, None, Location=f"{elsewhere.url}/services/oauth2/token"))
    with pytest.raises(OAuthError):
        exchange(server)
    assert elsewhere.seen == []


def test_the_client_secret_goes_to_no_other_host(server):
    config = ClientConfig("66.0", (".salesforce.com",))
    for call in (
        lambda: oauth.token_refresh(
            login_url=server.url,
            client_id="3MVG9",
            client_secret="s3cret",
            refresh_token="5Aep861",
            config=config,
        ),
        lambda: oauth.token_revoke(login_url=server.url, token="5Aep861", config=config),
        lambda: oauth.userinfo(instance_url=server.url, access_token="x", config=config),
    ):
        with pytest.raises(OAuthError, match="host_not_allowed"):
            call()
    assert server.seen == []


@pytest.mark.parametrize(
    "changes",
    [
        {"instance_url": "https://evil.example"},
        {"instance_url": ""},
        {"id": "https://test.salesforce.com/id/foo/bar"},
        {"id": None},
        {"id": f"https://test.salesforce.com/id/{ORG}/{USER}/x"},
        {"id": f"https://test.salesforce.com/?/id/{ORG}/{USER}"},
        {"access_token": ""},
    ],
)
def test_an_answer_that_cannot_be_trusted_is_refused(server, changes):
    server.then(says(200, token_answer(server, **changes)))
    with pytest.raises(OAuthError) as caught:
        exchange(server)
    assert caught.value.family is Family.WE_MUST_ACT


def test_a_revoked_token_is_ended_and_so_is_one_that_is_unknown(server):
    unknown = {"error": "unsupported_token_type", "error_description": "this token type is …"}
    server.then(says(200), says(400, unknown), says(400, {"error": "invalid_token"}))
    for _ in range(3):
        oauth.token_revoke(login_url=server.url, token="5Aep861", config=CONFIG)
    assert server.seen[0].body == "token=5Aep861"
    assert "5Aep861" not in server.seen[0].path


def test_a_revocation_that_fails_is_told(server):
    server.then(page(503))
    with pytest.raises(OAuthError) as caught:
        oauth.token_revoke(login_url=server.url, token="5Aep861", config=CONFIG)
    assert caught.value.family is Family.TRY_AGAIN


def test_userinfo_says_who_the_token_belongs_to(server):
    server.then(
        says(
            200,
            {
                "sub": f"https://test.salesforce.com/id/{ORG}/{USER}",
                "user_id": USER,
                "organization_id": ORG,
                "preferred_username": "gems@acme.com.uat",
                "name": "Gems Integration",
                "email": "ops@acme.com.invalid",
                "active": True,
                "is_app_installed": True,
            },
        )
    )
    found = oauth.userinfo(instance_url=server.url, access_token="TOKEN-1", config=CONFIG)
    assert (found.org_id, found.user_id, found.app_installed) == (ORG, USER, True)
    assert found.as_dict()["username"] == "gems@acme.com.uat"
    assert server.seen[0].headers["Authorization"] == "Bearer TOKEN-1"
    assert "TOKEN" not in server.seen[0].path


def test_userinfo_refuses_a_bad_token(server):
    server.then(plain_text(403, "Bad_OAuth_Token"))
    with pytest.raises(OAuthError, match="Bad_OAuth_Token"):
        oauth.userinfo(instance_url=server.url, access_token="TOKEN-1", config=CONFIG)


@pytest.mark.parametrize(
    "changes",
    [
        {"organization_id": None},
        {"organization_id": USER},
        {"organization_id": "00D"},
        {"user_id": None},
        {"user_id": ORG},
        {"user_id": "me"},
    ],
    ids=str,
)
def test_a_person_without_proper_ids_is_nobody(server, changes):
    server.then(says(200, {"organization_id": ORG, "user_id": USER, **changes}))
    with pytest.raises(OAuthError, match="unexpected_answer"):
        oauth.userinfo(instance_url=server.url, access_token="TOKEN-1", config=CONFIG)


@pytest.mark.parametrize(("said", "active"), [(True, True), (None, True), (False, False)])
def test_a_user_is_inactive_only_when_the_org_says_so(server, said, active):
    server.then(says(200, {"organization_id": ORG, "user_id": USER, "active": said}))
    found = oauth.userinfo(instance_url=server.url, access_token="TOKEN-1", config=CONFIG)
    assert found.active is active
    assert found.app_installed is None


@pytest.mark.parametrize("status", [408, 420, 500, 503])
def test_a_refresh_that_was_not_passed_on_properly_may_have_spent_the_token(server, status):
    # Even with words of Salesforce's own: a server status proves nothing.
    server.then(says(status, {"error": "invalid_grant", "error_description": "expired"}))
    with pytest.raises(OAuthError) as caught:
        refresh(server)
    assert (caught.value.family, caught.value.unanswered) == (Family.TRY_AGAIN, True)
    assert not caught.value.lost


@pytest.mark.parametrize("error", ["invalid_request", "invalid_client", "access_denied"])
def test_a_revocation_that_salesforce_refuses_is_told(server, error):
    server.then(says(400, {"error": error}))
    with pytest.raises(OAuthError, match=error):
        oauth.token_revoke(login_url=server.url, token="5Aep861", config=CONFIG)
