"""What a writer answers instead of a message."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Drop:
    """No mail: what it would tell is no longer so. `why` is kept, in a few words."""

    why: str


@dataclass(frozen=True)
class Later:
    """Not now: the reader sleeps, or more is still to come."""

    until: datetime
