"""Allow the production test: the customer sees every write and says yes once."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role
from jobchanges.models import Allowance, TestRun
from portal.steps.base import VENDOR, Finding, Step, attention, customers_turn, done, vendors_turn
from portal.steps.facts import Facts, RunFacts
from portal.steps.words import day, manager_name, when

HASH_SHOWN = 12


class AllowStep(Step):
    """`production.allow`."""

    name = "allow"
    roles = (Role.ADMIN, Role.APPROVER)
    template = "portal/setup/steps/allow.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Allow the production test")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return _("You see exactly what will be written, and whom it may notify, first")

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        return _("Next: %(name)s picks 5 to 10 job changes and shows you what they will write.") % {
            "name": name
        }

    def started(self, facts: Facts) -> bool:
        """Whether the customer was asked already, or the test was sent."""
        found = _run(facts, self.environment)
        return found is not None and (found.offered or found.run.sent_at is not None)

    def look(self, facts: Facts) -> Finding:
        """By the run that speaks for production: offered, allowed, sent."""
        found = _run(facts, self.environment)
        name = manager_name(facts.customer)
        if found is None:
            epoch = facts.epoch(self.environment)
            return vendors_turn(
                _("%(name)s picks 5 to 10 job changes and shows you what they will write")
                % {"name": name},
                epoch.started_at if epoch else None,
            )
        run, waiting = found.run, found.not_allowed
        if run.sent_at is not None and not (waiting and found.offered and run.is_open):
            return done(_allowed_words(found.allowed), run=run, allowance=found.allowed)
        if run.sent_at is not None:
            sentence = ngettext(
                "%(count)s more job change of the test waits for your allowance",
                "%(count)s more job changes of the test wait for your allowance",
                waiting,
            )
            return customers_turn(sentence % {"count": waiting}, run.offered_at, run=run, more=True)
        if not waiting:
            return done(_allowed_words(found.allowed), run=run, allowance=found.allowed)
        ended = found.ended
        if ended is not None and _taken_back(ended):
            return _after_taking_back(found, ended, name)
        if found.offered and ended is not None:
            return attention(
                _("What %(person)s allowed has changed: look at it again") % {"person": ended.by},
                run.offered_at,
                run=run,
                ended=ended,
            )
        if found.offered:
            sentence = ngettext(
                "%(name)s shows you what %(count)s job change would write",
                "%(name)s shows you what %(count)s job changes would write",
                waiting,
            )
            words = sentence % {"name": name, "count": waiting}
            return customers_turn(words, run.offered_at, run=run)
        if ended is not None:
            return attention(
                _("The test changed, so the allowance of %(day)s ended: %(name)s shows it anew")
                % {"day": day(ended.at), "name": name},
                ended.withdrawn_at,
                side=VENDOR,
                run=run,
                ended=ended,
            )
        return vendors_turn(
            _("%(name)s is putting the test together") % {"name": name}, run.created_at
        )


def _run(facts: Facts, environment: str) -> RunFacts | None:
    """The run to be allowed; one that was closed or is void needs no allowance any more."""
    found = facts.run(environment)
    if found is None or found.run.state in (TestRun.State.CLOSED, TestRun.State.VOID):
        return None
    return found


def _taken_back(ended: Allowance) -> bool:
    """Whether the customer ended it, not a change of the test."""
    return ended.withdrawn_by is not None and not ended.withdrawn_by.is_staff


def _after_taking_back(found: RunFacts, ended: Allowance, name: str) -> Finding:
    """The customer thought again: the manager looks at why, then shows the test anew."""
    words = {"person": ended.withdrawn_by, "name": name}
    if found.offered:
        return customers_turn(
            _("%(person)s took the allowance back; %(name)s shows you the test again") % words,
            found.run.offered_at,
            run=found.run,
            ended=ended,
        )
    return attention(
        _("%(person)s took the allowance back: %(name)s looks at it and shows it again") % words,
        ended.withdrawn_at,
        side=VENDOR,
        run=found.run,
        ended=ended,
    )


def _allowed_words(allowance: Allowance | None) -> str:
    if allowance is None:
        return _("The test was sent")
    return _("Allowed by %(person)s, %(day)s, from %(time)s on · %(hash)s") % {
        "person": allowance.by,
        "day": day(allowance.at),
        "time": when(allowance.starts_at),
        "hash": allowance.content_hash[:HASH_SHOWN],
    }
