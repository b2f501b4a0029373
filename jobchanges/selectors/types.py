"""What pages are given: plain values, ready to show. Templates take no decisions of their own."""

from dataclasses import dataclass, field
from datetime import datetime

from jobchanges.differences import SAME, Difference, Kind
from jobchanges.models import Delivery, JobChange, RunApproval

# Tints of a chip, as the style sheet names them: "ok", "warn", "bad", "wait" or "".
Tint = str


@dataclass(frozen=True)
class Chip:
    """A state in a word, with the colour that goes beside it (never alone)."""

    word: str
    tint: Tint = ""


@dataclass(frozen=True)
class FieldRow:
    """One field of one record: what we sent and what the org made of it.

    `stored` and `settled` are None while they have not been read; "" means the field is empty.
    """

    name: str
    label: str
    sent: str
    stored: str | None = None
    settled: str | None = None
    before: str = ""
    replaced: str = ""  # what stood there before we wrote; "" where nothing did
    difference: Difference = SAME

    @property
    def changed(self) -> bool:
        """Whether the org holds something else than was sent."""
        return self.difference.changed

    @property
    def pending(self) -> bool:
        """Whether it is still to be read."""
        return self.difference.kind == Kind.PENDING

    @property
    def hidden(self) -> bool:
        """Whether nobody of us may read what stands there."""
        return self.difference.kind == Kind.HIDDEN

    @property
    def explained(self) -> bool:
        """Whether there is something to say beside the values; of a whole record its tab says."""
        whole = (Kind.SAME, Kind.PENDING, Kind.GONE, Kind.REMOVED)
        return self.difference.kind not in whole

    @property
    def why(self) -> str:
        """The sentence about the difference; "" where there is none."""
        return self.difference.sentence if self.explained else ""

    @property
    def same(self) -> bool:
        """Whether the org reads exactly as sent, so that one line can say both."""
        read = self.stored if self.settled is None else self.settled
        return not self.changed and not self.why and read == self.sent


@dataclass(frozen=True)
class RecordTab:
    """One touched record (or, in a preview, one record that will be touched)."""

    key: str  # unique on a page, fit for an HTML id
    role: str
    label: str  # "New lead", "Past contact", …
    object_name: str
    object_label: str  # "lead", "contact", …
    operation: str  # "create" or "update"
    record_id: str
    url: str  # "" when there is no record yet
    rows: list[FieldRow]
    stored_at: datetime | None = None
    settled_at: datetime | None = None
    changed: bool = False
    note: str = ""
    gone: bool = False  # the org has no such record any more
    reading: bool = False  # somebody asked to read it again, and it was not read yet
    removed: bool = False  # a clean-up took it back


@dataclass(frozen=True)
class ErrorView:
    """One of Salesforce's errors: its own words, ours, who fixes it and where."""

    code: str
    message: str
    sentence: str
    who: str
    where: str
    fields: list[str]
    record: str = ""
    setup_url: str = ""  # the place in that org's Setup; "" where there is none


@dataclass(frozen=True)
class VerdictView:
    """What one side said of the latest attempt."""

    side: str
    verdict: str  # "right", "off" or "set_aside"
    label: str
    tint: Tint
    category: str
    category_label: str
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CommentView:
    """A word in a delivery's thread."""

    side: str
    side_label: str
    by: str
    initials: str
    text: str
    at: datetime


@dataclass(frozen=True)
class AttemptView:
    """One try, for showing attempts side by side."""

    number: int
    outcome: str
    chip: Chip
    started_at: datetime
    ended_at: datetime | None
    errors: list[ErrorView]
    tabs: list[RecordTab]
    verdicts: list[VerdictView]
    is_correction: bool = False
    sentence: str = ""  # what became of it, where the chip does not say it all
    held_reason: str = ""
    planned: list[RecordTab] = field(default_factory=list)  # what it sent, or was to send


@dataclass(frozen=True)
class ComparedRow:
    """One field of two attempts. None: not sent by that attempt; `held`: what the org held in the
    end, None where that is what was sent or is not known."""

    record: str
    name: str
    field: str
    before_sent: str | None
    before_held: str | None
    after_sent: str | None
    after_held: str | None


@dataclass(frozen=True)
class AttemptPair:
    """An attempt beside the one before it: the fields that were sent otherwise."""

    before: AttemptView
    after: AttemptView
    rows: list[ComparedRow]


@dataclass(frozen=True)
class DeliveryView:
    """Everything a page shows of one delivery."""

    delivery: Delivery
    job_change: JobChange
    pk: int
    person_name: str
    past_company: str
    past_title: str
    new_company: str
    new_title: str
    kind_label: str
    state: str
    chip: Chip  # the state, the same for both sides
    chip_customer: Chip  # as the customer reads it: "Your turn", "You and Maya agree"
    chip_vendor: Chip
    sentence: str  # what the state means and who acts; "" when there is nothing to add
    outcome_label: str
    tabs: list[RecordTab]  # every touched record, over all attempts (selectors/merged.py)
    planned: list[RecordTab]  # the preview; rows have `sent` and `before` only
    planned_outcome: str
    explanations: list[str]  # why this plan: which match was found and why
    branches: list[str]
    errors: list[ErrorView]  # of the latest attempt
    verdict_customer: VerdictView | None
    verdict_vendor: VerdictView | None
    comments: list[CommentView]
    attempts: list[AttemptView]
    reviewable: bool  # either side may say something now
    may_be_right: bool  # "looks right" is possible: it was delivered
    may_send_again: bool
    in_flight: bool
    agreed: bool  # both say right, or both set it aside
    set_aside: bool
    compared: list[AttemptPair] = field(default_factory=list)  # attempts side by side, newest first


@dataclass(frozen=True)
class Progress:
    """True counts of a run. `total` is the sum of all states; `done` of the ended ones."""

    total: int = 0
    waiting: int = 0
    sending: int = 0
    delivered: int = 0
    refused: int = 0
    held: int = 0
    unknown: int = 0
    gone: int = 0

    @property
    def done(self) -> int:
        """How many have an answer."""
        return self.delivered + self.refused + self.held + self.gone

    @property
    def finished(self) -> bool:
        """Whether nothing is under way any more: polling may stop."""
        return self.done == self.total


@dataclass(frozen=True)
class Standing:
    """How far the review of a run is."""

    total: int
    agreed: int
    right: int
    set_aside: int
    approvable: bool
    why_not: str
    approvals: dict[str, RunApproval] = field(default_factory=dict)  # by side

    @property
    def approved_by_customer(self) -> bool:
        """Whether the customer's approval stands."""
        return "customer" in self.approvals

    @property
    def approved_by_vendor(self) -> bool:
        """Whether our approval stands."""
        return "vendor" in self.approvals


@dataclass(frozen=True)
class Fact:
    """One thing that a job change exercises, for the list of candidates."""

    key: str
    label: str


@dataclass(frozen=True)
class CoverageLine:
    """One branch of the product and how many of the picked job changes exercise it."""

    key: str
    label: str
    count: int
    # How many others that could be picked exercise it; None: only the org could tell.
    waiting: int | None = None

    @property
    def covered(self) -> bool:
        """Whether any does."""
        return self.count > 0

    @property
    def left_out(self) -> bool:
        """Whether others could be picked for it, and none was."""
        return not self.count and bool(self.waiting)

    @property
    def absent(self) -> bool:
        """Whether nobody has it, picked or not."""
        return not self.count and self.waiting == 0


@dataclass(frozen=True)
class RunSummary:
    """One line about a run, for lists and steps."""

    pk: int
    number: int
    environment: str
    state: str
    chip: Chip
    epoch_id: int
    org_name: str
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    total: int
    done: int
    is_open: bool
    offered_at: datetime | None = None  # production: shown to the customer, to be allowed


@dataclass(frozen=True)
class BatchProgress:
    """True counts of a batch. `total` is the sum of all of them."""

    total: int = 0
    created: int = 0
    enriched: int = 0
    past_only: int = 0
    package_only: int = 0
    refused: int = 0
    held: int = 0
    waiting: int = 0
    sending: int = 0
    unknown: int = 0
    gone: int = 0  # the org was replaced before there was an answer
    first_part_total: int = 0
    first_part_answered: int = 0
    # Answers a minute, by what this batch did lately; None until that says something.
    pace_per_minute: float | None = None
    # Minutes, low and high; None where nobody could say honestly.
    remaining: tuple[int, int] | None = None
    # Why it stands still although something waits; "" otherwise, and where somebody halted it.
    trouble: str = ""
    trouble_url: str = ""  # in the org's Setup

    @property
    def delivered(self) -> int:
        """How many are in production."""
        return self.created + self.enriched + self.past_only + self.package_only

    @property
    def answered(self) -> int:
        """How many are in production or have a reason why not."""
        return self.delivered + self.refused + self.held + self.gone

    @property
    def left(self) -> int:
        """How many have no answer yet."""
        return self.waiting + self.sending + self.unknown


@dataclass(frozen=True)
class ExceptionRow:
    """One of a batch that was not delivered: why, who fixes it, where."""

    delivery: Delivery
    person: str
    company: str
    sentence: str
    who: str
    where: str
    code: str  # Salesforce's
    message: str  # Salesforce's own words; "" where it did not refuse
    can_send_again: bool
    setup_url: str = ""  # the place in that org's Setup; "" where there is none
