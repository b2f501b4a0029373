"""Before something is written to production: who gets records, what may alert people, and by whom.

The allow page and the go-live summary say the same, from the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from integrations.checks.firing import ALERT
from integrations.models import CheckResult, OrgEpoch, Outcome
from portal.steps.words import when

# The check that asks what will fire.
AUTOMATION = "automation"
_RUNS = frozenset({"trigger", "flow"})
_WORDS = {
    "leads": lambda count: ngettext("%(count)s lead", "%(count)s leads", count),
    "contacts": lambda count: ngettext("%(count)s contact", "%(count)s contacts", count),
    "accounts": lambda count: ngettext("%(count)s account", "%(count)s accounts", count),
}


@dataclass(frozen=True)
class Firing:
    """The org's own automation that meets our records, a sentence each, as last asked.

    `alerting`: likely to tell people, by its name or because it mails by itself; `unread`: what it
    does is not read, so it may; `other`: what refuses records or gives them to somebody else.
    """

    found: str
    asked_at: datetime | None
    alerting: Sequence[str] = ()
    unread: Sequence[str] = ()
    other: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """As a summary keeps it. `lines` are all of them, as summaries had from the start."""
        return {
            "found": self.found,
            "lines": [*self.alerting, *self.unread, *self.other],
            "alerting": list(self.alerting),
            "unread": list(self.unread),
            "asked_at": self.asked_at.isoformat() if self.asked_at else "",
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Firing | None:
        """What a summary kept; one made before they were told apart says them all as unread."""
        if not stored:
            return None
        lines = [str(line) for line in stored.get("lines", ())]
        alerting = [str(line) for line in stored.get("alerting", ())]
        unread = [str(line) for line in stored.get("unread", lines)]
        told = {*alerting, *unread}
        return cls(
            found=str(stored.get("found", "")),
            asked_at=parse_datetime(str(stored.get("asked_at", ""))),
            alerting=alerting,
            unread=unread,
            other=[line for line in lines if line not in told],
        )


def firing_of(epoch: OrgEpoch | int) -> Firing | None:
    """What the org said last of its rules, triggers and flows; None where it gave no answer."""
    said = CheckResult.objects.filter(epoch=epoch, name=AUTOMATION).first()
    if said is None or said.checked_at is None or said.outcome in {"", Outcome.ERROR}:
        return None
    sorted_: dict[str, list[str]] = {"alerting": [], "unread": [], "other": []}
    for item in said.items:
        sorted_[_kind(str(item.get("key", "")))].append(str(item["sentence"]))
    return Firing(found=said.found, asked_at=said.checked_at, **sorted_)


def _kind(key: str) -> str:
    """By the key of the check's point: "Lead.flow.alert:Notify rep", "Lead.trigger:LeadSync"."""
    _object, *parts = key.partition(":")[0].split(".")
    kind, signs = (parts[0], parts[1:]) if parts else ("", [])
    if kind == "assignment" and not signs:
        return "alerting"
    if kind in _RUNS and ALERT in signs:
        return "alerting"
    if kind == "packaged" or (kind in _RUNS and not signs):
        return "unread"
    return "other"


def records_words(counts: Mapping[str, int]) -> str:
    """ "12 leads, 3 contacts": what one owner would receive; kinds without any are left out."""
    said = [
        say(count) % {"count": count} for name, say in _WORDS.items() if (count := counts.get(name))
    ]
    return ", ".join(said)


def owners_words(owners: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Name and records of each owner, of plain data: {"name", "id", "leads", …, "count"}."""
    return [
        (
            str(one.get("name") or one["id"]),
            records_words(one)
            or ngettext("%(count)s record", "%(count)s records", one.get("count", 0))
            % {"count": one.get("count", 0)},
        )
        for one in owners
    ]


def notifications_words(customer: Customer) -> str:
    """Whether UserGems itself tells anybody about job changes."""
    return notified_words(customer.notifications_on_at)


def notified_words(on_at: datetime | None) -> str:
    """UserGems' own notifications: off until somebody switches them on, or on since."""
    if on_at is None:
        return _(
            "UserGems’ own notifications are off. They stay off until you or UserGems switch them "
            "on after go-live, on “New job changes”."
        )
    return _("UserGems’ own notifications are on since %(when)s.") % {"when": when(on_at)}
