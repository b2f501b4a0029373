"""What the customer's page of the desk shows: the customer's own page, and what staff can do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from accounts.access import person_of
from accounts.models import Customer, Environment, Membership, SignupLink
from jobchanges.models import ImportRun
from jobchanges.selectors import runs_by_customer
from jobchanges.selectors.types import RunSummary
from portal.managers.checks import checks_panel
from portal.managers.links import link_chip
from portal.managers.mirror import MirrorPanel, mirror_panel
from portal.managers.next_levers import lever_for, may_pick
from portal.pages.check_list import CheckList
from portal.selectors import EventLine, LiveCard, OrgCard, event_page, live_card, org_cards
from portal.steps import Journey, Stage, StepStatus, StepView, journey_for, step_find, steps_for

LINKS_SHOWN = 10
EVENTS_SHOWN = 6


@dataclass(frozen=True)
class StepLine:
    """One step, and whether the reader may waive it or open it again."""

    view: StepView
    waivable: bool
    waived: bool
    reason: str = ""
    lever: tuple[str, str] | None = None  # what the reader presses now: words, address


@dataclass(frozen=True)
class LinkLine:
    """One sign-up link and what can be done with it."""

    link: SignupLink
    tint: str
    word: str
    resendable: bool
    revocable: bool


@dataclass(frozen=True)
class OrgLine:
    """One org with its settings."""

    card: OrgCard
    chosen: Sequence[Any]
    open_run: RunSummary | None
    may_pick: bool = False


@dataclass(frozen=True)
class CustomerPage:
    """Everything the page shows."""

    customer: Customer
    journey: Journey
    steps: Sequence[StepLine]
    others: Sequence[Stage]
    orgs: Sequence[OrgLine]
    links: Sequence[LinkLine]
    members: Sequence[Membership]
    runs: Sequence[RunSummary]
    imports: Sequence[ImportRun]
    job_changes: int
    events: Sequence[EventLine]
    may_send_links: bool
    may_test: bool
    may_set: bool
    may_import: bool
    live: LiveCard | None = None
    checks: Sequence[CheckList] = ()
    mirror: MirrorPanel | None = None


def customer_page(request: HttpRequest, customer: Customer) -> CustomerPage:
    """Load the page; the number of queries does not depend on how much there is."""
    person = person_of(request)
    journey = journey_for(customer, person=person)
    runs = runs_by_customer([customer])[customer.pk]
    open_runs = {run.environment: run for run in runs if run.is_open}
    titles = {step.key: step.title for plan in steps_for(customer.path) for step in plan.steps}
    may_waive = person.has_perm("portal.add_waiver")
    may_set = person.has_perm("jobchanges.change_environmentsettings")
    may_test = person.has_perm("jobchanges.add_testrun")
    links = customer.signup_links.select_related("created_by", "proven_by")[:LINKS_SHOWN]
    return CustomerPage(
        customer=customer,
        journey=journey,
        steps=[
            replace(
                _step(customer, view, may_waive),
                lever=lever_for(customer, view, open_runs.get(view.environment), person)
                if journey.next_step and view.key == journey.next_step.key
                else None,
            )
            for view in journey.stage.steps
        ],
        others=[stage for stage in journey.stages if stage.key != journey.stage.key],
        orgs=[
            OrgLine(
                card,
                _chosen(journey, card.environment),
                open_runs.get(card.environment),
                may_test and may_pick(journey, card.environment),
            )
            for card in org_cards(journey)
        ],
        links=[_link(link) for link in links],
        members=list(customer.memberships.select_related("user").order_by("left_at", "created_at")),
        runs=runs,
        imports=list(customer.import_runs.select_related("by")[:3]),
        job_changes=customer.job_changes.count(),
        events=event_page(customer, page=1, steps=titles)[1][:EVENTS_SHOWN],
        may_send_links=person.has_perm("accounts.add_signuplink"),
        may_test=may_test,
        may_set=may_set,
        may_import=person.has_perm("jobchanges.add_importrun"),
        live=live_card(journey),
        checks=checks_panel(journey.facts, person),
        mirror=mirror_panel(journey),
    )


def _step(customer: Customer, view: StepView, may_waive: bool) -> StepLine:
    step = step_find(customer.path, view.key)
    waivable = bool(step and step.waivable and may_waive)
    waiver = view.detail.get("waiver")
    return StepLine(
        view=view,
        waivable=waivable and not view.finished and view.status != StepStatus.LOCKED,
        waived=waivable and waiver is not None,
        reason=waiver.reason if waiver else "",
    )


def _chosen(journey: Journey, environment: str) -> Sequence[Any]:
    step = journey.step(f"{environment}.settings")
    return step.detail.get("facts", ()) if step else ()


def _link(link: SignupLink) -> LinkLine:
    tint, word = link_chip(link)
    state = link.state
    return LinkLine(
        link=link,
        tint=tint,
        word=word,
        resendable=state not in {SignupLink.State.SPENT, SignupLink.State.REPLACED},
        revocable=state == SignupLink.State.ACTIVE,
    )


def environments_of(journey: Journey) -> list[tuple[str, str]]:
    """The environments a sign-up link may be for, the next one first."""
    wanted = [Environment.PRODUCTION]
    if journey.step(f"{Environment.SANDBOX}.connect") is not None:
        # After the sandbox stage the next link is production's.
        place = 0 if journey.stage.key == Environment.SANDBOX else 1
        wanted.insert(place, Environment.SANDBOX)
    return [(each.value, str(each.label)) for each in wanted]
