"""One check and its points as a page shows them: shape, word, evidence, what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Outcome
from portal.checking.selectors import CheckView, ItemView
from portal.steps.words import day, when

RIGHT_SHOWN = 12
# Points of one check that people set aside, with their reasons.
ASIDE_SHOWN = 6

# outcome → symbol and tint, the worst first
SHAPES = {
    Outcome.FAIL: ("cross", "bad"),
    Outcome.CANNOT: ("lock", "wait"),
    Outcome.ERROR: ("refresh", "warn"),
    Outcome.WARNING: ("warning", "warn"),
    Outcome.PASS: ("check", "ok"),
}
RANK = {outcome: place for place, outcome in enumerate(SHAPES)}


@dataclass(frozen=True)
class PointRow:
    """One point. `lever`: what the reader may do about it, "accept", "waive" or nothing."""

    item: ItemView
    lever: str = ""
    href: str = ""  # the page with the form for this point
    form: bool = False  # the form is open

    @property
    def tint(self) -> str:
        """The point's own, which may be milder than its check's."""
        return SHAPES[Outcome(self.item.outcome)][1]

    @property
    def icon(self) -> str:
        """Its shape."""
        return SHAPES[Outcome(self.item.outcome)][0]

    @property
    def set_aside_words(self) -> str:
        """Who said that it may stay so, and why."""
        waiver = self.item.waiver
        if waiver is None:
            return ""
        words = (
            _("Accepted by %(person)s, %(day)s: %(reason)s")
            if self.item.outcome == Outcome.WARNING
            else _("Waived by %(person)s, %(day)s: %(reason)s")
        )
        return words % {"person": waiver.by, "day": day(waiver.at), "reason": waiver.reason}


@dataclass(frozen=True)
class CheckRow:
    """One check: its line, the points shown, and how many more there are."""

    check: CheckView
    points: Sequence[PointRow]
    more: int
    set_aside: Sequence[PointRow]
    # What is to be done or looked at; not what a person vouched for.
    open: Sequence[ItemView] = ()
    # The whole step of it was set aside, and why.
    waived: str = ""
    # Somebody vouched for what the org could not be asked.
    vouched: bool = False
    # When the checks of the page were asked together, which its top says.
    together: datetime | None = None
    # How many more were set aside than are shown.
    more_aside: int = 0

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return anchor_of(self.check.name)

    @property
    def href(self) -> str:
        """The page with all points of this check."""
        return f"?{urlencode({'check': self.check.name})}#{self.anchor}"

    @property
    def worst(self) -> Outcome | None:
        """The outcome of the worst point that is open; None where it was never asked."""
        if not self.check.outcome:
            return None
        stored = Outcome(self.check.outcome)
        if stored == Outcome.ERROR:
            return stored
        found = (Outcome(one.outcome) for one in self.open)
        return min(found, key=RANK.__getitem__, default=Outcome.PASS)

    @property
    def is_set_aside(self) -> bool:
        """Whether nothing is open only because people said that it may stay so."""
        return self.worst == Outcome.PASS and self.check.outcome != Outcome.PASS

    @property
    def found(self) -> str:
        """What was found, without what one of its points says already."""
        found = self.check.found
        for point in (*self.points, *self.set_aside):
            found = found.removeprefix(point.item.sentence.rstrip(".")).lstrip(". ")
        return found

    @property
    def is_open(self) -> bool:
        """Whether there is something to do or to look at."""
        return not self.waived and self.worst not in {None, Outcome.PASS}

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say but that it is right: the rest folds away."""
        check = self.check
        return self.worst == Outcome.PASS and not (check.asking or check.stale)

    @property
    def icon(self) -> str:
        """The shape of its outcome."""
        if self.check.asking:
            return "clock"
        if self.worst is None or not self.check.looked_at:
            return "ring"
        return SHAPES[self.worst][0]

    @property
    def tint(self) -> str:
        """The color of its outcome, which never stands alone."""
        if self.check.asking:
            return "wait"
        if self.waived or self.is_set_aside or not self.check.looked_at:
            return ""
        return SHAPES[self.worst][1] if self.worst else ""

    @property
    def word(self) -> str:
        """The outcome in a word."""
        if self.check.asking:
            return _("Being asked")
        if self.worst is None:
            return _("Not checked yet")
        if self.waived and self.worst != Outcome.PASS:
            return _("Step waived")
        if self.is_set_aside:
            return _("Confirmed by hand") if self.vouched else _("Set aside")
        if not self.check.looked_at:
            return _("Not looked at")
        return str(self.worst.label)

    @property
    def open_words(self) -> str:
        """How much of it is open; one point needs no count."""
        count = len(self.open)
        if count < 2:
            return self.word
        return ngettext("%(n)d point", "%(n)d points", count) % {"n": count}

    @property
    def more_words(self) -> str:
        """Beside the first of its points: how many more there are."""
        more = len(self.open) - 1
        return ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more} if more > 0 else ""

    @property
    def evidence(self) -> str:
        """Since when it is so, and when it was last found."""
        check = self.check
        if check.checked_at is None:
            return ""
        said = _("checked %(when)s") % {"when": when(check.checked_at)}
        if check.since is not None and when(check.since) != when(check.checked_at):
            said = _("since %(since)s · checked %(when)s") % {
                "since": when(check.since),
                "when": when(check.checked_at),
            }
        return _("%(said)s, no longer fresh") % {"said": said} if check.stale else said

    @property
    def evidence_beside(self) -> str:
        """The evidence, where it is not folded away and says more than the top of the page."""
        check = self.check
        if self.is_quiet or check.asking or check.checked_at is None:
            return ""
        moments = (check.since, check.checked_at, self.together)
        said = {when(moment) for moment in moments if moment is not None}
        return self.evidence if check.stale or len(said) > 1 else ""

    @property
    def right(self) -> Sequence[ItemView]:
        """What is right, as far as it is listed."""
        return self.check.right[:RIGHT_SHOWN]

    @property
    def more_right(self) -> int:
        """How much more is right."""
        return max(0, len(self.check.right) - RIGHT_SHOWN)


def anchor_of(name: str) -> str:
    """The id of a check on a page."""
    return f"check-{name.replace('_', '-')}"


def check_row(
    check: CheckView,
    most: int,
    point: str,
    *,
    aside: int = ASIDE_SHOWN,
    waived: str = "",
    vouched: bool = False,
    together: datetime | None = None,
) -> CheckRow:
    """A check with its first `most` points, the worst first, and the one whose form is open; of
    those set aside the first `aside`.
    """
    vouched = vouched and check.by_hand and any(_cannot(item) for item in check.open)
    left = [item for item in check.open if not (vouched and _cannot(item))]
    listed = sorted(left, key=lambda item: RANK[Outcome(item.outcome)])
    shown = listed[:most]
    # The form stands at its point, also where that one is far down the list.
    shown += [item for item in listed[most:] if item.subject == point]
    return CheckRow(
        check=check,
        points=[_point(check, item, point) for item in shown],
        more=len(listed) - len(shown),
        set_aside=[_point(check, item, point) for item in check.set_aside[:aside]],
        more_aside=max(0, len(check.set_aside) - aside),
        open=listed,
        waived=waived,
        vouched=vouched,
        together=together,
    )


def _cannot(item: ItemView) -> bool:
    return item.outcome == Outcome.CANNOT


def _point(check: CheckView, item: ItemView, point: str) -> PointRow:
    lever = "accept" if item.may_accept else "waive" if item.may_waive else ""
    if not lever:
        return PointRow(item)
    href = f"?{urlencode({'point': item.subject})}#{anchor_of(check.name)}"
    return PointRow(item, lever, href, form=item.subject == point)
