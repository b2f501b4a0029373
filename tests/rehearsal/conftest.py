"""One rehearsal server for all tests of this folder; each begins with fresh orgs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.rehearsal.client import SITE, TIMEOUT, OrgClient, SignInPages
from tests.rehearsal.local import LocalOrg, Make

ROOT = Path(__file__).resolve().parents[2]
HOSTS = 6
INTEGRATION = "usergems.integration@northwind.example"
ADMIN = "priya.shah@northwind.example"


def free_port(count: int = HOSTS) -> int:
    """The first of `count` neighbouring ports nobody listens on."""
    # Test processes side by side start their search at places of their own.
    start = 20_000 + os.getpid() * 11 % 9_000
    for first in (*range(start, 31_000, count + 2), *range(20_000, start, count + 2)):
        sockets = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(sockets):
                probe.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in sockets:
                probe.close()
    raise RuntimeError("no free ports")


class Server:
    """A rehearsal process."""

    def __init__(self, port: int, data: Path, *arguments: str) -> None:
        self.port = port
        command = [sys.executable, "-m", "integrations.rehearsal", "--port", str(port)]
        command += ["--data", str(data), "--site-url", SITE, *arguments]
        self.log = data / "errors.log"
        data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.strip() == "READY":
                break

    def url(self, offset: int) -> str:
        return f"http://127.0.0.1:{self.port + offset}"

    def pages(self, environment: str) -> SignInPages:
        return SignInPages(self.url(0 if environment == "production" else 1), environment)

    def full_copy(self, username: str = f"{INTEGRATION}.full") -> OrgClient:
        return OrgClient(self.pages("sandbox").sign_in(username))

    def production(self, username: str = INTEGRATION) -> OrgClient:
        return OrgClient(self.pages("production").sign_in(username))

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(timeout=TIMEOUT)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@pytest.fixture(scope="session")
def server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(free_port(), tmp_path_factory.mktemp("rehearsal"), "--reset")
    yield running
    running.stop()


@pytest.fixture
def server(server_process: Server) -> Server:
    """The server with all orgs as on the first day."""
    requests.post(server_process.url(0) + "/rehearsal/reset", timeout=TIMEOUT).raise_for_status()
    return server_process


@pytest.fixture
def full(server: Server) -> OrgClient:
    """The full copy with the package installed for all users, as the integration user."""
    client = server.full_copy()
    client.control("POST", "package", {"security": "all"})
    return client


@pytest.fixture
def local(tmp_path: Path) -> Make:
    """Makes an org in this process, set up as the test likes."""
    return lambda **changes: LocalOrg(tmp_path, **changes)
