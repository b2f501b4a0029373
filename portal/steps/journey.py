"""A customer's journey as a reader sees it: stages, steps, the next thing, whose turn it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from integrations.checks.registry import checks_for
from portal.checking.selectors import checks_view
from portal.steps.base import CUSTOMER, VENDOR, Finding, Step, StepStatus
from portal.steps.facts import Facts, facts_load
from portal.steps.registry import StagePlan, steps_for
from portal.steps.turns import (
    Turn,
    is_yours,
    live_turn_words,
    live_turns,
    turn_words,
    turns_of,
    waiting_of,
)
from portal.steps.views import Stage, StepView
from portal.steps.words import manager_name, opens_after

# A turn that has lasted this long is shown as stuck to the implementation manager.
STUCK_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Journey:
    """Where a customer stands, in a reader's words."""

    customer: Customer
    path: str
    stages: tuple[Stage, ...]
    stage: Stage
    next_step: StepView | None
    whose_turn: str
    side: str
    since: datetime | None
    stuck: bool
    stuck_reason: str
    # From when on it counts as stuck, if nothing happens; None where nobody waits for anything.
    stuck_from: datetime | None
    manager_next: str
    # What each side has to do now, by side. `waiting`: the reader's part of it once the customer
    # is live, when no step is left.
    turns: Mapping[str, Turn]
    waiting: Turn | None
    facts: Facts = field(repr=False)

    @property
    def checking(self) -> bool:
        """Whether something ends by itself soon, so that a page may ask again."""
        places = {step.environment for step in self.stage.steps}
        return any(self.facts.check_run_open(place) for place in places) or any(
            step.status == StepStatus.CHECKING and "waits_until" not in step.detail
            for step in self.stage.steps
        )

    @property
    def live(self) -> bool:
        """Whether the first batch is in production: nothing is left to do."""
        return self.stages[-1].finished

    @property
    def live_since(self) -> datetime | None:
        """When the first batch ended; None before."""
        found = self.facts.batch
        return found.batch.ended_at if self.live and found is not None else None

    @property
    def attention(self) -> bool:
        """Whether something stands still whatever the time: it is wrong, or on hold."""
        return bool(self.customer.hold_reason) or any(one.wrong for one in self.turns.values())

    def step(self, key: str) -> StepView | None:
        """A step by its key."""
        for stage in self.stages:
            for step in stage.steps:
                if step.key == key:
                    return step
        return None


def journey_for(customer: Customer, *, person: User | None = None) -> Journey:
    """One customer's journey, in the words of the person who reads it."""
    return _journey(facts_load([customer])[customer.pk], person)


def journeys_for(
    customers: Iterable[Customer], *, person: User | None = None
) -> dict[int, Journey]:
    """Journeys by customer id, for lists: the points of checks that are right are not loaded.

    The number of queries does not grow with the customers.
    """
    loaded = facts_load(customers, brief=True)
    return {pk: _journey(facts, person) for pk, facts in loaded.items()}


def _journey(facts: Facts, person: User | None) -> Journey:
    customer = facts.customer
    plans = steps_for(customer.path)
    findings: dict[str, Finding] = {}
    for plan in plans:
        for step in plan.steps:
            findings[step.key] = step.find(facts, findings)
    plan_now = _plan_now(plans, findings, facts)
    staff = person is not None and person.is_staff
    next_one = _next(plan_now.steps, findings, VENDOR if staff else CUSTOMER)
    numbers = {
        step.key: number for plan in plans for number, step in enumerate(plan.steps, start=1)
    }
    stages = []
    for plan in plans:
        views = tuple(
            _view(step, findings[step.key], facts, person, numbers, next_one is step)
            for step in plan.steps
        )
        value = sum(1 for view in views if view.finished)
        later = plans.index(plan) > plans.index(plan_now)
        note = str(plan.note)
        if not later:
            note = _("%(done)s of %(total)s steps done") % {"done": value, "total": len(views)}
        stages.append(Stage(plan.key, str(plan.name), note, value, len(views), later, views))
    finding = findings[next_one.key] if next_one else None
    live = stages[-1].finished
    turns = live_turns(facts) if live else turns_of(plan_now.steps, findings)
    waiting = waiting_of(turns, VENDOR if staff else CUSTOMER) if live else None
    side = finding.side if finding else waiting.side if waiting else ""
    since = finding.since if finding else waiting.since if waiting else None
    # Staff alone read of it, so it is found as they see the steps.
    staff_one = _next(plan_now.steps, findings, VENDOR)
    reason, stuck_from = _stuck(customer, turns, findings[staff_one.key] if staff_one else None)
    stuck = stuck_from is not None and stuck_from <= timezone.now()
    here = stages[plans.index(plan_now)]
    turn = turn_words(next_one, finding, facts, person) if next_one and finding else ""
    return Journey(
        customer=customer,
        path=customer.path,
        stages=tuple(stages),
        stage=here,
        next_step=next((v for v in here.steps if next_one and v.key == next_one.key), None),
        whose_turn=live_turn_words(waiting, facts, person) if waiting else turn,
        side=side,
        since=since,
        stuck=stuck,
        stuck_reason=reason if stuck else "",
        stuck_from=stuck_from,
        manager_next=_manager_next(plan_now.steps, findings, facts),
        turns=turns,
        waiting=waiting,
        facts=facts,
    )


def _plan_now(
    plans: Sequence[StagePlan], findings: Mapping[str, Finding], facts: Facts
) -> StagePlan:
    """The stage the customer is in: the first one that is not passed."""
    for plan, following in pairwise(plans):
        # What both sides froze goes on, whatever becomes of the steps before it meanwhile.
        launched = following is plans[-1] and any(step.started(facts) for step in following.steps)
        # An approved test stands, also after a refresh; so does what the next stage asks for.
        needed = following.steps[0].requires
        passed = findings[plan.steps[-1].key].finished and all(
            findings[key].opens for key in needed
        )
        if not launched and not passed:
            return plan
    return plans[-1]


def _next(steps: Iterable[Step], findings: Mapping[str, Finding], side: str) -> Step | None:
    """The one next thing: the first open step of the reader's side, else the first open one."""
    open_steps = [
        step
        for step in steps
        if not findings[step.key].finished and findings[step.key].status != StepStatus.LOCKED
    ]
    mine = [step for step in open_steps if findings[step.key].side == side]
    return next(iter(mine or open_steps), None)


def _view(
    step: Step,
    finding: Finding,
    facts: Facts,
    person: User | None,
    numbers: Mapping[str, int],
    is_next: bool,
) -> StepView:
    opens_by = (numbers[finding.blocked_by],) if finding.blocked_by else ()
    chip, tint, state = _chip(step, finding, facts, person, opens_by, is_next)
    return StepView(
        key=step.key,
        number=numbers[step.key],
        title=step.title,
        status=finding.status,
        chip=chip,
        tint=tint,
        state=state,
        sentence=finding.sentence,
        side=finding.side,
        since=finding.since,
        detail_template=step.template,
        opens_by=opens_by,
        detail=_detail(step, finding, facts, person),
        statement=step.statement(),
        yours=is_yours(step, finding, facts, person),
        confirmable=step.confirmable,
        environment=step.environment.value,
    )


def _detail(step: Step, finding: Finding, facts: Facts, person: User | None) -> Mapping[str, Any]:
    """What the step's template shows, with its checks once there is an org to ask."""
    place = step.environment.value
    asked = any(check.step == step.name for check in checks_for(place))
    if not asked or facts.epoch(place) is None or finding.status == StepStatus.LOCKED:
        return finding.detail
    # Made when it is looked at: lists of customers show none.
    return {
        **finding.detail,
        "checks": SimpleLazyObject(lambda: checks_view(facts, place, step.name, person=person)),
    }


def _chip(
    step: Step,
    finding: Finding,
    facts: Facts,
    person: User | None,
    opens_by: tuple[int, ...],
    is_next: bool,
) -> tuple[str, str, str]:
    """The chip's word, its tint, and the marker's state."""
    match finding.status:
        case StepStatus.DONE:
            return _("Done"), "ok", "done"
        case StepStatus.WAIVED:
            waived = "waiver" in finding.detail
            return _("Waived") if waived else _("Not needed"), "", "done"
        case StepStatus.ATTENTION:
            return _("Needs attention"), "bad", "bad"
        case StepStatus.CHECKING:
            return finding.detail.get("chip") or _("Checking"), "wait", "now"
        case StepStatus.LOCKED:
            return opens_after(opens_by), "", "later"
    if is_next:
        return turn_words(step, finding, facts, person), "wait", "now"
    if finding.side == CUSTOMER:
        return _("Next"), "", "later"
    return turn_words(step, finding, facts, person), "", ""


def _stuck(
    customer: Customer, turns: Mapping[str, Turn], finding: Finding | None
) -> tuple[str, datetime | None]:
    """Why the journey stands still, and from when on that counts as stuck; "" and None where it
    never will. What is wrong does so at once, a turn or a wait after `STUCK_AFTER`.

    `finding`: of the step that staff read about, where it is nobody's turn.
    """
    if customer.hold_reason:
        return _("On hold: %(reason)s") % {"reason": customer.hold_reason}, timezone.now()
    ours_first = [turns[side] for side in (VENDOR, CUSTOMER) if side in turns]
    for turn in ours_first:
        if turn.wrong:
            return turn.sentence, timezone.now()
    since = finding.since if finding is not None else None
    if ours_first:
        since = ours_first[0].since
    if since is None:
        return "", None
    days = (timezone.now() - since).days
    return _("Nothing has happened for %(days)s days") % {"days": days}, since + STUCK_AFTER


def _manager_next(steps: Iterable[Step], findings: Mapping[str, Finding], facts: Facts) -> str:
    """What the implementation manager does next, for the card with their name."""
    name = manager_name(facts.customer)
    for step in steps:
        finding = findings[step.key]
        started_by_customer = finding.side == CUSTOMER or finding.status == StepStatus.CHECKING
        if finding.finished or started_by_customer:
            continue
        words = finding.detail.get("manager_next") or step.manager_next(name)
        if words:
            return str(words)
    return ""
