"""`manage.py events_verify`: recompute chains of events; with `--pack`, an evidence pack too."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import verify_evidence
from accounts.models import Customer
from accounts.selectors import events_verify, pack_compare


class Command(BaseCommand):
    """Says for every customer whether the chain holds; ends with an error when one does not."""

    help = "Recomputes the chain of events of every customer, of one, or of an evidence pack."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--customer", metavar="SLUG", help="only this customer")
        parser.add_argument(
            "--pack",
            metavar="FILE",
            type=Path,
            help="the JSON file of an evidence pack: verify it, and compare it with the database",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify and print one line a customer."""
        if options["pack"]:
            self._pack(options["pack"])
            return
        customers = Customer.objects.order_by("slug")
        if options["customer"]:
            customers = customers.filter(slug=options["customer"])
            if not customers.exists():
                raise CommandError(f"There is no customer “{options['customer']}”.")
        broken = sum(self._chain(customer) for customer in customers)
        if broken:
            raise CommandError(f"The chain of {broken} customer(s) does not hold.")

    def _chain(self, customer: Customer) -> bool:
        """Print a customer's line; whether its chain is broken."""
        problems = events_verify(customer)
        count = customer.events.count()
        newest = customer.events.order_by("-sequence").values_list("hash", flat=True).first()
        state = "broken" if problems else "holds"
        self.stdout.write(f"{customer.slug}: {count} events, {state}, newest {newest or '–'}")
        for problem in problems:
            self.stdout.write(f"  event {problem.sequence}: {problem.sentence}")
        return bool(problems)

    def _pack(self, file: Path) -> None:
        """By itself first, then against what the database says today."""
        try:
            content = file.read_bytes()
            pack = verify_evidence.read(content)
        except (OSError, verify_evidence.Unreadable) as error:
            raise CommandError(f"{file}: {error}", returncode=2) from None
        problems = verify_evidence.verify(content)
        customer = Customer.objects.filter(pk=_number(pack)).first()
        if customer is None:
            problems.append(("customer", "There is no such customer in this database."))
        else:
            problems += pack_compare(customer, pack, verify_evidence.sha256(content))
        for where, words in problems:
            self.stdout.write(f"FAILED  {where}: {words}")
        chain_broken = customer is not None and self._chain(customer)
        if problems or chain_broken:
            raise CommandError("The pack and the database do not both hold.")
        self.stdout.write(verify_evidence.summary(pack))
        self.stdout.write("The pack holds, and is what was made from this database.")


def _number(pack: dict[str, Any]) -> int:
    found = pack.get("customer")
    number = found.get("id") if isinstance(found, dict) else None
    return number if type(number) is int else 0
