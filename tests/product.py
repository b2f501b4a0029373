"""The whole product as a person starts it: `make run`'s launcher, on ports of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[1]
PORTS_NEEDED = 8
PASSWORD = "rehearsal-tests-only"


def ports_in_a_row(count: int) -> int:
    """The first of `count` neighbouring loopback ports that can be listened on.

    Below the range from which the system takes ports for outgoing connections: one of those may
    sit on a port that nobody listens on.
    """
    start = (os.getpid() * 16) % 7_000
    for step in range(0, 7_000, 16):
        first = 21_000 + (start + step) % 7_000
        if all(_is_free(first + number) for number in range(count)):
            return first
    raise RuntimeError("No free ports for the product on this machine.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class Product:
    """Where the running product answers, and how to talk to its command line."""

    port: int
    folder: Path
    environment: dict[str, str]
    pid: int
    output: list[str]
    ended: threading.Event

    @property
    def site(self) -> str:
        """Address of the portal."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        """Address of the full-copy sandbox."""
        return f"http://127.0.0.1:{self.port + 4}"

    @property
    def production(self) -> str:
        """Address of Northwind's production org."""
        return f"http://127.0.0.1:{self.port + 3}"

    @property
    def harbor(self) -> str:
        """Address of Harbor Analytics' production org."""
        return f"http://127.0.0.1:{self.port + 6}"

    def manage(self, *arguments: str) -> str:
        """Run a management command against the same database; returns what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@contextmanager
def product_running(folder: Path, **extra: str) -> Iterator[Product]:
    """Start everything with an empty database in `folder`; stop it at the end."""
    port = ports_in_a_row(PORTS_NEEDED)
    env_file = folder / "env"
    env_file.write_text(
        "DEMO=true\n"
        "SECRET_KEY=product-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789\n"
        f"TOKEN_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
        f"DEMO_PASSWORD={PASSWORD}\n"
        "DELIVERY_SETTLE_SECONDS=2\n"
    )
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DEMO"}
        and not key.startswith(
            ("DJANGO_ALLOW_", "SALESFORCE_", "TOKEN_", "BROKER_", "SITE_URL", "ALLOWED_")
        )
    }
    environment |= {
        "ENV_FILE": str(env_file),
        "VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "REHEARSAL_PORT": str(port + 1),
        "BROKER_PORT": str(port + 7),
        **extra,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.demo.launcher"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output: list[str] = []
    running = threading.Event()
    ended = threading.Event()

    def read(stream: IO[str]) -> None:
        for line in stream:
            output.append(line)
            if "Ctrl-C stops everything" in line:
                running.set()
        ended.set()
        running.set()

    threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    try:
        deadline = time.monotonic() + 180
        if not running.wait(max(0, deadline - time.monotonic())) or ended.is_set():
            raise RuntimeError("The product did not start:\n" + "".join(output[-40:]))
        yield Product(port, folder, environment, process.pid, output, ended)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
