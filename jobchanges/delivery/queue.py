"""Claiming: which deliveries go next, and who has them (style examples, 9 and 10)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from jobchanges.delivery.conflicts import linkedin_page, person_keys, touch_keys
from jobchanges.delivery.states import IN_FLIGHT, delivery_move
from jobchanges.models import Delivery, TestRun

State = Delivery.State
# Matches are asked for this many at a time; they are written in smaller groups.
CLAIM_AT_ONCE = 50
# So many waiting rows are looked at for that many that may fly together.
LOOK_AT = 4 * CLAIM_AT_ONCE


def sendable(now: datetime | None = None) -> QuerySet[Delivery]:
    """Released deliveries and corrections of runs that are being sent or reviewed.

    With `now`: only those that need not wait any longer.
    """
    rows = Delivery.objects.filter(
        Q(state=State.WAITING) | Q(state=State.DELIVERED, correction_asked_at__isnull=False),
        released_at__isnull=False,
        test_run__state__in=[TestRun.State.SENDING, TestRun.State.REVIEW],
    )
    if now is not None:
        rows = rows.filter(Q(not_before=None) | Q(not_before__lte=now))
    return rows


def group_claim(epoch: OrgEpoch, holder: str) -> list[Delivery]:
    """Claim deliveries of one org that may be in flight together, oldest detected first.

    What shares a company, a person or a past record with something in flight, or with something
    older that still waits, stays for a later group. Returns exactly what this holder got.
    """
    now = timezone.now()
    flying = Delivery.objects.filter(org_id=epoch.org_id, state__in=IN_FLIGHT)
    taken: set[str] = set()
    for delivery in flying.select_related("job_change"):
        taken |= touch_keys(delivery.job_change)
    waiting = (
        sendable()
        .filter(epoch=epoch, org_id=epoch.org_id)
        .select_related("job_change")
        .order_by("job_change__detected_at", "pk")[:LOOK_AT]
    )
    chosen: dict[str, list[int]] = {State.WAITING: [], State.DELIVERED: []}
    count = 0
    for delivery in waiting:
        keys = touch_keys(delivery.job_change)
        is_free = taken.isdisjoint(keys)
        taken |= keys
        ready = delivery.not_before is None or delivery.not_before <= now
        if is_free and ready and count < CLAIM_AT_ONCE:
            chosen[delivery.state].append(delivery.pk)
            count += 1
    for state, ids in chosen.items():
        if ids:
            delivery_move(
                # Conditions on the row itself: PostgreSQL looks at them again after waiting for
                # another writer, which it does not do inside a joined subquery.
                Delivery.objects.filter(
                    Q(state=State.WAITING) | Q(correction_asked_at__isnull=False),
                    pk__in=ids,
                    released_at__isnull=False,
                ),
                [state],
                State.CLAIMED,
                claimed_by=holder,
                claimed_until=claim_end(now),
            )
    return list(
        Delivery.objects.filter(
            pk__in=[pk for ids in chosen.values() for pk in ids],
            state=State.CLAIMED,
            claimed_by=holder,
        )
        .select_related("job_change__customer", "epoch", "test_run__customer", "test_run__epoch")
        .order_by("job_change__detected_at", "pk")
    )


def claims_extend(deliveries: Iterable[Delivery], holder: str) -> list[Delivery]:
    """Keep claims before the next call; returns those that are still this holder's."""
    rows = list(deliveries)
    mine = Delivery.objects.filter(
        pk__in=[item.pk for item in rows], state=State.CLAIMED, claimed_by=holder
    )
    mine.update(claimed_until=claim_end(timezone.now()))
    kept = set(mine.values_list("pk", flat=True))
    return [item for item in rows if item.pk in kept]


def claim_end(now: datetime) -> datetime:
    """Until when a claim holds: longer than the call it covers may take."""
    return now + timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS)


def overtaken_by(delivery: Delivery) -> str:
    """Why a job change is too late: a later one of the same person is in the org already.

    Returns the sentence, or "" when it is not overtaken.
    """
    mine = delivery.job_change
    same_person = Q(last_name__iexact=mine.last_name)
    for email in (mine.past_email, mine.new_email):
        if email:
            # As `email_key` compares them: the same address in capitals is the same person.
            same_person |= Q(past_email__iexact=email) | Q(new_email__iexact=email)
    if page := linkedin_page(mine.linkedin_url):
        same_person |= Q(linkedin_url__icontains=page)
    later = (
        type(mine)
        .objects.filter(
            same_person,
            customer=mine.customer_id,
            detected_at__gt=mine.detected_at,
            deliveries__org_id=delivery.org_id,
            deliveries__state=State.DELIVERED,
        )
        .order_by("-detected_at")
    )
    keys = person_keys(mine)
    for other in later:
        if not keys.isdisjoint(person_keys(other)):
            return _(
                "A later job change of the same person (%(key)s, detected %(day)s) is in the org "
                "already, so this one would bring back old facts."
            ) % {"key": other.key, "day": f"{other.detected_at:%Y-%m-%d}"}
    return ""
