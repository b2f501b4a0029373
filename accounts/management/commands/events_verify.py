"""`manage.py events_verify`: recompute the chains of events."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Customer
from accounts.selectors import events_verify


class Command(BaseCommand):
    """Says for every customer whether the chain holds; ends with an error when one does not."""

    help = "Recomputes the chain of events of every customer, or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--customer", metavar="SLUG", help="only this customer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and print one line a customer."""
        customers = Customer.objects.order_by("slug")
        if options["customer"]:
            customers = customers.filter(slug=options["customer"])
            if not customers.exists():
                raise CommandError(f"There is no customer “{options['customer']}”.")
        broken = 0
        for customer in customers:
            problems = events_verify(customer)
            count = customer.events.count()
            newest = customer.events.order_by("-sequence").values_list("hash", flat=True).first()
            state = "broken" if problems else "holds"
            self.stdout.write(f"{customer.slug}: {count} events, {state}, newest {newest or '–'}")
            for problem in problems:
                self.stdout.write(f"  event {problem.sequence}: {problem.sentence}")
            broken += bool(problems)
        if broken:
            raise CommandError(f"The chain of {broken} customer(s) does not hold.")
