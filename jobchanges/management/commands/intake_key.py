"""`manage.py intake_key --client NAME [--customer SLUG …]`: a key for handing job changes in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer
from jobchanges.intake.keys import clients_read, key_digest, key_make


class Command(BaseCommand):
    """Prints the key, once, and what to put into `INTAKE_API_KEYS`; stores nothing."""

    help = "Make a key with which a program hands job changes in (POST /api/job-changes)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose key it is, and for which customers; without any, for all."""
        parser.add_argument("--client", required=True, metavar="NAME")
        parser.add_argument("--customer", action="append", default=[], metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print both lines."""
        slugs = sorted(set(options["customer"]))
        known = set(Customer.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        for slug in slugs:
            if slug not in known:
                raise CommandError(f"There is no customer “{slug}”.", returncode=2)
        key = key_make()
        entry = ":".join(
            [options["client"], key_digest(key), *(["+".join(slugs)] if slugs else [])]
        )
        try:
            clients_read([entry])
        except ValueError:
            raise CommandError(
                "A client's name has small letters, digits and hyphens, at most 40 of them.",
                returncode=2,
            ) from None
        self.stdout.write("The key, for the program; it is shown once and stored nowhere:")
        self.stdout.write(f"  {key}")
        self.stdout.write("Add this to INTAKE_API_KEYS (several are separated by commas):")
        self.stdout.write(f"  {entry}")
