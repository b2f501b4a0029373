"""What pages show of checks: plain words, ready to be laid out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from integrations.checks.base import NOT_LOOKED_AT
from integrations.models import OrgEpoch, Outcome
from portal.models import Confirmation, Waiver


@dataclass(frozen=True)
class ItemView:
    """One point of a check, and what people said of it."""

    key: str
    outcome: str
    word: str
    # "ok", "warn", "bad" or "wait".
    kind: str
    sentence: str
    fix: str
    # "as administrator", "as the integration user", …; empty where nobody has to act.
    who: str
    # Into the org's own Setup; empty where no place is known.
    setup_url: str
    subject: str
    waiver: Waiver | None = None
    # What the reader may do about it.
    may_accept: bool = False
    may_waive: bool = False
    may_take_back: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is to be looked at and nobody set it aside."""
        return self.outcome != Outcome.PASS and self.waiver is None


@dataclass(frozen=True)
class CheckView:
    """One check: asked, found, since when, what to do. `outcome` is empty if never asked."""

    name: str
    step: str
    question: str
    why: str
    outcome: str
    word: str
    # "ok", "warn", "bad", "wait", or empty.
    kind: str
    found: str = ""
    since: datetime | None = None
    checked_at: datetime | None = None
    stale: bool = False
    error: str = ""
    error_at: datetime | None = None
    missing_right: str = ""
    items: Sequence[ItemView] = ()
    # Part of the open run and not answered by it yet.
    asking: bool = False
    # A fail that nobody waived, something that nobody vouched for, or no answer ever.
    holds: bool = False
    # Whether a person may vouch for it where the org cannot be asked.
    by_hand: bool = True

    @property
    def bad(self) -> list[ItemView]:
        """Fails that nobody waived."""
        return [item for item in self.open if item.outcome == Outcome.FAIL]

    @property
    def open(self) -> list[ItemView]:
        """Fails, warnings and what cannot be checked, unless somebody set them aside."""
        return [item for item in self.items if item.is_open]

    @property
    def set_aside(self) -> list[ItemView]:
        """What was accepted or waived."""
        return [item for item in self.items if item.waiver is not None]

    @property
    def right(self) -> list[ItemView]:
        """Points that are right and worth showing."""
        passed = (item for item in self.items if item.outcome == Outcome.PASS)
        return [item for item in passed if item.key != NOT_LOOKED_AT]

    @property
    def looked_at(self) -> bool:
        """Whether there was anything to look at; a check that does not apply is not "right"."""
        return not any(item.key == NOT_LOOKED_AT for item in self.items)


@dataclass(frozen=True)
class GroupView:
    """The checks of one step. `step` as everywhere ("sandbox.permissions")."""

    step: str
    title: str
    checks: Sequence[CheckView]
    # Who vouched for what cannot be checked here.
    cannot_confirmed: Confirmation | None = None
    # Whether the path has a step in which an admin can.
    may_vouch: bool = True


@dataclass(frozen=True)
class RunView:
    """The newest round of questions. `done` of `total` checks have its answer."""

    state: str
    asked_at: datetime
    reason: str
    done: int
    total: int
    asked_by: User | None = None
    error: str = ""
    api_calls: int = 0
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in {"waiting", "running"}

    @property
    def failed(self) -> bool:
        """Whether the org could not be asked; `error` says why."""
        return self.state == "failed"


@dataclass(frozen=True)
class ChecksView:
    """What one org said of itself, in groups by step."""

    environment: str
    epoch: OrgEpoch | None
    # Whether the org can be asked; `lost` says why not, where it could once.
    live: bool
    lost: str = ""
    groups: Sequence[GroupView] = ()
    run: RunView | None = None
    # The oldest of the newest answers, and what the last round cost.
    checked_at: datetime | None = None
    api_calls: int = 0
    stale: bool = False

    @property
    def checks(self) -> list[CheckView]:
        """All checks, in order."""
        return [check for group in self.groups for check in group.checks]

    @property
    def never(self) -> bool:
        """Whether the org was never asked any of them."""
        return not any(check.outcome for check in self.checks)

    @property
    def open_points(self) -> list[tuple[CheckView, ItemView]]:
        """Every point to act on, with its check."""
        return [(check, item) for check in self.checks for item in check.open]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many checks ended how; one whose points are all set aside counts as right."""
        found = dict.fromkeys([*Outcome.values, ""], 0)
        for check in self.checks:
            found[_worst_open(check)] += 1
        return found


_WORST = (Outcome.FAIL, Outcome.CANNOT, Outcome.WARNING)


def _worst_open(check: CheckView) -> str:
    """The outcome of the worst point that is open; else as stored, or right."""
    if check.outcome in {"", Outcome.ERROR}:
        return check.outcome
    outcomes = {item.outcome for item in check.open}
    return next((one.value for one in _WORST if one in outcomes), Outcome.PASS.value)
