"""How the differences stand: open, or set aside by a person who said why.

What is set aside is one difference with exactly these values: one that changed since is open
again. Pure functions of what was loaded: no query, no call.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.hashing import content_hash
from integrations.snapshots.difference import Difference, Grade
from portal.models import Comparison, Waiver

STEP = "production.mirror"
# Grades that hold the step until somebody acts.
HOLDING = (Grade.BLOCKS, Grade.CHANGES)
_SUBJECT_LENGTH = 300


@dataclass(frozen=True)
class Point:
    """One difference of production, or one change in the sandbox since its test (`drift`)."""

    difference: Difference
    drift: bool = False
    since: datetime | None = None
    # Says why it may stay, with the values it has now.
    waiver: Waiver | None = None
    # The same of what it was before: it has changed since.
    outdated: Waiver | None = None
    # It was not there when last nothing was open.
    is_new: bool = False

    @property
    def subject(self) -> str:
        """Its name in waivers and addresses."""
        return subject_of(self.difference, drift=self.drift)

    @property
    def hash(self) -> str:
        """What exactly is set aside."""
        return self.difference.hash

    @property
    def holds(self) -> bool:
        """Whether its grade needs somebody to act at all."""
        return self.difference.grade in HOLDING

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.holds and self.waiver is None

    @property
    def blocks(self) -> bool:
        """Whether only the implementation manager may set it aside."""
        return self.difference.grade == Grade.BLOCKS


@dataclass(frozen=True)
class Standing:
    """All points of one comparison, worst first within each kind."""

    points: Sequence[Point] = ()
    drift: Sequence[Point] = ()
    # Kinds that could not be compared: kind to a sentence naming the missing right.
    unknown: Mapping[str, str] | None = None

    @property
    def open(self) -> list[Point]:
        """What somebody has to act on: what blocks delivery first, then production."""
        found = [point for point in (*self.points, *self.drift) if point.is_open]
        return sorted(found, key=lambda point: not point.blocks)

    @property
    def set_aside(self) -> list[Point]:
        """What a person said may stay."""
        return [point for point in (*self.points, *self.drift) if point.waiver is not None]

    def find(self, subject: str) -> Point | None:
        """A point by its subject."""
        for point in (*self.points, *self.drift):
            if point.subject == subject:
                return point
        return None


def standing_of(comparison: Comparison, waivers: Iterable[Waiver]) -> Standing:
    """The comparison with what people said about it. `waivers`: the customer's standing ones."""
    said = {(one.subject, one.epoch_id): one for one in waivers if one.step == STEP and one.subject}
    production, tested = comparison.production.epoch_id, comparison.baseline.epoch_id
    return Standing(
        points=_points(comparison.differences, said, production, comparison.settled_at),
        drift=_points(comparison.drift, said, tested, comparison.settled_at, drift=True),
        unknown=comparison.unknown,
    )


def is_old(comparison: Comparison) -> bool:
    """Whether production has not been asked for so long that people should know."""
    return timezone.now() - comparison.production.taken_at > timedelta(
        hours=settings.CHECK_FRESH_HOURS
    )


def open_counts(points: Iterable[Point]) -> tuple[int, int, int]:
    """How many block delivery, change the result, and changed in the sandbox since its test."""
    listed = list(points)
    blocks = sum(1 for point in listed if point.blocks and not point.drift)
    drift = sum(1 for point in listed if point.drift)
    return blocks, len(listed) - blocks - drift, drift


def subject_of(difference: Difference, *, drift: bool = False) -> str:
    """`difference:KIND:KEY`, or `drift:KIND:KEY`; a long key is cut and made unique by its hash."""
    subject = f"{'drift' if drift else 'difference'}:{difference.kind}:{difference.key}"
    if len(subject) <= _SUBJECT_LENGTH:
        return subject
    return f"{subject[: _SUBJECT_LENGTH - 65]}:{content_hash(subject)}"


def _points(
    stored: Iterable[Mapping[str, Any]],
    said: Mapping[tuple[str, int | None], Waiver],
    epoch_pk: int,
    settled_at: datetime | None,
    *,
    drift: bool = False,
) -> list[Point]:
    points = []
    for one in stored:
        difference = Difference.from_json(one)
        waiver = said.get((subject_of(difference, drift=drift), epoch_pk))
        same = waiver is not None and waiver.subject_hash == difference.hash
        since = parse_datetime(str(one.get("since", "")))
        points.append(
            Point(
                difference,
                drift=drift,
                since=since,
                waiver=waiver if same else None,
                outdated=None if same else waiver,
                is_new=bool(since and settled_at and since > settled_at),
            )
        )
    return points
