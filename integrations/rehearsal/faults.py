"""Trouble on demand, and a look behind the scenes: `/rehearsal/…` on every port.

`POST /rehearsal/faults` takes one fault or a list: `{"kind": …, "match": {"path": …, "method": …,
"sobject": …, "org": …}, "times": 1, "seconds": 0}`. Kinds:

* `drop_before`: the connection closes before anything is done
* `drop_answer_after_commit`: the call is carried out, then the connection closes without an answer
* `http_503_html`: maintenance page instead of an answer
* `lock_row`: the next write to `sobject` (any, if not named) is refused with UNABLE_TO_LOCK_ROW
* `delay`: the call waits `seconds` first, holding no lock
* `hang`: calls wait until the fault is cleared; it is not used up, and `held` counts who waits
"""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

KINDS = (
    "drop_before",
    "drop_answer_after_commit",
    "http_503_html",
    "lock_row",
    "delay",
    "hang",
)
LONGEST_DELAY = 600


@dataclass
class Fault:
    """One kind of trouble for the next `times` calls that match."""

    kind: str
    match: dict[str, str] = field(default_factory=dict)
    times: int = 1
    seconds: float = 0.0
    held: int = 0


class Faults:
    """The faults that are waiting to happen."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._cleared = threading.Condition(self._lock)

    def add(self, value: Any) -> list[dict[str, Any]]:
        """Add one or several; raises ValueError with a sentence if one makes no sense."""
        found = []
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict) or item.get("kind") not in KINDS:
                raise ValueError(f"kind must be one of {', '.join(KINDS)}")
            try:
                fault = Fault(
                    item["kind"],
                    {str(k): str(v) for k, v in dict(item.get("match") or {}).items()},
                    int(item.get("times", 1)),
                    min(LONGEST_DELAY, max(0.0, float(item.get("seconds", 0)))),
                )
            except (TypeError, ValueError) as error:
                raise ValueError("match, times or seconds cannot be read") from error
            found.append(fault)
        with self._lock:
            self._waiting.extend(found)
        return self.listed()

    def listed(self) -> list[dict[str, Any]]:
        """What is still waiting, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Forget all that are waiting."""
        with self._cleared:
            self._waiting.clear()
            self._cleared.notify_all()

    def take(self, kinds: tuple[str, ...], **facts: str) -> Fault | None:
        """The first waiting fault of these kinds that fits; it is used up once."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind in kinds and self._fits(fault, facts):
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
                if self._fits(hang, facts):
                    hang.held += 1
                    self._cleared.wait_for(partial(self._is_gone, hang), LONGEST_DELAY)

    def _is_gone(self, fault: Fault) -> bool:
        return all(one is not fault for one in self._waiting)
