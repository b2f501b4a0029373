"""The portal's worker, scheduler and site as processes beside a test, on the test's database.

They are started and stopped as the product's launcher does it, and killed without goodbye.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from celery import Celery, current_app
from django.db import connection
from redis import Redis

from tests.rehearsal_server import Rehearsal
from tests.servers import free_port, valkey

ROOT = Path(__file__).resolve().parents[2]
# Nothing is measured with it: what does not happen in this time never will.
PATIENCE = 420


@dataclass
class Part:
    """One process with all that it starts; its words go to a file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Everything it wrote."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """No goodbye, neither for it nor for its children."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)


class Portal:
    """The processes of one portal. `settings` go into their environment."""

    def __init__(self, rehearsal: Rehearsal, folder: Path, broker: str, **settings: Any) -> None:
        self.folder = folder
        self.broker = broker
        self.parts: list[Part] = []
        self._started = 0
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.jobchanges.worker_settings",
            "DATABASE_URL": database_url(),
            "BROKER_URL": broker,
            "VAR_DIR": str(folder),
            "SALESFORCE_SANDBOX_LOGIN_URL": rehearsal.url("sandbox"),
            "SALESFORCE_PRODUCTION_LOGIN_URL": rehearsal.url("production"),
            **{name: str(value) for name, value in settings.items()},
        }

    def worker(self, concurrency: int = 2, *, dies_at: str = "", wait: bool = True) -> Part:
        """A Celery worker that takes work; two tasks at a time, as in the demo.

        Answers when it is ready, unless not to `wait`. With `dies_at` it kills itself at that
        named point of the protocol (killable.py).
        """
        self._started += 1
        part = self._start(
            "worker", "celery", "-A", "tests.jobchanges.killable" if dies_at else "portal",
            "worker", "--concurrency", str(concurrency), "--loglevel", "INFO",
            "--hostname", f"worker{self._started}@test", CHAOS_POINT=dies_at,
        )  # fmt: skip
        if wait and not dies_at:
            self.until(lambda: "ready." in part.said())
        return part

    def until_dead(self, part: Part, or_else: Callable[[], Any]) -> bool:
        """Wait until a process has ended by itself, or until `or_else`; whether it has ended."""
        self.parts.remove(part)
        try:
            self.until(lambda: part.process.poll() is not None or or_else())
        finally:
            self.parts.append(part)
        return part.process.poll() is not None

    def scheduler(self) -> Part:
        """Celery's beat: sweeps."""
        return self._start("scheduler", "celery", "-A", "portal", "beat", "--loglevel", "INFO")

    def site(self) -> tuple[Part, str]:
        """gunicorn, answering; with its address."""
        port = free_port()
        part = self._start(
            "site", "gunicorn", "portal.wsgi:application", "--workers", "1",
            "--bind", f"127.0.0.1:{port}", "--no-control-socket",
        )  # fmt: skip
        self.until(lambda: answers(f"http://127.0.0.1:{port}"))
        return part, f"http://127.0.0.1:{port}"

    def wake(self, task: str, *ids: int) -> None:
        """One wake-up call through the broker."""
        # Not as the current app: later tests of this process would wake workers that are gone.
        with Celery(broker=self.broker, set_as_current=False) as app:
            app.send_task(f"jobchanges.tasks.{task}", args=list(ids))

    def broker_empty(self) -> None:
        """Whatever was queued is gone, also what was taken and not acknowledged."""
        with Redis.from_url(self.broker) as store:
            store.flushall()

    def until(self, happened: Callable[[], Any]) -> None:
        """Wait until it is so. Fails with the logs when it never is, or a process ended."""
        give_up_at = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not happened():
            dead = [part.name for part in self.parts if part.process.poll() is not None]
            assert not dead, f"ended: {dead}\n{self._logs()}"
            assert time.monotonic() < give_up_at, f"never happened\n{self._logs()}"
            pause.wait(0.05)

    def stop(self) -> None:
        """End what still runs."""
        for part in self.parts:
            part.kill()

    def forget(self, part: Part) -> None:
        """Kill one on purpose; the others go on."""
        part.kill()
        self.parts.remove(part)

    def _start(self, name: str, *arguments: str, **environment: str) -> Part:
        log = self.folder / f"{name}-{len(list(self.folder.glob('*.log')))}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=stream,
                stderr=subprocess.STDOUT,
                # A group of its own, so that killing it takes its children along.
                start_new_session=True,
            )
        part = Part(name, process, log)
        self.parts.append(part)
        return part

    def _logs(self) -> str:
        return "\n".join(f"--- {part.name}\n{part.said()[-4000:]}" for part in self.parts)


@contextmanager
def portal_running(rehearsal: Rehearsal, folder: Path, **settings: Any) -> Iterator[Portal]:
    """A portal without processes yet, with a broker of its own; all are stopped at the end.

    Meanwhile nothing is delivered inside the test itself: wake-up calls of services are lost.
    """
    with ExitStack() as stack:
        stack.callback(setattr, current_app.conf, "task_always_eager", _is_eager())
        current_app.conf.task_always_eager = False
        portal = Portal(rehearsal, folder, stack.enter_context(valkey()), **settings)
        stack.callback(portal.stop)
        yield portal


def _is_eager() -> bool:
    return bool(current_app.conf.task_always_eager)


def database_url() -> str:
    """The database of the running test, for other processes."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def answers(address: str) -> bool:
    """Whether a site answers there at all."""
    try:
        requests.get(f"{address}/people/staff/", timeout=PATIENCE, allow_redirects=False)
    except requests.ConnectionError:
        return False
    return True
