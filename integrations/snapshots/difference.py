"""One difference between two contents, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.hashing import content_hash
from integrations.checks.base import Who


class Grade(StrEnum):
    """What a difference does to delivery, the worst first."""

    BLOCKS = "blocks"  # a write would be refused, or cannot be made
    CHANGES = "changes"  # a record comes out different, or reps do not see it
    COSMETIC = "cosmetic"
    EXPECTED = "expected"  # ids, suffixes, versions: never the same in two orgs


class Change(StrEnum):
    """What is different on the side looked at now."""

    MISSING = "missing"
    EXTRA = "extra"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Difference:
    """What differs, how much it matters, and what to do. `key` is unique within its kind.

    `names` are the API names concerned; `then` and `now` are what was found on each side, as
    data. `change_set`: (metadata type, API name) that would carry it over; `by_hand`: what no
    change set carries.
    """

    kind: str
    key: str
    grade: Grade
    change: Change
    sentence: str
    fix: str = ""
    who: str = Who.ADMINISTRATOR
    setup_path: str = ""
    names: tuple[str, ...] = ()
    then: str = ""
    now: str = ""
    change_set: tuple[tuple[str, str], ...] = ()
    by_hand: str = ""

    @property
    def hash(self) -> str:
        """What exactly is waived: the difference and how bad it is, not its wording."""
        return content_hash(
            {
                "kind": self.kind,
                "key": self.key,
                "grade": str(self.grade),
                "names": list(self.names),
                "then": self.then,
                "now": self.now,
            }
        )

    def as_json(self) -> dict[str, Any]:
        """As a comparison keeps it."""
        return {
            "kind": self.kind,
            "key": self.key,
            "grade": str(self.grade),
            "change": str(self.change),
            "sentence": self.sentence,
            "fix": self.fix,
            "who": str(self.who),
            "setup_path": self.setup_path,
            "names": list(self.names),
            "then": self.then,
            "now": self.now,
            "change_set": [list(pair) for pair in self.change_set],
            "by_hand": self.by_hand,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Difference:
        """The difference of a stored comparison."""
        texts = ("kind", "key", "sentence", "fix", "who", "setup_path", "then", "now", "by_hand")
        return cls(
            **{name: str(stored.get(name, "")) for name in texts},
            grade=Grade(stored["grade"]),
            change=Change(stored["change"]),
            names=tuple(stored.get("names", ())),
            change_set=tuple((kind, name) for kind, name in stored.get("change_set", ())),
        )
