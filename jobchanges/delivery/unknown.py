"""When no answer came: the outcome is asked for, not guessed (product.md, rule 3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.errors import SalesforceError
from jobchanges.delivery.answers import Answer
from jobchanges.delivery.context import Visit
from jobchanges.delivery.gathered import gather
from jobchanges.delivery.keys import Found, keys_find, members_find, record_ids_of
from jobchanges.delivery.record import answers_record
from jobchanges.models import Attempt, Delivery
from jobchanges.planning import plan_from_json

logger = structlog.get_logger(__name__)
Outcome = Attempt.Outcome
SHORTEST_WAIT, LONGEST_WAIT = 5.0, 120.0


def unknown_due(epoch: OrgEpoch) -> list[Delivery]:
    """Unanswered deliveries of an org that are to be asked for now."""
    return list(
        Delivery.objects.filter(
            epoch=epoch, state=Delivery.State.UNKNOWN, not_before__lte=timezone.now()
        )
        .select_related("job_change__customer", "epoch", "test_run", "batch")
        .defer("plan", "display")
    )


def unknown_resolve(visit: Visit, deliveries: Sequence[Delivery]) -> int:
    """Ask for the keys of unanswered deliveries, all in one query; returns how many got resolved.

    Found: delivered. Not found: stays unknown until the platform's longest call is over, because
    the call may still commit; only then it may be sent again, which the key keeps safe.
    """
    # Read before asking: what commits after this moment must not be taken for absent.
    now = timezone.now()
    over = timedelta(seconds=settings.SALESFORCE_LONGEST_CALL)
    try:
        answers = answers_by_key(visit, deliveries)
    except SalesforceError as error:
        logger.info("unknown_not_asked", org=visit.epoch.org_id, code=error.code)
        _ask_later(deliveries)
        return 0
    found = {answer.delivery.pk for answer in answers}
    missing = [item for item in deliveries if item.pk not in found]
    too_old = [item for item in missing if item.unknown_since and item.unknown_since + over <= now]
    attempts = _attempts_of(too_old)
    for delivery in too_old:
        answers.append(
            Answer(
                delivery,
                Outcome.RELEASED,
                attempts[delivery.pk].get(delivery.attempts_made),
                reason=_("Salesforce never answered, and nothing was stored. Sent again."),
                wait=0,
            )
        )
    resolved = {answer.delivery.pk for answer in answers}
    _ask_later([item for item in missing if item.pk not in resolved])
    counted = answers_record(visit, answers)
    gather(visit, [item.attempt for item in counted if item.was_written])
    return len(counted)


def answers_by_key(visit: Visit, deliveries: Sequence[Delivery]) -> list[Answer]:
    """Answers for those deliveries whose key is in the org. Raises what the client raises.

    A correction counts as written when the package's record carries its attempt number.
    """
    if not deliveries:
        return []
    by_key = {item.delivery_key: item for item in deliveries}
    found = keys_find(visit, list(by_key))
    writers: dict[str, Attempt] = {}
    attempts = _attempts_of([by_key[key] for key in found])
    for key, record in found.items():
        delivery = by_key[key]
        if delivery.correction_asked_at and record.attempt_number < delivery.attempts_made:
            continue
        if attempt := _writer(delivery, record, attempts[delivery.pk]):
            writers[key] = attempt
    plans = {key: plan_from_json(attempt.plan) for key, attempt in writers.items()}
    members = members_find(visit, found, plans)
    return [
        Answer(
            by_key[key],
            Outcome.FOUND,
            attempt,
            record_ids=record_ids_of(plans[key], found[key], members.get(key, "")),
            sent_is_known=attempt.number == found[key].attempt_number,
        )
        for key, attempt in writers.items()
    ]


def _writer(delivery: Delivery, record: Found, attempts: Mapping[int, Attempt]) -> Attempt | None:
    """The attempt that wrote the record; the latest one when the number is not one of ours."""
    return attempts.get(record.attempt_number) or attempts.get(delivery.attempts_made)


def _attempts_of(deliveries: Iterable[Delivery]) -> dict[int, dict[int, Attempt]]:
    """The attempts of deliveries, by primary key and number; one query."""
    found: dict[int, dict[int, Attempt]] = defaultdict(dict)
    for attempt in Attempt.objects.filter(delivery__in=[item.pk for item in deliveries]):
        found[attempt.delivery_id][attempt.number] = attempt
    return found


def _ask_later(deliveries: Sequence[Delivery]) -> None:
    """Ask again later: after a time like the one that has passed, within limits."""
    now = timezone.now()
    since: dict[datetime, list[int]] = defaultdict(list)
    for delivery in deliveries:
        since[delivery.unknown_since or now].append(delivery.pk)
    for moment, ids in since.items():
        passed = (now - moment).total_seconds()
        left = settings.SALESFORCE_LONGEST_CALL - passed
        wait = min(max(passed, SHORTEST_WAIT), LONGEST_WAIT)
        if 0 < left < wait:
            wait = left
        Delivery.objects.filter(pk__in=ids, state=Delivery.State.UNKNOWN).update(
            not_before=now + timedelta(seconds=wait)
        )
