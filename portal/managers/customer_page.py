"""What the customer's page of the desk shows: the customer's own page, and what staff can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.access import person_of
from accounts.models import (
    Customer,
    CustomerNote,
    Environment,
    Membership,
    SignupLink,
    User,
)
from jobchanges.models import ImportRun
from jobchanges.selectors import runs_by_customer
from jobchanges.selectors.types import RunSummary
from portal.activity import EventLine, event_page
from portal.help.selectors import StepHelp, step_help
from portal.managers.checks import checks_panel
from portal.managers.links import link_chip
from portal.managers.mirror import MirrorPanel, mirror_panel
from portal.managers.next_levers import Lever, levers_for, may_pick, prepare_again
from portal.pages.check_list import CheckList, step_checks
from portal.pages.permission_words import permission_words
from portal.selectors import LiveCard, OrgCard, live_card, org_cards
from portal.steps import Journey, StepStatus, StepView, journey_for, step_find, steps_for

LINKS_SHOWN = 10
EVENTS_SHOWN = 6
NOTES_SHOWN = 3


@dataclass(frozen=True)
class DeskReader:
    """Reads a step's body as the customer's people do, and fills in none of its forms."""

    person: User
    is_admin: bool = False
    may_sign: bool = False


@dataclass(frozen=True)
class LinkLine:
    """One sign-up link and what can be done with it."""

    link: SignupLink
    tint: str
    word: str
    resendable: bool
    revocable: bool


@dataclass(frozen=True)
class StepLine:
    """One step, what the reader may do about it, and its sign-up link where it waits for one."""

    view: StepView
    waivable: bool
    waived: bool
    reason: str = ""
    levers: Sequence[Lever] = ()
    link: LinkLine | None = None


@dataclass(frozen=True)
class StageLines:
    """One stage with its steps; the current one stands open."""

    key: str
    name: str
    note: str
    steps: Sequence[StepLine]
    here: bool
    unfolded: bool


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
    stages: Sequence[StageLines]
    opened: StepView | None
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
    prepare_again: Lever | None = None
    notes: Sequence[CustomerNote] = ()
    may_hold: bool = False


def customer_page(request: HttpRequest, customer: Customer) -> CustomerPage:
    """Load the page; the number of queries does not depend on how much there is."""
    person = person_of(request)
    journey = journey_for(customer, person=person)
    runs = runs_by_customer([customer])[customer.pk]
    open_runs = {run.environment: run for run in runs if run.is_open}
    titles = {step.key: step.title for plan in steps_for(customer.path) for step in plan.steps}
    may_set = person.has_perm("jobchanges.change_environmentsettings")
    may_test = person.has_perm("jobchanges.add_testrun")
    newest = customer.signup_links.select_related("created_by", "proven_by")[:LINKS_SHOWN]
    links = [_link(link) for link in newest]
    opened = _opened(journey, request.GET.get("step", ""))
    live = live_card(journey)
    return CustomerPage(
        customer=customer,
        journey=journey,
        stages=_stages(journey, opened, open_runs, links, person),
        opened=opened,
        orgs=[
            OrgLine(
                card,
                _chosen(journey, card.environment),
                open_runs.get(card.environment),
                may_test and may_pick(journey, card.environment),
            )
            for card in org_cards(journey)
        ],
        links=links,
        members=list(customer.memberships.select_related("user").order_by("left_at", "created_at")),
        runs=runs,
        imports=list(customer.import_runs.select_related("by")[:3]),
        job_changes=customer.job_changes.count(),
        events=_events(customer, titles),
        may_send_links=person.has_perm("accounts.add_signuplink"),
        may_test=may_test,
        may_set=may_set,
        may_import=person.has_perm("jobchanges.add_importrun"),
        live=live,
        checks=checks_panel(journey.facts, person),
        mirror=mirror_panel(journey),
        prepare_again=prepare_again(journey, person) if live else None,
        notes=list(customer.notes.filter(removed_at=None).select_related("author")[:NOTES_SHOWN]),
        may_hold=person.has_perm("accounts.change_customer"),
    )


def _events(customer: Customer, titles: Mapping[str, str]) -> list[EventLine]:
    """The newest lines; a link that leads to this very page is left out."""
    here = reverse("admin:accounts_customer_change", args=[customer.pk])
    lines = event_page(customer, page=1, steps=titles, desk=True)[1][:EVENTS_SHOWN]
    return [
        replace(line, link=None) if line.link and line.link.href == here else line for line in lines
    ]


def step_context(page: CustomerPage, person: User) -> Mapping[str, Any]:
    """What the body of the unfolded step takes, as on the customer's own page."""
    checks = step_checks(page.opened)
    return {
        "journey": page.journey,
        "reader": DeskReader(person),
        "opened": page.opened,
        "step_checks": checks,
        "step_help": _help(page, answered=checks is not None),
        "permissions": SimpleLazyObject(lambda: permission_words(page.customer.permission_list)),
    }


def _help(page: CustomerPage, *, answered: bool) -> StepHelp | None:
    return step_help(page.journey, page.opened, answered=answered)


def _opened(journey: Journey, wanted: str) -> StepView | None:
    """The step shown with its body: the one asked for, else the next thing."""
    step = journey.step(wanted) if wanted else None
    return step if step is not None and step.openable else journey.next_step


def _stages(
    journey: Journey,
    opened: StepView | None,
    runs: Mapping[str, RunSummary],
    links: Sequence[LinkLine],
    person: User,
) -> list[StageLines]:
    """Every stage; the current one and the one of the unfolded step stand open."""
    may_waive = person.has_perm("portal.add_waiver")
    return [
        StageLines(
            key=stage.key,
            name=stage.name,
            note=stage.note,
            steps=[
                _step(
                    journey.customer,
                    view,
                    may_waive,
                    levers_for(journey, view, runs.get(view.environment), person),
                    links,
                )
                for view in stage.steps
            ],
            here=stage.key == journey.stage.key,
            unfolded=opened is not None and opened in stage.steps,
        )
        for stage in journey.stages
    ]


def _step(
    customer: Customer,
    view: StepView,
    may_waive: bool,
    levers: Sequence[Lever],
    links: Sequence[LinkLine],
) -> StepLine:
    step = step_find(customer.path, view.key)
    waivable = bool(step and step.waivable and may_waive)
    waiver = view.detail.get("waiver")
    connects = view.key.endswith(".connect") and not view.finished
    theirs = (line for line in links if line.link.environment == view.environment)
    return StepLine(
        view=view,
        waivable=waivable and not view.finished and view.status != StepStatus.LOCKED,
        waived=waivable and waiver is not None,
        reason=waiver.reason if waiver else "",
        levers=levers,
        link=next(theirs, None) if connects else None,
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


def notes_of(customer: Customer) -> list[CustomerNote]:
    """Internal notes, the newest first; a removed one is its line only."""
    return list(customer.notes.select_related("author", "removed_by"))
