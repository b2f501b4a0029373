"""How the allowance of a production test stands: offered, allowed, ended, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jobchanges.delivery.allowed import UNSENT
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.models import Allowance, Delivery, JobChange, TestRun
from jobchanges.selectors.owners import OwnerLine, owners_of


@dataclass(frozen=True)
class AllowanceStanding:
    """What of a production run waits for whom.

    `state`: "" nothing is unsent; "planning" the plans are being made (or could not be); "ready"
    to be offered; "offered" and not allowed yet; "allowed".
    """

    state: str
    unsent: list[Delivery]
    allowance: Allowance | None = None
    # The last one that ended before anything was sent by it, until another one is given.
    ended: Allowance | None = None
    # What is different now from what the ended one allowed, in sentences with names.
    changes: list[str] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether it may be sent now."""
        return self.allowance is not None and self.allowance.starts_at <= timezone.now()


def allowance_standing(run: TestRun) -> AllowanceStanding:
    """How far the unsent job changes of a production run are on the way to being allowed."""
    unsent = unsent_of(run)
    if not unsent or not run.is_open:
        return AllowanceStanding("", unsent)
    allowances = list(
        Allowance.objects.filter(test_run=run).select_related("by").order_by("-at", "-pk")
    )
    by_pk = {item.pk: item for item in allowances if item.withdrawn_at is None}
    covering = {by_pk.get(item.allowance_id or 0) for item in unsent}
    allowance = covering.pop() if len(covering) == 1 else None
    newest = allowances[0] if allowances else None
    ended = newest if newest and newest.withdrawn_at is not None else None
    is_planned = plans_ready(run, unsent)
    if not is_planned:
        state = "planning"
    elif allowance is not None:
        state = "allowed"
    else:
        state = "offered" if run.offered_at else "ready"
    return AllowanceStanding(
        state,
        unsent,
        allowance,
        ended,
        _changes(run, ended, unsent) if ended and is_planned else [],
    )


def unsent_of(run: TestRun) -> list[Delivery]:
    """What of the run is not sent yet, in the order it was picked."""
    return list(
        Delivery.objects.filter(UNSENT, test_run=run)
        .select_related("job_change", "epoch")
        .order_by("position", "pk")
    )


def plans_ready(run: TestRun, unsent: list[Delivery]) -> bool:
    """Whether all plans are made, and none is being made anew."""
    return (
        run.plan_requested_at is None
        and run.planned_at is not None
        and all(item.plan_hash for item in unsent)
    )


def allowance_content(run: TestRun) -> dict[str, Any]:
    """Exactly what is offered and allowed: fingerprints of what is not sent yet, owners, counts.

    Identifiers and hashes only. The page that shows the plans carries its hash, so that nobody
    allows what they did not see.
    """
    unsent = unsent_of(run)
    prints = fingerprints(unsent)
    outcomes: dict[str, int] = {}
    for item in unsent:
        word = "held" if item.plan.get("held_reason") else str(item.plan.get("outcome", ""))
        outcomes[word] = outcomes.get(word, 0) + 1
    return {
        "test_run": run.pk,
        "number": run.number,
        "environment": run.environment,
        "org_id": run.epoch.org_id,
        "deliveries": [
            {
                "key": item.delivery_key,
                "job_change": item.job_change.content_hash,
                "plan": prints[item.pk],
                "correction": item.correction_asked_at is not None,
                # The same plan of a later attempt is something else to allow.
                "attempt": item.attempts_made + 1,
            }
            for item in sorted(unsent, key=lambda item: item.delivery_key)
        ],
        "owners": {line.id: line.counts for line in owners_of_run(unsent)},
        "outcomes": outcomes,
    }


def owners_of_run(unsent: list[Delivery]) -> list[OwnerLine]:
    """Who receives the records that these deliveries create."""
    names: dict[str, str] = {}
    for item in unsent:
        names |= item.display.get("names", {})
    return owners_of((item.plan for item in unsent), names)


def _changes(run: TestRun, ended: Allowance, unsent: list[Delivery]) -> list[str]:
    before: Mapping[str, str] = {
        item["key"]: item["plan"] for item in ended.content.get("deliveries", ())
    }
    prints = fingerprints(unsent)
    now = {item.delivery_key: item for item in unsent}
    lines = []
    for key, item in now.items():
        name = {"person": item.job_change.person_name}
        if key not in before:
            lines.append(_("%(person)s was added.") % name)
        elif before[key] != prints[item.pk]:
            lines.append(_("%(person)s: something else will be written.") % name)
    gone = [key.rpartition(":")[0] for key in before if key not in now]
    for job_change in JobChange.objects.filter(customer=run.customer_id, key__in=gone):
        lines.append(_("%(person)s was taken out.") % {"person": job_change.person_name})
    return lines
