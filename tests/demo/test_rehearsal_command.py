"""`manage.py rehearsal_orgs`: the contract's way to start the orgs alone."""

import os
import subprocess
import sys
import threading

import pytest
import requests

from tests.product import ROOT, ports_in_a_row

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


def test_the_orgs_answer_and_end_when_asked(tmp_path):
    port = ports_in_a_row(5)
    command = [sys.executable, "manage.py", "rehearsal_orgs", "--port", str(port)]
    command += ["--data", str(tmp_path)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    give_up = threading.Timer(60, process.kill)
    give_up.start()
    try:
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("READY"):
                break
        assert "READY" in lines[-1], lines
        versions = requests.get(f"http://127.0.0.1:{port + 3}/services/data/", timeout=10).json()
        assert versions[-1]["version"] == "68.0"
    finally:
        give_up.cancel()
        process.terminate()
        assert process.wait(timeout=20) is not None
