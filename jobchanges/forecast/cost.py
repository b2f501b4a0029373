"""What a batch costs in calls and minutes, from what was seen of this very org."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor

from integrations.models import OrgEpoch
from jobchanges.delivery.counting import FEWEST_ANSWERS
from jobchanges.delivery.due import RECORDS_A_CALL
from jobchanges.delivery.leases import group_size_next
from jobchanges.forecast.tally import Tally
from jobchanges.models import Attempt, OrgLease

# So many of the newest attempts tell how fast the org writes.
ATTEMPTS_SEEN = 200
# The org's own load, automation and other tools change from hour to hour.
FASTER, SLOWER = 0.75, 2.0
# An org is described before anything is planned.
DESCRIBES = 1
# Matched and written besides: the first part, and those who wait for one that joins the same
# company. Each asks in about two calls and writes in one.
MORE_ROUNDS, CALLS_A_ROUND = 3, 3


@dataclass
class Asked:
    """The calls that matching took, and their seconds."""

    calls: int = 0
    seconds: float = 0.0

    def add(self, calls: int, seconds: float) -> None:
        """Count one group's matching."""
        self.calls += calls
        self.seconds += seconds

    @property
    def seconds_a_call(self) -> float:
        """The mean; 0 before the first."""
        return self.seconds / self.calls if self.calls else 0.0


def calls_expected(epoch: OrgEpoch, asked: Asked, tally: Tally) -> int:
    """What this org was seen to need for as many, where larger batches were sent to it already.

    Else describes, matching as it was counted just now, the groups and their reading back. The
    later reading of everything comes on top. Where a call with many graphs was never seen to count
    once, each of them is taken to count (write-protocol, Groups).
    """
    lease = _lease(epoch)
    writes = write_calls(tally.going, lease.group_size, seconds_per_graph(epoch))
    # A call that reads many kinds of records is seldom quite full.
    reads = ceil(tally.records / RECORDS_A_CALL) + 1 if tally.records else 0
    if lease.answers_seen >= FEWEST_ANSWERS:
        calls = DESCRIBES + ceil(tally.going * lease.calls_seen / lease.answers_seen)
    else:
        rounds = MORE_ROUNDS * CALLS_A_ROUND if tally.going else 0
        calls = DESCRIBES + asked.calls + rounds + writes + reads
    one_by_one = tally.going - writes if lease.counts_once is False else 0
    return calls + one_by_one + reads


def minutes_expected(epoch: OrgEpoch, asked: Asked, tally: Tally) -> tuple[int, int] | None:
    """From, to; None where this org was never seen writing."""
    each = seconds_per_graph(epoch)
    if each is None:
        return None
    reads = write_calls(tally.going, _lease(epoch).group_size, each)
    seconds = asked.seconds + tally.going * each + reads * asked.seconds_a_call
    low = max(1, floor(seconds * FASTER / 60))
    return low, max(low + 1, ceil(seconds * SLOWER / 60))


def write_calls(job_changes: int, size: int, seconds: float | None) -> int:
    """How many calls write so many job changes, beginning with groups of `size`.

    With the org's seconds for one graph the groups grow as they will (`leases`); without, they
    stay as they are.
    """
    calls = 0
    while job_changes > 0:
        calls += 1
        job_changes -= size
        if seconds is not None:
            size = group_size_next(size, sent=size, seconds=seconds * size)
    return calls


def seconds_per_graph(epoch: OrgEpoch) -> float | None:
    """How long this org took to write one job change; None before the first.

    Those of one call share its time: what overlaps counts once.
    """
    spans = list(
        Attempt.objects.filter(
            delivery__epoch=epoch,
            ended_at__isnull=False,
            outcome__in=[Attempt.Outcome.DELIVERED, Attempt.Outcome.REFUSED],
        )
        .order_by("-started_at")
        .values_list("started_at", "ended_at")[:ATTEMPTS_SEEN]
    )
    if not spans:
        return None
    busy = timedelta(0)
    reached = None
    for started_at, ended_at in sorted(span for span in spans if span[1] is not None):
        begins = started_at if reached is None else max(started_at, reached)
        if ended_at is not None and ended_at > begins:
            busy += ended_at - begins
            reached = ended_at
    return busy.total_seconds() / len(spans)


def _lease(epoch: OrgEpoch) -> OrgLease:
    """What was seen of the org so far; nothing is written where nothing was."""
    return OrgLease.objects.filter(org_id=epoch.org_id).first() or OrgLease()
