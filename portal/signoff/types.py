"""What the go-live page, the desk and the PDF show: plain words, ready to be laid out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jobchanges.models import Batch
from portal.models import Signature, Summary


class SignOffState(StrEnum):
    """Where the sign-off of a customer stands."""

    # Steps before it are not done: `blocked_by` says which.
    LOCKED = "locked"
    # Nothing is frozen; either side's button makes the summary.
    CAN_FREEZE = "can_freeze"
    # Frozen; the forecast is being made (or failed: `forecast_error`).
    PREPARING = "preparing"
    # Complete: both may sign.
    READY = "ready"
    SIGNED_BY_ONE = "signed_by_one"
    # Both signatures stand; we may release it inside the customer's window.
    SIGNED = "signed"
    # The first batch runs (or has ended) under it: `batch` says how it stands.
    RELEASED = "released"


# Kinds of a row's value. "" is plain text.
PLAIN = ""
# Letters and digits of an id or a hash: monospace.
MONO = "mono"
# A check mark, a warning sign with a reason below (`note`), a grey line.
OK = "ok"
WARN = "warn"
MUTED = "muted"


@dataclass(frozen=True)
class Row:
    """One line: what, and what about it. `note` stands below: a waiver's reason, who said it."""

    label: str
    value: str
    kind: str = PLAIN
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the summary. `key` names it for templates ("forecast", "settings", …).

    Keys, in this order: "orgs", "settings", "fields", "alike", "answers", "tests", "people",
    "alerts", "forecast".
    `sentence` stands above the rows; `notice` in a box below them. Both may be empty.
    """

    key: str
    title: str
    rows: Sequence[Row] = ()
    sentence: str = ""
    notice: str = ""


@dataclass(frozen=True)
class Difference:
    """One thing that changed since it was frozen, in words; ends may be empty ("not set")."""

    what: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """In one line: "Lead source: “UserGems” became “Gems”."."""
        from portal.signoff.differences import difference_sentence

        return difference_sentence(self)


@dataclass(frozen=True)
class Party:
    """One side's line under the summary: who signed when, or that nobody has yet."""

    side: str
    # "UserGems", or the customer's name.
    name: str
    signature: Signature | None = None
    # What the signature would mean, or means: the sentence to show above the button.
    meaning: str = ""

    @property
    def signed(self) -> bool:
        """Whether this side has signed."""
        return self.signature is not None


@dataclass(frozen=True)
class Window:
    """When the first batch may start, chosen by the customer's signer."""

    starts_at: datetime
    ends_at: datetime
    # Now lies before, inside or after it: "before", "open", "over".
    place: str
    sentence: str


@dataclass(frozen=True)
class Asking:
    """The wish to release, pre-checked: may it be done now, and if not, why not."""

    may: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class SignOffView:
    """The sign-off of one customer, as one person reads it."""

    state: SignOffState
    # One sentence for the head of the page: what is next, and who does it.
    sentence: str
    # The standing summary; None while nothing is frozen.
    summary: Summary | None = None
    # Why nothing can be frozen, a sentence per reason; empty when it can (or is already).
    blocked_by: Sequence[str] = ()
    sections: Sequence[Section] = ()
    # By side: "customer" and "vendor", always both (also before anything is frozen).
    parties: Mapping[str, Party] = field(default_factory=dict)
    # May the reader sign now for their side (`side`), else why not; "" where it is not theirs.
    side: str = ""
    may_sign: bool = False
    why_not_sign: str = ""
    # The reader is asked for the start window with their signature (customer's side only).
    asks_window: bool = False
    default_starts_at: datetime | None = None
    default_ends_at: datetime | None = None
    window: Window | None = None
    release: Asking = field(default_factory=Asking)
    # May the reader freeze (again): also a standing unsigned summary, to make it anew.
    may_freeze: bool = False
    # May the reader withdraw it (take it back, with its signatures) before its release.
    may_withdraw: bool = False
    # What the form sends back: `seen_hash`. Empty until the summary is complete.
    seen_hash: str = ""
    forecast_error: str = ""
    # The last summary that ended before its release, and what changed: shown until signed anew.
    voided: Summary | None = None
    differences: Sequence[Difference] = ()
    # Only in state RELEASED: the last batch that went under the summary.
    batch: Batch | None = None
    # A batch that a change of what was signed has halted: it goes on, with the members it has,
    # once the new summary is signed and released. Set in all states but RELEASED.
    halted_batch: Batch | None = None
    # The last batch of a customer who is live: what is signed now is for the next one.
    last_batch: Batch | None = None
    # The last batch, where another org took production's place before it ended: it goes on
    # nowhere. Its job changes are in the next batch, to the new org.
    void_batch: Batch | None = None

    @property
    def signatures(self) -> Sequence[Signature]:
        """The signatures given, ours and theirs, in the order of signing."""
        given = [one.signature for one in self.parties.values() if one.signature is not None]
        return sorted(given, key=lambda one: one.at)

    @property
    def is_first(self) -> bool:
        """Whether what is signed is for the first batch to this org."""
        return self.last_batch is None

    @property
    def polls(self) -> bool:
        """Whether the page asks again by itself: something is being made in the background."""
        return self.state == SignOffState.PREPARING and not self.forecast_error

    @property
    def differs_words(self) -> Sequence[str]:
        """The differences, a sentence each."""
        return [one.sentence for one in self.differences]
