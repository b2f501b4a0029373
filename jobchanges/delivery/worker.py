"""One visit to one org: resolve what is unknown, claim, ask, plan, write, read back, record."""

import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial

import structlog
from django.utils.translation import gettext as _

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery import leases
from jobchanges.delivery.batches import NOT_SIGNED, gates_ask, late_gate_sentence
from jobchanges.delivery.context import Visit, names_from_matches
from jobchanges.delivery.correction import correction_plan
from jobchanges.delivery.counting import visit_count
from jobchanges.delivery.covered import still_covered
from jobchanges.delivery.digest import matches_find, plan_or_hold
from jobchanges.delivery.fingerprint import as_allowed
from jobchanges.delivery.gathered import gather_left, gathered_read
from jobchanges.delivery.holding import plans_hold
from jobchanges.delivery.overtaken import overtaken_of
from jobchanges.delivery.queue import claims_extend, group_claim
from jobchanges.delivery.release import give_back, release
from jobchanges.delivery.unknown import unknown_due, unknown_resolve
from jobchanges.delivery.visits import CannotVisit, sandbox_problem, visit_open
from jobchanges.delivery.writing import Ready, group_cut, group_write
from jobchanges.models import Batch, Delivery
from jobchanges.planning import Matches, Plan, plan_make
from jobchanges.planning.meeting import Meeting
from jobchanges.planning.types import JobChangeData

logger = structlog.get_logger(__name__)

# A visit ends after this long; what is left gets another one, behind the other customers' who wait
# for the same workers.
LONGEST_VISIT = 60.0
# The gates are asked again while a claim is written, which may take that long.
GATES_SECONDS = 10.0


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
    gather_left(visit)
    if due := unknown_due(visit.epoch):
        unknown_resolve(visit, due)
    is_more = _all_deliver(visit)
    if not leases.is_resting(visit.epoch.org_id):
        # Of an org in trouble the next visit reads what this one wrote.
        gathered_read(visit, now=True)
    visit_count(visit)
    return is_more


def _all_deliver(visit: Visit) -> bool:
    """Claim and deliver until nothing is left, or others should have their turn."""
    while _still_mine(visit) and (claimed := _claim(visit)):
        if not _claimed_deliver(visit, claimed):
            return False
        if _seconds_left(visit) < 0:
            return True
    return False


def _claim(visit: Visit) -> list[Delivery]:
    """As many as this org probably writes in the time that is left of the visit."""
    most = leases.claim_size(visit.epoch.org_id, seconds=_seconds_left(visit))
    return group_claim(visit.epoch, visit.holder, most)


def _seconds_left(visit: Visit) -> float:
    """Until others should have their turn; below zero when they should have had it."""
    return visit.began + LONGEST_VISIT - time.monotonic()


def _still_mine(visit: Visit) -> bool:
    """Keep the org for one more call; False when the lease ran out and somebody else has it."""
    return leases.lease_extend(visit.epoch.org_id, visit.holder)


def _claimed_deliver(visit: Visit, claimed: Sequence[Delivery]) -> bool:
    """Match what was claimed in few calls, then write it in smaller groups.

    Returns whether the org may be asked for more now.
    """
    group, goes_on = _let_through(visit, claimed)
    late = overtaken_of([item for item in group if not item.correction_asked_at])
    held = [(item, Plan(held_reason=late[item.pk])) for item in group if item.pk in late]
    plans_hold(visit, held)
    ready = [item for item in group if item.pk not in late]
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
    plans = plans_make(visit, ready, data, matches)
    sending, meeting = _set_apart(ready, data, matches, plans)
    # Behind what they would meet, they are matched again.
    give_back(visit, meeting)
    return _planned_deliver(visit, sending, goes_on)


def _set_apart(
    group: Sequence[Delivery],
    data: Mapping[int, JobChangeData],
    matches: Mapping[str, Matches],
    plans: Mapping[int, Plan],
) -> tuple[list[Ready], list[Delivery]]:
    """What may be written side by side, and what would make a double of it or patch the same."""
    taken = Meeting()
    apart: list[Ready] = []
    meeting: list[Delivery] = []
    for delivery in group:
        plan = plans.get(delivery.pk)
        if plan is None:
            continue
        job_change = data[delivery.pk]
        found = matches[job_change.key]
        if taken.meets(job_change, found, plan):
            meeting.append(delivery)
        else:
            taken.add(job_change, found, plan)
            apart.append((delivery, plan))
    return apart, meeting


def _planned_deliver(visit: Visit, sending: list[Ready], goes_on: bool) -> bool:
    """Write planned job changes, group by group. Whatever stops it, the rest is given back."""
    matched = asked = time.monotonic()
    while sending:
        # Before each call: a claim takes several, each of them up to the time-out.
        if not _still_mine(visit):
            give_back(visit, [item for item, _plan in sending])
            return False
        if time.monotonic() - asked > GATES_SECONDS:
            asked = time.monotonic()
            allowed, goes_on = _let_through(visit, [item for item, _plan in sending])
            sending = _those_of(sending, allowed)
            if not sending:
                return goes_on
        part, sending = group_cut(sending, leases.group_size(visit.epoch.org_id))
        if not group_write(visit, part):
            give_back(visit, [item for item, _plan in sending])
            return False
        is_stale = time.monotonic() - matched > leases.FRESH_SECONDS
        if is_stale or _seconds_left(visit) < 0:
            give_back(visit, [item for item, _plan in sending])
            return goes_on
        gathered_read(visit)
        sending = _those_of(sending, claims_extend([item for item, _plan in sending], visit.holder))
    return goes_on


def _those_of(sending: Sequence[Ready], kept: Sequence[Delivery]) -> list[Ready]:
    ids = {item.pk for item in kept}
    return [ready for ready in sending if ready[0].pk in ids]


def _let_through(visit: Visit, group: Sequence[Delivery]) -> tuple[list[Delivery], bool]:
    """Ask the gates before a group; what may not go is given back.

    Returns what may, and whether it makes sense to claim more after it.
    """
    if sentence := sandbox_problem(visit.connection):
        logger.info("sandbox_closed", epoch=visit.epoch.pk, reason=sentence)
        give_back(visit, group)
        return [], False
    gates_ask({item.batch_id: item.batch for item in group if item.batch}.values())
    if not visit.has_current_choices():
        # After the gates: these judged what is stored now, and plans are made from what was read.
        logger.info("settings_changed_meanwhile", epoch=visit.epoch.pk)
        give_back(visit, group)
        return [], False
    still = still_covered(group)
    give_back(visit, [item for item in group if item.pk not in still])
    return _late_ones_hold(visit, [item for item in group if item.pk in still]), True


def _late_ones_hold(visit: Visit, group: Sequence[Delivery]) -> list[Delivery]:
    """Hold what was sent again in a batch that had ended, unless what was signed still stands.

    Such a batch cannot pause any more. Returns the others.
    """
    late = [item for item in group if item.batch and item.batch.state == Batch.State.ENDED]
    if not late or not (reason := late_gate_sentence(visit.customer)):
        return list(group)
    plans_hold(visit, [(item, Plan(held_reason=reason, held_code=NOT_SIGNED)) for item in late])
    return [item for item in group if item not in late]


def plans_make(
    visit: Visit,
    group: Sequence[Delivery],
    data: Mapping[int, JobChangeData],
    matches: Mapping[str, Matches],
) -> dict[int, Plan]:
    """Plan each; what is held or cannot be planned is recorded at once and left out."""
    plans: dict[int, Plan] = {}
    held: list[Ready] = []
    for delivery in group:
        job_change = data[delivery.pk]
        make = partial(_plan, visit, delivery, job_change, matches)
        try:
            plan = plan_or_hold(job_change.key, make)
        except SalesforceError as error:
            release(visit, [delivery], error, pause=False)
            continue
        if plan.is_held:
            held.append((delivery, plan))
        else:
            plans[delivery.pk] = plan
    plans_hold(visit, held)
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
