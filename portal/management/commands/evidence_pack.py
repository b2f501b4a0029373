"""`manage.py evidence_pack --customer SLUG --folder DIR`: make a pack and write its files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import verify_evidence
from accounts.models import Customer
from portal.evidence.making import pack_ask, pack_file, pack_make
from portal.models import EvidencePack

REFUSED = 2


class Command(BaseCommand):
    """Makes it here and now, as the page does in the background, and verifies what it wrote."""

    help = "Make an evidence pack of a customer and write its PDF, JSON and verifying program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and where to."""
        parser.add_argument("--customer", required=True, metavar="SLUG")
        parser.add_argument("--folder", required=True, type=Path, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, write, verify, say what is where."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.", returncode=REFUSED)
        pack = pack_ask(customer=customer, side="vendor", by=None, wake=False)
        if pack.made_at is None:
            pack_make(pack.pk)
        pack = EvidencePack.objects.get(pk=pack.pk)
        if pack.made_at is None:
            raise CommandError(pack.error or "Somebody else is making it: try again in a minute.")
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for kind in ("json", "pdf"):
            file = folder / f"evidence.{kind}"
            content = pack_file(pack, kind)
            if content is None:
                raise CommandError("Its files are not kept any more.")
            file.write_bytes(content)
            self.stdout.write(f"{file}: {len(content):,} bytes, SHA-256 {_hash(pack, kind)}")
        script = Path(verify_evidence.__file__)
        (folder / script.name).write_bytes(script.read_bytes())
        problems = verify_evidence.verify((folder / "evidence.json").read_bytes(), pack.json_sha256)
        for where, words in problems:
            self.stdout.write(f"FAILED  {where}: {words}")
        if problems:
            raise CommandError("The pack does not hold.")
        self.stdout.write("Everything holds.")


def _hash(pack: EvidencePack, kind: str) -> str:
    return pack.json_sha256 if kind == "json" else pack.pdf_sha256
