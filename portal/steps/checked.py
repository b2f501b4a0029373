"""Steps that follow from what the org answers; a person vouches only for what it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.checks.base import Who
from integrations.models import CheckRun, OrgEpoch, Outcome
from portal.checking.points import Judged, Point, judged_of, only_ours, who_words
from portal.models import Confirmation
from portal.steps.base import (
    CUSTOMER,
    VENDOR,
    Finding,
    Step,
    attention,
    checking,
    customers_turn,
    done,
)
from portal.steps.facts import Facts
from portal.steps.words import confirmed, manager_name, when


@dataclass(frozen=True)
class Checked:
    """How the checks of one step stand, with what a person vouched for."""

    listed: Sequence[Judged]
    confirmation: Confirmation | None
    runs: Sequence[CheckRun]

    @property
    def answered(self) -> list[Judged]:
        """Those that the org gave an answer to."""
        return [one for one in self.listed if not one.unanswered]

    @property
    def unanswered(self) -> list[Judged]:
        """Those that it never answered."""
        return [one for one in self.listed if one.unanswered]

    @property
    def asking(self) -> bool:
        """Whether an answer of this step is on its way."""
        return any(one.asking for one in self.listed)

    def points(self, outcome: str) -> list[Point]:
        """The points that are this bad and open, check by check."""
        return [point for one in self.listed for point in one.open_points(outcome)]

    @property
    def missing_rights(self) -> list[str]:
        """What the integration user lacks to be asked, each once."""
        named = (one.result.missing_right for one in self.cannot if one.result is not None)
        return list(dict.fromkeys(filter(None, named)))

    @property
    def cannot(self) -> list[Judged]:
        """Checks that the org could not be asked and that a person may vouch for."""
        return [one for one in self.listed if one.open_points(Outcome.CANNOT) and one.check.by_hand]

    @property
    def since(self) -> datetime | None:
        """Since when the open ones are as they are."""
        open_ones = [one.result.since for one in self.listed if one.result and not one.right]
        return min(open_ones, default=None)


def checked(facts: Facts, step: Step) -> Checked:
    """The checks of a step in the org connected now."""
    return Checked(
        judged_of(facts, step.environment.value, step=step.name),
        facts.confirmation(step.key, step.environment),
        facts.runs_of_checks(step.environment),
    )


class CheckedStep(Step):
    """Done when the org says so. What it cannot be asked is vouched for by an admin."""

    confirmable = True

    def what(self) -> str:
        """The line under the title while nothing is known."""
        raise LookupError(f"{type(self).__name__} does not say what it is about.")

    def locked_sentence(self, facts: Facts) -> str:
        """The same line before the step opens."""
        return self.what()

    def look(self, facts: Facts) -> Finding:
        """By the answers of the org connected now, and by who vouched for the rest."""
        epoch = facts.epoch(self.environment)
        found = checked(facts, self)
        detail: dict[str, Any] = {
            "epoch": epoch,
            "setup_url": setup_url(epoch),
            "confirmation": found.confirmation,
        }
        if epoch is not None and package_missing(facts, self.environment):
            # What is in the package is looked at once it is there: until then nothing is done.
            return customers_turn(self.what(), epoch.started_at, **detail)
        if not found.answered and found.confirmation is not None:
            said = found.confirmation
            return done(confirmed(said.by, said.at), **detail)
        wrong = self.wrong(facts, found, detail)
        if wrong is not None and found.asking:
            return checking(_("Your org is being asked"), **detail)
        return wrong or done(evidence(found), **detail)

    def wrong(self, facts: Facts, found: Checked, detail: dict[str, Any]) -> Finding | None:
        """What the checks leave to be done; None where nothing is."""
        epoch = facts.epoch(self.environment)
        since = found.since or (epoch.started_at if epoch else None)
        by_hand = bool(found.cannot) and found.confirmation is None
        # Also beside what fails: the one need not wait for the other.
        detail |= {"by_hand": by_hand, "rights": found.missing_rights}
        if epoch is None or not found.listed:
            return customers_turn(self.what(), since, **detail)
        if fails := found.points(Outcome.FAIL):
            side = VENDOR if only_ours(fails) else CUSTOMER
            words = fails_words(fails, manager_name(facts.customer))
            return attention(words, since, side=side, line=count_words(fails), **detail)
        if any(one.outcome == Outcome.ERROR for one in found.unanswered):
            words = _("%(org)s could not be asked: try again") % {"org": epoch.name}
            return attention(words, since, **detail)
        if found.unanswered:
            return customers_turn(unasked_words(found), since, ask=True, **detail)
        if by_hand:
            return customers_turn(cannot_words(found), since, **detail)
        return None


def package_missing(facts: Facts, environment: str) -> bool:
    """Whether the org said that the package is not there, is too old, or is hidden from the user.

    The package's own step says so; other checks leave out what is in it.
    """
    epoch = facts.epoch(environment)
    if epoch is None:
        return False
    gone = epoch.package_installed is False
    hidden = bool(epoch.package_installed) and not epoch.package_manifest
    return gone or hidden or bool(package_fails(facts, environment))


def package_fails(facts: Facts, environment: str) -> list[Point]:
    """What the check of the package found wrong and nobody waived."""
    listed = judged_of(facts, environment, step="package")
    return [point for one in listed for point in one.open_points(Outcome.FAIL)]


def fails_words(fails: Sequence[Point], manager: str) -> str:
    """The first point that fails, how many more there are, and who mends it."""
    first = fails[0].item
    words = first.sentence.rstrip(".")
    if more := len(fails) - 1:
        words = ngettext("%(first)s, and %(count)s more", "%(first)s, and %(count)s more", more) % {
            "first": words,
            "count": more,
        }
    who = {
        Who.ADMINISTRATOR.value: _("your Salesforce administrator puts it right"),
        Who.INTEGRATION_USER.value: _("put it right as the integration user"),
        Who.MANAGER.value: _("%(name)s puts it right") % {"name": manager},
    }.get(first.who)
    return f"{words}: {who}" if who else words


def count_words(fails: Sequence[Point]) -> str:
    """How many points there are to fix, and as whom: the line above the points themselves."""
    words = ngettext("%(count)s point to fix", "%(count)s points to fix", len(fails)) % {
        "count": len(fails)
    }
    whom = {point.item.who for point in fails}
    who = whom.pop() if len(whom) == 1 else Who.NOBODY
    return words if who in {Who.NOBODY, Who.MANAGER} else f"{words}, {who_words(who)}"


def unasked_words(found: Checked) -> str:
    """Nothing is known, or not everything: the org is to be asked."""
    last = found.runs[0] if found.runs else None
    if last is not None and last.state == CheckRun.State.FAILED and last.error:
        return last.error.rstrip(".")
    if not found.answered:
        return _("Not checked yet: have your org asked")
    return ngettext(
        "%(count)s check has no answer yet: have your org asked",
        "%(count)s checks have no answer yet: have your org asked",
        len(found.unanswered),
    ) % {"count": len(found.unanswered)}


def cannot_words(found: Checked) -> str:
    """Which right is missing to ask the org, and that a person may vouch instead."""
    rights = found.missing_rights
    if not rights:
        return _("Your org could not be asked about everything: look yourself and confirm it")
    named = _(" and ").join(_("“%(right)s”") % {"right": right} for right in rights)
    return _("Cannot be checked without %(rights)s: look yourself and confirm it") % {
        "rights": named
    }


def evidence(found: Checked) -> str:
    """How many checks are right, who vouched for the rest, when it was asked and at what cost."""
    listed = found.answered
    vouched = [one for one in listed if one.open_points(Outcome.CANNOT)]
    right = len(listed) - len(vouched)
    said = [
        ngettext("%(right)s of %(total)s check right", "%(right)s of %(total)s checks right", right)
        % {"right": right, "total": len(listed)}
    ]
    if not right and found.confirmation is not None:
        return confirmed(found.confirmation.by, found.confirmation.at)
    if len(listed) == 1 and listed[0].result is not None and not vouched:
        # One check says more by its answer than by its number.
        said = [listed[0].result.found.rstrip(".")]
    if vouched and found.confirmation is not None:
        said.append(confirmed(found.confirmation.by, found.confirmation.at))
    waived = sum(1 for one in listed for point in one.points if point.waiver is not None)
    if waived:
        said.append(
            ngettext("%(count)s set aside", "%(count)s set aside", waived) % {"count": waived}
        )
    if warnings := len(found.points(Outcome.WARNING)):
        said.append(
            ngettext("%(count)s warning", "%(count)s warnings", warnings) % {"count": warnings}
        )
    said.append(asked_words(found))
    return " · ".join(said)


def asked_words(found: Checked) -> str:
    """When the oldest of the answers was given, and what the round of questions cost."""
    asked = min(one.result.checked_at for one in found.answered if one.result is not None)
    # Of a whole round only: what asking one check again cost says nothing of the others.
    ended = (run for run in found.runs if run.state == CheckRun.State.ENDED and not run.names)
    run = next(ended, None)
    if run is None or not run.api_calls:
        return _("checked %(when)s") % {"when": when(asked)}
    return ngettext(
        "checked %(when)s with %(calls)s API call",
        "checked %(when)s with %(calls)s API calls",
        run.api_calls,
    ) % {"when": when(asked), "calls": run.api_calls}


def setup_url(epoch: OrgEpoch | None) -> str:
    """The org's Setup home (Lightning), empty before there is an org."""
    return f"{epoch.instance_url}/lightning/setup/SetupOneHome/home" if epoch else ""


class PermissionsStep(CheckedStep):
    """`sandbox.permissions`, `production.permissions`."""

    name = "permissions"
    template = "portal/setup/steps/permissions.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Give the integration user its permissions")

    def what(self) -> str:
        """The line under the title."""
        return _("As administrator, in a permission set")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _(
            "The integration user has the permissions of the list, and our reps can see what "
            "UserGems writes."
        )


class LayoutsStep(CheckedStep):
    """`sandbox.layouts`, `production.layouts`."""

    name = "layouts"
    template = "portal/setup/steps/layouts.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Show job changes on your pages")

    def what(self) -> str:
        """The line under the title."""
        return _("Component, fields and related lists on Lead, Contact and Account")

    def statement(self) -> str:
        """What the admin vouches for."""
        return _(
            "The component, the fields and the related list stand on our Lead, Contact and "
            "Account pages, and the pages are activated."
        )
