"""The running rehearsal orgs as these tests ask them, and a sign-in by posting their forms."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

CALLBACK = "http://testserver/connect/callback/sandbox/"


@dataclass(frozen=True)
class Rehearsal:
    """Addresses of the running hosts (the order is that of the command's own output)."""

    sandbox_login: str
    full_copy: str
    developer: str

    def control(self, org: str, path: str, value: Any = None) -> Any:
        """Ask or tell an org what lies behind the scenes."""
        answer = requests.request(
            "GET" if value is None else "POST", f"{org}/rehearsal/{path}", json=value, timeout=30
        )
        answer.raise_for_status()
        return answer.json()


def sign_in(login: str, user: str) -> dict[str, Any]:
    """The token answer for a user such as `northwind-full/005…Int`, chosen on the login page."""
    verifier = secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    address = f"{login}/services/oauth2/authorize"
    asked = {
        "response_type": "code",
        "client_id": "rehearsal-sandbox-client",
        "redirect_uri": CALLBACK,
        "scope": "api refresh_token openid id",
        "state": "s",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    with requests.Session() as browser:
        browser.trust_env = False
        shown = browser.get(address, params=asked, timeout=30).text
        choices = re.findall(r'name="user"[^>]*value="([^"]+)"', shown)
        chosen = next(choice for choice in choices if choice.startswith(user))
        back = browser.post(
            address,
            params=asked,
            data={"user": chosen, "decision": "allow"},
            allow_redirects=False,
            timeout=30,
        )
        code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
        answer = browser.post(
            f"{login}/services/oauth2/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": "rehearsal-sandbox-client",
                "client_secret": "rehearsal-sandbox-secret",
                "redirect_uri": CALLBACK,
                "code_verifier": verifier,
            },
            timeout=30,
        )
    value: dict[str, Any] = json.loads(answer.text)
    return value


def refresh(login: str, token: str) -> dict[str, Any]:
    """The token answer for a refresh token."""
    answer = requests.post(
        f"{login}/services/oauth2/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": "rehearsal-sandbox-client",
            "client_secret": "rehearsal-sandbox-secret",
        },
        timeout=30,
    )
    value: dict[str, Any] = answer.json()
    return value
