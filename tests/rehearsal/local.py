"""An org in this process, set up as a test likes, spoken to over WSGI as its integration user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from integrations.rehearsal.config import (
    INTEGRATION_USER,
    NORTHWIND,
    OrgConfig,
    Settings,
    default_clients,
)
from integrations.rehearsal.server import make_app
from integrations.rehearsal.signin import SignIn
from integrations.rehearsal.world import World
from tests.rehearsal.client import CALLBACK, pkce

PORT = 19_101
LEAD = {"LastName": "Doe", "Company": "Acme", "Country": "France", "Email": "a@b.example"}
BASE = "/services/data/v68.0"
# No rules and layouts of the customer's, and an integration user who may clear up what tests make.
PLAIN: dict[str, Any] = {
    "validation_rules": (),
    "extra_layouts": (),
    "extra_rights": frozenset({"*.Delete", "Opportunity.Create"}),
}


class LocalOrg:
    """The developer sandbox with changes to its configuration."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        config: OrgConfig = replace(NORTHWIND[2], **{**PLAIN, **changes})
        clients = tuple(default_clients("http://127.0.0.1:8000"))
        self.world = World(Settings(PORT, clients=clients, orgs=(config,)), directory)
        self.org = self.world.orgs[PORT + 2]
        self.http = Client(make_app(self.world))
        self.sign_in()

    def sign_in(self, user_id: str = INTEGRATION_USER.user_id) -> None:
        """Calls from here on are this user's."""
        signin = SignIn(self.world)
        client = next(c for c in self.world.settings.clients if c.environment == "sandbox")
        verifier, challenge = pkce()
        asked = {
            "redirect_uri": CALLBACK["sandbox"],
            "scope": "api",
            "code_challenge": challenge,
            "nonce": "",
        }
        code = signin.issue_code(self.org, user_id, client, asked)
        form = {"code": code, "redirect_uri": CALLBACK["sandbox"], "code_verifier": verifier}
        self.token = signin.exchange(client, PORT + 2, form)["access_token"]

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        """A request to the org's own port, whatever its address."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        base = f"http://127.0.0.1:{PORT + 2}"
        return self.http.open(path, base, method=method, headers=headers, **more)

    def api(self, method: str, path: str, version: str = "68.0", **more: Any) -> TestResponse:
        """A call below `/services/data/vXX.0`."""
        return self.send(method, f"/services/data/v{version}{path}", **more)

    def create(self, name: str, headers: dict[str, str] | None = None, **values: Any) -> str:
        """A new record that is accepted; returns its id."""
        answer = self.api("POST", f"/sobjects/{name}", json=values, headers=headers or {})
        assert answer.status_code == 201, answer.text
        key: str = answer.get_json()["id"]
        return key

    def record(self, name: str, key: str) -> dict[str, Any]:
        """A record as the user sees it."""
        found: dict[str, Any] = self.api("GET", f"/sobjects/{name}/{key}").get_json()
        return found

    def describe(self, name: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """A describe, and its fields by name."""
        whole = self.api("GET", f"/sobjects/{name}/describe").get_json()
        return whole, {field["name"]: field for field in whole["fields"]}

    def fault(self, kind: str, **more: Any) -> None:
        """Trouble for the next calls."""
        answer = self.send("POST", "/rehearsal/faults", json={"kind": kind, **more})
        assert answer.status_code == 200, answer.text


Make = Callable[..., LocalOrg]


def refusal(answer: TestResponse) -> tuple[int, str, str]:
    """Status, code and text of an error in the single-record shape."""
    error = answer.get_json()[0]
    return answer.status_code, error["errorCode"], error["message"]


def row(name: str, **values: Any) -> dict[str, Any]:
    """A record of a collection."""
    return {"attributes": {"type": name}, **values}


def node(reference: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """A part of a composite or graph."""
    return {"method": method, "url": BASE + path, "referenceId": reference, "body": body, **more}
