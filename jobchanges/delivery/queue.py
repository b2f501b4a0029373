"""Claiming: which deliveries go next, and who has them (style examples, 9 and 10)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.models import OrgEpoch
from jobchanges.delivery import leases
from jobchanges.delivery.conflicts import touch_keys
from jobchanges.delivery.covered import covered
from jobchanges.delivery.states import IN_FLIGHT, delivery_move
from jobchanges.models import Delivery

State = Delivery.State
# So many waiting rows are looked at for those that may fly together; further ones only where
# these were not enough.
LOOK_AT = 400
LOOK_AT_MOST = 10 * LOOK_AT
# What a preview keeps on a delivery is of no use for sending it.
HEAVY = ("plan", "display")


class _Kind(NamedTuple):
    """What makes a waiting delivery sendable; repeated on its row when it is claimed."""

    state: str
    batch_id: int | None
    allowance_id: int | None


@dataclass(slots=True)
class _Row:
    """A delivery as far as the choice needs it: of thousands that are looked at few are taken."""

    pk: int
    state: str
    batch_id: int | None
    allowance_id: int | None
    not_before: datetime | None
    first_name: str
    last_name: str
    linkedin_url: str
    past_email: str
    new_email: str
    past_company_name: str
    new_company_name: str
    new_company_domain: str
    new_company_website: str
    past_contact_id: str
    past_lead_id: str

    @classmethod
    def of(cls, deliveries: QuerySet[Delivery]) -> list["_Row"]:
        """The rows of a queryset."""
        names, own = [item.name for item in fields(cls)], 5
        columns = [*names[:own], *(f"job_change__{name}" for name in names[own:])]
        return [cls(*values) for values in deliveries.values_list(*columns)]


def sendable(now: datetime | None = None) -> QuerySet[Delivery]:
    """Released deliveries and corrections that may be written now (rule 1: `covered`).

    With `now`: only those that need not wait any longer.
    """
    rows = Delivery.objects.filter(
        Q(state=State.WAITING) | Q(state=State.DELIVERED, correction_asked_at__isnull=False),
        covered(),
        released_at__isnull=False,
    )
    if now is not None:
        rows = rows.filter(Q(not_before=None) | Q(not_before__lte=now))
    return rows


def group_claim(epoch: OrgEpoch, holder: str, most: int = leases.LARGEST_CLAIM) -> list[Delivery]:
    """Claim up to `most` deliveries of one org that may fly together, oldest detected first.

    What shares a company, a person or a past record with something in flight, or with something
    older that still waits, stays for a later group. Returns exactly what this holder got.
    """
    now = timezone.now()
    flying = Delivery.objects.filter(org_id=epoch.org_id, state__in=IN_FLIGHT)
    taken: set[str] = set()
    for row in _Row.of(flying.order_by()):
        taken |= touch_keys(row)
    waiting = sendable().filter(epoch=epoch, org_id=epoch.org_id)
    waiting = waiting.order_by("job_change__detected_at", "pk")
    chosen: dict[_Kind, list[int]] = defaultdict(list)
    for row in _free_to_fly(waiting, taken, now, most):
        chosen[_Kind(row.state, row.batch_id, row.allowance_id)].append(row.pk)
    for kind, ids in chosen.items():
        delivery_move(
            # Conditions on the row itself: PostgreSQL looks at them again after waiting for
            # another writer, which it does not do inside a joined subquery. What lies beyond
            # the row (is the batch still being sent?) is asked again before each call.
            Delivery.objects.filter(
                Q(state=State.WAITING) | Q(correction_asked_at__isnull=False),
                pk__in=ids,
                released_at__isnull=False,
                batch=kind.batch_id,
                allowance=kind.allowance_id,
            ),
            [kind.state],
            State.CLAIMED,
            claimed_by=holder,
            claimed_until=claim_end(now),
        )
    claimed = (
        Delivery.objects.filter(
            pk__in=[pk for ids in chosen.values() for pk in ids],
            state=State.CLAIMED,
            claimed_by=holder,
        )
        .select_related("job_change")
        # What many of them share is read once.
        .prefetch_related("job_change__customer", "epoch", "test_run", "batch")
        .defer(*HEAVY)
        .order_by("job_change__detected_at", "pk")
    )
    return list(claimed)


def _free_to_fly(
    waiting: QuerySet[Delivery], taken: set[str], now: datetime, most: int
) -> list[_Row]:
    """The first of those waiting that share nothing with `taken`, nor with an older one.

    Looks further only where many share something: a whole department that joins one company.
    """
    free: list[_Row] = []
    for start in range(0, LOOK_AT_MOST, LOOK_AT):
        rows = _Row.of(waiting[start : start + LOOK_AT])
        for row in rows:
            keys = touch_keys(row)
            ready = row.not_before is None or row.not_before <= now
            if ready and taken.isdisjoint(keys):
                free.append(row)
                if len(free) == most:
                    return free
            taken |= keys
        if len(rows) < LOOK_AT:
            break
    return free


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
