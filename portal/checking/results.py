"""Answers of the orgs connected now, loaded once for any number of customers."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from integrations.models import CheckResult, CheckRun, Outcome

# The one that is open, and the one before it, whose cost is told meanwhile.
RUNS = 2


def results_load(
    epochs: Collection[int], *, brief: bool = False
) -> dict[int, dict[str, CheckResult]]:
    """Results by org epoch and check. One query, none without epochs; two where they are `brief`:
    with only the points that are not right, of which there are few.
    """
    found: dict[int, dict[str, CheckResult]] = defaultdict(dict)
    if not epochs:
        return found
    results = CheckResult.objects.filter(epoch__in=epochs)
    if not brief:
        for result in results:
            found[result.epoch_id][result.name] = result
        return found
    for result in results.filter(outcome=Outcome.PASS).defer("items"):
        result.items = []
        found[result.epoch_id][result.name] = result
    # One at a time: each is large until its points are looked through.
    for result in results.exclude(outcome=Outcome.PASS).iterator(chunk_size=100):
        result.items = [one for one in result.items if one.get("outcome") != Outcome.PASS]
        found[result.epoch_id][result.name] = result
    return found


def check_runs_load(epochs: Collection[int]) -> dict[int, list[CheckRun]]:
    """The newest two runs by org epoch, the newest first. One query, none without epochs."""
    found: dict[int, list[CheckRun]] = defaultdict(list)
    if not epochs:
        return found
    # The database leaves the older ones out: an org may be asked every day for years.
    place = Window(
        RowNumber(), partition_by=[F("epoch_id")], order_by=[F("asked_at").desc(), F("pk").desc()]
    )
    for run in (
        CheckRun.objects.select_related("asked_by")
        .filter(epoch__in=epochs)
        .annotate(place=place)
        .filter(place__lte=RUNS)
        .order_by("-asked_at", "-pk")
    ):
        found[run.epoch_id].append(run)
    return found
