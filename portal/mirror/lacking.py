"""Why there is nothing to compare, in a sentence. Reads what was loaded: no query, no call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.models import CheckRun
from portal.models import Comparison

if TYPE_CHECKING:
    from portal.steps.facts import Facts

SANDBOX, PRODUCTION = Environment.SANDBOX.value, Environment.PRODUCTION.value


class State(StrEnum):
    """What becomes of it."""

    ASKING = "asking"  # the answer is on its way
    WAITING = "waiting"  # asked again by itself
    FAILED = "failed"  # the org did not answer
    LOST = "lost"  # the org cannot be asked (any more)
    NOT_CONNECTED = "not_connected"  # production, before it is connected


@dataclass(frozen=True)
class Lack:
    """What is missing on one side."""

    environment: str
    state: State
    sentence: str


def comparison_now(facts: Facts) -> Comparison | None:
    """The comparison, when it is about the production org that is connected now."""
    comparison, epoch = facts.mirror.comparison, facts.epoch(PRODUCTION)
    if comparison is None or epoch is None or comparison.production.epoch_id != epoch.pk:
        return None
    return comparison


def lack_of(facts: Facts) -> Lack | None:
    """Why the orgs are not compared; None when they are. The sandbox comes first."""
    if comparison_now(facts) is not None:
        return None
    if facts.mirror.baseline is None:
        return _sandbox(facts)
    return _production(facts)


def failure(facts: Facts, environment: str) -> str:
    """Why the last run got no answer, as a sentence; empty where it did."""
    newest = next(iter(facts.runs_of_checks(environment)), None)
    if newest is None or newest.state != CheckRun.State.FAILED:
        return ""
    return newest.error or _("The org did not answer.")


def _sandbox(facts: Facts) -> Lack:
    """The tested sandbox has not said how it was set up."""
    found = facts.run(SANDBOX)
    connection = facts.connection(SANDBOX)
    if connection is None or found is None or connection.epoch_id != found.run.epoch_id:
        return Lack(
            SANDBOX,
            State.LOST,
            _(
                "The sandbox that was tested is no longer connected, and the portal did not keep "
                "how it was set up: there is nothing to compare production with."
            ),
        )
    if facts.check_run_open(SANDBOX) is not None:
        return Lack(SANDBOX, State.ASKING, _("The tested sandbox is being asked how it is set up."))
    if not connection.is_live:
        return Lack(
            SANDBOX,
            State.LOST,
            _(
                "The connection to the sandbox does not work, so it cannot be asked how it is set "
                "up. Connect it again under Salesforce orgs."
            ),
        )
    if said := failure(facts, SANDBOX):
        return Lack(SANDBOX, State.FAILED, said)
    return Lack(
        SANDBOX,
        State.WAITING,
        _("The tested sandbox has not said yet how it is set up. It is asked by itself."),
    )


def _production(facts: Facts) -> Lack:
    """Production has not said how it is set up."""
    connection = facts.connection(PRODUCTION)
    if connection is None or connection.epoch is None:
        return Lack(PRODUCTION, State.NOT_CONNECTED, _("Production is not connected yet."))
    if facts.check_run_open(PRODUCTION) is not None:
        return Lack(
            PRODUCTION, State.ASKING, _("Production is being compared with the tested sandbox.")
        )
    if not connection.is_live:
        return Lack(
            PRODUCTION,
            State.LOST,
            _("The connection to production does not work. Connect it again first."),
        )
    if said := failure(facts, PRODUCTION):
        return Lack(PRODUCTION, State.FAILED, said)
    return Lack(
        PRODUCTION,
        State.WAITING,
        _("Production has not said yet how it is set up. It is asked by itself."),
    )
