"""`manage.py purge_expired`: remove what is past its retention."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.retention import expired_remove


class Command(BaseCommand):
    """The scheduler does the same every night; repeating it changes nothing."""

    help = "Remove what is past its retention (RETENTION_… settings), and say how much of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Only look."""
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove and print one line a kind."""
        dry_run = bool(options["dry_run"])
        for kind, count in expired_remove(dry_run=dry_run).items():
            self.stdout.write(f"{count} {kind}")
        if dry_run:
            self.stdout.write("Nothing was removed: --dry-run only counts.")
