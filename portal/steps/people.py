"""Where the customer's list of people comes from. Reports are read from no sandbox (rule 5)."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment
from integrations.models import TrackingReport
from portal.models import PeopleSource
from portal.steps.base import Finding, Step, attention, checking, customers_turn, done
from portal.steps.facts import Facts
from portal.steps.words import day

State = TrackingReport.State


class PeopleStep(Step):
    """`production.people`. There is none for a sandbox, and none can be made.

    Runs beside the other steps and gates go-live only.
    """

    name = "people"
    template = "portal/setup/steps/people.html"

    def __init__(self, environment: str, requires: tuple[str, ...] = ()) -> None:
        super().__init__(environment, requires)
        if self.environment != Environment.PRODUCTION:
            raise ValueError("Nothing is read from a sandbox: lists of people are production's.")

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Say where your list of people comes from")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return _("The people whose job changes we look for, beside the other steps")

    def look(self, facts: Facts) -> Finding:
        """By the choice of an admin; with reports, by what the org says about each of them."""
        epoch = facts.epoch(self.environment)
        source = facts.people
        detail: dict[str, Any] = {
            "source": source,
            "choices": PeopleSource.Kind.choices,
            "reports": facts.tracking_reports,
        }
        if source is None:
            since = epoch.started_at if epoch else None
            return customers_turn(self.locked_sentence(facts), since, **detail)
        if source.kind == PeopleSource.Kind.REPORTS:
            return _by_reports(facts, source, detail)
        words = _("%(source)s, chosen by %(person)s, %(day)s") % {
            "source": source,
            "person": source.chosen_by,
            "day": day(source.chosen_at),
        }
        return done(words, **detail)


def _by_reports(facts: Facts, source: PeopleSource, detail: dict[str, Any]) -> Finding:
    """Done when there is a report and all of them can be read with the needed columns."""
    reports = facts.tracking_reports
    if not reports:
        return customers_turn(_("Choose your tracking reports"), source.chosen_at, **detail)
    wrong = [report for report in reports if report.state == State.ATTENTION]
    if wrong:
        sentence = _("“%(report)s” cannot be used yet") % {"report": wrong[0].name}
        return attention(sentence, wrong[0].answered_at or wrong[0].chosen_at, **detail)
    if any(report.state == State.ASKING for report in reports):
        return checking(_("Your org is being asked about the reports"), **detail)
    rows = sum(report.row_count or 0 for report in reports)
    words = ngettext("%(count)d report", "%(count)d reports", len(reports)) % {
        "count": len(reports)
    }
    # Rows, not people: somebody on two reports counts once.
    lines = ngettext("%(rows)s row", "%(rows)s rows", rows) % {"rows": intcomma(rows)}
    said = [f"{words}, {lines}"]
    if cut := sum(1 for one in reports if one.row_count is not None and not one.all_rows):
        said.append(
            ngettext(
                "%(count)d has more than Salesforce gives out",
                "%(count)d have more than Salesforce gives out",
                cut,
            )
            % {"count": cut}
        )
    return done(" · ".join(said), **detail)
