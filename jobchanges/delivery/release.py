"""Nothing was written: deliveries go back to waiting, and an org in trouble gets a rest."""

from collections.abc import Sequence

from integrations.salesforce.errors import ConnectionLost, Family, LimitReached, SalesforceError
from jobchanges.delivery import leases
from jobchanges.delivery.attempts import Planned
from jobchanges.delivery.context import Visit
from jobchanges.delivery.outcomes import readings_answer, was_unanswered
from jobchanges.delivery.record import Answer, answers_record
from jobchanges.delivery.results import Meaning, Reading, refusal_kept
from jobchanges.models import Attempt, Delivery

Outcome = Attempt.Outcome


def release(
    visit: Visit, group: Sequence[Delivery], error: SalesforceError, *, pause: bool = True
) -> None:
    """Matching failed, nothing was tried: the group waits, and so does the org."""
    answers_record(visit, [Answer(item, Outcome.RELEASED, reason=error.sentence) for item in group])
    if pause:
        _pause(visit, error)


def give_back(visit: Visit, group: Sequence[Delivery]) -> None:
    """Return claims of which nothing was tried."""
    if group:
        answers_record(visit, [Answer(item, Outcome.RELEASED, wait=0) for item in group])


def call_refused(visit: Visit, planned: Sequence[Planned], error: SalesforceError) -> bool:
    """Salesforce refused the whole call: nothing was written.

    Passing trouble and a dead connection release the group. Anything else is one record's fault,
    found by sending one at a time.
    """
    passing = error.family == Family.TRY_AGAIN or isinstance(error, ConnectionLost | LimitReached)
    if passing or len(planned) > 1:
        reason = error.sentence if passing else ""
        answers_record(
            visit,
            [
                Answer(
                    item.delivery,
                    Outcome.RELEASED,
                    item.attempt,
                    errors=refusal_kept(error),
                    reason=reason,
                    wait=None if passing else 0,
                )
                for item in planned
            ],
        )
        if passing:
            _pause(visit, error)
        else:
            leases.group_size_set(visit.epoch.org_id, 1)
        return not passing
    errors = refusal_kept(error)
    for item in planned:
        if was_unanswered(item.delivery):
            # An earlier call may have written it after all: the key says so.
            refused = Reading(Meaning.REFUSED, errors=errors)
            answers = readings_answer(visit, [(item.delivery, item.attempt, refused)])
        else:
            answers = [Answer(item.delivery, Outcome.REFUSED, item.attempt, errors=errors)]
        answers_record(visit, answers)
    return True


def _pause(visit: Visit, error: SalesforceError) -> None:
    """Leave the org alone for a while; for long when its calls of the day are used up."""
    daily = isinstance(error, LimitReached) and error.daily
    leases.org_pause(
        visit.epoch.org_id,
        reason=error.sentence,
        setup=error.setup_path,
        seconds=leases.LONGEST_PAUSE if daily else None,
    )
