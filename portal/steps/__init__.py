"""The journey: one small module per step, each derived from facts (product.md, section 2)."""

from portal.steps.base import Finding, Step, StepStatus
from portal.steps.facts import Facts, facts_load
from portal.steps.journey import Journey, journey_for, journeys_for
from portal.steps.registry import step_find, steps_for
from portal.steps.views import Stage, StepView

__all__ = [
    "Facts",
    "Finding",
    "Journey",
    "Stage",
    "Step",
    "StepStatus",
    "StepView",
    "facts_load",
    "journey_for",
    "journeys_for",
    "step_find",
    "steps_for",
]
