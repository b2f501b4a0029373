"""Internal notes: written, changed by their author, removed. Each time with an event, no text."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, CustomerNote, User
from accounts.models.notes import LONGEST_NOTE
from accounts.services.events import event_record


class NoteError(Exception):
    """What cannot be noted; says why in a sentence."""


def note_add(*, customer: Customer, text: str, by: User) -> CustomerNote:
    """Write a note. Raises NoteError for an empty or too long one, and for other people's staff."""
    text = _clean(text)
    _staff_check(customer, by)
    with transaction.atomic():
        note = CustomerNote.objects.create(customer=customer, author=by, text=text)
        _record(note, "note.added", by)
    return note


def note_change(*, note: CustomerNote, text: str, by: User) -> None:
    """Change one's own note. Raises NoteError as `note_add`, for others' and for a removed one."""
    text = _clean(text)
    _staff_check(note.customer, by)
    with transaction.atomic():
        changed = CustomerNote.objects.filter(pk=note.pk, author=by, removed_at=None).update(
            text=text, changed_at=timezone.now()
        )
        if not changed:
            raise NoteError(_("Only the author changes a note, while it stands."))
        _record(note, "note.changed", by)


def note_remove(*, note: CustomerNote, by: User) -> bool:
    """Remove one's own note, or as a lead anybody's; False when it was removed before.

    The line stays, with who removed it; the text goes after its time (`notes_purge`).
    """
    _staff_check(note.customer, by)
    if note.author_id != by.pk and not by.has_perm("accounts.view_all_customers"):
        raise NoteError(_("Only the author or a lead removes a note."))
    with transaction.atomic():
        removed = CustomerNote.objects.filter(pk=note.pk, removed_at=None).update(
            removed_at=timezone.now(), removed_by=by
        )
        if removed:
            _record(note, "note.removed", by)
    return bool(removed)


def notes_purge(*, removed_before: datetime, dry_run: bool = False) -> int:
    """Empty removed notes whose time is over; how many."""
    over = CustomerNote.objects.filter(removed_at__lt=removed_before).exclude(text="")
    return over.count() if dry_run else over.update(text="")


def notes_erase(*, customer: Customer, words: Iterable[str]) -> int:
    """Take what names a person out of the notes of a customer, on request; how many had it.

    `words`: addresses and whole names; the longest go first, so that nothing of them is left.
    """
    wanted = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return 0
    named = re.compile("|".join(map(re.escape, wanted)), re.IGNORECASE)
    found = 0
    with transaction.atomic():
        for note in CustomerNote.objects.select_for_update().filter(customer=customer):
            # In Python: not every database folds the case of every letter.
            text = named.sub("[…]", note.text)
            if text != note.text:
                note.text = text
                note.save(update_fields=["text"])
                found += 1
    return found


def _clean(text: str) -> str:
    text = text.strip()
    if not text:
        raise NoteError(_("Write something first. Nothing was saved."))
    if len(text) > LONGEST_NOTE:
        raise NoteError(
            _("At most %(most)d characters: this has %(length)d. Nothing was saved.")
            % {"most": LONGEST_NOTE, "length": len(text)}
        )
    return text


def _staff_check(customer: Customer, by: User) -> None:
    if not customers_managed_by(by).filter(pk=customer.pk).exists():
        raise NoteError(_("Notes are for the staff who manage the customer."))


def _record(note: CustomerNote, action: str, by: User) -> None:
    event_record(
        customer=note.customer, action=action, by=by, side="vendor", data={"note": note.pk}
    )
