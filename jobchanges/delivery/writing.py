"""One call that writes a group: attempts before it, what its answer means after it."""

import time
from collections.abc import Sequence
from itertools import takewhile

import structlog
from django.utils.translation import gettext as _

from integrations.salesforce.client import GraphResult
from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from jobchanges.delivery import leases
from jobchanges.delivery.answers import Answer
from jobchanges.delivery.attempts import Planned, attempts_store
from jobchanges.delivery.context import Visit
from jobchanges.delivery.gathered import gather
from jobchanges.delivery.graphs import graph_id, graph_make, graphs_fitting
from jobchanges.delivery.outcomes import readings_answer, refusal, unanswered_of
from jobchanges.delivery.record import answers_record
from jobchanges.delivery.release import call_refused, give_back
from jobchanges.delivery.results import Meaning, Reading, answer_read
from jobchanges.delivery.states import call_may_start
from jobchanges.delivery.unknown import unknown_due, unknown_resolve
from jobchanges.models import Attempt, Delivery
from jobchanges.planning import Plan

logger = structlog.get_logger(__name__)
Outcome = Attempt.Outcome

# A plan that keeps being stale is somebody's race with us; then a person looks at it.
MOST_STALE_PLANS = 5
# What came back goes in groups smaller by this factor, each time: what makes a whole call fail,
# or is locked by its neighbours, is soon alone.
SMALLER = 8

Ready = tuple[Delivery, Plan]


def group_cut(sending: Sequence[Ready], size: int) -> tuple[list[Ready], list[Ready]]:
    """The next group of those to be sent, and the rest; with groups of up to `size`. Pure.

    What was never tried goes first; what came back, with its like.
    """
    ordered = sorted(sending, key=lambda ready: ready[0].releases)
    releases = ordered[0][0].releases
    alike = list(takewhile(lambda ready: ready[0].releases == releases, ordered))
    smaller = max(1, size // SMALLER ** min(releases, 9))
    count = graphs_fitting([plan for _delivery, plan in alike], smaller)
    return ordered[:count], ordered[count:]


def group_write(visit: Visit, group: Sequence[Ready]) -> bool:
    """Store the attempts, call, record. Returns whether the org may be asked on."""
    planned = attempts_store(visit, group)
    begun = {item.delivery.pk for item in planned}
    give_back(visit, [delivery for delivery, _plan in group if delivery.pk not in begun])
    if not planned:
        return True
    org_id = visit.epoch.org_id
    graphs = [
        graph_make(item.delivery, item.plan, conditions=not _is_last_try(item.delivery))
        for item in planned
    ]
    call_may_start()
    started = time.monotonic()
    visit.graph_calls += 1
    visit.graphs += len(graphs)
    try:
        results = visit.org.graphs(graphs)
    except OutcomeUnknown:
        return _unanswered(visit, planned)
    except SalesforceError as error:
        return call_refused(visit, planned, error)
    except ValueError:
        # The client found it unsendable before anything left: our mistake, not the customer's.
        logger.exception("group_unsendable", deliveries=[item.delivery.pk for item in planned])
        return call_refused(visit, planned, SalesforceError("UNSENDABLE"))
    leases.org_answered(org_id)
    answers_take(visit, planned, results, seconds=time.monotonic() - started)
    return True


def answers_take(
    visit: Visit, planned: Sequence[Planned], results: Sequence[GraphResult], *, seconds: float
) -> None:
    """Read the answer to a group, remember how long it took, record what became of each."""
    by_id = {result.graph_id: result for result in results}
    readings = [(item, answer_read(by_id[graph_id(item.delivery)], item.plan)) for item in planned]
    untried = sum(reading.meaning == Meaning.NOT_TRIED for _item, reading in readings)
    org_id = visit.epoch.org_id
    leases.group_size_adapt(org_id, sent=len(planned) - untried, seconds=seconds)
    if untried:
        leases.group_size_halve(org_id)
    counted = group_record(visit, readings)
    visit.answered += sum(item.outcome != Outcome.RELEASED for item in counted)
    gather(visit, [item.attempt for item in counted if item.was_written])


def group_record(visit: Visit, readings: Sequence[tuple[Planned, Reading]]) -> list[Answer]:
    """Record what can be told from the answers; ask for the keys where that is not enough."""
    refused = [
        item.delivery
        for item, reading in readings
        if reading.meaning == Meaning.REFUSED or _stays_stale(item.delivery, reading)
    ]
    asked_for = unanswered_of(refused)
    nothing_tried = all(reading.meaning == Meaning.NOT_TRIED for _item, reading in readings)
    plain: list[Answer] = []
    to_ask = []
    for item, reading in readings:
        if reading.meaning == Meaning.KEY_IS_THERE or item.delivery.pk in asked_for:
            to_ask.append((item.delivery, item.attempt, reading))
        else:
            plain.append(_answer(item, reading, nothing_tried=nothing_tried))
    if to_ask:
        plain += readings_answer(visit, to_ask)
    return answers_record(visit, plain)


def _answer(item: Planned, reading: Reading, *, nothing_tried: bool) -> Answer:
    delivery, attempt = item.delivery, item.attempt
    if reading.meaning == Meaning.WRITTEN:
        return Answer(delivery, Outcome.DELIVERED, attempt, record_ids=reading.record_ids)
    if reading.meaning == Meaning.NOT_TRIED and nothing_tried:
        # No neighbour is at fault: sent again at once, it would come back at once, for ever.
        return Answer(delivery, Outcome.RELEASED, attempt, reason=_("Salesforce did not try it."))
    if reading.meaning == Meaning.NOT_TRIED:
        return Answer(delivery, Outcome.RELEASED, attempt, wait=0, is_its_own=False)
    stale = reading.meaning == Meaning.PLAN_WAS_STALE
    if stale and not _stays_stale(delivery, reading):
        return Answer(delivery, Outcome.RELEASED, attempt, errors=reading.errors, wait=0)
    if reading.meaning == Meaning.TRY_AGAIN:
        return Answer(
            delivery,
            Outcome.RELEASED,
            attempt,
            errors=reading.errors,
            reason=reading.sentence,
        )
    return refusal(delivery, attempt, reading)


def _stays_stale(delivery: Delivery, reading: Reading) -> bool:
    """Whether matching again was tried often enough; then the answer counts as a refusal."""
    return reading.meaning == Meaning.PLAN_WAS_STALE and delivery.releases >= MOST_STALE_PLANS


def _is_last_try(delivery: Delivery) -> bool:
    """Whether it goes without the condition that its records were not changed since.

    An org's own automation may change them in the very transaction that writes: then no try with
    the condition would ever do. The window is that of an org which ignores the condition.
    """
    return delivery.releases >= MOST_STALE_PLANS - 1


def _unanswered(visit: Visit, planned: Sequence[Planned]) -> bool:
    """No answer came: it may have been written, so the org is asked for the keys at once.

    Returns whether it told all of them, and may be asked on.
    """
    org_id = visit.epoch.org_id
    leases.group_size_halve(org_id)
    answers_record(
        visit, [Answer(item.delivery, Outcome.UNKNOWN, item.attempt) for item in planned]
    )
    ids = {item.delivery.pk for item in planned}
    unknown = [item for item in unknown_due(visit.epoch) if item.pk in ids]
    if unknown_resolve(visit, unknown) == len(planned):
        visit.answered += len(planned)
        return True
    leases.org_pause(org_id, reason=_("Salesforce did not answer."))
    return False
