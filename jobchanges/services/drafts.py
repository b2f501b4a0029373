"""Picks saved for later (product.md, section 6). Raises TestRunError with a sentence."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from accounts.services import event_record
from jobchanges.models import JobChange, PickDraft
from jobchanges.models.runs import MAXIMUM
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import vendor_only

MOST_DRAFTS = 20
# A draft may hold more than a test takes: what to choose from.
MOST_PICKS = 5 * MAXIMUM


def pick_draft_save(
    *, customer: Customer, environment: str, name: str, job_changes: Iterable[JobChange], by: User
) -> PickDraft:
    """Save picks under a new name, for everybody who manages the customer."""
    vendor_only(by, customer)
    wanted = _wanted(customer, job_changes)
    name = " ".join(name.split())[:80]
    if not name:
        raise TestRunError(_("Give the draft a name."))
    drafts = PickDraft.objects.filter(customer=customer, environment=environment)
    if drafts.count() >= MOST_DRAFTS:
        raise TestRunError(
            _("There are %(count)d saved drafts already. Remove one first.")
            % {"count": MOST_DRAFTS}
        )
    try:
        with transaction.atomic():
            draft = PickDraft.objects.create(
                customer=customer,
                environment=environment,
                name=name,
                ids=[item.pk for item in wanted],
                by=by,
            )
            _event(draft, "picks.saved", by, wanted)
    except IntegrityError as error:
        raise TestRunError(
            _("There is a draft with this name already. Choose another name, or open that one.")
        ) from error
    return draft


def pick_draft_change(
    *, draft: PickDraft, seen: datetime, job_changes: Iterable[JobChange], by: User
) -> PickDraft:
    """Save other picks to a draft, as long as nobody changed it since it was `seen`."""
    vendor_only(by, draft.customer)
    wanted = _wanted(draft.customer, job_changes)
    with transaction.atomic():
        changed = PickDraft.objects.filter(pk=draft.pk, changed_at=seen).update(
            ids=[item.pk for item in wanted], by=by, changed_at=timezone.now()
        )
        if not changed:
            raise TestRunError(
                _(
                    "Somebody else changed or removed this draft meanwhile. Your picks are still "
                    "here: save them under another name."
                )
            )
        _event(draft, "picks.saved", by, wanted)
    draft.refresh_from_db()
    return draft


def pick_draft_remove(*, draft: PickDraft, by: User) -> None:
    """Remove a draft, once. A test that was put together from it stays as it is."""
    vendor_only(by, draft.customer)
    with transaction.atomic():
        removed, _models = PickDraft.objects.filter(pk=draft.pk).delete()
        if removed:
            _event(draft, "picks.removed", by, ())


def _wanted(customer: Customer, job_changes: Iterable[JobChange]) -> list[JobChange]:
    wanted = list({item.pk: item for item in job_changes}.values())
    if not wanted:
        raise TestRunError(_("Pick at least one job change first."))
    if len(wanted) > MOST_PICKS:
        raise TestRunError(_("A draft holds up to %(most)d job changes.") % {"most": MOST_PICKS})
    if any(item.customer_id != customer.pk for item in wanted):
        raise TestRunError(_("A draft holds job changes of one customer."))
    return wanted


def _event(draft: PickDraft, action: str, by: User, job_changes: Iterable[JobChange]) -> None:
    event_record(
        customer=draft.customer,
        action=action,
        by=by,
        side="vendor",
        environment=draft.environment,
        data={"draft": draft.pk, "job_changes": [item.key for item in job_changes]},
    )
