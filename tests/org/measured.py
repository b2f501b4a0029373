"""What no public source proves: measured in the org at hand, shown, and kept (write protocol, †).

A point is a question with the answer this org gave. Nothing fails for an answer: the code does
not depend on any.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

# `make test-org` names the file; other runs measure as well, and keep nothing.
REPORT = "SF_TEST_REPORT"

_found: dict[str, dict[str, str]] = {}
_facts: dict[str, dict[str, Any]] = {}


def measured(place: str, point: str, answer: str) -> None:
    """Keep the answer to a point."""
    _found.setdefault(place, {})[point] = answer


def remembered(place: str, name: str) -> Any:
    """A fact that an earlier run of `make test-org` kept about this place; None for none."""
    return _before().get(place, {}).get("facts", {}).get(name)


def remember(place: str, name: str, value: Any) -> None:
    """Keep a fact for the next run."""
    _facts.setdefault(place, {})[name] = value


def table() -> list[str]:
    """The points as lines, by place."""
    lines = []
    for place, points in _found.items():
        width = max(map(len, points))
        lines.append(f"{place} org")
        lines += [f"  {point:<{width}}  {answer}" for point, answer in sorted(points.items())]
    return lines


def write() -> Path | None:
    """Keep the points of this run beside those of places it did not visit."""
    if not (os.environ.get(REPORT) and _found):
        return None
    path = Path(os.environ[REPORT])
    report = _before()
    for place, points in _found.items():
        kept = report.get(place, {}).get("facts", {})
        report[place] = {
            "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "points": points,
            "facts": {**kept, **_facts.get(place, {})},
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _before() -> dict[str, Any]:
    try:
        value = json.loads(Path(os.environ.get(REPORT, "")).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
