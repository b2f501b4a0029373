"""What there is of all that some events are about, and who may open it.

A constant number of queries for a page of events, however many things they are about.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import Environment, Event, SignupLink
from integrations.models import ConnectAttempt, Connection
from jobchanges.models import Delivery, ImportRun, TestRun
from portal.wording import job_change_key

OFFERED = "test_run.offered"


class Things:
    """What is there of all that some events are about."""

    def __init__(self, events: Sequence[Event], *, desk: bool) -> None:
        self.desk = desk
        of = {event.customer_id for event in events}
        self.orgs = {
            (row.customer_id, row.environment): row.pk
            for row in Connection.objects.filter(customer__in=of).only("customer", "environment")
        }
        self.deliveries = self._deliveries(of, events)
        self.runs = self._runs(of, events)
        self.links = self.imports = self.attempts = frozenset[int]()
        if desk:
            self.links = _there(SignupLink.objects.all(), _named(events, "link"))
            self.imports = _there(ImportRun.objects.all(), _named(events, "import"))
            refused = [event for event in events if event.action == "connection.refused"]
            self.attempts = _there(ConnectAttempt.objects.all(), _named(refused, "attempt"))

    def _deliveries(self, of: set[int], events: Sequence[Event]) -> dict[str, Delivery]:
        keys = {job_change_key(event) for event in events} - {""}
        rows = Delivery.objects.filter(job_change__customer__in=of, job_change__key__in=keys)
        return {
            row.delivery_key: row
            for row in rows.select_related("job_change").only(
                *("org_id", "test_run", "batch", "job_change__key", "job_change__customer")
            )
        }

    def _runs(self, of: set[int], events: Sequence[Event]) -> dict[int, TestRun]:
        """The runs that the reader may open: a draft is the manager's until it is offered."""
        named = _named(events, "test_run") | {
            pk for event in events for pk in event.data.get("test_runs", ())
        }
        rows = list(
            TestRun.objects.filter(customer__in=of, pk__in=named).only(
                *("customer", "environment", "number", "state", "sent_at", "offered_at")
            )
        )
        if self.desk:
            return {row.pk: row for row in rows}
        drafts = [row.pk for row in rows if row.sent_at is None and row.offered_at is None]
        told = set(
            Event.objects.filter(
                customer__in=of, action=OFFERED, data__test_run__in=drafts
            ).values_list("data__test_run", flat=True)
            if drafts
            else ()
        )
        return {
            row.pk: row
            for row in rows
            if row.sent_at is not None
            or (
                row.environment == Environment.PRODUCTION
                and row.state == TestRun.State.DRAFT
                and (row.offered_at is not None or row.pk in told)
            )
        }


def _named(events: Iterable[Event], name: str) -> set[int]:
    found = (event.data.get(name) for event in events)
    return {value for value in found if isinstance(value, int)}


def _there(rows: QuerySet[Any], pks: set[int]) -> frozenset[int]:
    return frozenset(rows.filter(pk__in=pks).values_list("pk", flat=True)) if pks else frozenset()
