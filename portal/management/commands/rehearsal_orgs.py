"""Starts the rehearsal orgs by themselves, beside a site that was started by hand."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`manage.py rehearsal_orgs`: the server takes this process over; Ctrl-C ends it."""

    help = "Start the local server that speaks Salesforce's API; prints one line a host."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it listens and what it keeps."""
        parser.add_argument("--port", type=int, default=settings.REHEARSAL_PORT)
        parser.add_argument("--data", default=str(settings.VAR_DIR / "rehearsal"))
        parser.add_argument("--reset", action="store_true", help="begin with fresh orgs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the server: it shares no code with the portal, so it is not imported."""
        command = [sys.executable, "-m", "integrations.rehearsal"]
        command += ["--port", str(options["port"]), "--data", options["data"]]
        command += ["--site-url", settings.SITE_URL]
        if options["reset"]:
            command.append("--reset")
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, command)  # noqa: S606 (our own module, no shell)
