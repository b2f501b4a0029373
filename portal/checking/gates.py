"""Before sending, allowing, freezing, signing and releasing: the org has answered for itself.

What is in the way is a sentence for the person who wants to go on; where an answer is missing, too
old or bad, the org is asked again meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, Environment
from integrations.models import CheckRun, Outcome
from integrations.selectors import connections_by_customer
from jobchanges.models import OutputSettings
from portal.checking.points import Judged, judged_of
from portal.checking.results import check_runs_load, results_load
from portal.checking.starting import org_check_by_itself
from portal.models import Confirmation, Waiver
from portal.steps.facts import Facts, epochs_now
from portal.steps.registry import step_find
from portal.steps.words import when


@dataclass(frozen=True)
class Gate:
    """Why nothing may be sent or signed by what the org says. No sentences: it may.

    `ask`: the org is to be asked, because the answers are missing, old or bad.
    """

    reasons: list[str] = field(default_factory=list)
    ask: bool = False


def check_reasons(customer: Customer, environment: str, facts: Facts | None = None) -> list[str]:
    """What is in the way, a sentence each; asks nothing and changes nothing."""
    return gate_of(facts or facts_of_org(customer), environment).reasons


def check_reason_asking(customer: Customer, environment: str) -> str:
    """The same as one text; has the org asked again in the background where that may help."""
    gate = gate_of(facts_of_org(customer), environment)
    if gate.ask:
        org_check_by_itself(customer, environment, reason=CheckRun.Reason.BEFORE)
    return " ".join(gate.reasons)


def facts_of_org(customer: Customer) -> Facts:
    """The facts that a gate looks at, and no others."""
    standing = {"customer": customer, "withdrawn_at": None}
    connections = connections_by_customer([customer])[customer.pk]
    epochs = epochs_now([connections])
    return Facts(
        customer=customer,
        connections=connections,
        confirmations=list(
            Confirmation.objects.filter(**standing).select_related("by").order_by("-at")
        ),
        waivers=list(Waiver.objects.filter(**standing).select_related("by").order_by("-at")),
        output=OutputSettings.objects.filter(customer=customer).first(),
        checks=results_load(epochs),
        check_runs=check_runs_load(epochs),
    )


def gate_of(facts: Facts, environment: str) -> Gate:
    """By the signed checks of the org connected now: all answered, fresh, nothing open."""
    connection, epoch = facts.connection(environment), facts.epoch(environment)
    if connection is None or epoch is None:
        return Gate()
    listed = [one for one in judged_of(facts, environment) if one.check.signed]
    if not connection.is_live:
        # Said by whoever asks: nothing goes to an org that is not connected. What it said last
        # still counts for what can be done meanwhile: allowing, and signing.
        return Gate(_open_words(facts, environment, listed))
    words = {"org": epoch.name}
    run = facts.check_run_open(environment)
    unanswered = [one for one in listed if one.unanswered]
    if unanswered:
        return Gate([_unanswered_words(facts, environment, words, run)], ask=run is None)
    if run is not None and run.reason == CheckRun.Reason.SETTINGS:
        return Gate([_being_checked(words)])
    old = [one for one in listed if one.stale]
    if old and run is None and _failed(facts, environment):
        return Gate([_unanswered_words(facts, environment, words, run)], ask=True)
    if old:
        at = min(one.result.checked_at for one in old if one.result)
        sentence = _(
            "What %(org)s said of itself is of %(when)s. It is being checked again now; try again "
            "in a minute."
        ) % {**words, "when": when(at)}
        return Gate([sentence], ask=run is None)
    reasons = _open_words(facts, environment, listed)
    return Gate(reasons, ask=bool(reasons) and run is None)


def _being_checked(words: dict[str, str]) -> str:
    return _("%(org)s is being checked now; try again in a minute.") % words


def _unanswered_words(
    facts: Facts, environment: str, words: dict[str, str], run: CheckRun | None
) -> str:
    """Never asked, or asked without an answer: then with the reason."""
    if run is None and _failed(facts, environment):
        return _("%(org)s could not be checked: %(error)s It is asked again.") % {
            **words,
            "error": facts.runs_of_checks(environment)[0].error,
        }
    return _being_checked(words)


def _failed(facts: Facts, environment: str) -> bool:
    """Whether the org did not answer when it was asked last."""
    last = next(iter(facts.runs_of_checks(environment)), None)
    return last is not None and bool(last.error)


def _open_words(facts: Facts, environment: str, listed: list[Judged]) -> list[str]:
    """Fails that nobody waived, and what nobody vouched for; the first of each named."""
    reasons = []
    held = [one for one in listed if not _waived_whole(facts, environment, one)]
    fails = [point for one in held for point in one.open_points(Outcome.FAIL)]
    if fails:
        more = len(fails) - 1
        first = fails[0].item.sentence.rstrip(".")
        sentence = _("A check of %(place)s fails: %(first)s.")
        if more:
            sentence = ngettext(
                "Checks of %(place)s fail: %(first)s, and %(count)s more.",
                "Checks of %(place)s fail: %(first)s, and %(count)s more.",
                more,
            )
        reasons.append(sentence % {"place": _place(environment), "first": first, "count": more})
    for step in dict.fromkeys(
        one.check.step for one in held if _unvouched(facts, environment, one)
    ):
        found = step_find(facts.customer.path, f"{environment}.{step}")
        reasons.append(
            _("Not everything of “%(step)s” could be checked: an admin looks and confirms it.")
            % {"step": found.title if found else step}
        )
    return reasons


def _place(environment: str) -> str:
    return _("the sandbox") if environment == Environment.SANDBOX else _("production")


def _waived_whole(facts: Facts, environment: str, one: Judged) -> bool:
    """Whether the manager waived the whole step that the check belongs to, or it falls away."""
    key = f"{environment}.{one.check.step}"
    step = step_find(facts.customer.path, key)
    if step is None:
        return False
    return step.falls_away(facts) or bool(step.waivable and facts.waiver(key, environment))


def _unvouched(facts: Facts, environment: str, one: Judged) -> bool:
    """Whether it cannot be checked, a step of the path is there to vouch, and nobody did."""
    from portal.steps.checked import CheckedStep  # which shows the points

    key = f"{environment}.{one.check.step}"
    step = step_find(facts.customer.path, key)
    return bool(
        one.open_points(Outcome.CANNOT)
        and one.check.by_hand
        and isinstance(step, CheckedStep)
        and facts.confirmation(key, environment) is None
    )
