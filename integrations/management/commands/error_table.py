"""`manage.py error_table`: what Salesforce may answer and what becomes of it, as a table."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from integrations.error_table import error_table


class Command(BaseCommand):
    """Run with `--write` after the catalogue of errors or the sign-in problems changed."""

    # It reads code only, so it runs where nothing is configured.
    requires_system_checks: list[str] = []
    help = "Print the table of errors, or write it to docs/errors.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--write`."""
        parser.add_argument("--write", action="store_true", help="write docs/errors.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or write."""
        if not options["write"]:
            self.stdout.write(error_table(), ending="")
            return
        path = Path(settings.BASE_DIR) / "docs" / "errors.md"
        path.write_text(error_table(), encoding="utf-8")
        self.stdout.write(f"{path.name} written.")
