"""Headroom: API calls of the day and data storage that are left, and what comes next needs."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.written import Refusals, counted
from integrations.salesforce import setup_links as setup
from integrations.salesforce.client import ApiUsage

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# A job change makes about four records; Salesforce counts two kilobytes for most.
_KB_EACH = 8
_TEST_RUN = 10


class ApiHeadroom(Check):
    """Whether the org's API calls of the day, and its storage, suffice for what comes next."""

    name = "api_headroom"
    step = "test"
    needs = ("usage", "storage_left_mb")
    signed = False
    by_hand = False

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Are enough API calls and data storage left in the org?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "An org has so many API calls in 24 hours, shared by all its apps. A batch stops at "
            "%(share)s%% of them, so that the others are not starved, and goes on later by itself. "
            "Without data storage, Salesforce refuses every new record."
        ) % {"share": _reserve()}

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Compare what was used, and what comes next needs, with the limits."""
        usage = survey.usage
        # Not told without View Setup; the first refusal says it then.
        left = Refusals().answer(lambda: survey.storage_left_mb, None, "")
        items = [item for item in (_storage(left, context),) if item]
        if usage is None or usage.limit <= 0:
            items.append(_unknown())
            return Finding.of(items, found=_("The org does not tell its API calls."))
        words = {
            "used": counted(max(0, usage.used)),
            "limit": counted(usage.limit),
            "share": _share(usage),
            "reserve": _reserve(),
            "needed": counted(context.calls_needed),
            "what": _("a test") if context.is_sandbox else _("what is sent next"),
        }
        found = _("%(used)s of %(limit)s API calls used in 24 hours (%(share)s%%).") % words
        if context.calls_needed:
            found = _("%(found)s About %(needed)s are needed for %(what)s.") % {
                **words,
                "found": found,
            }
        if item := _point(usage, context.calls_needed, words):
            items.append(item)
        return Finding.of(items, found=found)


def _share(usage: ApiUsage) -> str:
    """How much of the day is used, rounded down; a little is not nothing."""
    share = max(0, usage.used) * 100 // usage.limit
    return "<1" if usage.used > 0 and not share else str(share)


def _reserve() -> int:
    return round(settings.API_RESERVE_SHARE * 100)


def _point(usage: ApiUsage, needed: int, words: dict[str, object]) -> Item | None:
    """Fail where no call is left; warn where what comes next would go beyond the reserve."""
    kept = usage.limit * settings.API_RESERVE_SHARE
    if usage.used >= usage.limit:
        key, outcome = "used_up", Outcome.FAIL
        sentence = _("All %(limit)s API calls of the last 24 hours are used: nothing can be sent.")
    elif usage.used >= kept:
        key, outcome = "reserve", Outcome.WARNING
        sentence = _(
            "%(used)s of %(limit)s API calls are used, beyond %(reserve)s%%. Tests still work; a "
            "batch waits until calls come back."
        )
    elif usage.used + needed > kept:
        key, outcome = "tight", Outcome.WARNING
        sentence = _(
            "About %(needed)s API calls are needed for %(what)s, and %(used)s of %(limit)s are "
            "used: it would stop at %(reserve)s%% and go on when calls come back."
        )
    else:
        return None
    return Item(
        key,
        outcome,
        sentence % words,
        _(
            "Company Information, “API Requests, Last 24 Hours”: look which app uses them. "
            "Or send at a quieter time: calls come back as the hours pass."
        ),
        Who.ADMINISTRATOR,
        setup.COMPANY,
    )


def _storage(left: int | None, context: CheckContext) -> Item | None:
    """Fail where nothing is left; warn where less is left than what waits takes up."""
    if left is None:
        return None
    waiting = min(context.waiting, _TEST_RUN) if context.is_sandbox else context.waiting
    needed = ceil(waiting * _KB_EACH / 1_024)
    if left <= 0:
        key, outcome = "storage.full", Outcome.FAIL
        sentence = _("No data storage is left: Salesforce refuses every new record.")
    elif left < needed:
        key, outcome = "storage.tight", Outcome.WARNING
        sentence = _(
            "%(left)s MB of data storage are left, and what waits takes up about %(needed)s MB: "
            "Salesforce refuses new records once it is full."
        ) % {"left": counted(left), "needed": counted(needed)}
    else:
        return None
    return Item(
        key,
        outcome,
        sentence,
        _(
            "Storage Usage, in Setup: look what takes up the space, and delete what is not needed, "
            "the recycle bin too. Or buy more."
        ),
        Who.ADMINISTRATOR,
        setup.STORAGE,
    )


def _unknown() -> Item:
    return Item(
        "unknown",
        Outcome.CANNOT,
        _("The org’s answers do not tell how many API calls are used."),
        _("Company Information, “API Requests, Last 24 Hours”: look there yourself."),
        Who.ADMINISTRATOR,
        setup.COMPANY,
    )
