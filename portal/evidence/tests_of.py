"""Tests with their records and approvals, and what the customer allowed."""

from typing import Any

from django.db.models import Q

from accounts.models import Customer
from jobchanges.models import Allowance, Delivery, RunApproval, TestRun
from portal.evidence.plain import Log, agreed, moment, sealed
from portal.evidence.records import job_changes_of


def test_runs_of(customer: Customer, log: Log) -> list[dict[str, Any]]:
    """Every test that was sent, with its records in full; drafts are nobody's evidence."""
    sent = Q(sent_at__isnull=False) | Q(approvals__isnull=False) | Q(allowances__isnull=False)
    runs = (
        TestRun.objects.filter(pk__in=TestRun.objects.filter(sent, customer=customer).values("pk"))
        .select_related("epoch")
        .prefetch_related("approvals")
        .order_by("created_at", "pk")
    )
    return [_run(run, log) for run in runs]


def _run(run: TestRun, log: Log) -> dict[str, Any]:
    deliveries = Delivery.objects.filter(test_run=run).order_by("position", "pk")
    return sealed(
        {
            "id": run.pk,
            "environment": str(run.environment),
            "number": run.number,
            "org_id": run.epoch.org_id,
            "org": run.epoch.name,
            "state": str(run.state),
            "state_words": str(run.get_state_display()),
            "close_reason": run.close_reason,
            "created_by": run.created_by_id,
            "created_at": moment(run.created_at),
            "sent_by": run.sent_by_id,
            "sent_at": moment(run.sent_at),
            "ended_at": moment(run.ended_at),
            "job_changes": list(job_changes_of(deliveries, talk=True)),
            "approvals": [
                _approval(one, log)
                for one in sorted(run.approvals.all(), key=lambda one: (one.at, one.pk))
            ],
        }
    )


def _approval(approval: RunApproval, log: Log) -> dict[str, Any]:
    return agreed(
        what="approval",
        content=approval.content,
        agreed_hash=approval.content_hash,
        in_event=log.number("test_run.side_approved", approval.content_hash),
        side=str(approval.side),
        by=approval.by_id,
        at=moment(approval.at),
        seen_as_rep=approval.seen_as_rep,
        lead_converted=approval.lead_converted,
    )


def allowances_of(customer: Customer, log: Log) -> list[dict[str, Any]]:
    """What the customer allowed to be written to production, also what was taken back."""
    rows = Allowance.objects.filter(test_run__customer=customer).select_related("test_run")
    return [
        agreed(
            what="allowance",
            content=one.content,
            agreed_hash=one.content_hash,
            in_event=log.number("test_run.allowed", one.content_hash),
            test=one.test_run.number,
            by=one.by_id,
            role=one.role,
            at=moment(one.at),
            starts_at=moment(one.starts_at),
            meaning=one.meaning,
            address=one.address,
            browser=one.browser,
            withdrawn_at=moment(one.withdrawn_at),
            withdrawn_by=one.withdrawn_by_id,
            withdrawn_reason=one.withdrawn_reason,
        )
        for one in rows.order_by("at", "pk")
    ]
