"""Answers that need a look at the key before they mean anything (write-protocol)."""

from collections.abc import Sequence

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.context import Visit
from jobchanges.delivery.record import Answer
from jobchanges.delivery.results import Reading
from jobchanges.delivery.unknown import answers_by_key
from jobchanges.models import Attempt, Delivery

Outcome = Attempt.Outcome
Asked = tuple[Delivery, Attempt, Reading]


def was_unanswered(delivery: Delivery) -> bool:
    """Whether an earlier attempt may have got no answer: its late commit may refuse this one."""
    return delivery.attempts.filter(outcome__in=[Outcome.UNKNOWN, Outcome.RELEASED]).exists()


def readings_answer(
    visit: Visit, asked: Sequence[Asked], *, held: bool = False, held_code: str = ""
) -> list[Answer]:
    """Turn readings into answers after asking for the keys, all in one query.

    Key there: delivered before. Not there: refused after all (or held, with `held`); also when
    the org called the key taken and yet does not show its record: then a person has to look.
    When the org does not say, the delivery stays unknown and is asked for later.
    """
    try:
        found = {item.delivery.pk: item for item in answers_by_key(visit, [d for d, _, _ in asked])}
    except SalesforceError:
        return [Answer(delivery, Outcome.UNKNOWN, attempt) for delivery, attempt, _ in asked]
    answers = []
    for delivery, attempt, reading in asked:
        known = found.get(delivery.pk)
        if known is not None:
            answers.append(known)
        elif held:
            answers.append(
                Answer(
                    delivery,
                    Outcome.HELD,
                    attempt,
                    reason=reading.sentence,
                    held_code=held_code,
                )
            )
        else:
            answers.append(Answer(delivery, Outcome.REFUSED, attempt, errors=reading.errors))
    return answers
