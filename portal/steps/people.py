"""Where the customer's list of people comes from. Reports are read from no sandbox (rule 5)."""

from django.utils.translation import gettext as _

from accounts.models import Environment
from portal.models import PeopleSource
from portal.steps.base import Finding, Step, customers_turn, done
from portal.steps.facts import Facts
from portal.steps.words import day


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
        """By the choice of an admin."""
        epoch = facts.epoch(self.environment)
        choices = PeopleSource.Kind.choices
        source = facts.people
        if source is None:
            return customers_turn(
                self.locked_sentence(facts), epoch.started_at if epoch else None, choices=choices
            )
        return done(
            _("%(source)s, chosen by %(person)s, %(day)s")
            % {"source": source, "person": source.chosen_by, "day": day(source.chosen_at)},
            source=source,
            choices=choices,
        )
