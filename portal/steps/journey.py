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
from portal.steps.views import Stage, StepView
from portal.steps.words import manager_name, opens_after, turn_of

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
    manager_next: str
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
    """Journeys by customer id. The number of queries does not grow with the customers."""
    return {pk: _journey(facts, person) for pk, facts in facts_load(customers).items()}


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
    side = finding.side if finding else ""
    since = finding.since if finding else None
    stuck, reason = _stuck(customer, finding)
    here = stages[plans.index(plan_now)]
    return Journey(
        customer=customer,
        path=customer.path,
        stages=tuple(stages),
        stage=here,
        next_step=next((v for v in here.steps if next_one and v.key == next_one.key), None),
        whose_turn=_turn(next_one, finding, facts, person) if next_one and finding else "",
        side=side,
        since=since,
        stuck=stuck,
        stuck_reason=reason,
        manager_next=_manager_next(plan_now.steps, findings, facts),
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


def _is_yours(step: Step, finding: Finding, facts: Facts, person: User | None) -> bool:
    """Whether the reader is the one to act."""
    if person is not None and person.is_staff:
        return finding.side == VENDOR and person.pk == facts.customer.implementation_manager_id
    if finding.side != CUSTOMER:
        return False
    return person is None or facts.role_of(person) in step.roles


def _turn(step: Step, finding: Finding, facts: Facts, person: User | None) -> str:
    """Whose turn it is, by name unless it is the reader's."""
    if _is_yours(step, finding, facts, person):
        return _("Your turn")
    if finding.side == VENDOR:
        return turn_of(manager_name(facts.customer))
    if finding.side == CUSTOMER:
        return turn_of(_customer_name(facts))
    if finding.status == StepStatus.CHECKING:
        return finding.detail.get("chip") or _("Checking")
    return ""


def _customer_name(facts: Facts) -> str:
    """Who acts for the customer: its first admin, else the person invited, else the company."""
    for admin in facts.admins():
        return admin.first_name
    for link in facts.links:
        return link.person_name.split(" ")[0]
    return facts.customer.name


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
        yours=_is_yours(step, finding, facts, person),
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
        return _turn(step, finding, facts, person), "wait", "now"
    if finding.side == CUSTOMER:
        return _("Next"), "", "later"
    return _turn(step, finding, facts, person), "", ""


def _stuck(customer: Customer, finding: Finding | None) -> tuple[bool, str]:
    """Whether the journey stands still, and why."""
    if customer.hold_reason:
        return True, _("On hold: %(reason)s") % {"reason": customer.hold_reason}
    if finding is None:
        return False, ""
    if finding.status == StepStatus.ATTENTION:
        return True, finding.sentence
    if finding.since is not None and timezone.now() - finding.since > STUCK_AFTER:
        days = (timezone.now() - finding.since).days
        return True, _("Nothing has happened for %(days)s days") % {"days": days}
    return False, ""


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
