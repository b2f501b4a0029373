"""What a manager can press at each step of a customer's page, and where it leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from jobchanges.selectors.types import RunSummary
from portal.signoff.standing import is_history, summary_standing
from portal.steps import Journey, StepStatus, StepView
from portal.steps.base import VENDOR

LOOK = "integrations.view_connection"


@dataclass(frozen=True)
class Lever:
    """A button of a step. `post`: it sends a form and does it at once; else it opens a page."""

    words: str
    href: str
    primary: bool = False
    post: bool = False


def levers_for(
    journey: Journey, view: StepView, run: RunSummary | None, person: User
) -> list[Lever]:
    """Everything the reader may do about a step, the one to press now first.

    `run`: the open test run of the step's org.
    """
    if view.status == StepStatus.LOCKED:
        return []
    customer = journey.customer
    first = lever_for(customer, view, run, person)
    is_next = journey.next_step is not None and journey.next_step.key == view.key
    levers = [Lever(*first, primary=is_next)] if first else []
    levers += _more(journey, view, person)
    # One address, one button: the first one's words.
    once: dict[str, Lever] = {}
    for lever in levers:
        once.setdefault(lever.href, lever)
    return list(once.values())


def _more(journey: Journey, view: StepView, person: User) -> Iterator[Lever]:
    """Beside the one to press now: look closer, ask again, send another link."""
    customer, place = journey.customer, view.environment
    name = view.key.partition(".")[2]
    if name == "connect" and not view.finished and person.has_perm("accounts.add_signuplink"):
        where = reverse("admin:accounts_customer_link_send", args=[customer.pk])
        yield Lever(_("Send a sign-up link"), f"{where}?{urlencode({'environment': place})}")
    if name == "settings" and person.has_perm("jobchanges.change_environmentsettings"):
        where = reverse("admin:accounts_customer_settings", args=[customer.pk, place])
        yield Lever(_("Look at the settings"), where)
    if name == "mirror":
        yield from _mirror(customer, view)
    if name in {"allow", "test"} and (number := view.detail.get("run")):
        where = reverse("admin:jobchanges_testrun_change", args=[number.pk])
        yield Lever(_("Look at the test"), where)
    if "checks" in view.detail and person.has_perm(LOOK):
        here = [customer.pk, place]
        yield Lever(_("Open the checks"), reverse("admin:accounts_customer_checks", args=here))
        connection = journey.facts.connection(place)
        asking = journey.facts.check_run_open(place)
        if not view.finished and connection is not None and connection.is_live and not asking:
            where = reverse("admin:accounts_customer_checks_run", args=here)
            yield Lever(_("Check again"), where, post=True)


def prepare_again(journey: Journey, person: User) -> Lever | None:
    """For a live customer whose regular batches wait for a new summary; None otherwise."""
    row = journey.facts.live.schedule
    if row is None or row.held_turn != "both" or not person.has_perm("portal.add_summary"):
        return None
    customer = journey.customer
    standing = summary_standing(customer)
    if standing is not None and not is_history(standing):
        where = reverse("admin:accounts_customer_go_live", args=[customer.pk])
        return Lever(_("Open the new summary"), where, primary=True)
    where = reverse("admin:accounts_customer_go_live_freeze", args=[customer.pk])
    return Lever(_("Prepare the summary again"), where, primary=True, post=True)


def _mirror(customer: Customer, view: StepView) -> Iterator[Lever]:
    if view.detail.get("ask"):
        where = reverse("admin:accounts_customer_mirror_compare", args=[customer.pk])
        yield Lever(_("Compare now"), where, post=True)
    where = reverse("admin:accounts_customer_mirror", args=[customer.pk])
    yield Lever(_("Look at the comparison"), where)
    where = reverse("admin:accounts_customer_worksheet", args=[customer.pk])
    yield Lever(_("Open the worksheet"), where)


def lever_for(
    customer: Customer, view: StepView, run: RunSummary | None, person: User
) -> tuple[str, str] | None:
    """Words and address for the next step; None when only the customer can do it.

    `run`: the open test run of the step's org.
    """
    if view.status == StepStatus.LOCKED:
        return None
    stage, _dot, name = view.key.partition(".")
    if stage == "go_live":
        return _go_live(customer, view)
    if name == "connect" and view.side == VENDOR and person.has_perm("accounts.add_signuplink"):
        where = reverse("admin:accounts_customer_link_send", args=[customer.pk])
        query = urlencode({"environment": view.environment})
        return _("Send a sign-up link"), f"{where}?{query}"
    # What differs and is ours is what was chosen for production.
    ours = name == "settings" or (name == "mirror" and view.side == VENDOR)
    if ours and person.has_perm("jobchanges.change_environmentsettings"):
        where = reverse("admin:accounts_customer_settings", args=[customer.pk, view.environment])
        return _("Choose settings"), where
    # The production test is put together and offered in the step that allows it.
    if name not in {"allow", "test"}:
        return None
    if run is not None:
        words = _("Open test %(number)s") % {"number": run.number}
        return words, reverse("admin:jobchanges_testrun_change", args=[run.pk])
    if view.side == VENDOR and person.has_perm("jobchanges.add_testrun"):
        where = reverse("admin:accounts_customer_candidates", args=[customer.pk, view.environment])
        return _("Pick job changes"), where
    return None


def _go_live(customer: Customer, view: StepView) -> tuple[str, str]:
    """The page where summaries are frozen and signed, and batches released and watched."""
    words = {
        "go_live.sign_off": _("Open the go-live summary"),
        "go_live.first_batch": _("Open the first batch"),
    }
    where = reverse("admin:accounts_customer_go_live", args=[customer.pk])
    return words.get(view.key, _("Go live")), where


def may_pick(journey: Journey, environment: str) -> bool:
    """Whether job changes may be picked for a test in this org: its step is open, or it is done.

    In production the step that allows the test comes first; after go-live nothing is tried there.
    """
    if environment == Environment.SANDBOX:
        return True
    step = journey.step("production.allow")
    return step is not None and step.status != StepStatus.LOCKED and not journey.live
