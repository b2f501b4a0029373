"""`manage.py erase_person --customer SLUG --email ADDRESS`: remove a person from the data."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Customer
from accounts.services.notes import notes_erase
from jobchanges.services.erasing import ErasingError, person_erase, person_named
from portal.evidence.making import evidence_files_purge

REFUSED = 2


class Command(BaseCommand):
    """Removes the person from job changes, ledger and imports; Salesforce is not touched."""

    help = "Remove a person from a customer's job changes, ledger and imports, by e-mail address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose data, and who."""
        parser.add_argument("--customer", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True, metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase and say how many job changes were theirs."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.", returncode=REFUSED)
        try:
            with transaction.atomic():
                # Before they are gone: notes have no other sign of whom they name.
                words = person_named(customer=customer, email=options["email"])
                count = person_erase(customer=customer, email=options["email"], by=None)
                notes = notes_erase(customer=customer, words=words)
        except ErasingError as reason:
            raise CommandError(str(reason), returncode=REFUSED) from None
        if notes:
            self.stdout.write(f"Took the person out of {notes} internal note(s).")
        # Packs made before hold the person's values.
        evidence_files_purge(customer=customer)
        if not count:
            self.stdout.write("No job change of this customer has this address (any more).")
            return
        self.stdout.write(
            f"Erased from {count} job change(s), with their ledger and imports. A person may have "
            "other addresses: repeat it for each. Records in Salesforce are the customer's own."
        )
