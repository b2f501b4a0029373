"""The process: starting, ending, keeping."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import HOSTS, INTEGRATION, ROOT, Server, free_port

pytestmark = pytest.mark.servers


def test_it_says_where_and_ends_cleanly_and_keeps_everything(tmp_path: Path) -> None:
    port = free_port()
    first = Server(port, tmp_path)
    assert first.lines[-1] == "READY"
    assert len(first.lines) == HOSTS + 1
    pages = first.pages("sandbox")
    tokens = pages.sign_in(f"{INTEGRATION}.full")
    org = OrgClient(tokens)
    key = org.create("Lead", LastName="Kept", Company="Acme", Country="France")
    assert first.stop() == 0
    assert first.log.read_text() == ""

    second = Server(port, tmp_path)
    try:
        assert org.query("SELECT Id FROM Lead WHERE LastName = 'Kept'")[0]["Id"] == key
        assert org.create("Lead", LastName="Next", Company="Acme", Country="France") != key
        assert pages.refresh(tokens["refresh_token"]).status_code == 200
        org.control("POST", "reset")
        assert org.query("SELECT Id FROM Lead WHERE LastName = 'Kept'") == []
    finally:
        assert second.stop() == 0


def start(port: int, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "integrations.rehearsal", "--port", str(port)]
    return subprocess.run(
        [*command, "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 2))
        taken.listen()
        done = start(port, tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"Port {port + 2} is taken or cannot be used; choose another --port.\n"


def test_clients_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    text = json.dumps([{"client_id": "x"}])
    done = start(free_port(), tmp_path, REHEARSAL_CLIENTS=text)
    assert done.returncode == 2
    assert done.stderr.startswith("REHEARSAL_CLIENTS cannot be read")
    assert done.stderr.count("\n") == 1


def test_many_open_connections_keep_nobody_out_and_faults_stay_out_of_the_log(
    tmp_path: Path,
) -> None:
    running = Server(free_port(), tmp_path)
    address = ("127.0.0.1", running.port + 3)
    idle = [socket.create_connection(address, timeout=TIMEOUT) for _ in range(150)]
    try:
        org = running.full_copy()
        fault = {"kind": "cut_off_body", "match": {"path": "/limits"}}
        org.control("POST", "faults", fault)
        with pytest.raises(requests.exceptions.RequestException):
            org.get("/limits")
        assert org.get("/limits").status_code == 200
    finally:
        for connection in idle:
            connection.close()
        assert running.stop() == 0
    assert running.log.read_text() == ""
