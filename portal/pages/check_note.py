"""What the checks of an org found, in short, on the pages from which somebody sends or signs."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, Environment
from integrations.models import Outcome
from portal.checking.gates import check_reasons, facts_of_org
from portal.checking.selectors import ChecksView, CheckView, ItemView, checks_view
from portal.checking.starting import org_check_freshen
from portal.steps.words import when

AUTOMATION = "automation"
UNMASKED = "unmasked_emails"
LINES_SHOWN = 12


@dataclass(frozen=True)
class WhatFires:
    """The org's own rules that meet our records, as the org told: in one line, and one by one."""

    found: str
    lines: list[str]
    more: int
    checked_at: datetime


@dataclass(frozen=True)
class CheckNote:
    """One notice: `kind` as everywhere, what stands in the way, where to read on."""

    kind: str
    title: str
    text: str
    href: str
    link_label: str
    fires: WhatFires | None = None
    # Whether sending, allowing or signing would be refused.
    holds: bool = False


def check_note(
    customer: Customer, environment: str, *, desk: bool = False, freshen: bool = False
) -> CheckNote | None:
    """What the checks say to somebody who is about to send, allow or sign; None without an org.

    `freshen`: has the org asked again in the background when its answers are older than an hour;
    the page never waits for it.
    """
    if freshen:
        org_check_freshen(customer, environment)
    facts = facts_of_org(customer)
    view = checks_view(facts, environment)
    if view.epoch is None or not view.checks:
        return None
    reasons = check_reasons(customer, environment, facts)
    kind, title, text = _words(view, reasons)
    href = reverse("org_checks", args=[environment])
    if desk:
        href = reverse("admin:accounts_customer_checks", args=[customer.pk, environment])
    return CheckNote(kind, title, text, href, _("See the checks"), what_fires(view), bool(reasons))


def is_opened(request: HttpRequest) -> bool:
    """Whether a person opens the page; not a form that is sent, nor a page that asks for itself.

    Nor staff who look at a customer's pages: nothing may begin by that (portal/see_as.py).
    """
    looks = getattr(request, "viewing", None) is not None
    return request.method == "GET" and "HX-Request" not in request.headers and not looks


def what_fires(view: ChecksView) -> WhatFires | None:
    """By the check that asks for rules, triggers and flows; None where it has no answer."""
    check = next((one for one in view.checks if one.name == AUTOMATION), None)
    if check is None or check.checked_at is None or check.outcome in {"", Outcome.ERROR}:
        return None
    lines = [item.sentence for item in check.items if item.sentence != check.found]
    return WhatFires(
        found=check.found,
        lines=lines[:LINES_SHOWN],
        more=max(0, len(lines) - LINES_SHOWN),
        checked_at=check.checked_at,
    )


def _worth_a_look(view: ChecksView, check: CheckView, item: ItemView) -> bool:
    """A warning, or what could not be asked and nobody vouched for."""
    if item.outcome == Outcome.WARNING:
        return True
    vouched = any(group.cannot_confirmed for group in view.groups if check in group.checks)
    return item.outcome == Outcome.CANNOT and not vouched


def _words(view: ChecksView, reasons: list[str]) -> tuple[str, str, str]:
    """Tint, title and text."""
    place = _("the sandbox") if view.environment == Environment.SANDBOX else _("production")
    if reasons:
        return (
            "warn",
            _("The checks of %(place)s hold this up.") % {"place": place},
            " ".join(reasons),
        )
    if view.run is not None and view.run.is_open:
        words = _("%(done)d of %(total)d checks have answered. Nothing waits for you here.")
        return (
            "",
            _("The checks of %(place)s are being renewed.") % {"place": place},
            words % {"done": view.run.done, "total": view.run.total},
        )
    checked = when(view.checked_at) if view.checked_at else ""
    title = _("The checks of %(place)s let this go on.") % {"place": place}
    # What changes from hour to hour holds nothing up, and is said all the same.
    fails = [item.sentence for _check, item in view.open_points if item.outcome == Outcome.FAIL]
    if fails:
        text = _("Still, look at this first: %(points)s Checked %(when)s.")
        return "warn", title, text % {"points": " ".join(fails), "when": checked}
    points = [(check, item) for check, item in view.open_points if _worth_a_look(view, check, item)]
    if points:
        text = ngettext(
            "Nothing is wrong, %(count)d point is worth a look. Checked %(when)s.",
            "Nothing is wrong, %(count)d points are worth a look. Checked %(when)s.",
            len(points),
        ) % {"count": len(points), "when": checked}
        # Before the first send to a sandbox: whom a mail of its automation would reach.
        unmasked = [item.sentence for check, item in points if check.name == UNMASKED]
        return "warn" if unmasked else "", title, " ".join([*unmasked, text])
    text = _("Nothing is open. Checked %(when)s.") % {"when": checked} if checked else ""
    return "ok", _("The checks of %(place)s are right.") % {"place": place}, text
