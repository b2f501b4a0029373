"""One step and one stage as a template takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal.steps.base import StepStatus


@dataclass(frozen=True)
class StepView:
    """One step for a template. `state` is the marker's: done, now, bad, later or nothing."""

    key: str
    number: int
    title: str
    status: StepStatus
    chip: str
    tint: str
    state: str
    sentence: str
    side: str
    since: datetime | None
    detail_template: str
    opens_by: tuple[int, ...]
    detail: Mapping[str, Any]
    statement: str
    yours: bool
    confirmable: bool
    environment: str

    @property
    def anchor(self) -> str:
        """The id of the step on the page."""
        return f"step-{self.key.replace('.', '-').replace('_', '-')}"

    @property
    def href(self) -> str:
        """The setup page with this step opened."""
        return f"{reverse('setup')}?{urlencode({'step': self.key})}#{self.anchor}"

    @property
    def finished(self) -> bool:
        """Whether it folds to one line."""
        return self.status in {StepStatus.DONE, StepStatus.WAIVED}

    @property
    def openable(self) -> bool:
        """Whether there is more to read than its line."""
        return bool(self.detail_template) and self.status != StepStatus.LOCKED


@dataclass(frozen=True)
class Stage:
    """One stage on the rail: how many of its steps are done; `later` before it opens."""

    key: str
    name: str
    note: str
    value: int
    max: int
    later: bool
    steps: tuple[StepView, ...]

    @property
    def finished(self) -> bool:
        """Whether every step is done or waived."""
        return self.value == self.max
