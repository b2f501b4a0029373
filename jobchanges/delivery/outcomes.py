"""Answers that need a look at the key before they mean anything (write-protocol)."""

from collections.abc import Iterable, Sequence

from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.answers import Answer
from jobchanges.delivery.context import Visit
from jobchanges.delivery.results import Meaning, Reading
from jobchanges.delivery.unknown import answers_by_key
from jobchanges.models import Attempt, Delivery

Outcome = Attempt.Outcome
Asked = tuple[Delivery, Attempt, Reading]


def unanswered_of(deliveries: Iterable[Delivery]) -> set[int]:
    """Those of which an earlier attempt may have got no answer, by primary key; one query.

    A late commit of that attempt may refuse this one.
    """
    ids = [item.pk for item in deliveries]
    if not ids:
        return set()
    earlier = Attempt.objects.filter(
        delivery__in=ids, outcome__in=[Outcome.UNKNOWN, Outcome.RELEASED]
    )
    return set(earlier.order_by().values_list("delivery", flat=True))


def readings_answer(visit: Visit, asked: Sequence[Asked]) -> list[Answer]:
    """Turn readings into answers after asking for the keys, all in one query.

    Key there: delivered before. Not there: refused after all, or held, where the reading says so;
    also when the org called the key taken and yet does not show its record: then a person has to
    look. When the org does not say, the delivery stays unknown and is asked for later.
    """
    try:
        found = {item.delivery.pk: item for item in answers_by_key(visit, [d for d, _, _ in asked])}
    except SalesforceError:
        return [Answer(delivery, Outcome.UNKNOWN, attempt) for delivery, attempt, _ in asked]
    return [
        found.get(delivery.pk) or refusal(delivery, attempt, reading)
        for delivery, attempt, reading in asked
    ]


def refusal(delivery: Delivery, attempt: Attempt, reading: Reading) -> Answer:
    """What is not sent: held by its plan, or refused by the org."""
    if reading.meaning == Meaning.HELD:
        return Answer(
            delivery,
            Outcome.HELD,
            attempt,
            reason=reading.sentence,
            held_code=reading.held_code,
        )
    return Answer(delivery, Outcome.REFUSED, attempt, errors=reading.errors)
