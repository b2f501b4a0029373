"""Runs of many customers, for lists and steps."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.models import Customer
from integrations.models import Connection
from jobchanges.delivery.states import ENDED
from jobchanges.models import TestRun
from jobchanges.selectors.chips import run_chip
from jobchanges.selectors.trouble import org_trouble
from jobchanges.selectors.types import Chip, RunSummary


def runs_by_customer(customers: Iterable[Customer]) -> dict[int, list[RunSummary]]:
    """Every customer's runs, newest first, in one query; a customer without any: []."""
    ids = [item.pk for item in customers]
    found: dict[int, list[RunSummary]] = {pk: [] for pk in ids}
    rows = (
        TestRun.objects.filter(customer__in=ids)
        .select_related("epoch")
        .annotate(
            total=Count("deliveries"),
            done=Count("deliveries", filter=Q(deliveries__state__in=ENDED)),
            uncovered=Count("deliveries", filter=Q(deliveries__allowance=None)),
        )
        .order_by("-created_at", "-pk")
    )
    for run in rows:
        found[run.customer_id].append(
            RunSummary(
                pk=run.pk,
                number=run.number,
                environment=run.environment,
                state=run.state,
                chip=_chip(run),
                epoch_id=run.epoch_id,
                org_name=run.epoch.name,
                created_at=run.created_at,
                sent_at=run.sent_at,
                ended_at=run.ended_at,
                total=run.total,
                done=run.done,
                is_open=run.is_open,
                offered_at=run.offered_at,
            )
        )
    return found


def _chip(run: Any) -> Chip:
    """Where a run stands; of one that is offered, whether the customer allowed it."""
    if run.state != TestRun.State.DRAFT or run.offered_at is None:
        return run_chip(run)
    return Chip(_("To be allowed"), "wait") if run.uncovered else Chip(_("Allowed"), "ok")


def run_open(customer: Customer, environment: str) -> TestRun | None:
    """The customer's open run in an environment, if there is one."""
    return (
        TestRun.objects.select_related("epoch", "customer")
        .filter(customer=customer, environment=environment, state__in=TestRun.OPEN_STATES)
        .first()
    )


def run_trouble(run: TestRun) -> str:
    """Why nothing moves although something waits, as a sentence; "" when nothing is in the way.

    For the progress of a run: a bar that stands still says why.
    """
    connection = Connection.objects.filter(
        customer=run.customer_id, environment=run.environment
    ).first()
    return org_trouble(connection, run.epoch)
