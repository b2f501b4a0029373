"""Go-live: summaries with their signatures, batches, and whether the numbers add up."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.db.models import Q

from accounts.hashing import content_hash
from accounts.models import Customer, Environment
from integrations.selectors import connection_find
from jobchanges.models import Batch, Delivery
from jobchanges.reconcile import ReconcileError, reconcile
from portal.evidence.plain import moment, sealed
from portal.evidence.records import job_changes_of
from portal.models import Signature, Summary
from portal.signoff.forecasting import signed_content
from portal.signoff.pdf import moment as in_words
from portal.signoff.sections import sections_of
from portal.signoff.services import signature_content

State = Delivery.State
ANSWERED = (State.DELIVERED, State.REFUSED, State.HELD)
COUNTS = ("created", "enriched", "past_only", "package_only", "refused", "held", "not_answered")


def summaries_of(customer: Customer) -> list[dict[str, Any]]:
    """Every summary that somebody signed, and the one that stands, as JSON and in words."""
    kept = Q(voided_at=None) | Q(signatures__isnull=False)
    rows = (
        Summary.objects.filter(pk__in=Summary.objects.filter(kept, customer=customer).values("pk"))
        .select_related("batch", "continues", "customer")
        .prefetch_related("signatures")
        .order_by("frozen_at", "pk")
    )
    return [_summary(one) for one in rows]


def _summary(summary: Summary) -> dict[str, Any]:
    return sealed(
        {
            "id": summary.pk,
            "frozen_at": moment(summary.frozen_at),
            "frozen_by": summary.frozen_by_id,
            "voided_at": moment(summary.voided_at),
            "voided_by": summary.voided_by_id,
            "differences": summary.differences,
            "batch": summary.batch.number if summary.batch else None,
            "signed": signed_content(summary),
            "signed_sha256": summary.signed_hash,
            "in_words": [
                {
                    "title": part.title,
                    "sentence": part.sentence,
                    "rows": [asdict(row) for row in part.rows],
                    "notice": part.notice,
                }
                for part in sections_of(summary, moment=in_words)
            ],
            "signatures": [
                _signature(one) for one in sorted(summary.signatures.all(), key=lambda one: one.at)
            ],
        }
    )


def _signature(signature: Signature) -> dict[str, Any]:
    content = signature_content(signature)
    return sealed({"content": content, "content_sha256": content_hash(content)})


def batches_of(customer: Customer) -> list[dict[str, Any]]:
    """Every batch with its numbers; what was sent at go-live with every record in full."""
    return [
        _batch(one)
        for one in Batch.objects.filter(customer=customer)
        .select_related("epoch")
        .order_by("number")
    ]


def _batch(batch: Batch) -> dict[str, Any]:
    deliveries = Delivery.objects.filter(batch=batch)
    in_full = batch.kind == Batch.Kind.FIRST
    found = {
        "number": batch.number,
        "kind": str(batch.kind),
        "state": str(batch.state),
        "state_words": str(batch.get_state_display()),
        "org_id": batch.epoch.org_id,
        "org": batch.epoch.name,
        "instance_url": batch.epoch.instance_url,
        "cut_off": moment(batch.cut_off),
        "signed_sha256": batch.signed_hash,
        "released_by": batch.released_by_id,
        "released_at": moment(batch.released_at),
        "ended_at": moment(batch.ended_at),
        "counts": _counts(deliveries.values_list("state", "outcome")),
        "in_full": in_full,
    }
    if in_full:
        rows = deliveries.order_by("position", "pk")
        found["job_changes"] = list(job_changes_of(rows, talk=False))
    return sealed(found)


def _counts(rows: Any) -> dict[str, int]:
    by: Counter[str] = Counter()
    for state, outcome in rows:
        if state == State.DELIVERED and outcome in COUNTS:
            by[outcome] += 1
        else:
            by[state if state in (State.REFUSED, State.HELD) else "not_answered"] += 1
    return {"total": sum(by.values()), **{name: by[name] for name in COUNTS}}


def reconciliation_of(customer: Customer, asked: dict[str, Any]) -> dict[str, Any]:
    """Where production has everything ever tried in the sandbox, and what the org says of it."""
    connection = connection_find(customer, Environment.PRODUCTION)
    org_id = connection.epoch.org_id if connection and connection.epoch else ""
    tested = Delivery.objects.filter(
        job_change__customer=customer, org_id=org_id, batch=None, state=State.DELIVERED
    )
    tried = _tried(customer, org_id)
    return sealed(
        {
            "org_id": org_id,
            "delivered_by_test": tested.count(),
            "tried": sealed({"total": len(tried), "job_changes": tried}),
            "org": sealed(asked),
        }
    )


def _tried(customer: Customer, org_id: str) -> list[dict[str, Any]]:
    """Each job change ever sent to the sandbox, with what became of it in production.

    "next": imported after the newest batch's cut-off; "waiting": no batch was released yet.
    """
    here = Delivery.objects.filter(job_change__customer=customer)
    cut_off = max(
        Batch.objects.filter(customer=customer).values_list("cut_off", flat=True), default=None
    )
    state_of = {
        key: (state, number)
        for key, state, number in here.filter(org_id=org_id).values_list(
            "job_change__key", "state", "batch__number"
        )
    }
    tried = (
        here.filter(environment=Environment.SANDBOX, attempts__isnull=False)
        .values_list("job_change__key", "job_change__imported_at")
        .order_by("job_change__key")
        .distinct()
    )
    found = []
    for key, imported_at in tried:
        state, batch = state_of.get(key, ("", None))
        if state not in ANSWERED:
            late = cut_off is not None and imported_at > cut_off
            state = "waiting" if cut_off is None else "next" if late else "missing"
        found.append(sealed({"key": key, "production": str(state), "batch": batch}))
    return found


def org_asked(customer: Customer) -> dict[str, Any]:
    """What the production org itself holds of ours, compared with the ledger; or why not asked."""
    if not Delivery.objects.filter(
        job_change__customer=customer, environment=Environment.PRODUCTION, attempts__isnull=False
    ).exists():
        return {"asked": False, "why": "Nothing was sent to production yet."}
    try:
        found = reconcile(customer)
    except ReconcileError as error:
        return {"asked": False, "why": str(error)}
    return {
        "asked": True,
        "org_id": found.org_id,
        "keys_in_org": found.org_keys,
        "api_calls": found.calls,
        "problems": [asdict(one) for one in found.problems],
        "unknown": list(found.unknown),
        "adds_up": found.adds_up,
    }
