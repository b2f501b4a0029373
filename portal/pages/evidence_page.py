"""What the evidence page shows, on both sides: packs, files, and how to verify them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts import verify_evidence
from accounts.models import Customer
from portal.evidence.making import pack_file, pack_is_current, packs_shown
from portal.models import EvidenceFile, EvidencePack

SCRIPT = Path(verify_evidence.__file__)
TYPES = {EvidenceFile.Kind.PDF: "application/pdf", EvidenceFile.Kind.JSON: "application/json"}


@dataclass(frozen=True)
class PackShown:
    """One pack with the addresses of its files; none where they are not kept (any more)."""

    pack: EvidencePack
    pdf_url: str = ""
    json_url: str = ""


@dataclass(frozen=True)
class EvidencePage:
    """The page of one customer, for one side. `prefix` is the name of its address."""

    customer: Customer
    prefix: str
    args: Sequence[int] = ()
    packs: Sequence[PackShown] = field(default_factory=list)
    current: bool = False

    @property
    def newest(self) -> PackShown | None:
        """The last one that was asked for."""
        return self.packs[0] if self.packs else None

    @property
    def being_made(self) -> bool:
        """Whether one is on its way: the page asks again."""
        return self.newest is not None and self.newest.pack.is_being_made

    @property
    def latest(self) -> PackShown | None:
        """The newest that is there."""
        return next((one for one in self.packs if one.pack.made_at is not None), None)

    @property
    def earlier(self) -> Sequence[PackShown]:
        """Those made before it."""
        made = [one for one in self.packs if one.pack.made_at is not None]
        return made[1:]

    @property
    def make_url(self) -> str:
        """Where a new one is asked for."""
        return reverse(f"{self.prefix}_make", args=self.args)

    @property
    def list_url(self) -> str:
        """The part of the page that asks again while one is being made."""
        return reverse(f"{self.prefix}_list", args=self.args)

    @property
    def script_url(self) -> str:
        """The program that verifies."""
        return reverse(f"{self.prefix}_script", args=self.args)

    @property
    def script_name(self) -> str:
        """What to save it as."""
        return SCRIPT.name

    @property
    def command(self) -> str:
        """How to verify the newest."""
        hash_now = self.latest.pack.json_sha256 if self.latest else "HASH"
        return f"python3 {SCRIPT.name} evidence.json --sha256 {hash_now}"


def evidence_page(customer: Customer, prefix: str, args: Sequence[int] = ()) -> EvidencePage:
    """Put the page together."""
    rows = list(packs_shown(customer))
    shown = [
        PackShown(
            one,
            *(reverse(f"{prefix}_{kind}", args=[*args, one.pk]) for kind in ("pdf", "json"))
            if one.is_kept
            else (),
        )
        for one in rows
    ]
    made = next((one for one in rows if one.made_at is not None), None)
    current = made is not None and pack_is_current(made)
    return EvidencePage(customer, prefix, args, shown, current)


def file_answer(customer: Customer, pk: int, kind: str) -> HttpResponse:
    """One file of one of the customer's packs, as it was made. Raises Http404."""
    pack = EvidencePack.objects.filter(pk=pk, customer=customer).exclude(made_at=None).first()
    content = pack_file(pack, kind) if pack else None
    if pack is None or content is None or pack.made_at is None:
        raise Http404
    answer = HttpResponse(content, content_type=TYPES[EvidenceFile.Kind(kind)])
    name = f"{customer.slug}-evidence-{pack.made_at:%Y-%m-%d}-{pack.pk}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def script_answer() -> HttpResponse:
    """The program, as it is."""
    answer = HttpResponse(SCRIPT.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{SCRIPT.name}"'
    return answer
