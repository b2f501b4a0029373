"""What the job changes that wait would exercise, however many there are."""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from jobchanges.coverage import COLUMNS, Branches, branches_of
from jobchanges.models import Delivery, JobChange


def branches_waiting(rows: QuerySet[JobChange], org_id: str) -> dict[int, Branches]:
    """What each of these job changes exercises, newest first: by its newest preview in this org
    where it has one, else as far as the job change itself tells. Two queries for any number."""
    previews = branches_previewed(rows, org_id)
    ordered = rows.order_by("-detected_at", "key").values_list("pk", *COLUMNS, named=True)
    return {row.pk: previews.get(row.pk) or branches_of(row) for row in ordered.iterator()}


def branches_previewed(rows: QuerySet[JobChange], org_id: str) -> dict[int, Branches]:
    """What the newest previews in this org said that these job changes exercise."""
    if not org_id:
        return {}
    planned = (
        Delivery.objects.filter(org_id=org_id, job_change__in=rows.order_by().values("pk"))
        .exclude(plan_hash="")
        .order_by()
        .values_list("job_change_id", "plan__branches")
    )
    return {pk: frozenset(branches) for pk, branches in planned if branches}


def waiting_counts(exercised: Mapping[int, Branches], without: Iterable[int]) -> dict[str, int]:
    """How many job changes exercise each branch, without these (a set's own)."""
    left_out = set(without)
    return Counter(
        branch for pk, branches in exercised.items() if pk not in left_out for branch in branches
    )
