"""What a reconciliation is made of: plain, frozen, without queries or calls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


class ReconcileError(Exception):
    """Why the org cannot be asked, as a sentence."""


@dataclass(frozen=True)
class OrgRow:
    """One record of the package that carries a delivery key; lookups by our names."""

    record_id: str
    key: str
    lookups: Mapping[str, str]


@dataclass(frozen=True)
class OrgAnswer:
    """Everything the org said, and what asking cost."""

    rows: Sequence[OrgRow]
    calls: int


@dataclass(frozen=True)
class OurRow:
    """One of our deliveries to the org; `records` is the ledger: role → (object, record id)."""

    key: str  # of the job change
    delivery_key: str
    state: str
    outcome: str = ""
    batch: int | None = None
    reason: str = ""
    records: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """The job changes of one batch, or of the production test, by what became of them."""

    title: str
    total: int
    created: int = 0
    enriched: int = 0
    past_only: int = 0
    package_only: int = 0
    refused: int = 0
    held: int = 0
    not_answered: int = 0

    @property
    def adds_up(self) -> bool:
        """In it = created + enriched + past record only + package record only + refused + held."""
        answered = self.created + self.enriched + self.past_only + self.package_only
        return self.total == answered + self.refused + self.held


@dataclass(frozen=True)
class Tried:
    """The job changes ever sent to a sandbox, by where production has them."""

    total: int
    delivered: int
    refused: int
    held: int
    next_batch: int  # imported after the cut-off
    missing: tuple[str, ...]  # keys of job changes that are nowhere, or without an answer

    @property
    def adds_up(self) -> bool:
        """Each is found in one of the others."""
        found = self.delivered + self.refused + self.held + self.next_batch
        return not self.missing and self.total == found


@dataclass(frozen=True)
class Problem:
    """One way in which org and ledger differ; `key` of the job change, or the org's own key."""

    kind: str
    key: str
    sentence: str


@dataclass(frozen=True)
class Stopped:
    """A job change that was refused or held, with the reason."""

    key: str
    state: str
    reason: str


@dataclass(frozen=True)
class Reconciliation:
    """Everything `manage.py reconcile` prints."""

    org_id: str
    org_name: str
    org_keys: int
    calls: int
    batches: tuple[Counts, ...]
    test: Counts
    tried: Tried
    stopped: tuple[Stopped, ...]
    unknown: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def adds_up(self) -> bool:
        """Whether every number adds up and the org agrees with the ledger."""
        return not self.problems and self.tried.adds_up and all(one.adds_up for one in self.batches)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, for machines."""
        said = asdict(self)
        for counts, shown in zip(self.batches, said["batches"], strict=True):
            shown["adds_up"] = counts.adds_up
        said["tried"]["adds_up"] = self.tried.adds_up
        return {"adds_up": self.adds_up, **said}
