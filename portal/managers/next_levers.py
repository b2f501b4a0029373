"""What a manager presses next on a customer's page, and where it leads."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from jobchanges.selectors.types import RunSummary
from portal.steps import Journey, StepStatus, StepView
from portal.steps.base import VENDOR


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
