"""Points of checks, and what people said of them: what is open, accepted, waived, vouched for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from integrations.checks.base import Check, Item, Who
from integrations.checks.registry import checks_for
from integrations.models import CheckResult, CheckRun, Outcome
from portal.models import Waiver

if TYPE_CHECKING:
    from portal.steps.facts import Facts

# The columns of a waiver.
SUBJECT_LENGTH = 300
ACTED_ON = (Outcome.FAIL, Outcome.CANNOT, Outcome.WARNING)
ONLY = "all"


def subject_of(check: str, key: str) -> str:
    """What a waiver calls a point: `check:NAME:KEY`; a key that is too long by its hash."""
    subject = f"check:{check}:{key}"
    return subject if len(subject) <= SUBJECT_LENGTH else f"check:{check}:{content_hash(key)}"


def items_of(result: CheckResult) -> list[Item]:
    """The points of a result, those to act on first; a result without any is one point."""
    items = [Item.from_json(one) for one in result.items]
    if result.outcome in ACTED_ON and not any(one.outcome in ACTED_ON for one in items):
        items.insert(0, Item(ONLY, result.outcome, result.found))
    return items


@dataclass(frozen=True)
class Point:
    """One point, and the waiver of exactly it; None where nobody set it aside."""

    item: Item
    subject: str
    waiver: Waiver | None = None

    def is_open(self, outcome: str) -> bool:
        """Whether it is this bad and nobody set it aside."""
        return self.item.outcome == outcome and self.waiver is None


@dataclass(frozen=True)
class Judged:
    """One check of one org: its newest answer and the points of it. None: never asked."""

    check: Check
    result: CheckResult | None
    points: Sequence[Point] = ()
    # Part of the run that is open now, and not answered by it yet.
    asking: bool = False

    @property
    def outcome(self) -> str:
        """As stored; empty where it was never asked."""
        return self.result.outcome if self.result else ""

    @property
    def unanswered(self) -> bool:
        """Whether the org never gave an answer to it."""
        return self.outcome in {"", Outcome.ERROR}

    @property
    def stale(self) -> bool:
        """Whether its answer is too old to send or sign by."""
        return self.result is not None and is_stale(self.result.checked_at)

    def open_points(self, outcome: str) -> list[Point]:
        """The points that are this bad and that nobody set aside."""
        return [point for point in self.points if point.is_open(outcome)]

    @property
    def right(self) -> bool:
        """Whether nothing of it is left to do: right, or set aside; warnings hold nobody."""
        return not self.unanswered and not (
            self.open_points(Outcome.FAIL) or self.open_points(Outcome.CANNOT)
        )


def is_stale(checked_at: datetime) -> bool:
    """Whether an answer of that moment is too old to send or sign by."""
    return timezone.now() - checked_at > timedelta(hours=settings.CHECK_FRESH_HOURS)


def judged_of(facts: Facts, environment: str, *, step: str = "") -> list[Judged]:
    """Every check of an org, or those of one step (`permissions`), in the order of the registry."""
    results = facts.results(environment)
    run = facts.check_run_open(environment)
    waived = waived_points(facts, environment)
    return [
        judged(check, results.get(check.name), waived, run)
        for check in checks_for(environment)
        if not step or check.step == step
    ]


def judged(
    check: Check,
    result: CheckResult | None,
    waived: Mapping[tuple[str, str], Waiver],
    run: CheckRun | None = None,
) -> Judged:
    """One check with what people said of its points. `waived`: see `waived_points`."""
    points = tuple(_points(check, result, waived)) if result else ()
    part_of = run is not None and (not run.names or check.name in run.names)
    # Also an answer that could not be had is one of this run.
    answered = result is not None and run is not None and result.run_id == run.pk
    return Judged(check, result, points, asking=part_of and not answered)


def _points(
    check: Check, result: CheckResult, waived: Mapping[tuple[str, str], Waiver]
) -> Iterator[Point]:
    for item in items_of(result):
        subject = subject_of(check.name, item.key)
        yield Point(item, subject, waived.get((subject, item.hash)))


def waived_points(facts: Facts, environment: str) -> dict[tuple[str, str], Waiver]:
    """What stands for the org connected now, by subject and hash of exactly what was set aside."""
    epoch = facts.epoch(environment)
    return {
        (waiver.subject, waiver.subject_hash): waiver
        for waiver in facts.waivers
        if waiver.subject and epoch is not None and waiver.epoch_id == epoch.pk
    }


def only_ours(points: Sequence[Point]) -> bool:
    """Whether the implementation manager is who mends every one of these."""
    return bool(points) and all(point.item.who == Who.MANAGER for point in points)


def who_words(who: str) -> str:
    """As whom a point is mended (product.md, section 5)."""
    return {
        Who.ADMINISTRATOR.value: _("as administrator"),
        Who.INTEGRATION_USER.value: _("as the integration user"),
        Who.MANAGER.value: _("your implementation manager"),
    }.get(who, "")
