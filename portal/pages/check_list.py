"""What a list of checks shows, for the customer's page and for the managers' desk alike.

A page stays small whatever an org has to say: each check shows its first points, and all of one
check where the reader asks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Outcome
from portal.checking.selectors import ChecksView, CheckView, GroupView, ItemView
from portal.pages.check_rows import ASIDE_SHOWN, RANK, CheckRow, PointRow, check_row
from portal.steps import Facts, StepView
from portal.steps.words import on_day

# Points that a page shows of all checks together, of the one that was asked for, of a step.
POINTS_A_PAGE = 18
POINTS_A_CHECK = 28
POINTS_A_STEP = 8
# Fewer of the one that was asked for where they are long: an org's own words stand in them.
LETTERS_A_CHECK = 6_000
NOTHING_WAIVED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class GroupRow:
    """The checks of one step."""

    group: GroupView
    rows: Sequence[CheckRow]
    waived: str = ""

    @property
    def href(self) -> str:
        """The customer's setup page with this step opened."""
        return f"{reverse('setup')}?{urlencode({'step': self.group.step})}"

    @property
    def by_hand(self) -> bool:
        """Whether something cannot be asked that a person may vouch for."""
        return self.group.may_vouch and any(
            row.vouched or (row.check.by_hand and row.worst == Outcome.CANNOT) for row in self.rows
        )

    @property
    def note(self) -> str:
        """How the step's checks stand, in words."""
        asked = [row for row in self.rows if row.check.outcome]
        if not asked:
            return _("not checked yet")
        if self.waived:
            return self.waived
        open_points = sum(len(row.open) for row in self.rows)
        if open_points:
            return ngettext("%(n)d point open", "%(n)d points open", open_points) % {
                "n": open_points
            }
        rows = [row for row in self.rows if row.check.looked_at]
        if len(rows) < 2:
            # The row itself says it.
            return ""
        right = sum(1 for row in rows if row.worst == Outcome.PASS)
        if right == len(rows):
            return _("all %(n)d right") % {"n": right}
        return _("%(right)d of %(all)d right") % {"right": right, "all": len(rows)}


@dataclass(frozen=True)
class SharedPoint:
    """A point, and the questions of its checks: one missing right may leave several open."""

    point: PointRow
    questions: tuple[str, ...] = ()

    @property
    def item(self) -> ItemView:
        """The point itself, of the first of the checks."""
        return self.point.item

    @property
    def unasked(self) -> tuple[str, ...]:
        """What cannot be asked because of it; nothing for a point that says so itself."""
        shared = len(self.questions) > 1 or self.item.key.startswith("right.")
        return self.questions if shared and self.item.outcome == Outcome.CANNOT else ()


@dataclass(frozen=True)
class CheckList:
    """Everything a page of checks shows below its heading."""

    view: ChecksView
    groups: Sequence[GroupRow]
    shown: str = ""  # the check whose points are all shown
    point: str = ""  # the subject of the point whose form is open

    @property
    def rows(self) -> list[CheckRow]:
        """All checks, in order."""
        return [row for group in self.groups for row in group.rows]

    @cached_property
    def open_rows(self) -> list[CheckRow]:
        """Checks with something open, the worst first."""
        rows = [row for row in self.rows if row.is_open]
        return sorted(rows, key=lambda row: RANK[row.worst] if row.worst else len(RANK))

    @property
    def points(self) -> list[SharedPoint]:
        """The points of all checks that are shown, each once, the worst first."""
        found: dict[tuple[str, ...], SharedPoint] = {}
        for row in self.rows:
            for point in row.points if row.is_open else ():
                item = point.item
                same = (item.outcome, item.sentence, item.fix, item.setup_url)
                known = found.get(same, SharedPoint(point))
                found[same] = replace(known, questions=(*known.questions, row.check.question))
        return sorted(found.values(), key=lambda one: RANK[Outcome(one.item.outcome)])

    @property
    def unanswered(self) -> list[CheckRow]:
        """Checks that were asked without ever getting an answer."""
        return [row for row in self.rows if row.check.outcome == Outcome.ERROR]

    @property
    def right_rows(self) -> list[CheckRow]:
        """Checks with nothing open, but for those that are being asked again."""
        return [row for row in self.rows if row.worst == Outcome.PASS and not row.check.asking]

    @property
    def hidden_points(self) -> int:
        """How many open points are not shown here."""
        return sum(row.more for row in self.rows)

    @property
    def right_words(self) -> str:
        """How many checks have nothing open, as the line that folds them."""
        right, together = len(self.right_rows), len(self.rows)
        if right == together:
            return ngettext(
                "%(n)d check, nothing open", "All %(n)d checks, nothing open", right
            ) % {"n": right}
        return _("%(right)d of %(all)d checks have nothing open") % {
            "right": right,
            "all": together,
        }

    @property
    def step(self) -> str:
        """The step whose checks these are, without its environment; for the list of one step."""
        return self.groups[0].group.step.partition(".")[2] if self.groups else ""

    @property
    def all_right(self) -> bool:
        """Whether everything was asked and nothing is open; not while it is asked again."""
        asking = self.view.run is not None and self.view.run.is_open
        return not asking and not self.open_rows and all(row.check.outcome for row in self.rows)

    @property
    def title(self) -> str:
        """What the page says first."""
        asking = self.view.run is not None and self.view.run.is_open
        if self.view.never:
            return _("Being checked") if asking else _("Not checked yet")
        to_fix = sum(1 for row in self.open_rows if row.worst == Outcome.FAIL)
        if to_fix:
            return ngettext("%(n)d thing to fix", "%(n)d things to fix", to_fix) % {"n": to_fix}
        if asking:
            return _("Being checked")
        if self.open_rows:
            return ngettext(
                "Nothing to fix, %(n)d thing to look at",
                "Nothing to fix, %(n)d things to look at",
                len(self.open_rows),
            ) % {"n": len(self.open_rows)}
        if not self.all_right:
            return _("Nothing open so far, not everything was asked")
        if not self.view.live:
            return _("Everything was right when the org was last asked")
        return _("Everything is right")


def check_list(
    view: ChecksView,
    *,
    shown: str = "",
    point: str = "",
    most: int = POINTS_A_PAGE,
    waived: Mapping[str, str] = NOTHING_WAIVED,
) -> CheckList:
    """The checks as a page shows them.

    `shown`: the one check whose points are all listed; `point`: the subject of the point whose
    form is open; `most`: points of all checks together, as long as none is `shown`; `waived`: steps
    that were set aside as a whole, with the words for it.
    """
    if point and not shown:
        found = point_find(view, point)
        shown = found[0].name if found else ""
    known = shown if shown in {check.name for check in view.checks} else ""
    each = _most_each([len(check.open) for check in view.checks], most)
    groups = []
    for group in view.groups:
        words = waived.get(group.step, "")
        rows = [
            check_row(
                check,
                _most(check, known, each),
                point,
                aside=POINTS_A_CHECK if check.name == known else ASIDE_SHOWN,
                waived=words,
                vouched=group.cannot_confirmed is not None,
                together=view.checked_at,
            )
            for check in group.checks
        ]
        groups.append(GroupRow(group, rows, words))
    return CheckList(view=view, groups=groups, shown=known, point=point if known else "")


def waived_steps(facts: Facts, view: ChecksView) -> dict[str, str]:
    """Steps of an org that the implementation manager set aside as a whole, in words."""
    found = {group.step: facts.waiver(group.step, view.environment) for group in view.groups}
    return {
        step: on_day(waiver.at, waived_by=str(waiver.by), reason=waiver.reason)
        for step, waiver in found.items()
        if waiver is not None
    }


def step_checks(step: StepView | None) -> CheckList | None:
    """The checks in a step's body; None for a step that has none, or an org that never said."""
    view = step.detail.get("checks") if step is not None else None
    if not isinstance(view, ChecksView) or not view.checks or (view.never and not view.live):
        return None
    return check_list(view, most=POINTS_A_STEP)


def point_find(view: ChecksView, subject: str) -> tuple[CheckView, ItemView] | None:
    """A point by what a waiver calls it, with its check."""
    for check in view.checks:
        for item in check.items:
            if item.subject == subject:
                return check, item
    return None


def _most(check: CheckView, shown: str, each: int) -> int:
    if not shown:
        return each
    return _room(check.open) if check.name == shown else 0


def _room(points: Sequence[ItemView]) -> int:
    """How many of these points fit on the page of one check."""
    letters = accumulate(len(point.sentence) + len(point.fix) for point in points)
    return min(POINTS_A_CHECK, sum(1 for so_far in letters if so_far <= LETTERS_A_CHECK))


def _most_each(counts: Sequence[int], together: int) -> int:
    """How many points each check may show so that all fit; at least one."""
    most = max(counts, default=0)
    while most > 1 and sum(min(count, most) for count in counts) > together:
        most -= 1
    return max(1, most)
