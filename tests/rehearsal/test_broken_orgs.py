"""Orgs that are set up otherwise: each is a few lines of configuration."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client, TestResponse

from integrations.rehearsal.config import (
    NORTHWIND,
    DuplicateRule,
    OrgConfig,
    Settings,
    default_clients,
)
from integrations.rehearsal.server import make_app
from integrations.rehearsal.world import World
from tests.rehearsal.client import CALLBACK, pkce
from tests.rehearsal.conftest import ADMIN, INTEGRATION

PORT = 19_001
LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France", "Email": "a@b.example"}


class Broken:
    """One org in this process, spoken to without a network."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        config: OrgConfig = replace(NORTHWIND[2], validation_rules=(), **changes)
        clients = tuple(default_clients("http://127.0.0.1:8000"))
        self.world = World(Settings(PORT, clients=clients, orgs=(config,)), directory)
        self.http = Client(make_app(self.world))
        self.token = ""

    def send(self, method: str, path: str, port: int = PORT + 2, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        base = f"http://127.0.0.1:{port}"
        return self.http.open(path, base, method=method, headers=headers, **more)

    def api(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.send(method, f"/services/data/v68.0{path}", **more)

    def authorize(self, username: str) -> tuple[TestResponse, str]:
        """Choose the user and press Allow; returns the answer and the verifier."""
        verifier, challenge = pkce()
        query = {
            "response_type": "code",
            "client_id": "rehearsal-sandbox-client",
            "redirect_uri": CALLBACK["sandbox"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        path = "/services/oauth2/authorize"
        page = self.send("GET", path, PORT + 1, query_string=query)
        pattern = r'value="([^"]+)" required>\s*<span><strong>[^<]*</strong> <small>'
        found = re.search(pattern + re.escape(username), page.text)
        assert found
        form = {"user": found[1], "decision": "allow"}
        return self.send("POST", path, PORT + 1, query_string=query, data=form), verifier

    def exchange(self, done: TestResponse, verifier: str) -> TestResponse:
        """The code of a finished sign-in for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(done.headers["Location"]).query)["code"][0],
            "client_id": "rehearsal-sandbox-client",
            "client_secret": "rehearsal-sandbox-secret",
            "redirect_uri": CALLBACK["sandbox"],
            "code_verifier": verifier,
        }
        return self.send("POST", "/services/oauth2/token", PORT + 1, data=form)

    def sign_in(self, username: str = f"{INTEGRATION}.dev") -> Broken:
        answer = self.exchange(*self.authorize(username))
        self.token = answer.get_json()["access_token"]
        return self


Make = Callable[..., Broken]


@pytest.fixture
def broken(tmp_path: Path) -> Make:
    return lambda **changes: Broken(tmp_path, **changes)


def first(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()[0]["errorCode"]


def test_an_app_that_is_not_installed_ends_on_salesforces_own_page(broken: Make) -> None:
    org = broken(connected_app="not_installed")
    done, _ = org.authorize("amy.brown@northwind.example.dev")
    assert (
        "/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client"
        in (done.headers["Location"])
    )
    admin, _ = org.authorize(f"{ADMIN}.dev")
    assert admin.headers["Location"].startswith(CALLBACK["sandbox"] + "?code=")


def test_a_blocked_app_is_told_to_the_callback(broken: Make) -> None:
    done, _ = broken(connected_app="blocked").authorize(f"{ADMIN}.dev")
    assert "error=OAUTH_APP_BLOCKED" in done.headers["Location"]


def test_an_org_without_the_api_says_so(broken: Make) -> None:
    answer = broken(api_enabled=False).sign_in().api("GET", "/limits")
    assert first(answer) == (403, "API_DISABLED_FOR_ORG")


def test_a_used_up_allowance_says_so(broken: Make) -> None:
    org = broken(daily_requests=2).sign_in()
    answers = [org.api("GET", "/limits") for _ in range(3)]
    assert answers[1].headers["Sforce-Limit-Info"] == "api-usage=2/2"
    assert first(answers[2]) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_hidden_and_read_only_fields_follow_field_level_security(broken: Make) -> None:
    org = broken(
        hidden_fields=frozenset({"Lead.Phone"}), read_only_fields=frozenset({"Lead.Title"})
    ).sign_in()
    describe = org.api("GET", "/sobjects/Lead/describe").get_json()
    fields = {field["name"]: field for field in describe["fields"]}
    assert "Phone" not in fields
    assert (fields["Title"]["createable"], fields["Title"]["updateable"]) == (False, False)
    hidden = org.api("POST", "/sobjects/Lead", json={**LEAD, "Phone": "1"})
    assert first(hidden) == (400, "INVALID_FIELD")
    closed = org.api("POST", "/sobjects/Lead", json={**LEAD, "Title": "x"})
    assert first(closed) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_an_alert_names_the_match_and_can_be_saved_past(broken: Make) -> None:
    org = broken(duplicate_rules=(DuplicateRule("Lead"),)).sign_in()
    key = org.api("POST", "/sobjects/Lead", json=LEAD).get_json()["id"]
    refused = org.api("POST", "/sobjects/Lead", json=LEAD)
    assert first(refused) == (400, "DUPLICATES_DETECTED")
    result = refused.get_json()[0]["duplicateResult"]
    assert result["allowSave"] is True
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == key
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false"}
    assert org.api("POST", "/sobjects/Lead", json=LEAD, headers=headers).status_code == 201
    row = {"attributes": {"type": "Lead"}, **LEAD}
    many = org.api("POST", "/composite/sobjects", json={"records": [row]}).get_json()
    assert set(many[0]["errors"][0]) == {"statusCode", "message", "fields"}


def test_a_block_cannot_be_saved_past(broken: Make) -> None:
    org = broken(duplicate_rules=(DuplicateRule("Lead", "block"),)).sign_in()
    headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    org.api("POST", "/sobjects/Lead", json=LEAD)
    refused = org.api("POST", "/sobjects/Lead", json=LEAD, headers=headers)
    assert first(refused) == (400, "DUPLICATES_DETECTED")


def test_an_assignment_rule_changes_the_owner_unless_told_not_to(broken: Make) -> None:
    owner = "0057z000000001jAAA"
    org = broken(auto_assign_owner=owner).sign_in()
    for header, assigned in (("TRUE", True), ("FALSE", False)):
        answer = org.api(
            "POST", "/sobjects/Lead", json=LEAD, headers={"Sforce-Auto-Assign": header}
        )
        lead = org.api("GET", f"/sobjects/Lead/{answer.get_json()['id']}").get_json()
        assert (lead["OwnerId"] == owner) is assigned


def test_a_developer_edition_and_a_trial_can_be_told_from_production(broken: Make) -> None:
    ends = "2026-12-24T00:00:00.000+0000"
    org = broken(edition="Developer Edition", trial_ends=ends).sign_in()
    soql = "SELECT OrganizationType, TrialExpirationDate FROM Organization"
    row = org.api("GET", "/query", query_string={"q": soql}).get_json()["records"][0]
    assert (row["OrganizationType"], row["TrialExpirationDate"]) == ("Developer Edition", ends)


def test_an_expired_session_is_refused_like_none(broken: Make) -> None:
    org = broken(session_seconds=-1).sign_in()
    assert first(org.api("GET", "/limits")) == (401, "INVALID_SESSION_ID")


def test_a_code_lives_for_fifteen_minutes(broken: Make, time_machine: Any) -> None:
    org = broken()
    for minutes, answer in ((14, None), (16, "expired authorization code")):
        time_machine.move_to(datetime(2026, 11, 20, 9, tzinfo=UTC))
        done, verifier = org.authorize(f"{INTEGRATION}.dev")
        time_machine.shift(minutes * 60)
        assert org.exchange(done, verifier).get_json().get("error_description") == answer


def test_a_package_of_the_first_day_is_there_again_after_a_reset(broken: Make) -> None:
    org = broken(package_version="1.42").sign_in()
    describe = "/sobjects/UserGem__UserGem__c/describe"
    assert org.api("GET", describe).status_code == 200
    org.send("POST", "/rehearsal/package", json={"security": None})
    assert org.api("GET", describe).status_code == 404
    org.send("POST", "/rehearsal/reset")
    assert org.api("GET", describe).status_code == 200


def test_a_refresh_without_its_production_is_refused_with_a_sentence(broken: Make) -> None:
    form = {"name": "refreshed-sandbox"}
    answer = broken().send("POST", "/rehearsal/configuration", json=form)
    assert answer.status_code == 400
    assert "no production" in answer.get_json()["error"]
