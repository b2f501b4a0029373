"""Sandbox fitness: what kind of copy it looks like, how old it is, and who of the waiting is in it.

No field says the kind of a sandbox (platform reference, 4.3): all of this is an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.checks.answers import VIEW_SETUP, OrganizationFacts
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.written import Refusals, counted

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# The storage that each kind has at most, in MB (platform reference, 5.1); above: as production.
_STORAGE = ((300, "developer"), (1_100, "developer_pro"), (5_500, "partial"))
# So many records do not fit into the smaller kinds.
_MANY_RECORDS = 100_000
_COUNTED = ("Account", "Contact", "Lead", "Opportunity")
# Below this share the choice of test job changes is narrow.
_ENOUGH = 0.75
_OLD_DAYS = 180


class SandboxFitness(Check):
    """Whether the test job changes will find their past records here."""

    name = "sandbox_fitness"
    step = "test"
    needs = ("organization", "storage_mb", "record_counts", "existing_ids")
    environments = ("sandbox",)
    signed = False
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Does this sandbox hold the people and accounts of the test job changes?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Tracked people come from production. In a sandbox without production’s records most "
            "past contacts and accounts are missing, and the test shows little of what production "
            "will do. A full copy is recommended."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Estimate the kind, and count who is here."""
        refusals = Refusals()
        storage = refusals.answer(lambda: survey.storage_mb, None, _("data storage"))
        nothing: Mapping[str, int] = {}
        counts = refusals.answer(lambda: survey.record_counts, nothing, _("record counts"))
        here = refusals.answer(lambda: survey.existing_ids, None, _("the past records"))
        kind, looks = _kind(storage, counts)
        share, words = _waiting(context, here)
        items = [_fit(kind, looks, share, words)]
        days = _days_old(survey.organization)
        if days is not None and days > _OLD_DAYS:
            items.append(_old(days))
        found = " ".join(part for part in (looks, words, _age(days)) if part)
        found = found or _("What kind of sandbox this is cannot be told.")
        missing = refusals.missing_right or VIEW_SETUP
        cannot = any(item.outcome == Outcome.CANNOT for item in items)
        return Finding.of(items, found=found, missing_right=missing if cannot else "")


def _kind(storage: int | None, counts: Mapping[str, int]) -> tuple[str, str]:
    """The kind it looks like, and a sentence with the reason; "" where nothing points to one."""
    if storage:
        size = _size(storage)
        kind = next((kind for most, kind in _STORAGE if storage <= most), "full")
        words = {
            "developer": _("Looks like a Developer sandbox: %(size)s of data storage."),
            "developer_pro": _("Looks like a Developer Pro sandbox: %(size)s of data storage."),
            "partial": _("Looks like a Partial Copy: %(size)s of data storage."),
            "full": _("Looks like a full copy: %(size)s of data storage."),
        }
        return kind, words[kind] % {"size": size}
    records = sum(counts.get(name) or 0 for name in _COUNTED)
    if records >= _MANY_RECORDS:
        return "full", _("Looks like a full copy: about %(number)s records.") % {
            "number": counted(records)
        }
    return "", ""


def _size(storage: int) -> str:
    if storage < 1_000:
        return _("%(size)s MB") % {"size": storage}
    return _("%(size)s GB") % {"size": counted(max(1, round(storage / 1_024)))}


def _waiting(context: CheckContext, here: frozenset[str] | None) -> tuple[float | None, str]:
    """Which share of the waiting job changes has all its past records here, and a sentence."""
    wanted = [ids for ids in context.past_records if ids]
    if not wanted or here is None:
        return None, ""
    known = {one[:15] for one in here}
    found = sum(1 for ids in wanted if all(one[:15] in known for one in ids))
    words = (
        _("%(found)s of %(all)s waiting job changes have their past contact and account here.")
        if context.waiting <= len(wanted)
        else _(
            "%(found)s of the %(all)s waiting job changes that were looked at have their past "
            "contact and account here."
        )
    )
    words = words % {"found": counted(found), "all": counted(len(wanted))}
    return found / len(wanted), words


def _fit(kind: str, looks: str, share: float | None, words: str) -> Item:
    """What was counted decides; the kind does where nothing could be counted."""
    sentence = " ".join(part for part in (looks, words) if part)
    if share is None and not kind:
        return Item(
            "fit.unknown",
            Outcome.CANNOT,
            _(
                "What kind of sandbox this is cannot be told: its data storage is not shown to "
                "the integration user, and no job changes wait that could be looked for."
            ),
            _(
                "The Sandboxes page in the Setup of production shows the kind: look there "
                "whether it is a full copy."
            ),
            Who.ADMINISTRATOR,
        )
    fits = share >= _ENOUGH if share is not None else kind == "full"
    if fits:
        return Item(f"fit.{kind or 'counted'}", Outcome.PASS, sentence)
    return Item(
        f"fit.{kind or 'counted'}",
        Outcome.WARNING,
        sentence,
        _(
            "A full copy is recommended: in the Setup of production, Sandboxes, “New Sandbox”, "
            "Full, then connect that one. With this sandbox, the implementation manager chooses "
            "job changes whose people are here."
        ),
        Who.ADMINISTRATOR,
    )


def _days_old(organization: OrganizationFacts) -> int | None:
    """In practice a sandbox is created with its last refresh (platform reference, 4.3: a hint)."""
    if organization.created is None:
        return None
    return max(0, (timezone.now() - organization.created).days)


def _age(days: int | None) -> str:
    if days is None:
        return ""
    return _("Probably copied %(days)s days ago.") % {"days": counted(days)}


def _old(days: int) -> Item:
    return Item(
        "old",
        Outcome.WARNING,
        _(
            "The copy seems to be %(days)s days old: people and rules that changed in production "
            "since then are not in it."
        )
        % {"days": counted(days)},
        _(
            "In the Setup of production, “Refresh” on the Sandboxes page makes a new copy. It "
            "takes away what was made in this sandbox, the connection to UserGems too: do it "
            "before the test."
        ),
        Who.ADMINISTRATOR,
    )
