"""What the launcher handles: processes with their logs, ports, and whether something answers."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class StartError(Exception):
    """Something the person at the keyboard can mend; the text says how."""


@dataclass
class Part:
    """One process of the product."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, environment: dict[str, str]) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only us."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def ended(self) -> bool:
        """Whether it is no longer running."""
        return self.process is not None and self.process.poll() is not None

    def last_lines(self, count: int = 15) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-count:])

    def stop(self) -> None:
        """Ask it and its children to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End what did not end when asked."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


def _die_with_parent() -> None:
    """On Linux, ask the kernel to stop this child should the launcher be killed outright."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def port_of(values: dict[str, str], name: str, default: int) -> int:
    """A port from the environment. Raises StartError when it is no port number."""
    text = values.get(name, str(default))
    if not text.isdigit() or not 1024 <= int(text) <= 65500:
        raise StartError(f"{name} is “{text}”: give a port number between 1024 and 65500.")
    return int(text)


def port_check(port: int, name: str, what: str) -> None:
    """Raise StartError when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"Port {port}, needed for {what}, is taken by another program. Stop that program, "
                f"or choose another port: `{name}={port + 100} make run`."
            ) from error


def answers(url: str) -> Callable[[], bool]:
    """Whether an address answers at all."""

    def ask() -> bool:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 (loopback)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    return ask


def answers_well(url: str) -> Callable[[], bool]:
    """Whether an address answers that all is well."""

    def ask() -> bool:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 (loopback)
        except OSError:
            return False
        return True

    return ask


def listens(port: int) -> Callable[[], bool]:
    """Whether something listens on a loopback port."""

    def ask() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ask
