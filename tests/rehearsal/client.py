"""A small client of its own for these tests: signs in over the pages and speaks plain HTTP."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

SITE = "http://127.0.0.1:8000"
CALLBACK = {name: f"{SITE}/connect/callback/{name}/" for name in ("production", "sandbox")}
TIMEOUT = 30


def pkce() -> tuple[str, str]:
    """A verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


class SignInPages:
    """A person's browser at a login host."""

    def __init__(self, base: str, environment: str) -> None:
        self.base, self.environment = base, environment
        self.client_id = f"rehearsal-{environment}-client"
        self.secret = f"rehearsal-{environment}-secret"
        self.browser = requests.Session()
        self.verifier, self.challenge = pkce()

    def parameters(self, **changes: str) -> dict[str, str]:
        values = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK[self.environment],
            "scope": "api refresh_token openid id",
            "state": "st&te=1",
            "nonce": "n-1",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        return {name: value for name, value in (values | changes).items() if value}

    def open(self, **changes: str) -> requests.Response:
        return self.browser.get(
            f"{self.base}/services/oauth2/authorize",
            params=self.parameters(**changes),
            allow_redirects=False,
            timeout=TIMEOUT,
        )

    def answer(self, username: str, decision: str, **changes: str) -> dict[str, str]:
        """Choose a user, allow or deny; returns what the callback gets."""
        page = self.open(**changes)
        assert page.status_code == 200, page.text
        pattern = r'value="([^"]+)" required(?: checked)?>\s*<span><strong>[^<]*</strong> <small>'
        found = re.search(pattern + re.escape(username) + "<", page.text)
        assert found, f"{username} is not on the login page"
        consent = self.browser.post(
            page.url, data={"user": found[1]}, allow_redirects=False, timeout=TIMEOUT
        )
        assert "Allow access?" in consent.text
        done = self.browser.post(
            page.url,
            data={"user": found[1], "decision": decision},
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        assert done.status_code == 302, done.text
        query = parse_qs(urlsplit(done.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def token(self, **form: str) -> requests.Response:
        values = {"client_id": self.client_id, "client_secret": self.secret} | form
        return requests.post(f"{self.base}/services/oauth2/token", data=values, timeout=TIMEOUT)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK[self.environment],
            "code_verifier": self.verifier,
        }
        return self.token(**(form | changes))

    def refresh(self, refresh_token: str) -> requests.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def sign_in(self, username: str) -> dict[str, Any]:
        """The whole way to the token answer."""
        code = self.answer(username, "allow")["code"]
        response = self.exchange(code)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body


class OrgClient:
    """Authenticated calls to one org."""

    version = "68.0"

    def __init__(self, tokens: dict[str, Any]) -> None:
        self.tokens = tokens
        self.base: str = tokens["instance_url"]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        url = path if path.startswith("/services") else f"/services/data/v{self.version}{path}"
        return self.session.request(method, self.base + url, timeout=TIMEOUT, **more)

    def get(self, path: str, **params: str) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.call("POST", path, json=body, headers=headers)

    def patch(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.call("PATCH", path, json=body, headers=headers)

    def query(self, soql: str) -> list[dict[str, Any]]:
        response = self.get("/query", q=soql)
        assert response.status_code == 200, response.text
        records: list[dict[str, Any]] = response.json()["records"]
        return records

    def create(self, name: str, **values: Any) -> str:
        response = self.post(f"/sobjects/{name}", values)
        assert response.status_code == 201, response.text
        key: str = response.json()["id"]
        return key

    def refusal(self, response: requests.Response) -> tuple[int, str, str]:
        """Status, code and text of an error in the single-record shape."""
        error = response.json()[0]
        return response.status_code, error["errorCode"], error["message"]

    def may_delete(self) -> None:
        """The integration user may delete records from now on, which a healthy org's may not."""
        self.control("POST", "configuration", {"org": {"extra_rights": ["*.Delete"]}})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.base}/rehearsal/{path}"
        response = requests.request(method, url, json=body, timeout=TIMEOUT)
        assert response.status_code == 200, response.text
        return response.json()

    def graph(self, graphs: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
        body = {"graphs": [{"graphId": k, "compositeRequest": v} for k, v in graphs.items()]}
        response = self.post("/composite/graph", body)
        assert response.status_code == 200, response.text
        return {item["graphId"]: item for item in response.json()["graphs"]}

    def node(
        self, reference: str, name: str, body: Any, key: str = "", **more: Any
    ) -> dict[str, Any]:
        url = f"/services/data/v{self.version}/sobjects/{name}{key and '/' + key}"
        method = "PATCH" if key else "POST"
        return {"method": method, "url": url, "referenceId": reference, "body": body, **more}
