"""One line of the bench's table."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Figure:
    """A measured value; `ratio` is to the baseline, which was measured in the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
