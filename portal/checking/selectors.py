"""What one org said of itself, as one reader sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts.access import STAFF
from accounts.models import Customer, Role, User
from integrations.models import CheckRun, OrgEpoch, Outcome
from integrations.salesforce.setup_links import setup_url
from portal.checking.points import Judged, Point, judged_of, who_words
from portal.checking.types import ChecksView, CheckView, GroupView, ItemView, RunView

if TYPE_CHECKING:
    from portal.steps.facts import Facts

__all__ = ["CheckView", "ChecksView", "GroupView", "ItemView", "RunView", "checks_view"]

KINDS = {
    Outcome.PASS: "ok",
    Outcome.WARNING: "warn",
    Outcome.FAIL: "bad",
    Outcome.CANNOT: "wait",
    Outcome.ERROR: "warn",
}


def checks_view(
    facts: Facts, environment: str, step: str = "", *, person: User | None = None
) -> ChecksView:
    """The checks of an org, or of one step of it (`sandbox.permissions`, or `permissions`).

    `person`: who reads, for what they may do about a point; None may do nothing. Everything is in
    the facts: no query but for what a member of staff may.
    """
    connection, epoch = facts.connection(environment), facts.epoch(environment)
    listed = judged_of(facts, environment, step=step.rpartition(".")[2])
    role = role_of(facts, person)
    answered = [one.result.checked_at for one in listed if one.result and not one.unanswered]
    live = connection is not None and epoch is not None and connection.is_live
    runs = facts.runs_of_checks(environment)
    return ChecksView(
        environment=environment,
        epoch=epoch,
        live=live,
        lost=connection.health_reason if connection and epoch and not live else "",
        groups=_groups(facts, environment, listed, role),
        run=_run(runs, listed),
        checked_at=min(answered, default=None),
        api_calls=_round_calls(runs),
        stale=any(one.stale for one in listed),
    )


def _round_calls(runs: Sequence[CheckRun]) -> int:
    """What the last whole round cost; 0 where only single checks were asked again since."""
    whole = (run for run in runs if run.state == CheckRun.State.ENDED and not run.names)
    return next((run.api_calls for run in whole), 0)


def role_of(facts: Facts, person: User | None) -> str:
    """What the reader is to the customer: a role, `STAFF`, or nothing."""
    if person is None:
        return ""
    if person.is_staff:
        # The desk shows people what they manage; the service asks again.
        return STAFF if _manages(person, facts.customer) else ""
    return facts.role_of(person)


def _manages(person: User, customer: Customer) -> bool:
    """As `customers_managed_by`, without a query for each of many customers."""
    mine = person.pk == customer.implementation_manager_id
    return person.is_active and (mine or person.has_perm("accounts.view_all_customers"))


def _groups(
    facts: Facts, environment: str, listed: Sequence[Judged], role: str
) -> tuple[GroupView, ...]:
    """By step, in the order in which the checks come."""
    steps = list(dict.fromkeys(one.check.step for one in listed))
    return tuple(
        GroupView(
            step=(key := f"{environment}.{step}"),
            title=step_title(facts.customer, environment, step),
            checks=tuple(
                _check(facts, environment, one, role) for one in listed if one.check.step == step
            ),
            cannot_confirmed=facts.confirmation(key, environment),
            may_vouch=_may_vouch(facts, key),
        )
        for step in steps
    )


def _may_vouch(facts: Facts, key: str) -> bool:
    """Whether somebody can confirm the step: it is part of the path, and needed."""
    from portal.steps.registry import step_find  # the steps show these views

    step = step_find(facts.customer.path, key)
    return step is not None and step.confirmable and not step.falls_away(facts)


def step_title(customer: Customer, environment: str, step: str) -> str:
    """What the checks of a step are headed with: the step's title, where the path has it."""
    from portal.steps.registry import step_find  # the steps show these views

    found = step_find(customer.path, f"{environment}.{step}")
    if found is not None and step != "test":
        return found.title
    return {
        "layouts": _("Job changes on your pages"),
        "lead_conversion": _("Lead fields for conversion"),
        "test": _("What sending will meet"),
    }.get(step, _("Other checks"))


def _check(facts: Facts, environment: str, one: Judged, role: str) -> CheckView:
    result, check = one.result, one.check
    common: dict[str, Any] = {
        "name": check.name,
        "step": check.step,
        "question": str(check.question),
        "why": str(check.why),
        "asking": one.asking,
        "holds": holds(facts, environment, one),
        "by_hand": check.by_hand,
    }
    if result is None:
        return CheckView(outcome="", word=_("Not checked yet"), kind="", **common)
    epoch = facts.epoch(environment)
    outcome = Outcome(result.outcome)
    return CheckView(
        outcome=outcome.value,
        word=str(outcome.label),
        kind=KINDS[outcome],
        found=result.found,
        since=result.since,
        checked_at=result.checked_at,
        stale=one.stale,
        error=result.error,
        error_at=result.error_at,
        missing_right=result.missing_right,
        items=tuple(_item(point, epoch, role, facts.customer) for point in one.points),
        **common,
    )


def holds(facts: Facts, environment: str, one: Judged) -> bool:
    """Whether its step waits for it: a fail, nobody vouched, or it was asked without an answer."""
    if one.open_points(Outcome.FAIL) or one.outcome == Outcome.ERROR:
        return True
    vouched = facts.confirmation(f"{environment}.{one.check.step}", environment) is not None
    return bool(one.open_points(Outcome.CANNOT)) and one.check.by_hand and not vouched


def _item(point: Point, epoch: OrgEpoch | None, role: str, customer: Customer) -> ItemView:
    item = point.item
    outcome = Outcome(item.outcome)
    ours, theirs = role == STAFF, role in {STAFF, Role.ADMIN}
    waived = point.waiver is not None
    may_accept = outcome == Outcome.WARNING and theirs
    may_waive = outcome == Outcome.FAIL and ours
    return ItemView(
        key=item.key,
        outcome=outcome.value,
        word=str(outcome.label),
        kind=KINDS[outcome],
        sentence=item.sentence,
        fix=item.fix,
        who=who_words(item.who),
        setup_url=setup_url(epoch.instance_url, item.setup_path) if epoch else "",
        subject=point.subject,
        waiver=point.waiver,
        may_accept=may_accept and not waived,
        may_waive=may_waive and not waived,
        may_take_back=waived and (may_accept or may_waive),
    )


def _run(runs: Sequence[CheckRun], listed: Sequence[Judged]) -> RunView | None:
    if not runs:
        return None
    run = runs[0]
    asked = [one for one in listed if not run.names or one.check.name in run.names]
    return RunView(
        state=run.state,
        asked_at=run.asked_at,
        reason=str(run.get_reason_display()),
        done=sum(1 for one in asked if one.result is not None and one.result.run_id == run.pk),
        total=len(asked),
        asked_by=run.asked_by,
        error=run.error,
        api_calls=run.api_calls,
        ended_at=run.ended_at,
    )
