"""The mirror as pages take it: plain values, every sentence in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.models import Waiver


@dataclass(frozen=True)
class DifferenceView:
    """One difference. `seen` goes back with the form, so that nobody accepts what they never saw.

    `holds`: somebody has to act on it, or said why not. `may_…`: what the reader can do now.
    """

    subject: str
    seen: str
    sentence: str
    word: str
    tint: str
    fix: str
    who: str
    setup_url: str
    components: Sequence[tuple[str, str]]  # (metadata type, API name) for a change set
    by_hand: str
    since: datetime | None
    is_new: bool
    holds: bool
    is_open: bool
    waiver: Waiver | None
    outdated: Waiver | None
    blocks: bool = False
    may_accept: bool = False
    may_waive: bool = False
    may_take_back: bool = False

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return anchor_of(self.seen)

    @property
    def may_set_aside(self) -> bool:
        """Whether the reader may let it be, one way or the other."""
        return self.may_accept or self.may_waive


# Differences that need nobody, of one part.
MOST_FOLDED = 12


def anchor_of(seen: str) -> str:
    """The place of a difference on the page, by its hash."""
    return f"d-{seen[:12]}"


@dataclass(frozen=True)
class GroupView:
    """One of the six kinds, or what changed in the sandbox. `unknown`: why it was not compared.

    `most`: how many are shown at once where there are many, 0 for all; after `skip` others.
    `wanted`: the subject of the one whose form is open, which is shown in any case.
    """

    kind: str
    title: str
    differences: Sequence[DifferenceView] = ()
    unknown: str = ""
    number: int = 0
    most: int = 0
    skip: int = 0
    wanted: str = ""

    @property
    def shown(self) -> list[DifferenceView]:
        """What is acted on, open ones first."""
        return sorted(
            (one for one in self.differences if one.holds), key=lambda one: not one.is_open
        )

    @property
    def visible(self) -> list[DifferenceView]:
        """Of these, what the page shows at once."""
        if not self.most:
            return self.shown
        here = self.shown[self.skip : self._end]
        there = [*self.shown[: self.skip], *self.shown[self._end :]]
        return [*here, *(one for one in there if one.subject == self.wanted)]

    @property
    def hidden(self) -> int:
        """How many more there are after these."""
        return max(0, len(self.shown) - self._end) if self.most else 0

    @property
    def next(self) -> str:
        """What to ask for to see those: the part, and after how many."""
        return f"{self.kind}:{self._end}" if self.most else self.kind

    @property
    def _end(self) -> int:
        return self.skip + self.most

    @property
    def folded(self) -> list[DifferenceView]:
        """What differs and needs nobody."""
        return [one for one in self.differences if not one.holds]

    @property
    def folded_shown(self) -> list[DifferenceView]:
        """Of these, what the page has room for."""
        return self.folded[:MOST_FOLDED]

    @property
    def folded_hidden(self) -> int:
        """How many more of these there are."""
        return max(0, len(self.folded) - MOST_FOLDED)

    @property
    def open(self) -> list[DifferenceView]:
        """What somebody still has to act on."""
        return [one for one in self.differences if one.is_open]


@dataclass(frozen=True)
class SideView:
    """One of the two orgs, and when it said how it is set up; `failed`: why it did not."""

    name: str
    org_id: str = ""
    at: datetime | None = None
    note: str = ""
    asking: bool = False
    failed: str = ""


@dataclass(frozen=True)
class MirrorView:
    """Everything the page shows."""

    tested: SideView
    production: SideView
    groups: Sequence[GroupView] = ()
    drift: GroupView | None = None
    # Where there is nothing to compare: why, in a sentence.
    missing: str = ""
    compared_at: datetime | None = None
    stale: bool = False
    may_ask: bool = False

    @property
    def compared(self) -> bool:
        """Whether there is a comparison of these two orgs."""
        return self.compared_at is not None

    @property
    def asking(self) -> bool:
        """Whether an org is being asked: the page asks for news until it is not."""
        return self.tested.asking or self.production.asking

    @property
    def open(self) -> list[DifferenceView]:
        """What somebody still has to act on, what blocks delivery first."""
        found = [one for group in self._all for one in group.open]
        return sorted(found, key=lambda one: not one.blocks)

    @property
    def new(self) -> list[DifferenceView]:
        """What came up since nothing was open."""
        return [one for one in self.open if one.is_new]

    @property
    def marks_new(self) -> bool:
        """Whether new ones are told apart: not where all of them are."""
        return 0 < len(self.new) < len(self.open)

    @property
    def set_aside(self) -> list[DifferenceView]:
        """What a person said may stay."""
        return [one for group in self._all for one in group.differences if one.waiver]

    @property
    def busy(self) -> list[GroupView]:
        """Kinds with something to act on, set aside or not compared."""
        return [group for group in self.groups if group.shown or group.unknown]

    @property
    def alike(self) -> list[GroupView]:
        """Kinds in which nothing that matters differs."""
        return [group for group in self.groups if not group.shown and not group.unknown]

    @property
    def unknown(self) -> list[GroupView]:
        """Kinds that could not be compared."""
        return [group for group in self.groups if group.unknown]

    @property
    def _all(self) -> list[GroupView]:
        return [*self.groups, *([self.drift] if self.drift else [])]
