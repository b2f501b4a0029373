"""What a visit cost the org in calls: forecasts go by what was seen of it, not by a theory."""

from django.db.models import F

from jobchanges.delivery.context import Visit
from jobchanges.models import OrgLease

# A visit with fewer answers says nothing about a batch: its calls are mostly the describes.
FEWEST_ANSWERS = 50


def visit_count(visit: Visit) -> None:
    """Remember the calls of a visit, and whether a call with many graphs counts once.

    What `Sforce-Limit-Info` showed has moved by our calls and by other programs'. So a movement
    that is smaller than one call for each graph proves that they are not counted one by one.
    """
    calls = visit.org.calls
    rows = OrgLease.objects.filter(org_id=visit.epoch.org_id)
    if visit.answered >= FEWEST_ANSWERS:
        rows.update(
            calls_seen=F("calls_seen") + calls, answers_seen=F("answers_seen") + visit.answered
        )
    usage, first = visit.org.usage, visit.org.usage_first
    if usage is None or first is None or visit.graphs < 2 * visit.graph_calls + 2:
        return
    one_by_one = calls - visit.graph_calls + visit.graphs
    # The newest call may show only with the next answer.
    if usage.used - first.used < one_by_one - 2:
        rows.update(counts_once=True)
    else:
        rows.filter(counts_once=None).update(counts_once=False)
