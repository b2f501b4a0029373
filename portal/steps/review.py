"""Review 5 to 10 test job changes: the manager sends them, both sides review and approve."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Environment, Role
from jobchanges.models import Delivery, TestRun
from jobchanges.models.runs import MINIMUM
from portal.steps.base import (
    VENDOR,
    Finding,
    Step,
    attention,
    checking,
    customers_turn,
    done,
    vendors_turn,
)
from portal.steps.facts import Facts, RunFacts
from portal.steps.words import day, manager_name, when

D = Delivery.State


class ReviewStep(Step):
    """`sandbox.test`, `production.test`."""

    name = "test"
    roles = (Role.ADMIN, Role.APPROVER, Role.REVIEWER)
    template = "portal/setup/steps/test.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        if "sandbox.test" in self.requires:
            return _("Review another 5 to 10 together")
        return _("Review 5 to 10 test job changes together")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about; of a production test that is not sent, what is first."""
        found = facts.run(self.environment)
        if not self.is_sandbox and found is not None and found.run.state == TestRun.State.DRAFT:
            return _draft_words(found, manager_name(facts.customer))
        return _("%(name)s sends them; you both check the records in Salesforce") % {
            "name": manager_name(facts.customer)
        }

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        return _("Next: %(name)s sends 5 to 10 test job changes.") % {"name": name}

    def look(self, facts: Facts) -> Finding:
        """By the run that speaks for this org."""
        found = facts.run(self.environment)
        name = manager_name(facts.customer)
        epoch = facts.epoch(self.environment)
        if found is None:
            return vendors_turn(
                self.locked_sentence(facts), epoch.started_at if epoch else None, run=None
            )
        run = found.run
        match run.state:
            case TestRun.State.APPROVED:
                return done(_approved(found), run=run)
            case TestRun.State.DRAFT if found.allowed is not None:
                return _to_send(found, name)
            case TestRun.State.DRAFT if found.offered:
                # Allowing is a step of its own, and the customer's.
                return _waits(_draft_words(found, name), run.offered_at)
            case TestRun.State.DRAFT:
                return vendors_turn(_draft_words(found, name), run.created_at)
            case TestRun.State.SENDING:
                return checking(_sending(found), run.sent_at, run=run, facts=found)
            case TestRun.State.REVIEW:
                return self._in_review(found, facts)
            case TestRun.State.VOID:
                return vendors_turn(
                    _("The sandbox was refreshed: test %(number)s is void. %(name)s sends another")
                    % {"number": run.number, "name": name},
                    run.ended_at,
                )
            case _:
                return vendors_turn(
                    _("Test %(number)s was closed: %(reason)s. %(name)s sends another")
                    % {"number": run.number, "reason": run.close_reason, "name": name},
                    run.ended_at,
                )

    def started(self, facts: Facts) -> bool:
        """Whether a run exists, so that the step is open whatever comes before it.

        In production a run begins with being allowed, which is a step of its own.
        """
        found = facts.run(self.environment)
        return found is not None and (self.is_sandbox or found.run.sent_at is not None)

    def _in_review(self, found: RunFacts, facts: Facts) -> Finding:
        """Whose word is missing: refused first, then the customer's review, then the manager's."""
        run, since = found.run, found.run.sent_at
        total, name = found.total, manager_name(facts.customer)
        if found.moving:
            return checking(_sending(found), since, run=run, facts=found)
        refused = found.unreviewed("customer", D.REFUSED)
        if refused:
            return attention(
                ngettext(
                    "Salesforce refused %(count)s of %(total)s: the test says why and who fixes it",
                    "Salesforce refused %(count)s of %(total)s: the test says why and who fixes it",
                    refused,
                )
                % {"count": refused, "total": total},
                since,
                run=run,
                facts=found,
            )
        if found.unsent and self.is_sandbox:
            return vendors_turn(
                _("%(name)s added %(count)s to test %(number)s and sends them")
                % {"name": name, "count": found.unsent, "number": run.number},
                since,
                run=run,
                facts=found,
            )
        to_review = found.unreviewed("customer")
        if to_review:
            return customers_turn(
                _("%(count)s of %(total)s wait for your review")
                % {"count": to_review, "total": total},
                since,
                run=run,
                facts=found,
            )
        if found.unsent:
            return _more_to_send(found, name)
        stopped = found.counted(D.HELD, D.UNKNOWN, D.ORG_GONE)
        if found.off or stopped:
            return attention(
                _("Something is off with %(count)s of %(total)s: %(name)s looks at it")
                % {"count": found.off + stopped, "total": total, "name": name},
                since,
                side=VENDOR,
                run=run,
                facts=found,
            )
        if found.unreviewed("vendor"):
            return vendors_turn(
                _("%(customer)s reviewed all %(total)s; %(name)s reviews them too")
                % {"customer": facts.customer.name, "total": total, "name": name},
                since,
                run=run,
                facts=found,
            )
        if found.disagreed:
            return attention(
                _("%(customer)s and %(name)s do not say the same of %(count)s of %(total)s")
                % {
                    "customer": facts.customer.name,
                    "name": name,
                    "count": found.disagreed,
                    "total": total,
                },
                since,
                side=VENDOR,
                run=run,
                facts=found,
            )
        return self._approvals(found, facts)

    def _approvals(self, found: RunFacts, facts: Facts) -> Finding:
        """Everything is judged: who has not pressed Approve."""
        run, name = found.run, manager_name(facts.customer)
        given = [approval.at for approval in found.approved_by.values()]
        since = max([*given, *filter(None, [run.sent_at])], default=None)
        right = found.total - sum(1 for one in found.deliveries if one.set_aside)
        if right < MINIMUM:
            return vendors_turn(
                _("Only %(right)s look right; a test needs %(minimum)s. %(name)s adds more")
                % {"right": right, "minimum": MINIMUM, "name": name},
                since,
                run=run,
                facts=found,
            )
        if "customer" not in found.approved_by:
            return customers_turn(
                _("All %(total)s are reviewed: approve the test") % {"total": found.total},
                since,
                run=run,
                facts=found,
                approve=True,
            )
        return vendors_turn(
            _("%(customer)s approved; %(name)s approves too")
            % {"customer": facts.customer.name, "name": name},
            since,
            run=run,
            facts=found,
        )


def _draft_words(found: RunFacts, name: str) -> str:
    """What comes before a test is sent: planned, in production also shown and allowed."""
    words = {"name": name, "number": found.run.number}
    if found.offered:
        return _("Test %(number)s waits to be allowed; then %(name)s sends it") % words
    if found.run.environment == Environment.PRODUCTION:
        return (
            _("%(name)s is putting test %(number)s together; you allow it before it is sent")
            % words
        )
    return _("%(name)s is putting test %(number)s together") % words


def _to_send(found: RunFacts, name: str) -> Finding:
    """The customer allowed it: who sends it, and from when on. Before that it is nobody's turn."""
    run, allowed = found.run, found.allowed
    detail: dict[str, Any] = {}
    if run.sent_at is not None:
        detail = {"run": run, "facts": found}
    words = {"name": name, "count": found.unsent}
    since = max(allowed.at, allowed.starts_at) if allowed else None
    if allowed is not None and allowed.starts_at > timezone.now():
        sentence = ngettext(
            "Allowed: %(name)s sends %(count)s job change from %(when)s on",
            "Allowed: %(name)s sends %(count)s job changes from %(when)s on",
            found.unsent,
        )
        return checking(
            sentence % {**words, "when": when(allowed.starts_at)},
            chip=_("Waits for its time"),
            waits_until=allowed.starts_at,
            **detail,
        )
    sentence = ngettext(
        "Allowed: %(name)s sends %(count)s job change",
        "Allowed: %(name)s sends %(count)s job changes",
        found.unsent,
    )
    return vendors_turn(sentence % words, since, **detail)


def _more_to_send(found: RunFacts, name: str) -> Finding:
    """Production: what was added to a test that was sent, or is to be corrected, is allowed, too.

    While the customer is asked, that is the step before this one: here it is nobody's turn.
    """
    run, more = found.run, found.not_allowed
    if not more:
        return _to_send(found, name)
    words = {"name": name, "count": more, "number": run.number}
    if found.offered:
        sentence = ngettext(
            "%(count)s more of test %(number)s waits to be allowed; then %(name)s sends it",
            "%(count)s more of test %(number)s wait to be allowed; then %(name)s sends them",
            more,
        )
        return _waits(sentence % words, run.offered_at, run=run, facts=found)
    sentence = ngettext(
        "%(count)s more of test %(number)s is planned: %(name)s shows it to you, to be allowed",
        "%(count)s more of test %(number)s are planned: %(name)s shows them to you, to be allowed",
        more,
    )
    return vendors_turn(sentence % words, run.sent_at, run=run, facts=found)


def _waits(sentence: str, since: datetime | None, **detail: Any) -> Finding:
    """It waits for the allowance; no page has to ask again meanwhile."""
    return checking(sentence, since, chip=_("Waits for the allowance"), waits_until=None, **detail)


def _sending(found: RunFacts) -> str:
    """How far the sending is, in true counts."""
    moving = found.counted(D.WAITING, D.CLAIMED, D.UNKNOWN)
    return _("Being sent: %(done)s of %(total)s done") % {
        "done": found.total - moving,
        "total": found.total,
    }


def _approved(found: RunFacts) -> str:
    """Who approved, and when the second of them did."""
    people = [found.approved_by[s] for s in ("customer", "vendor") if s in found.approved_by]
    at = max((one.at for one in people), default=found.run.ended_at or found.run.created_at)
    return _("%(total)s job changes approved by %(people)s, %(day)s") % {
        "total": found.total,
        "people": _(" and ").join(str(one.by) for one in people),
        "day": day(at),
    }
