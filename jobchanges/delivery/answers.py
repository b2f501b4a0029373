"""What became of one delivery, and the move of its row that this means."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from jobchanges.delivery.states import delivery_move
from jobchanges.models import Attempt, Delivery

State = Delivery.State
Outcome = Attempt.Outcome

_STATE_AFTER = {
    Outcome.DELIVERED: State.DELIVERED,
    Outcome.FOUND: State.DELIVERED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.HELD: State.HELD,
    Outcome.RELEASED: State.WAITING,
    Outcome.UNKNOWN: State.UNKNOWN,
}
LONGEST_WAIT = 300.0
_WRITTEN = (Outcome.DELIVERED, Outcome.FOUND)
# What a delivered one no longer has.
_NOTHING_OPEN = {
    "held_reason": "",
    "held_code": "",
    "waiting_reason": "",
    "not_before": None,
    "releases": 0,
}


@dataclass(frozen=True)
class Answer:
    """What became of one claimed (or unanswered) delivery."""

    delivery: Delivery
    outcome: str  # an Attempt.Outcome
    attempt: Attempt | None = None  # None: nothing was tried
    record_ids: Mapping[str, str] = field(default_factory=dict)  # by role
    errors: Sequence[Mapping[str, Any]] = ()
    reason: str = ""  # why it is held, or why it waits
    held_code: str = ""  # which kind of reason to hold; "" where nothing is wrong
    wait: float | None = None  # seconds until the next try; None: longer each time
    sent_is_known: bool = True  # False: another copy of this portal wrote it
    is_its_own: bool = True  # False: it came back for what the org, or a neighbour, met

    @property
    def was_written(self) -> bool:
        """Whether it is in the org."""
        return self.outcome in _WRITTEN

    @property
    def was_tried(self) -> bool:
        """Whether there is anything to tell: a claim that was only given back is no answer."""
        return self.attempt is not None or self.outcome != Outcome.RELEASED


@dataclass(frozen=True)
class _Way:
    """How rows move; those of one way move in one statement."""

    claimed_by: str
    to: str
    fields: tuple[tuple[str, Any], ...]
    came_back: bool = False


def backoff(releases: int) -> float:
    """Seconds to wait after so many releases: 5, 10, 20 … up to five minutes."""
    return min(5.0 * 2.0 ** min(releases, 10), LONGEST_WAIT)


def answers_move(answers: Iterable[Answer]) -> set[int]:
    """Move deliveries on; those that counted, by primary key.

    One that somebody else took over in the meantime does not. Belongs into the transaction that
    records the answers.
    """
    now = timezone.now()
    ways: dict[_Way, list[int]] = defaultdict(list)
    for answer in answers:
        ways[_way(answer, now)].append(answer.delivery.pk)
    moved: set[int] = set()
    for way, ids in ways.items():
        sources = [State.CLAIMED] if way.to == State.UNKNOWN else [State.CLAIMED, State.UNKNOWN]
        mine = Delivery.objects.filter(pk__in=ids, claimed_by=way.claimed_by, state__in=sources)
        held = mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
        got = set(held)
        fields = dict(way.fields)
        if way.came_back:
            fields["releases"] = F("releases") + 1
        delivery_move(mine.filter(pk__in=got), sources, way.to, **fields)
        moved |= got
    return moved


def _way(answer: Answer, now: datetime) -> _Way:
    delivery = answer.delivery
    if answer.was_written and delivery.correction_asked_at is None:
        plan = answer.attempt.plan if answer.attempt else {}
        done = _NOTHING_OPEN | {"delivered_at": now, "outcome": str(plan.get("outcome", ""))}
        return _Way(delivery.claimed_by, State.DELIVERED, tuple(done.items()))
    to, fields = _unwritten(answer, now)
    came_back = answer.outcome == Outcome.RELEASED and answer.is_its_own
    return _Way(
        delivery.claimed_by,
        to,
        tuple(fields.items()),
        # Given back untried, it did not fail: the next wait is not longer for that.
        came_back and bool(answer.attempt or answer.reason),
    )


def _unwritten(answer: Answer, now: datetime) -> tuple[str, dict[str, Any]]:
    """Where one goes that was not plainly delivered: no answer, not written, or a correction.

    A correction that ends in any way leaves it delivered.
    """
    delivery = answer.delivery
    is_correction = delivery.correction_asked_at is not None
    to = _STATE_AFTER[Outcome(answer.outcome)]
    fields: dict[str, Any] = {"not_before": None}
    if answer.outcome == Outcome.RELEASED:
        wait = backoff(delivery.releases) if answer.wait is None else answer.wait
        fields = {
            "not_before": now + timedelta(seconds=wait),
            "waiting_reason": answer.reason[:500],
        }
    elif answer.outcome == Outcome.UNKNOWN:
        fields = {"unknown_since": now, "not_before": now, "claimed_until": None}
    elif answer.outcome == Outcome.HELD and not is_correction:
        fields |= {"held_reason": answer.reason[:500], "held_code": answer.held_code[:40]}
    if is_correction and answer.outcome != Outcome.UNKNOWN:
        to = State.DELIVERED
        if answer.outcome != Outcome.RELEASED:
            fields["correction_asked_at"] = None
    if answer.outcome not in (Outcome.RELEASED, Outcome.UNKNOWN):
        fields |= {"waiting_reason": "", "releases": 0}
    return to, fields
