"""Make production like the tested sandbox: by what both orgs say, and a worksheet before that."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment
from integrations.checks.base import Who
from portal.mirror.lacking import Lack, State, comparison_now, lack_of
from portal.mirror.standing import Point, Standing, open_counts, standing_of
from portal.mirror.words import KIND_TITLES
from portal.models import Comparison, Confirmation
from portal.steps.base import (
    CUSTOMER,
    VENDOR,
    Finding,
    Step,
    attention,
    checking,
    customers_turn,
    done,
    vendors_turn,
)
from portal.steps.facts import Facts
from portal.steps.words import confirmed, when


class MirrorStep(Step):
    """`production.mirror`, for customers who tried everything in a sandbox first.

    Open from the approved sandbox test on, because change boards need weeks. Done when nothing
    that matters differs from the sandbox as it was approved, or a person said why it may; what
    cannot be compared an admin vouches for. Whatever changes later in either org opens it again.
    """

    name = "mirror"
    confirmable = True
    waivable = True
    template = "portal/setup/steps/mirror.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Match production to the tested sandbox")

    def locked_sentence(self, facts: Facts) -> str:
        """The line under the title before it opens."""
        return _("Fields, layouts, lead conversion, campaigns, related lists, permissions")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _(
            "We went through the worksheet for what the portal could not compare: production "
            "matches the sandbox that was tested."
        )

    def look(self, facts: Facts) -> Finding:
        """By the comparison; without one by what keeps the orgs from being compared."""
        epoch = facts.epoch(self.environment)
        confirmation = facts.confirmation(self.key, self.environment)
        detail: dict[str, Any] = {"epoch": epoch, "confirmation": confirmation}
        comparison = comparison_now(facts)
        if comparison is not None:
            return _compared(facts, comparison, confirmation, detail)
        lack = lack_of(facts)
        if epoch is None or lack is None:
            return customers_turn(
                _("The worksheet is ready. Production is compared once it is connected"),
                facts.opened_at(self.environment),
                **detail,
            )
        if confirmation is not None:
            return done(confirmed(confirmation.by, confirmation.at), **detail)
        return _lacking(lack, detail)


def _lacking(lack: Lack, detail: dict[str, Any]) -> Finding:
    """Nothing is compared: what becomes of it. An admin may vouch for all of it meanwhile."""
    epoch = detail["epoch"]
    words = lack.sentence.rstrip(".")
    if lack.state == State.ASKING:
        return checking(words, **detail)
    detail |= {"by_hand": True, "ask": lack.state != State.LOST}
    if lack.state == State.FAILED:
        return attention(words, epoch.started_at, **detail)
    return customers_turn(words, epoch.started_at, **detail)


def _compared(
    facts: Facts,
    comparison: Comparison,
    confirmation: Confirmation | None,
    detail: dict[str, Any],
) -> Finding:
    """By what differs, and what people said about it."""
    standing = standing_of(comparison, facts.waivers)
    still_open = standing.open
    detail |= {
        "comparison": comparison,
        "open": still_open,
        "new": [point for point in still_open if point.is_new],
        "unknown": [str(KIND_TITLES[kind]) for kind in standing.unknown or {}],
    }
    if still_open and not facts.environment_settings.get(Environment.PRODUCTION):
        # What nobody has chosen yet is a step of its own, and no difference to mend in the org.
        still_open = [point for point in still_open if point.difference.who != Who.MANAGER]
        if not still_open:
            return vendors_turn(
                _("Owner and campaign of production are compared once they are chosen"),
                comparison.compared_at,
                **detail,
            )
    if still_open:
        if facts.check_run_open(Environment.PRODUCTION) is not None:
            return checking(_("Both orgs are being compared again"), **detail)
        ours = all(point.difference.who == Who.MANAGER for point in still_open)
        return attention(
            open_words(still_open),
            min((one.since for one in still_open if one.since), default=comparison.compared_at),
            side=VENDOR if ours else CUSTOMER,
            **detail,
        )
    if standing.unknown and confirmation is None:
        return customers_turn(
            _("Cannot be compared: %(kinds)s. Look yourself and confirm it")
            % {"kinds": ", ".join(detail["unknown"])},
            comparison.compared_at,
            **detail,
            by_hand=True,
        )
    return done(evidence(comparison, standing, confirmation), **detail)


def open_words(points: list[Point]) -> str:
    """How many differences there are, by what they do."""
    blocks, changes, drift = open_counts(points)
    said = []
    if blocks:
        said.append(
            ngettext(
                "%(count)s difference blocks delivery",
                "%(count)s differences block delivery",
                blocks,
            )
            % {"count": blocks}
        )
    if changes:
        said.append(
            ngettext(
                "%(count)s difference changes the result",
                "%(count)s differences change the result",
                changes,
            )
            % {"count": changes}
        )
    if drift:
        said.append(
            ngettext(
                "%(count)s thing changed in the sandbox since its test",
                "%(count)s things changed in the sandbox since its test",
                drift,
            )
            % {"count": drift}
        )
    return " · ".join(said)


def evidence(comparison: Comparison, standing: Standing, confirmation: Confirmation | None) -> str:
    """Nothing is open: what was accepted or vouched for, and when both were compared."""
    kept = len(standing.set_aside)
    said = [_("Nothing that matters differs")]
    if kept:
        said = [
            ngettext(
                "%(count)s difference may stay as it is",
                "%(count)s differences may stay as they are",
                kept,
            )
            % {"count": kept}
        ]
    if standing.unknown and confirmation is not None:
        said.append(confirmed(confirmation.by, confirmation.at))
    said.append(_("compared %(when)s") % {"when": when(comparison.production.taken_at)})
    return " · ".join(said)
