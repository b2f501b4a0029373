"""Trouble on demand: `POST /rehearsal/faults` on every port takes one fault or a list.

`{"kind": …, "match": {"path": …, "method": …, "sobject": …, "org": …}, "times": 1, "seconds": 0,
"after": 0, "chance": 1, "seed": 0}`; `KINDS` says what each kind does. Without `chance` the next
`times` calls that match are struck. With it each call that matches is struck with that chance,
`times` in all: the same seed strikes the same calls of a row again.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

# Kind → what happens, as the page for people shows it.
KINDS: dict[str, str] = {
    "drop_before": "The connection closes before anything is done.",
    "drop_answer_after_commit": "The call is carried out, then the connection closes without an "
    "answer.",
    "cut_off_body": "The call is carried out, then the connection closes in the middle of the "
    "answer.",
    "http_503_html": "A maintenance page with status 503 instead of an answer; nothing is done.",
    "proxy_text": "A proxy's plain text with status 502 instead of an answer; nothing is done.",
    "expired_session": "The API answers 401 INVALID_SESSION_ID, as if the access token had ended.",
    "concurrent_limit": "The API answers 403 REQUEST_LIMIT_EXCEEDED: too many long calls at once.",
    "lock_row": "A write to the object is refused with UNABLE_TO_LOCK_ROW.",
    "halted_graphs": "Composite graph carries out the first graphs (as many as “after” says) and "
    "answers PROCESSING_HALTED for the rest.",
    "delay": "The call waits for the given seconds first, holding no lock.",
    "hang": "Calls wait until the faults are cleared; it is not used up, and “held” counts who "
    "waits.",
}
LONGEST_DELAY = 600
MATCHES = ("path", "method", "org", "sobject")


@dataclass
class Fault:
    """One kind of trouble for `times` of the calls that match."""

    kind: str
    match: dict[str, str] = field(default_factory=dict)
    times: int = 1
    seconds: float = 0.0
    after: int = 0
    chance: float = 1.0
    seed: int = 0
    held: int = 0

    def __post_init__(self) -> None:
        # Repeatable on purpose; nothing secret hangs on it.
        self._random = Random(self.seed)  # noqa: S311

    def strikes(self) -> bool:
        """Whether the next matching call is struck; asked once a call."""
        return self.chance >= 1 or self._random.random() < self.chance

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": self.kind,
            "match": self.match,
            "times": self.times,
            "seconds": self.seconds,
            "after": self.after,
            "chance": self.chance,
            "seed": self.seed,
            "held": self.held,
        }


def read_fault(item: Any) -> Fault:
    """A fault from JSON; raises ValueError with a sentence that names what makes no sense."""
    if not isinstance(item, dict):
        raise ValueError("a fault is an object with a kind, or a list of such objects")
    if item.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    unknown = set(item) - {"kind", "match", "times", "seconds", "after", "chance", "seed"}
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
    match = item.get("match") or {}
    if not isinstance(match, dict) or not set(match) <= set(MATCHES):
        raise ValueError(f"match is an object that may name {', '.join(MATCHES)}")
    if "sobject" in match and item["kind"] != "lock_row":
        raise ValueError("only lock_row can be matched by sobject")
    return Fault(
        item["kind"],
        {str(name): str(value) for name, value in match.items()},
        times=_whole(item, "times", 1, least=1),
        seconds=min(LONGEST_DELAY, _number(item, "seconds", 0)),
        after=_whole(item, "after", 0, least=0),
        chance=_chance(item),
        seed=_whole(item, "seed", 0, least=None),
    )


def _whole(item: dict[str, Any], name: str, default: int, least: int | None) -> int:
    value = item.get(name, default)
    good = isinstance(value, int) and not isinstance(value, bool)
    if not good or (least is not None and value < least):
        from_least = "" if least is None else f" from {least} up"
        raise ValueError(f"{name} must be a whole number{from_least}")
    return int(value)


def _number(item: dict[str, Any], name: str, default: float) -> float:
    value = item.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        raise ValueError(f"{name} must be a number from 0 up")
    return float(value)


def _chance(item: dict[str, Any]) -> float:
    chance = _number(item, "chance", 1)
    if not 0 < chance <= 1:
        raise ValueError("chance must be above 0 and at most 1")
    return chance


class Faults:
    """The faults that are waiting to happen."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._cleared = threading.Condition(self._lock)

    def add(self, value: Any) -> list[dict[str, Any]]:
        """Add one or several; raises ValueError with a sentence if one makes no sense."""
        found = [read_fault(item) for item in (value if isinstance(value, list) else [value])]
        with self._lock:
            self._waiting.extend(found)
        return self.listed()

    def listed(self) -> list[dict[str, Any]]:
        """What is still waiting, as JSON."""
        with self._lock:
            return [fault.shown() for fault in self._waiting]

    def clear(self) -> None:
        """Forget all that are waiting."""
        with self._cleared:
            self._waiting.clear()
            self._cleared.notify_all()

    def take(self, kinds: tuple[str, ...], **facts: str) -> Fault | None:
        """The first waiting fault of these kinds that fits and strikes; it is used up once."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind in kinds and self._fits(fault, facts) and fault.strikes():
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def _fits(self, fault: Fault, facts: dict[str, str]) -> bool:
        for name, wanted in fault.match.items():
            found = facts.get(name, "")
            if name == "path" and wanted not in found:
                return False
            if name != "path" and wanted.lower() != found.lower():
                return False
        return True

    def wait(self, **facts: str) -> None:
        """Sleep as long as a fitting `delay` says, and until no fitting `hang` is left."""
        fault = self.take(("delay",), **facts)
        if fault:
            time.sleep(fault.seconds)
        with self._cleared:
            for hang in [one for one in self._waiting if one.kind == "hang"]:
                if self._fits(hang, facts) and hang.strikes():
                    hang.held += 1
                    self._cleared.wait_for(partial(self._is_gone, hang), LONGEST_DELAY)

    def _is_gone(self, fault: Fault) -> bool:
        return all(one is not fault for one in self._waiting)
