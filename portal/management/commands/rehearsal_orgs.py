"""Starts the rehearsal orgs by themselves, beside a site that was started by hand.

With `--list`, `--configure` or `--state` it talks to the ones that run instead.
"""

import os
import sys
import textwrap
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

TIMEOUT_SECONDS = 30
NONE = "none"


class Command(BaseCommand):
    """`manage.py rehearsal_orgs`: the server takes this process over; Ctrl-C ends it."""

    help = (
        "Start the local server that speaks Salesforce's API; prints one line a host. "
        "With --list or --configure: see and change how the running orgs are set up."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it listens, what it keeps, and what to ask of the one that runs."""
        parser.add_argument("--port", type=int, default=settings.REHEARSAL_PORT)
        parser.add_argument("--data", default=str(settings.VAR_DIR / "rehearsal"))
        parser.add_argument("--reset", action="store_true", help="begin with fresh orgs")
        parser.add_argument(
            "--list", action="store_true", help="the orgs, the configurations, what lies where"
        )
        parser.add_argument(
            "--configure",
            nargs=2,
            metavar=("ORG", "NAME"),
            help=f"lay a configuration on an org; {NONE} takes all away",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the server (it shares no code with the portal), or ask the running one."""
        if options["list"]:
            self._list(options["port"])
        elif options["configure"]:
            self._configure(options["port"], *options["configure"])
        else:
            self._start(options)

    def _start(self, options: dict[str, Any]) -> None:
        command = [sys.executable, "-m", "integrations.rehearsal"]
        command += ["--port", str(options["port"]), "--data", options["data"]]
        command += ["--site-url", settings.SITE_URL]
        if options["reset"]:
            command.append("--reset")
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, command)  # noqa: S606 (our own module, no shell)

    def _list(self, port: int) -> None:
        known = self._ask(port, "GET", "configurations")
        for org in known["orgs"]:
            lying = ", ".join(org["names"]) or "healthy"
            self.stdout.write(f"{org['key']}  {org['url']}  {lying}")
        for one in known["configurations"]:
            self.stdout.write(f"\n{one['name']}: {one['title']}")
            for text in (one["what"], f"Expect: {one['expect']}"):
                indent = "    "
                self.stdout.write(textwrap.fill(text, 96, initial_indent=indent,
                                                subsequent_indent=indent))  # fmt: skip

    def _configure(self, port: int, key: str, name: str) -> None:
        orgs = {org["key"]: org for org in self._ask(port, "GET", "configurations")["orgs"]}
        if key not in orgs:
            raise CommandError(f"There is no org {key!r}; there are {', '.join(orgs)}.")
        method, body = ("DELETE", None) if name == NONE else ("POST", {"name": name})
        answer = self._ask(orgs[key]["port"], method, "configuration", body)
        lying = ", ".join(answer["names"]) or "no configuration"
        self.stdout.write(f"{key} ({answer['org_id']}): {lying}")

    def _ask(self, port: int, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        url = f"http://127.0.0.1:{port}/rehearsal/{path}"
        try:
            answer = requests.request(method, url, json=body, timeout=TIMEOUT_SECONDS)
            found = answer.json()
        except (requests.RequestException, ValueError) as error:
            text = f"No rehearsal orgs answer at port {port}; start them, or name their --port."
            raise CommandError(text) from error
        if not answer.ok:
            raise CommandError(found["error"])
        return found
