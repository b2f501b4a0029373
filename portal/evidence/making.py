"""Asking for a pack, making it in the background, keeping its files as long as they may be kept.

The files are kept, not made anew: what they say is true of one moment, and both parties are to have
the same bytes. They go with what they hold: when values are removed by retention or a person is
erased, the pack's row stays with its hashes, and a copy kept elsewhere can still be compared.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Event, User
from accounts.services import event_record
from accounts.services.events import SideName
from accounts.verify_evidence import BLANKING, sha256, verify
from accounts.waking import task_wake
from portal.evidence.content import EvidenceError, pack_bytes, pack_content
from portal.evidence.document import pack_pdf
from portal.models import EvidenceFile, EvidencePack

log = structlog.get_logger(__name__)

MADE = "evidence.made"
# A worker that is at it longer than this is taken for dead.
CLAIM = timedelta(minutes=10)
# A wake-up call that nobody followed for so long is taken for lost.
LOST_AFTER = timedelta(seconds=30)


def pack_ask(*, customer: Customer, side: str, by: User | None, wake: bool = True) -> EvidencePack:
    """Have a pack made, or give the one that is on its way, or that nothing happened since.

    Without `wake` the caller makes it.
    """
    newest = EvidencePack.objects.filter(customer=customer).first()
    if newest is not None and (newest.is_being_made or pack_is_current(newest)):
        return newest
    with transaction.atomic():
        try:
            with transaction.atomic():
                pack = EvidencePack.objects.create(customer=customer, asked_by=by, side=side)
        except IntegrityError:
            # Who was quicker may have made it already.
            return EvidencePack.objects.filter(customer=customer).latest("pk")
        if wake:
            from portal import tasks

            transaction.on_commit(partial(task_wake, tasks.evidence_make, pack.pk))
    return pack


def pack_is_current(pack: EvidencePack) -> bool:
    """Whether nothing happened since it was made, but that it was made."""
    if not pack.is_kept or pack.head_sequence is None:
        return False
    later = Event.objects.filter(customer=pack.customer_id, sequence__gt=pack.head_sequence)
    return not later.exclude(action=MADE).exists()


def pack_make(pack_pk: int) -> bool:
    """Make a pack that was asked for; whether it was made. A second worker at it does nothing.

    Claim, read and ask, record: no transaction is open meanwhile. What was made is verified by the
    program that readers get, before anybody is given it.
    """
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    claim = now + CLAIM
    if not _unmade().filter(free, pk=pack_pk).update(claimed_until=claim):
        return False
    pack = EvidencePack.objects.select_related("customer", "asked_by").get(pk=pack_pk)
    try:
        with timezone.override("UTC"), translation.override("en"):
            return _made(pack, claim)
    except EvidenceError as problem:
        return _failed(pack, claim, str(problem))
    except Exception:
        # Said, not tried for ever: whoever waits for it learns that it stands still.
        log.exception("evidence_not_made", pack=pack.pk)
        return _failed(pack, claim, _("UserGems could not make it. We were told and look into it."))


def _made(pack: EvidencePack, claim: datetime) -> bool:
    content = pack_content(pack.customer, by=pack.asked_by, at=timezone.now())
    as_json = pack_bytes(content)
    for where, words in verify(as_json):
        # Handed out all the same: what does not hold is what evidence is for.
        log.error("evidence_does_not_hold", pack=pack.pk, where=where, words=words)
    files = {
        EvidenceFile.Kind.JSON: as_json,
        EvidenceFile.Kind.PDF: pack_pdf(content, sha256(as_json)),
    }
    hashes = {kind: sha256(file) for kind, file in files.items()}
    head = content["chain"]
    with transaction.atomic():
        # As `event_record` does: what is erased after this finds the pack.
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=pack.customer_id)
        if _blanked_since(pack.customer_id, head["events"]):
            # Values that were removed meanwhile are not kept here: the sweep makes it anew.
            _unmade().filter(pk=pack.pk, claimed_until=claim).update(claimed_until=None)
            return False
        stored = (
            _unmade()
            .filter(pk=pack.pk, claimed_until=claim)
            .update(
                made_at=timezone.now(),
                claimed_until=None,
                head_sequence=head["events"],
                head_hash=head["hash"],
                json_sha256=hashes[EvidenceFile.Kind.JSON],
                pdf_sha256=hashes[EvidenceFile.Kind.PDF],
                json_bytes=len(as_json),
                pdf_bytes=len(files[EvidenceFile.Kind.PDF]),
            )
        )
        if not stored:
            return False
        EvidenceFile.objects.bulk_create(
            EvidenceFile(pack=pack, kind=kind, content=zlib.compress(file))
            for kind, file in files.items()
        )
        event_record(
            customer=pack.customer,
            action=MADE,
            by=pack.asked_by,
            side=_side(pack),
            data={
                "pack": pack.pk,
                "events": head["events"],
                "head": head["hash"],
                "json_sha256": hashes[EvidenceFile.Kind.JSON],
                "pdf_sha256": hashes[EvidenceFile.Kind.PDF],
            },
        )
    return True


def _blanked_since(customer_pk: int, sequence: int) -> bool:
    """Whether values were removed or a person erased after that event."""
    later = Event.objects.filter(customer=customer_pk, sequence__gt=sequence)
    return later.filter(action__in=BLANKING).exists()


def _side(pack: EvidencePack) -> SideName:
    """For whom it was asked: nobody where a command did."""
    if pack.asked_by is None:
        return "system"
    return "vendor" if pack.side == "vendor" else "customer"


def _failed(pack: EvidencePack, claim: datetime, sentence: str) -> bool:
    """Say why, unless the claim ended meanwhile and somebody else is making it."""
    _unmade().filter(pk=pack.pk, claimed_until=claim).update(
        error=sentence[:500], claimed_until=None
    )
    return False


def _unmade() -> QuerySet[EvidencePack]:
    return EvidencePack.objects.filter(made_at=None, error="")


def packs_left() -> list[int]:
    """Packs that somebody asked for and nobody is making: for the sweep."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return list(_unmade().filter(free, asked_at__lte=now - LOST_AFTER).values_list("pk", flat=True))


def pack_file(pack: EvidencePack, kind: str) -> bytes | None:
    """The bytes as they were made; None where they are not kept (any more)."""
    found = EvidenceFile.objects.filter(pack=pack, kind=kind, pack__removed_at=None).first()
    return zlib.decompress(bytes(found.content)) if found else None


def packs_shown(customer: Customer) -> Iterable[EvidencePack]:
    """The customer's packs, newest first."""
    return EvidencePack.objects.filter(customer=customer).select_related("asked_by")[:20]


def evidence_files_purge(*, dry_run: bool = False, customer: Customer | None = None) -> int:
    """Remove files that hold what is no longer kept; how many packs lost theirs.

    Those are packs made before values were removed by retention, or before a person was erased.
    """
    blanked = Event.objects.filter(
        customer=OuterRef("customer"),
        action__in=BLANKING,
        sequence__gt=OuterRef("head_sequence"),
    )
    packs = EvidencePack.objects.filter(Exists(blanked), removed_at=None).exclude(made_at=None)
    if customer is not None:
        packs = packs.filter(customer=customer)
    if dry_run:
        return packs.count()
    with transaction.atomic():
        ids = list(packs.values_list("pk", flat=True))
        EvidenceFile.objects.filter(pack__in=ids).delete()
        return EvidencePack.objects.filter(pk__in=ids).update(removed_at=timezone.now())
