"""The rehearsal orgs as a process beside the tests, and a person's browser at its login pages.

`rehearsal` (in conftest.py) points the settings at it and begins with fresh orgs. Our side is
driven with Django's test client, Salesforce's with `requests`.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from integrations.models import Connection, OrgKind
from tests.factories import ConnectionFactory

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 30
# The ports count up from the first: two login hosts, then the orgs.
HOSTS = {
    "production": 0,
    "sandbox": 1,
    "northwind": 2,
    "northwind-full": 3,
    "northwind-dev": 4,
    "harbor": 5,
}
# Further production orgs, as many as a process was started with: `more-1`, `more-2` …
MORE = "more-"
INTEGRATION = "usergems.integration@northwind.example"
ADMINISTRATOR = "priya.shah@northwind.example"
ORGS = {
    "northwind": ("production", ""),
    "northwind-full": ("sandbox", ".full"),
    "northwind-dev": ("sandbox", ".dev"),
    "harbor": ("production", ""),
}
HARBOR_INTEGRATION = "usergems.integration@harbor.example"
HARBOR_ADMINISTRATOR = "leo.fischer@harbor.example"


class Rehearsal:
    """The running server: addresses, what happened there, trouble on demand, and sign-in."""

    def __init__(self, port: int, data: Path | None = None) -> None:
        self.port = port
        # Where the process keeps what it knows; None when it was started by somebody else.
        self.data = data

    def url(self, host: str) -> str:
        """The address of a login host or an org: one of `HOSTS`, or `more-1` and so on."""
        offset = HOSTS.get(host)
        if offset is None:
            offset = len(HOSTS) - 1 + int(host.removeprefix(MORE))
        return f"http://127.0.0.1:{self.port + offset}"

    def control(self, host: str, path: str, method: str = "POST", body: Any = None) -> Any:
        """Ask the rehearsal itself something."""
        answer = requests.request(
            method, f"{self.url(host)}/rehearsal/{path}", json=body, timeout=TIMEOUT
        )
        answer.raise_for_status()
        return answer.json()

    def reset(self) -> None:
        """All orgs as on the first day."""
        self.control("production", "faults", "DELETE")
        self.control("production", "reset")

    def fault(
        self, kind: str, *, times: int = 1, seconds: float = 0, after: int = 0,
        chance: float = 1, seed: int = 0, **match: str,
    ) -> None:  # fmt: skip
        """Trouble for calls that match: the next ones, or with `chance` and `seed` some of them.

        The kinds are those of integrations/rehearsal/faults.py.
        """
        fault = {"kind": kind, "match": match, "times": times, "seconds": seconds}
        fault |= {"after": after, "chance": chance, "seed": seed}
        self.control("production", "faults", body=fault)

    def configure(
        self, org: str, *names: str, users: Mapping[str, Any] | None = None, **fields: Any
    ) -> None:
        """Lay configurations on an org, in this order; `reset` takes them away again.

        The names are those of the files in integrations/rehearsal/configurations/. `fields` are
        fields of its OrgConfig for what no file has: `hidden_fields=["Lead.Title"]`; `users` those
        of UserConfig: `{"integration": {"role": "SDR"}}`. What was laid on so before goes.
        """
        for name in names:
            self.control(org, "configuration", body={"name": name})
        if fields or users:
            self.control(org, "configuration", body={"org": fields, "users": users or {}})

    def configure_back(self, org: str, name: str = "") -> None:
        """Take one configuration away, or all."""
        self.control(org, "configuration" + (f"?name={name}" if name else ""), "DELETE")

    def package_install(self, org: str, security: str = "all") -> None:
        """Install the package, for all users or for "admins" only."""
        self.control(org, "package", body={"security": security})

    def records(self, org: str, name: str, **asked: str) -> list[dict[str, Any]]:
        """All records of an object, with every field.

        `id="003…"` asks for one of them, `fields="Id,Name"` for some fields: a full copy has
        thousands of contacts, and the rehearsal is one process.
        """
        query = f"?{urlencode(asked)}" if asked else ""
        return self.control(org, f"records/{name}{query}", "GET")

    def issued(self, kind: str) -> dict[str, dict[str, Any]]:
        """What sign-in keeps at this moment, read from the process's own file.

        `refresh` and `access` tokens (spent ones too, until their approval ends), `code`s not
        exchanged yet, `browser` cookies.
        """
        assert self.data is not None
        path = self.data / "rehearsal.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as file:
            rows = file.execute(
                "SELECT id, body FROM document WHERE space = 'signin' AND kind = ?", [kind]
            ).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def reports_asked_in_sandboxes(self) -> dict[str, int]:
        """Sandboxes that were ever asked about a report, with how often; resets change nothing."""
        asked = {
            org: self.control(org, "calls", "GET")["reports_ever"]
            for org, (environment, _suffix) in ORGS.items()
            if environment == "sandbox"
        }
        return {org: count for org, count in asked.items() if count}

    def calls(self, org: str) -> list[dict[str, Any]]:
        """The API calls since the reset."""
        return self.control(org, "calls", "GET")["calls"]

    def calls_total(self, org: str) -> int:
        """How many API calls the org has answered since the reset."""
        return int(self.control(org, "calls?list=no", "GET")["total"])

    def calls_used(self, org: str) -> tuple[int, int]:
        """API calls of the last 24 hours, others' included, and how many the org allows."""
        found = self.control(org, "calls?list=no", "GET")
        return found["used"], found["allowed"]

    def calls_age(self, org: str, seconds: float, others: int = 0) -> None:
        """Let `others` calls of other programs come now, then make all so far that much older.

        After 24 hours they count no more.
        """
        self.control(org, "calls?list=no", body={"others": others, "older_by": seconds})

    def sign_in(
        self,
        authorize_url: str,
        *,
        org: str = "northwind-full",
        username: str = INTEGRATION,
        decision: str = "allow",
    ) -> str:
        """Go through Salesforce's pages as this user; answers the address we are sent back to."""
        browser = requests.Session()
        page = browser.get(authorize_url, timeout=TIMEOUT, allow_redirects=False)
        assert page.status_code == 200, page.headers.get("Location", page.text)
        user = self._user(page.text, username + _kind(org)[1])
        page = browser.post(authorize_url, {"user": user}, timeout=TIMEOUT, allow_redirects=False)
        assert "Allow access?" in page.text
        back = browser.post(
            authorize_url,
            {"user": user, "decision": decision},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        assert back.status_code == 302, back.text
        return back.headers["Location"]

    def _user(self, page: str, username: str) -> str:
        found = re.search(
            rf'name="user" value="([^"]+)".{{0,200}}?<small>{re.escape(username)}</small>',
            page,
            re.DOTALL,
        )
        assert found, f"nobody called {username} may sign in here"
        return found[1]

    def tokens(self, org: str, username: str = INTEGRATION) -> dict[str, Any]:
        """A token answer for a user, past our own pages."""
        environment = _kind(org)[0]
        verifier = secrets.token_urlsafe(64)
        digest = hashlib.sha256(verifier.encode()).digest()
        redirect_uri = f"http://testserver/connect/callback/{environment}/"
        query = {
            "response_type": "code",
            "client_id": f"rehearsal-{environment}-client",
            "redirect_uri": redirect_uri,
            "scope": "api refresh_token openid id",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        start = requests.Request(
            "GET", f"{self.url(environment)}/services/oauth2/authorize", params=query
        ).prepare()
        back = self.sign_in(str(start.url), org=org, username=username)
        answer = requests.post(
            f"{self.url(environment)}/services/oauth2/token",
            {
                "grant_type": "authorization_code",
                "code": parse_qs(urlsplit(back).query)["code"][0],
                "client_id": f"rehearsal-{environment}-client",
                "client_secret": f"rehearsal-{environment}-secret",
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            },
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        return answer.json()

    def connect(
        self,
        customer: Any,
        org: str = "northwind-full",
        username: str = INTEGRATION,
        tokens: Mapping[str, Any] | None = None,
        **epoch: Any,
    ) -> Connection:
        """A live connection of the customer to an org, with real tokens: new ones, or these."""
        environment = _kind(org)[0]
        answer = tokens or self.tokens(org, username)
        org_id, user_id = answer["id"].rsplit("/", 2)[1:]
        values = {
            "org_id": org_id,
            "user_id": user_id,
            "username": username + _kind(org)[1],
            "kind": OrgKind(environment),
            "instance_url": answer["instance_url"],
            "identity_url": answer["id"],
        } | epoch
        return ConnectionFactory(
            customer=customer,
            environment=environment,
            login_host=self.url(environment),
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            token_generation=1,
            **{f"epoch__{name}": value for name, value in values.items()},
        )


def _kind(org: str) -> tuple[str, str]:
    """Environment of an org, and what its usernames end in."""
    return ORGS.get(org, ("production", ""))


def _free_ports(count: int) -> int:
    """The first of `count` neighbouring ports nobody listens on."""
    # Between the product's ports (tests/product.py) and those of outgoing connections. Test
    # processes side by side begin at the same moment: the first two share nothing.
    begin = 29_000 + 1_800 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 2)
    for first in range(begin + secrets.randbelow(150) * 10, begin + 1_800, count + 1):
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in probes:
                probe.close()
    raise RuntimeError("no free ports")


@contextmanager
def rehearsal_running(
    data: Path, site_url: str = "http://testserver", more_orgs: int = 0
) -> Iterator[Rehearsal]:
    """A rehearsal process of our own, stopped at the end; with so many orgs more."""
    port = _free_ports(len(HOSTS) + more_orgs)
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "integrations.rehearsal", "--port", str(port)]
    command += ["--data", str(data), "--site-url", site_url, "--reset"]
    command += ["--more-orgs", str(more_orgs)]
    # Both apps are known at both login hosts, so that a person can sign in to the wrong one.
    clients = [
        {
            "client_id": f"rehearsal-{app}-client",
            "client_secret": f"rehearsal-{app}-secret",
            "environment": environment,
            "callbacks": [f"{site_url}/connect/callback/{app}/"],
        }
        for app in ("production", "sandbox")
        for environment in ("production", "sandbox")
    ]
    env = {**os.environ, "REHEARSAL_CLIENTS": json.dumps(clients)}
    with (data / "errors.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=env)
    try:
        _wait_for(process, port, data / "errors.log")
        yield Rehearsal(port, data)
    finally:
        process.terminate()
        process.wait(timeout=TIMEOUT)


def _wait_for(process: subprocess.Popen, port: int, log: Path) -> None:
    give_up_at = time.monotonic() + TIMEOUT
    while time.monotonic() < give_up_at:
        try:
            requests.get(f"http://127.0.0.1:{port}/services/data/", timeout=TIMEOUT)
        except requests.ConnectionError:
            try:
                code = process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the rehearsal ended with {code}: {log.read_text()}") from None
        else:
            return
    raise RuntimeError(f"the rehearsal did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def rehearsal_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """One process for the whole run, in which no test had a report read from a sandbox (rule 5)."""
    with rehearsal_running(tmp_path_factory.mktemp("rehearsal-orgs")) as running:
        yield running
        assert running.reports_asked_in_sandboxes() == {}


@pytest.fixture
def rehearsal(rehearsal_process: Rehearsal, settings: Any) -> Rehearsal:
    """The rehearsal orgs as on the first day; the settings' login hosts lead to them."""
    rehearsal_process.reset()
    settings.SALESFORCE_PRODUCTION_LOGIN_URL = rehearsal_process.url("production")
    settings.SALESFORCE_SANDBOX_LOGIN_URL = rehearsal_process.url("sandbox")
    return rehearsal_process
