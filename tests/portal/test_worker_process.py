"""Worker and scheduler as processes: wrong settings stop them, their lines say whose work it is."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.check import deploy_environment
from tests.servers import valkey

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]
ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "portal"]
# For what never ends, not for a slow machine.
PATIENCE = 240


def public(folder):
    """A site that is set up rightly."""
    return deploy_environment() | {
        "VAR_DIR": str(folder),
        "ENV_FILE": str(folder / "none"),
        "SALESFORCE_ALLOWED_HOST_SUFFIXES": ".salesforce.com,.force.com",
    }


def bare(folder):
    """An environment in which nothing is set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"VAR_DIR": str(folder), "ENV_FILE": str(folder / "none")}


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_without_settings_worker_and_scheduler_do_not_start(tmp_path, part):
    done = subprocess.run(
        [*CELERY, part],
        cwd=ROOT,
        env=bare(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "SECRET_KEY is missing." in done.stderr
    assert "BROKER_URL is missing" in done.stderr


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_one_wrong_setting_is_enough(tmp_path, part):
    done = subprocess.run(
        [*CELERY, part],
        cwd=ROOT,
        env=public(tmp_path) | {"RETENTION_LINK_DAYS": "0"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "RETENTION_LINK_DAYS is less than a day." in done.stderr


@pytest.fixture
def environment(tmp_path):
    """A site of its own: SQLite in a folder, a real broker."""
    with valkey() as broker:
        environment = public(tmp_path) | {
            "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
            "BROKER_URL": broker,
            "CACHE_URL": broker.replace("redis:", "rediscache:").replace("/0", "/1"),
        }
        manage(environment, "migrate", "--no-input", "-v", "0")
        yield environment


def manage(environment, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout


def lines_of(log):
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def test_a_workers_lines_carry_the_task_and_the_request_that_caused_it(environment, tmp_path):
    log = tmp_path / "worker.log"
    with log.open("wb") as file:
        worker = subprocess.Popen(
            [*CELERY, "worker", "--concurrency", "1", "--loglevel", "INFO"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    try:
        manage(
            environment,
            "shell",
            "-c",
            "import structlog; from portal.tasks import heartbeat\n"
            "structlog.contextvars.bind_contextvars(request_id='the-request', user_id=7)\n"
            "heartbeat.delay()",
        )
        give_up_at = time.monotonic() + PATIENCE
        ended = []
        while not ended and time.monotonic() < give_up_at:
            assert worker.poll() is None, log.read_text()[-2000:]
            threading.Event().wait(0.2)
            ended = [
                line
                for line in lines_of(log)
                if line["event"] == "task_succeeded" and line.get("request_id") == "the-request"
            ]
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=PATIENCE)
    assert ended, log.read_text()[-2000:]
    assert ended[0]["task_id"]
    assert ended[0]["user_id"] == 7
    started = [line for line in lines_of(log) if line["event"] == "task_started"]
    assert {line["task"] for line in started} == {"portal.tasks.heartbeat"}
    # One by the request, one that the worker gives by itself as soon as it is ready.
    assert len(started) == 2
    code = "from portal.models import Heartbeat; print(Heartbeat.objects.get().name)"
    assert "worker" in manage(environment, "shell", "-c", code)
