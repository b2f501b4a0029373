"""Job changes that are not sent: held, with the reason."""

from collections.abc import Sequence

from jobchanges.delivery.attempts import attempts_store
from jobchanges.delivery.context import Visit
from jobchanges.delivery.outcomes import readings_answer, refusal, unanswered_of
from jobchanges.delivery.record import answers_record
from jobchanges.delivery.release import give_back
from jobchanges.delivery.results import Meaning, Reading
from jobchanges.models import Delivery
from jobchanges.planning import Plan


def plans_hold(visit: Visit, group: Sequence[tuple[Delivery, Plan]]) -> None:
    """Hold job changes, each with the reason of its plan.

    An unanswered earlier attempt is asked for first: it may be in the org (write-protocol).
    """
    if not group:
        return
    planned = attempts_store(visit, group)
    begun = {item.delivery.pk for item in planned}
    give_back(visit, [delivery for delivery, _plan in group if delivery.pk not in begun])
    open_ones = unanswered_of(item.delivery for item in planned)
    to_ask, answers = [], []
    for item in planned:
        plan = item.plan
        held = Reading(Meaning.HELD, sentence=plan.held_reason, held_code=plan.held_code)
        if item.delivery.pk in open_ones:
            to_ask.append((item.delivery, item.attempt, held))
        else:
            answers.append(refusal(item.delivery, item.attempt, held))
    if to_ask:
        answers += readings_answer(visit, to_ask)
    if answers:
        answers_record(visit, answers)
        visit.answered += len(answers)
