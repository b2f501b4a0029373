"""What the steps look at of test runs: deliveries, verdicts, approvals, allowances."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Q

from accounts.models import Environment
from jobchanges.models import Allowance, Delivery, Review, RunApproval, TestRun, Verdict


@dataclass(frozen=True)
class DeliveryFacts:
    """One delivery of a run: its state and what each side says of its latest attempt."""

    state: str
    verdicts: Mapping[str, str]
    released: bool = True
    allowance_id: int | None = None

    @property
    def set_aside(self) -> bool:
        """Whether both sides set it aside."""
        return all(self.verdicts.get(side) == Verdict.SET_ASIDE for side in ("customer", "vendor"))


@dataclass(frozen=True)
class RunFacts:
    """A test run with what its step needs."""

    run: TestRun
    deliveries: Sequence[DeliveryFacts] = ()
    approved_by: Mapping[str, RunApproval] = field(default_factory=dict)
    # Production: what the customer allowed and nobody withdrew, the newest first.
    allowances: Sequence[Allowance] = ()
    # The newest one, if it ended before anything was sent by it and none was given since.
    ended: Allowance | None = None

    @property
    def offered(self) -> bool:
        """Whether the customer was shown the run and asked to allow it."""
        return self.run.offered_at is not None

    @property
    def allowed(self) -> Allowance | None:
        """The newest allowance that stands."""
        return self.allowances[0] if self.allowances else None

    @property
    def total(self) -> int:
        """How many job changes are in the run."""
        return len(self.deliveries)

    def counted(self, *states: str) -> int:
        """How many deliveries are in one of these states and not set aside by both sides."""
        return sum(1 for d in self.deliveries if d.state in states and not d.set_aside)

    def unreviewed(self, side: str, *states: str) -> int:
        """How many job changes with an answer (or in these states) a side has not judged."""
        answered = states or (Delivery.State.DELIVERED, Delivery.State.REFUSED)
        return sum(1 for d in self.deliveries if d.state in answered and side not in d.verdicts)

    @property
    def unsent(self) -> int:
        """How many job changes were picked and not sent."""
        return sum(1 for d in self.deliveries if not d.released)

    @property
    def not_allowed(self) -> int:
        """Production: how many of those are in no allowance that stands."""
        standing = {item.pk for item in self.allowances}
        return sum(1 for d in self.deliveries if not d.released and d.allowance_id not in standing)

    @property
    def moving(self) -> int:
        """How many were sent and have no answer yet."""
        under_way = (Delivery.State.WAITING, Delivery.State.CLAIMED)
        return sum(
            1 for d in self.deliveries if d.released and d.state in under_way and not d.set_aside
        )

    @property
    def disagreed(self) -> int:
        """How many job changes the two sides judge differently."""
        return sum(1 for d in self.deliveries if len(set(d.verdicts.values())) > 1)

    @property
    def off(self) -> int:
        """How many job changes a side says are off."""
        return sum(1 for d in self.deliveries if Verdict.OFF in d.verdicts.values())


def runs_load(here: Q) -> dict[int, list[RunFacts]]:
    """Runs by customer, newest first, with the state and the verdicts of each delivery."""
    runs = list(TestRun.objects.filter(here).order_by("-created_at"))
    ids = [run.pk for run in runs]
    verdicts: dict[int, dict[str, str]] = defaultdict(dict)
    for delivery, side, verdict in Review.objects.filter(
        attempt__delivery__test_run__in=ids,
        attempt__number=F("attempt__delivery__attempts_made"),
    ).values_list("attempt__delivery_id", "side", "verdict"):
        verdicts[delivery][side] = verdict
    deliveries: dict[int, list[DeliveryFacts]] = defaultdict(list)
    for pk, run_id, state, released_at, allowed in Delivery.objects.filter(
        test_run__in=ids
    ).values_list("pk", "test_run_id", "state", "released_at", "allowance_id"):
        if run_id is not None:
            released = released_at is not None
            found = DeliveryFacts(state, verdicts[pk], released, allowed)
            deliveries[run_id].append(found)
    approvals: dict[int, dict[str, RunApproval]] = defaultdict(dict)
    for approval in (
        RunApproval.objects.filter(test_run__in=ids).defer("content").select_related("by")
    ):
        approvals[approval.test_run_id][approval.side] = approval
    allowances: dict[int, list[Allowance]] = defaultdict(list)
    ended: dict[int, Allowance] = {}
    offered = [run.pk for run in runs if run.environment == Environment.PRODUCTION]
    for allowance in (
        Allowance.objects.filter(test_run__in=offered)
        .defer("content")
        .select_related("by", "withdrawn_by")
        .order_by("-at")
    ):
        if allowance.withdrawn_at is None:
            allowances[allowance.test_run_id].append(allowance)
        elif not allowances[allowance.test_run_id]:
            ended.setdefault(allowance.test_run_id, allowance)
    grouped: dict[int, list[RunFacts]] = defaultdict(list)
    for run in runs:
        grouped[run.customer_id].append(
            RunFacts(
                run,
                deliveries[run.pk],
                approvals[run.pk],
                allowances[run.pk],
                ended.get(run.pk),
            )
        )
    return grouped
