"""`manage.py reconcile --customer SLUG`: ask the production org whether the numbers add up."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Customer
from jobchanges.reconcile import ReconcileError, Reconciliation, reconcile
from jobchanges.reconcile.types import Counts

REFUSED = 2
WORDS = (
    ("created", "created"),
    ("enriched", "enriched"),
    ("past_only", "past record only"),
    ("package_only", "package record only"),
    ("refused", "refused"),
    ("held", "held"),
)


class Command(BaseCommand):
    """Ends with 0 when everything adds up, 1 when it does not, 2 when the org cannot be asked."""

    help = "Ask a customer's production org for every delivery and compare it with the ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose org, and for whom to print."""
        parser.add_argument("--customer", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print, and end with the code that says whether it adds up."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.", returncode=REFUSED)
        try:
            found = reconcile(customer)
        except ReconcileError as reason:
            raise CommandError(str(reason), returncode=REFUSED) from None
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        else:
            for line in report(found):
                self.stdout.write(line)
        if not found.adds_up:
            sys.exit(1)


def report(found: Reconciliation) -> Iterator[str]:
    """The reconciliation as lines for a person; no names, only ids of job changes."""
    yield f"{found.org_name} ({found.org_id})"
    yield f"  {found.org_keys} delivery keys in the org, asked for in {found.calls} API calls"
    for counts in found.batches:
        yield _sum(counts)
    if not found.batches:
        yield "No batch was released yet."
    if found.test.total:
        yield _sum(found.test)
    tried = found.tried
    yield (
        f"Tried in the sandbox: {tried.total} = {tried.delivered} delivered + {tried.refused} "
        f"refused + {tried.held} held + {tried.next_batch} for the next batch"
        + (f" + {len(tried.missing)} NOWHERE" if tried.missing else "")
    )
    for key in tried.missing:
        yield f"  {key}: tried in the sandbox, and production has no answer for it"
    for stopped in found.stopped:
        yield f"  {stopped.key}: {stopped.state}: {stopped.reason}"
    for key in found.unknown:
        yield f"  {key}: being sent, or Salesforce did not answer yet; it will be asked for"
    for problem in found.problems:
        yield f"  {problem.key}: {problem.sentence}"
    yield "Everything adds up." if found.adds_up else "IT DOES NOT ADD UP."


def _sum(counts: Counts) -> str:
    parts = [f"{getattr(counts, name)} {words}" for name, words in WORDS]
    if counts.not_answered:
        parts.append(f"{counts.not_answered} NOT ANSWERED YET")
    return f"{counts.title}: {counts.total} = {' + '.join(parts)}"
