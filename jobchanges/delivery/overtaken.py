"""Job changes that come too late: a later one of the same person is in the org already."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from jobchanges.models import Delivery, JobChange, PersonKey
from jobchanges.person_keys import person_hashes

# A later job change of somebody: when it was detected, its row, its id as the customer knows it.
_Later = tuple[datetime, int, str]


def overtaken_of(deliveries: Sequence[Delivery]) -> dict[int, str]:
    """Why deliveries are too late, by their primary key; those that are not are missing.

    One query for each customer and org among them: a claimed group has one of both.
    """
    by_org: dict[tuple[int, str], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_org[delivery.job_change.customer_id, delivery.org_id].append(delivery)
    late: dict[int, str] = {}
    for (customer_id, org_id), group in by_org.items():
        found = overtaken_in(customer_id, org_id, [item.job_change for item in group])
        late |= {
            item.pk: found[item.job_change_id] for item in group if item.job_change_id in found
        }
    return late


def overtaken_in(customer_id: int, org_id: str, job_changes: Sequence[JobChange]) -> dict[int, str]:
    """Why job changes of one customer come too late for an org, by primary key; one query.

    Of one person's several job changes `detected_at` gives the order (write-protocol, Groups).
    """
    if not job_changes:
        return {}
    keys = {item.pk: person_hashes(item) for item in job_changes}
    there: dict[str, _Later] = {}
    rows = PersonKey.objects.filter(
        customer_id=customer_id,
        key__in=set().union(*keys.values()),
        job_change__detected_at__gt=min(item.detected_at for item in job_changes),
        job_change__deliveries__org_id=org_id,
        job_change__deliveries__state=Delivery.State.DELIVERED,
    ).values_list("key", "job_change__detected_at", "job_change_id", "job_change__key")
    for key, detected_at, pk, name in rows.order_by():
        found: _Later = (detected_at, pk, name)
        there[key] = max(there.get(key, found), found)
    late = {}
    for item in job_changes:
        latest = max((there[key] for key in keys[item.pk] if key in there), default=None)
        if latest is not None and latest[0] > item.detected_at:
            late[item.pk] = _(
                "A later job change of the same person (%(key)s, detected %(day)s) is in the org "
                "already, so this one would bring back old facts."
            ) % {"key": latest[2], "day": f"{latest[0]:%Y-%m-%d}"}
    return late
