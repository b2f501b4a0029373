"""A rehearsal org as its own process, and a sign-in to it by posting its forms."""

import base64
import hashlib
import json
import re
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

PROJECT = Path(__file__).parents[2]
SITE = "http://127.0.0.1:8000"
CALLBACK = f"{SITE}/connect/callback/sandbox/"
PORTS = 5
READY_SECONDS = 60


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


def _free_ports() -> int:
    """The first of enough free ports in a row."""
    for _ in range(50):
        with ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            base = int(first.getsockname()[1])
            try:
                for offset in range(1, PORTS):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", base + offset))
            except (OSError, OverflowError):
                continue
            return base
    raise RuntimeError("No free ports in a row.")


@contextmanager
def rehearsal_running(folder: Path) -> Iterator[Rehearsal]:
    """Start the rehearsal hosts, wait until they are ready, stop them at the end."""
    base = _free_ports()
    command = [sys.executable, "-m", "integrations.rehearsal", "--port", str(base)]
    process = subprocess.Popen(
        [*command, "--data", str(folder), "--site-url", SITE],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    late = threading.Timer(READY_SECONDS, process.kill)
    late.start()
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.strip() == "READY":
                break
        else:
            raise RuntimeError("The rehearsal orgs did not start:\n" + "".join(said))
        late.cancel()
        hosts = [line.split()[0] for line in said if line.startswith("http")]
        yield Rehearsal(sandbox_login=hosts[1], full_copy=hosts[3], developer=hosts[4])
    finally:
        late.cancel()
        process.terminate()
        process.communicate(timeout=30)


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
