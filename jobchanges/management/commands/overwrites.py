"""`manage.py overwrites --customer SLUG`: every existing record we touched, before and after."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer
from jobchanges.models import Delivery
from jobchanges.overwriting import (
    Sums,
    Touched,
    asked_now,
    overwrites,
    overwrites_csv,
    overwrites_json,
)
from jobchanges.overwriting.verdicts import MISSING

REFUSED = 2


class Command(BaseCommand):
    """Ends with 0 when nothing was overwritten, 1 when something was, 2 for a wrong customer."""

    help = "Print every existing record of a customer that was touched, with before and after."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, for whom to print, and whether the orgs are asked again."""
        parser.add_argument("--customer", required=True, metavar="SLUG")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="for machines")
        form.add_argument("--csv", action="store_true", help="a line for each field")
        parser.add_argument(
            "--ask", action="store_true", help="read the records again now; nothing is written"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, and end with what it means."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.", returncode=REFUSED)
        sums = Sums()
        asked = options["ask"]
        found = asked_now(overwrites(customer)) if asked else overwrites(customer)
        if options["json"]:
            pieces = overwrites_json(customer.slug, found, sums, asked=asked)
        elif options["csv"]:
            pieces = overwrites_csv(_counted(found, sums), asked=asked)
        else:
            pieces = _lines(customer, _counted(found, sums), sums)
        for piece in pieces:
            self.stdout.write(piece, ending="")
        if options["json"]:
            self.stdout.write("")
        if not sums.holds:
            sys.exit(1)


def _counted(touched: Iterator[Touched], sums: Sums) -> Iterator[Touched]:
    for one in touched:
        sums.add(one)
        yield one


def _lines(customer: Customer, touched: Iterator[Touched], sums: Sums) -> Iterator[str]:
    for one in touched:
        yield (
            f"{one.environment} {one.org_id} {one.object_name} {one.record_id}, job change "
            f"{one.job_change}, attempt {one.attempt}, {one.at:%Y-%m-%d %H:%M:%S} UTC"
            f"{': ' + one.note if one.note else ''}\n"
        )
        for item in one.fields:
            values = (item.before, item.sent, item.stored, item.settled, item.now)
            shown = " → ".join(
                _printable(value) for value in values[: 5 if item.now is not MISSING else 4]
            )
            mark = "!!" if item.verdict == "violation" else "  "
            reason = f" {item.reason}" if item.reason else ""
            yield f"{mark}  {item.name}: {shown}: {item.word}.{reason}\n"
    yield (
        f"{sums.records} existing records touched by {sums.writes} writes, {sums.fields} fields:\n"
    )
    for _verdict, words, number in sums.lines:
        yield f"  {number} {words[0].lower()}{words[1:]}\n"
    if sums.without_fields:
        yield f"  {sums.without_fields} writes of which no values are kept or known\n"
    unanswered = Delivery.objects.filter(
        job_change__customer=customer, state=Delivery.State.UNKNOWN
    ).count()
    if unanswered:
        yield f"{unanswered} job changes have no answer yet: what they wrote is not in the ledger\n"
    yield (f"{sums.sentence}\n" if sums.holds else f"{sums.violations} FIELDS WERE OVERWRITTEN.\n")


def _printable(value: Any) -> str:
    """A value on one line, without what moves a terminal's cursor."""
    if value is MISSING:
        return "?"
    text = "(empty)" if value is None or value == "" else str(value)
    kept = "".join(one if one.isprintable() else "�" for one in text)
    encoding = sys.stdout.encoding or "utf-8"
    return kept.encode(encoding, "replace").decode(encoding)
