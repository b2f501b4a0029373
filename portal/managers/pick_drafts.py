"""Saved drafts on the page where a manager picks: open, save, remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import person_of
from accounts.numbers import row_number
from jobchanges.models import JobChange, PickDraft
from jobchanges.services import (
    TestRunError,
    pick_draft_change,
    pick_draft_remove,
    pick_draft_save,
)
from portal.managers.picking import Picks, Pool

ACTS = ("open", "change", "remove")


@dataclass(frozen=True)
class DraftLine:
    """One saved draft, as the page lists it."""

    draft: PickDraft
    count: str
    is_open: bool


def drafts_of(pool: Pool, picks: Picks) -> list[DraftLine]:
    """The customer's drafts for this environment, newest first."""
    drafts = PickDraft.objects.filter(
        customer=pool.customer, environment=pool.environment
    ).select_related("by")
    return [
        DraftLine(
            draft,
            ngettext("%(count)d job change", "%(count)d job changes", len(draft.ids))
            % {"count": len(draft.ids)},
            picks.draft[0] == str(draft.pk),
        )
        for draft in drafts
    ]


def is_asked(posted: QueryDict) -> bool:
    """Whether a button of the drafts was pressed, or their name was typed and sent by Enter."""
    go = posted.get("go", "")
    by_enter = go == "show" and bool(posted.get("draft_name", "").strip())
    return go == "save" or by_enter or go.partition("-")[0] in ACTS


def act(request: HttpRequest, pool: Pool, picks: Picks) -> None:
    """Do what was asked, and say what became of it; the picks stay what they are."""
    what, _dash, number = request.POST.get("go", "").partition("-")
    try:
        if what not in ACTS:
            _save(request, pool, picks)
            return
        draft = PickDraft.objects.filter(
            pk=row_number(number) or 0, customer=pool.customer, environment=pool.environment
        ).first()
        if draft is None:
            messages.error(request, _("This draft is not there any more."))
        elif what == "open":
            _open(request, pool, picks, draft)
        elif what == "change":
            _change(request, pool, picks, draft)
        else:
            pick_draft_remove(draft=draft, by=person_of(request))
            messages.success(request, _("“%(name)s” is removed.") % {"name": draft.name})
    except TestRunError as error:
        messages.error(request, str(error))


def _open(request: HttpRequest, pool: Pool, picks: Picks, draft: PickDraft) -> None:
    picks.choose(pk for pk in draft.ids if pk in pool.exercised)
    picks.belong_to(draft)
    gone = JobChange.objects.filter(
        customer=pool.customer, pk__in=[pk for pk in draft.ids if pk not in pool.exercised]
    )
    messages.success(request, _("“%(name)s” is open.") % {"name": draft.name})
    if names := [row.person_name for row in gone]:
        messages.warning(
            request,
            _("Of this draft these cannot be picked any more: %(names)s.")
            % {"names": ", ".join(names)},
        )


def _save(request: HttpRequest, pool: Pool, picks: Picks) -> None:
    draft = pick_draft_save(
        customer=pool.customer,
        environment=pool.environment,
        name=request.POST.get("draft_name", ""),
        job_changes=_picked(pool, picks.ids),
        by=person_of(request),
    )
    picks.belong_to(draft)
    messages.success(
        request,
        _("Saved as “%(name)s”, for everybody who manages %(customer)s.")
        % {"name": draft.name, "customer": pool.customer.name},
    )


def _change(request: HttpRequest, pool: Pool, picks: Picks, draft: PickDraft) -> None:
    opened, seen = picks.draft
    if opened != str(draft.pk):
        raise TestRunError(_("Open the draft first, then save your picks to it."))
    changed = pick_draft_change(
        draft=draft,
        seen=datetime.fromisoformat(seen),
        job_changes=_picked(pool, picks.ids),
        by=person_of(request),
    )
    picks.belong_to(changed)
    messages.success(request, _("Saved to “%(name)s”.") % {"name": changed.name})


def _picked(pool: Pool, ids: Sequence[int]) -> list[JobChange]:
    found = {row.pk: row for row in pool.everything.filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]
