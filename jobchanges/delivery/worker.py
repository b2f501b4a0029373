"""One visit to one org: resolve what is unknown, claim, ask, plan, write, read back, record."""

import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial

import structlog
from django.utils.translation import gettext as _

from integrations.salesforce.errors import OutcomeUnknown, SalesforceError
from jobchanges.delivery import leases
from jobchanges.delivery.attempts import Planned, attempts_store
from jobchanges.delivery.batches import gates_ask
from jobchanges.delivery.context import Visit, names_from_matches
from jobchanges.delivery.correction import correction_plan
from jobchanges.delivery.covered import still_covered
from jobchanges.delivery.digest import matches_find, plan_or_hold
from jobchanges.delivery.fingerprint import as_allowed
from jobchanges.delivery.graphs import graph_make
from jobchanges.delivery.outcomes import readings_answer, was_unanswered
from jobchanges.delivery.overtaken import overtaken_of
from jobchanges.delivery.queue import claims_extend, group_claim
from jobchanges.delivery.readback import read_back
from jobchanges.delivery.record import Answer, answers_record
from jobchanges.delivery.release import call_refused, give_back, release
from jobchanges.delivery.results import Meaning, Reading, answer_read
from jobchanges.delivery.states import call_may_start
from jobchanges.delivery.unknown import unknown_due, unknown_resolve
from jobchanges.delivery.visits import CannotVisit, sandbox_problem, visit_open
from jobchanges.models import Attempt, Delivery
from jobchanges.planning import Matches, Plan, plan_make
from jobchanges.planning.types import JobChangeData

logger = structlog.get_logger(__name__)
Outcome = Attempt.Outcome

# A visit ends after this long; what is left gets another one, behind the other customers' who wait
# for the same workers.
LONGEST_VISIT = 60.0
# A plan that keeps being stale is somebody's race with us; then a person looks at it.
MOST_STALE_PLANS = 5


def org_deliver(epoch_id: int) -> bool:
    """Deliver what waits for one org; returns whether something is left that may go at once.

    Safe to call at any time and any number of times: one visit at a time per org.
    """
    holder = uuid.uuid4().hex
    try:
        with visit_open(epoch_id, holder) as visit:
            return _visit_or_rest(visit)
    except CannotVisit as reason:
        logger.info("org_not_visited", epoch=epoch_id, reason=str(reason))
        return False


def _visit_or_rest(visit: Visit) -> bool:
    """Do the work; after a mistake of ours the org is left alone for a while, which its pages say.

    Otherwise the sweep would come back every few seconds to the same mistake, and nobody who looks
    at the batch would learn why it stands still. What was claimed is given up in its time.
    """
    try:
        return _visit(visit)
    except Exception:
        leases.org_pause(
            visit.epoch.org_id,
            reason=_("The portal met a problem of its own. UserGems looks into it."),
        )
        raise


def _visit(visit: Visit) -> bool:
    if due := unknown_due(visit.epoch):
        unknown_resolve(visit, due)
    while _still_mine(visit) and (group := group_claim(visit.epoch, visit.holder)):
        if not _group_deliver(visit, group):
            return False
        if _is_long(visit):
            return True
    return False


def _is_long(visit: Visit) -> bool:
    """Whether others should have their turn."""
    return time.monotonic() - visit.began > LONGEST_VISIT


def _still_mine(visit: Visit) -> bool:
    """Keep the org for one more call; False when the lease ran out and somebody else has it."""
    return leases.lease_extend(visit.epoch.org_id, visit.holder)


def _group_deliver(visit: Visit, group: Sequence[Delivery]) -> bool:
    """Match a claimed group in few calls, then write it in smaller ones.

    Returns whether the org may be asked for more now.
    """
    group, goes_on = _let_through(visit, group)
    ready = []
    late = overtaken_of([item for item in group if not item.correction_asked_at])
    for delivery in group:
        if delivery.pk in late:
            _hold(visit, delivery, Plan(held_reason=late[delivery.pk]))
        else:
            ready.append(delivery)
    if not ready:
        return goes_on
    try:
        data = {item.pk: JobChangeData.of(item.job_change) for item in ready}
        matches = matches_find(visit, list(data.values()))
    except SalesforceError as error:
        release(visit, ready, error)
        return False
    names_from_matches(visit, matches.values())
    leases.org_answered(visit.epoch.org_id)
    plans = _plans(visit, ready, data, matches)
    sending = [item for item in ready if item.pk in plans]
    while sending:
        # Before each call: a claimed group takes several, each of them up to the time-out.
        if not _still_mine(visit):
            give_back(visit, sending)
            return False
        size = leases.group_size(visit.epoch.org_id)
        part, sending = sending[:size], sending[size:]
        if not _write(visit, [(item, plans[item.pk]) for item in part]):
            give_back(visit, sending)
            return False
        if _is_long(visit):
            give_back(visit, sending)
            return goes_on
        sending = claims_extend(sending, visit.holder)
    return goes_on


def _let_through(visit: Visit, group: Sequence[Delivery]) -> tuple[list[Delivery], bool]:
    """Ask the gates before a group; what may not go is given back.

    Returns what may, and whether it makes sense to claim more after it.
    """
    if sentence := sandbox_problem(visit.connection):
        logger.info("sandbox_closed", epoch=visit.epoch.pk, reason=sentence)
        give_back(visit, group)
        return [], False
    gates_ask({item.batch_id: item.batch for item in group if item.batch}.values())
    still = still_covered(group)
    give_back(visit, [item for item in group if item.pk not in still])
    return [item for item in group if item.pk in still], True


def _plans(
    visit: Visit,
    group: Sequence[Delivery],
    data: Mapping[int, JobChangeData],
    matches: Mapping[str, Matches],
) -> dict[int, Plan]:
    """Plan each; what is held or cannot be planned is recorded at once and left out."""
    plans: dict[int, Plan] = {}
    for delivery in group:
        job_change = data[delivery.pk]
        make = partial(_plan, visit, delivery, job_change, matches)
        try:
            plan = plan_or_hold(job_change.key, make)
        except SalesforceError as error:
            release(visit, [delivery], error, pause=False)
            continue
        if plan.is_held:
            _hold(visit, delivery, plan)
        else:
            plans[delivery.pk] = plan
    return plans


def _plan(
    visit: Visit, delivery: Delivery, job_change: JobChangeData, matches: Mapping[str, Matches]
) -> Plan:
    found = matches[job_change.key]
    number = delivery.attempts_made + 1
    if delivery.correction_asked_at:
        plan = correction_plan(visit, delivery, job_change, found, number)
    else:
        plan = plan_make(job_change, visit.settings, found, attempt_number=number)
    return as_allowed(visit, delivery, plan)


def _write(visit: Visit, group: Sequence[tuple[Delivery, Plan]]) -> bool:
    """Store the attempts, call, record, read back. Returns whether the org may be asked on."""
    planned = attempts_store(visit, group)
    begun = {item.delivery.pk for item in planned}
    give_back(visit, [delivery for delivery, _plan in group if delivery.pk not in begun])
    if not planned:
        return True
    org_id = visit.epoch.org_id
    call_may_start()
    started = time.monotonic()
    try:
        results = visit.org.graphs([graph_make(item.delivery, item.plan) for item in planned])
    except OutcomeUnknown:
        leases.group_size_halve(org_id)
        answers_record(
            visit, [Answer(item.delivery, Outcome.UNKNOWN, item.attempt) for item in planned]
        )
        if unknown_resolve(visit, _reload(planned)) == len(planned):
            return True
        leases.org_pause(org_id, reason=_("Salesforce did not answer."))
        return False
    except SalesforceError as error:
        return call_refused(visit, planned, error)
    except ValueError:
        # The client found it unsendable before anything left: our mistake, not the customer's.
        logger.exception("group_unsendable", deliveries=[item.delivery.pk for item in planned])
        return call_refused(visit, planned, SalesforceError("UNSENDABLE"))
    leases.org_answered(org_id)
    leases.group_size_adapt(org_id, sent=len(planned), seconds=time.monotonic() - started)
    by_id = {result.graph_id: result for result in results}
    readings = [
        (item, answer_read(by_id[graph_make(item.delivery, item.plan).graph_id], item.plan))
        for item in planned
    ]
    if any(reading.meaning == Meaning.NOT_TRIED for _item, reading in readings):
        leases.group_size_halve(org_id)
    counted = _record(visit, readings)
    read_back(visit, [item.attempt for item in counted if item.attempt])
    return True


def _record(visit: Visit, readings: Sequence[tuple[Planned, Reading]]) -> list[Answer]:
    """Record what can be told from the answers; ask for the keys where that is not enough."""
    plain: list[tuple[Planned, Reading]] = []
    to_ask: list[tuple[Planned, Reading]] = []
    for item, reading in readings:
        refused = reading.meaning == Meaning.REFUSED or _stays_stale(item.delivery, reading)
        asks = reading.meaning == Meaning.KEY_IS_THERE or (
            refused and was_unanswered(item.delivery)
        )
        (to_ask if asks else plain).append((item, reading))
    answers = [_answer(item, reading) for item, reading in plain]
    if to_ask:
        answers += readings_answer(visit, [(item.delivery, item.attempt, r) for item, r in to_ask])
    return answers_record(visit, answers)


def _answer(item: Planned, reading: Reading) -> Answer:
    delivery, attempt = item.delivery, item.attempt
    if reading.meaning == Meaning.WRITTEN:
        return Answer(delivery, Outcome.DELIVERED, attempt, record_ids=reading.record_ids)
    if reading.meaning == Meaning.NOT_TRIED:
        return Answer(delivery, Outcome.RELEASED, attempt, wait=0)
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
    return Answer(delivery, Outcome.REFUSED, attempt, errors=reading.errors)


def _stays_stale(delivery: Delivery, reading: Reading) -> bool:
    """Whether matching again was tried often enough; then the answer counts as a refusal."""
    return reading.meaning == Meaning.PLAN_WAS_STALE and delivery.releases >= MOST_STALE_PLANS


def _hold(visit: Visit, delivery: Delivery, plan: Plan) -> None:
    """Hold one job change, with its reason. An unanswered earlier attempt is asked for first."""
    planned = attempts_store(visit, [(delivery, plan)])
    if not planned:
        give_back(visit, [delivery])
    for item in planned:
        if was_unanswered(delivery):
            held = Reading(Meaning.REFUSED, sentence=plan.held_reason)
            answers = readings_answer(
                visit, [(delivery, item.attempt, held)], held=True, held_code=plan.held_code
            )
        else:
            answers = [
                Answer(
                    delivery,
                    Outcome.HELD,
                    item.attempt,
                    reason=plan.held_reason,
                    held_code=plan.held_code,
                )
            ]
        answers_record(visit, answers)


def _reload(planned: Sequence[Planned]) -> list[Delivery]:
    ids = [item.delivery.pk for item in planned]
    return [item for item in unknown_due(planned[0].delivery.epoch) if item.pk in ids]
