"""All steps, in the order of the journey (product.md, section 2).

Adding a step: write its class in a module of its own, name here what opens it, give it a template
in `templates/portal/setup/steps/`, and a row in the table of `tests/portal/test_steps.py`.
"""

from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Environment, Path
from portal.steps.allow import AllowStep
from portal.steps.base import Step
from portal.steps.checked import LayoutsStep, PermissionsStep
from portal.steps.connect import ConnectStep
from portal.steps.go_live import FirstBatchStep, SignOffStep
from portal.steps.lead_conversion import LeadConversionStep
from portal.steps.mirror import MirrorStep
from portal.steps.package import PackageStep
from portal.steps.people import PeopleStep
from portal.steps.review import ReviewStep
from portal.steps.settings import SettingsStep

SANDBOX, PRODUCTION = Environment.SANDBOX.value, Environment.PRODUCTION.value


@dataclass(frozen=True)
class StagePlan:
    """A stage of the journey with its steps; `note` is shown before it opens."""

    key: str
    name: str | Promise
    note: str | Promise
    steps: tuple[Step, ...]


@cache
def steps_for(path: str) -> tuple[StagePlan, ...]:
    """The stages of a path, each with its steps in order."""
    if path == Path.SANDBOX_FIRST:
        production = _production(after="sandbox.test")
        return (_sandbox(), production, _go_live(production))
    production = _production(after="")
    return (production, _go_live(production))


def step_find(path: str, key: str) -> Step | None:
    """A step of a path by its key; None for steps the path does not have."""
    for stage in steps_for(path):
        for step in stage.steps:
            if step.key == key:
                return step
    return None


def _sandbox() -> StagePlan:
    connected = ("sandbox.connect",)
    installed = ("sandbox.package", "sandbox.connect")
    return StagePlan(
        "sandbox",
        _("Sandbox"),
        _("Every change is tried here first"),
        (
            PackageStep(SANDBOX),
            ConnectStep(SANDBOX),
            PermissionsStep(SANDBOX, installed),
            SettingsStep(SANDBOX, connected),
            LayoutsStep(SANDBOX, installed),
            LeadConversionStep(SANDBOX, installed),
            ReviewStep(SANDBOX, (*installed, "sandbox.permissions", "sandbox.settings")),
        ),
    )


def _production(*, after: str) -> StagePlan:
    """With a sandbox before it, `after` opens everything; without one, nothing has to."""
    opened = (after,) if after else ()
    connected = (*opened, "production.connect")
    installed = (*opened, "production.package", "production.connect")
    if after:
        # The worksheet is read before production is connected: change boards need weeks.
        alike: tuple[Step, ...] = (MirrorStep(PRODUCTION, opened),)
        note = _("Opens when the sandbox test is approved")
    else:
        alike = (LayoutsStep(PRODUCTION, installed), LeadConversionStep(PRODUCTION, installed))
        note = _("Set up, then tried with 5 to 10 job changes")
    ready = (*installed, "production.permissions", "production.settings")
    return StagePlan(
        "production",
        _("Production"),
        note,
        (
            PackageStep(PRODUCTION, opened),
            ConnectStep(PRODUCTION, opened),
            PermissionsStep(PRODUCTION, installed),
            *alike,
            SettingsStep(PRODUCTION, connected, tested=bool(after)),
            PeopleStep(PRODUCTION, connected),
            AllowStep(PRODUCTION, ready),
            ReviewStep(PRODUCTION, (*ready, "production.allow")),
        ),
    )


def _go_live(production: StagePlan) -> StagePlan:
    """Opens when nothing of production is left to do (the list of people gates only this)."""
    everything = tuple(step.key for step in production.steps)
    return StagePlan(
        "go_live",
        _("Go live"),
        _("First batch of job changes"),
        (
            SignOffStep(PRODUCTION, everything),
            FirstBatchStep(PRODUCTION, ("go_live.sign_off",)),
        ),
    )
