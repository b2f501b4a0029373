"""What a step is: whose turn, what opens it, how its state follows from facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from accounts.models import Environment, Role
from portal.steps.facts import Facts
from portal.steps.words import on_day

CUSTOMER = "customer"
VENDOR = "vendor"


class StepStatus(StrEnum):
    """The seven states of a step (product.md, section 2)."""

    LOCKED = "locked"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    CHECKING = "checking"
    ATTENTION = "attention"
    DONE = "done"
    WAIVED = "waived"


@dataclass(frozen=True)
class Finding:
    """How one step stands for one customer.

    `side` is whose turn it is, empty when it is nobody's (done, locked, being checked).
    `passable` opens the steps behind although this one still wants attention.
    `detail` is what the step's own template shows.
    """

    status: StepStatus
    sentence: str
    side: str = ""
    since: datetime | None = None
    blocked_by: str = ""
    passable: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be done."""
        return self.status in {StepStatus.DONE, StepStatus.WAIVED}

    @property
    def opens(self) -> bool:
        """Whether the steps that need this one may start."""
        return self.finished or self.passable


def done(sentence: str, **detail: Any) -> Finding:
    """Finished, with its evidence."""
    return Finding(StepStatus.DONE, sentence, detail=detail)


def customers_turn(sentence: str, since: datetime | None = None, **detail: Any) -> Finding:
    """Something for the customer to do."""
    return Finding(StepStatus.CUSTOMER, sentence, CUSTOMER, since, detail=detail)


def vendors_turn(sentence: str, since: datetime | None = None, **detail: Any) -> Finding:
    """Something for the implementation manager to do."""
    return Finding(StepStatus.VENDOR, sentence, VENDOR, since, detail=detail)


def checking(sentence: str, since: datetime | None = None, **detail: Any) -> Finding:
    """The org is being asked, or is being written to: nobody has to do anything."""
    return Finding(StepStatus.CHECKING, sentence, since=since, detail=detail)


def attention(
    sentence: str, since: datetime | None = None, *, side: str = CUSTOMER, **detail: Any
) -> Finding:
    """Something is wrong; `side` fixes it."""
    return Finding(StepStatus.ATTENTION, sentence, side, since, detail=detail)


class Step:
    """One step in one environment. Subclasses say how its state follows from facts (`look`)."""

    name: ClassVar[str]
    # Who of the customer's people does it; others read "Priya's turn" instead of "Your turn".
    roles: ClassVar[Sequence[str]] = (Role.ADMIN,)
    confirmable: ClassVar[bool] = False
    waivable: ClassVar[bool] = False
    # What is vouched for is about an org, so there has to be one.
    needs_org: ClassVar[bool] = True
    template: ClassVar[str] = ""

    def __init__(self, environment: str, requires: Sequence[str] = ()) -> None:
        self.environment = Environment(environment)
        self.requires = tuple(requires)

    @property
    def key(self) -> str:
        """The step's name everywhere: `sandbox.package`."""
        return f"{self.environment.value}.{self.name}"

    @property
    def is_sandbox(self) -> bool:
        """Whether this is the sandbox stage's step."""
        return self.environment == Environment.SANDBOX

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        raise LookupError(f"{type(self).__name__} has no title.")

    def look(self, facts: Facts) -> Finding:
        """How the step stands, by the facts alone."""
        raise LookupError(f"{type(self).__name__} does not say how it stands.")

    def started(self, facts: Facts) -> bool:
        """Whether the step is under way, whatever became of the steps before it."""
        return False

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about, for the line shown before it opens."""
        return ""

    def manager_next(self, name: str) -> str:
        """What the implementation manager does when it is their turn, as a sentence."""
        return ""

    def falls_away(self, facts: Facts) -> bool:
        """Whether the settings make the step needless, so that nobody vouches for its checks."""
        return False

    def statement(self) -> str:
        """What a person says by confirming the step by hand; empty where nobody may."""
        return ""

    def find(self, facts: Facts, before: Mapping[str, Finding]) -> Finding:
        """How the step stands, given the steps before it.

        What is finished stays finished; what is not waits for the steps that open it.
        """
        waiver = facts.waiver(self.key, self.environment) if self.waivable else None
        if waiver is not None:
            return Finding(
                StepStatus.WAIVED,
                on_day(waiver.at, waived_by=str(waiver.by), reason=waiver.reason),
                detail={"waiver": waiver},
            )
        finding = self.look(facts)
        if finding.finished or self.started(facts):
            return finding
        unmet = [key for key in self.requires if key in before and not before[key].opens]
        if unmet:
            return replace(
                finding,
                status=StepStatus.LOCKED,
                sentence=self.locked_sentence(facts) or finding.sentence,
                side="",
                since=None,
                passable=False,
                blocked_by=unmet[-1],
            )
        return finding
