"""Nothing was written: deliveries go back to waiting, and an org in trouble gets a rest."""

from collections.abc import Sequence

from integrations.salesforce.errors import ConnectionLost, Family, LimitReached, SalesforceError
from jobchanges.delivery.answers import Answer
from jobchanges.delivery.attempts import Planned
from jobchanges.delivery.context import Visit
from jobchanges.delivery.outcomes import readings_answer, refusal, unanswered_of
from jobchanges.delivery.record import answers_record
from jobchanges.delivery.resting import org_rest
from jobchanges.delivery.results import Meaning, Reading, refusal_kept
from jobchanges.models import Attempt, Delivery

Outcome = Attempt.Outcome


def release(
    visit: Visit, group: Sequence[Delivery], error: SalesforceError, *, pause: bool = True
) -> None:
    """Matching failed, nothing was tried: the group waits, and so does the org."""
    answers_record(
        visit,
        [
            # It is the org that rests; they are not to wait longer than it for that.
            Answer(item, Outcome.RELEASED, reason=error.sentence, wait=0 if pause else None)
            for item in group
        ],
    )
    if pause:
        org_rest(visit.connection, visit.org, error)


def give_back(visit: Visit, group: Sequence[Delivery]) -> None:
    """Return claims of which nothing was tried."""
    if group:
        answers_record(visit, [Answer(item, Outcome.RELEASED, wait=0) for item in group])


def call_refused(visit: Visit, planned: Sequence[Planned], error: SalesforceError) -> bool:
    """Salesforce refused the whole call: nothing was written. Whether the org may be asked on.

    Passing trouble and a dead connection release the group, and the org rests. Anything else is
    one record's fault: what comes back goes in ever smaller groups (`writing`), until it is alone.
    """
    passing = error.family == Family.TRY_AGAIN or isinstance(error, ConnectionLost | LimitReached)
    errors = refusal_kept(error)
    if passing or len(planned) > 1:
        answers_record(
            visit,
            [
                Answer(
                    item.delivery,
                    Outcome.RELEASED,
                    item.attempt,
                    errors=errors,
                    reason=error.sentence if passing else "",
                    wait=0,
                    is_its_own=not passing,
                )
                for item in planned
            ],
        )
        if passing:
            org_rest(visit.connection, visit.org, error)
        return not passing
    refused = Reading(Meaning.REFUSED, errors=errors)
    for item in planned:
        if unanswered_of([item.delivery]):
            # An earlier call may have written it after all: the key says so.
            answers = readings_answer(visit, [(item.delivery, item.attempt, refused)])
        else:
            answers = [refusal(item.delivery, item.attempt, refused)]
        answers_record(visit, answers)
    return True
