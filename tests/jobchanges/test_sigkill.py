"""A worker that is killed with SIGKILL at any point leaves exactly one result (rule 3)."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.jobchanges.conftest import ORG, PACKAGE

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.servers,
    # For what never ends, not for a slow machine.
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).resolve().parents[2]
GRAPH = "composite/graph"


class Chaos:
    """Processes of the portal on a database file, beside the rehearsal orgs."""

    def __init__(self, rehearsal, folder):
        self.rehearsal = rehearsal
        self.folder = folder
        login = rehearsal.url("sandbox")
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.jobchanges.chaos_settings",
            "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
            "SALESFORCE_SANDBOX_LOGIN_URL": login,
            "VAR_DIR": str(folder),
        }

    def start(self, step, *rest):
        """Start a process; its errors go to a file beside the database."""
        command = [sys.executable, "-m", "tests.jobchanges.chaos", step, str(self.rehearsal.port)]
        with (self.folder / f"{step}.log").open("wb") as log:
            return subprocess.Popen(
                [*command, *rest],
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def run(self, step):
        """Run a step to its end; answers what it says."""
        with self.start(step) as process:
            lines = process.communicate(timeout=300)[0].splitlines()
        assert process.returncode == 0, (self.folder / f"{step}.log").read_text()[-3000:]
        return json.loads(lines[-1])

    def hears(self, process, word):
        """Wait until the process says it."""
        for line in process.stdout:
            if line.startswith(b"{") and word in json.loads(line):
                return
        raise AssertionError((self.folder / "deliver.log").read_text()[-3000:])

    def kill(self, process):
        """No goodbye."""
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()

    def keys(self):
        """What the org holds of the run, with repeats if there were any."""
        return sorted(
            row["UserGem__DeliveryKey__c"]
            for row in self.rehearsal.records(ORG, PACKAGE)
            if not row["IsDeleted"]
        )


@pytest.fixture
def chaos(rehearsal, tmp_path):
    return Chaos(rehearsal, tmp_path)


def exactly_one_result(chaos, before, after):
    assert after["deliveries"] == ["delivered"] * 5
    assert after["run"] == "review"
    assert chaos.keys() == after["keys"]
    leads = {row["Id"] for row in chaos.rehearsal.records(ORG, "Lead")} - before
    assert leads == set(after["people"])
    assert len(leads) == 5


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("worker.matches_find", id="between claim and matching"),
        pytest.param("writing.graph_make", id="between attempt and call"),
        pytest.param("writing.answers_take", id="between answer and record"),
        pytest.param("gathered.read_back", id="between record and reading back"),
    ],
)
def test_a_worker_killed_at_any_point_leaves_exactly_one_result(chaos, where):
    before = {row["Id"] for row in chaos.rehearsal.records(ORG, "Lead")}
    chaos.run("prepare")
    process = chaos.start("deliver", where)
    chaos.hears(process, "reached")
    chaos.kill(process)
    exactly_one_result(chaos, before, chaos.run("sweep"))


def test_a_worker_killed_while_salesforce_works_leaves_exactly_one_result(chaos):
    before = {row["Id"] for row in chaos.rehearsal.records(ORG, "Lead")}
    chaos.run("prepare")
    chaos.rehearsal.fault("hang", path=GRAPH)
    process = chaos.start("deliver")
    waiting = threading.Event()
    while not chaos.rehearsal.control("production", "faults", "GET")[0]["held"]:
        assert process.poll() is None, (chaos.folder / "deliver.log").read_text()[-3000:]
        waiting.wait(0.02)
    chaos.kill(process)
    assert chaos.keys() == []
    # The call goes on without us and commits.
    chaos.rehearsal.control("production", "faults", "DELETE")
    while len(chaos.keys()) < 5:
        waiting.wait(0.05)
    exactly_one_result(chaos, before, chaos.run("sweep"))
