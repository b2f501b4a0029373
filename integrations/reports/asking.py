"""Asking production for its reports, in the background: claim, call, record.

No row of a report is stored. Rule 5: whatever is not production is refused here, and once more by
the client (`salesforce.reports`), before anything is asked.
"""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.models import Connection, OrgEpoch, OrgKind, ReportListing, TrackingReport
from integrations.reports.columns import WANTED, column_problems, columns_guess
from integrations.reports.errors import ReportError
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.reports import ReportCell
from integrations.services.orgs import org_open

log = structlog.get_logger(__name__)

# One person's clicks ask an org once in so many seconds.
ASK_AGAIN = timedelta(seconds=15)
# As long as one round of questions may hold its row; a worker that died gives it back.
LEASE = timedelta(minutes=3)
MOST_LISTED = 5_000
PREVIEW_ROWS = 5
# What an org says about a report that is gone, or in a folder that is closed to us (2.11: the
# exact answer is not confirmed).
_CLOSED = {"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_ACCESS"}

Asked = TypeVar("Asked", ReportListing, TrackingReport)


def production_epoch(connection: Connection | None) -> OrgEpoch:
    """The production org that may be asked for reports. Raises ReportError for anything else."""
    if connection is None or connection.epoch is None:
        raise ReportError(_("Production is not connected yet."))
    is_production = connection.environment == Environment.PRODUCTION
    if not is_production or connection.epoch.kind != OrgKind.PRODUCTION:
        raise ReportError(_("Reports are read in production only, never in a sandbox."))
    if not connection.is_live:
        raise ReportError(_("The connection to production needs reconnecting."))
    return connection.epoch


def report_listing_work(*, epoch_pk: int) -> bool:
    """Ask the org for its reports and store their names. Returns whether it was asked.

    Claim, call, record: the row is held meanwhile, no transaction is open.
    """
    due = ReportListing.objects.filter(
        Q(answered_at=None) | Q(answered_at__lt=F("asked_at")), epoch=epoch_pk, error=""
    )
    held = _claim(due)
    if held is None:
        return False
    values: dict[str, Any]
    try:
        with closing(org_open(_connection_of(epoch_pk))) as org:
            listed = org.reports()
        values = {
            "reports": [
                {
                    "id": one.report_id,
                    "name": one.name,
                    "folder": one.folder,
                    "format": one.report_format,
                    "last_run": one.last_run,
                }
                for one in listed[:MOST_LISTED]
            ],
            "answered_at": timezone.now(),
            "error": "",
        }
    except (SalesforceError, ReportError) as error:
        values = {"error": _sentence(error)}
    except Exception:
        log.exception("report_listing_broke", epoch=epoch_pk)
        values = {"error": _our_mistake()}
    # Whoever was too slow, and was taken for dead, stores nothing over a newer answer.
    ReportListing.objects.filter(epoch=epoch_pk, lease_until=held).update(
        lease_until=None, **values
    )
    return True


def tracking_report_work(*, report_pk: int) -> bool:
    """Ask what the report shows and how many rows it has; none is read. Returns whether asked."""
    due = TrackingReport.objects.filter(
        Q(answered_at=None) | Q(answered_at__lt=F("asked_at")), pk=report_pk, removed_at=None
    )
    held = _claim(due)
    if held is None:
        return False
    report = TrackingReport.objects.get(pk=report_pk)
    now = timezone.now()
    values: dict[str, Any]
    try:
        with closing(org_open(_connection_of(report.epoch_id))) as org:
            values = _look(org, report)
    except (SalesforceError, ReportError) as error:
        values = {
            "state": TrackingReport.State.ATTENTION,
            "problems": [{"wanted": "", "sentence": _sentence(error), "fix": _fix(error)}],
        }
    except Exception:
        log.exception("tracking_report_broke", report=report_pk)
        values = {
            "state": TrackingReport.State.ATTENTION,
            "problems": [{"wanted": "", "sentence": _our_mistake(), "fix": ""}],
        }
    # What a person mapped meanwhile stays: their columns are looked at again with the new ones.
    TrackingReport.objects.filter(pk=report_pk, lease_until=held).update(
        lease_until=None, answered_at=now, **values
    )
    return True


def report_rows(*, report: TrackingReport) -> list[list[ReportCell]]:
    """The first rows, asked for while a person waits, in the order of our four words.

    They are shown and forgotten: nothing of them is stored or logged. Raises ReportError.
    """
    try:
        with closing(org_open(_connection_of(report.epoch_id), for_page=True)) as org:
            result = org.report_run(report.report_id)
    except SalesforceError as error:
        raise ReportError(_sentence(error)) from error
    places = {column.name: place for place, column in enumerate(result.report.columns)}
    wanted = [places.get(report.column_map.get(key, "")) for key in WANTED]
    return [
        [row[place] if place is not None else ReportCell("", None) for place in wanted]
        for row in result.rows[:PREVIEW_ROWS]
    ]


def asks_left_over(now: datetime) -> tuple[list[int], list[int]]:
    """Epochs and reports that somebody asked about and no worker took: for the sweep."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    late = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    old = Q(asked_at__lte=now - ASK_AGAIN)
    listings = ReportListing.objects.filter(free, late, old, error="", epoch__ended_at=None)
    reports = TrackingReport.objects.filter(free, late, old, removed_at=None, epoch__ended_at=None)
    return list(listings.values_list("epoch_id", flat=True)), list(
        reports.values_list("pk", flat=True)
    )


def _look(org: Org, report: TrackingReport) -> dict[str, Any]:
    """The columns for what the report is now; at most two calls."""
    described = org.report_describe(report.report_id)
    columns = [
        {"name": column.name, "label": column.label, "type": column.data_type}
        for column in described.columns
    ]
    size = org.report_size(report.report_id)
    report.refresh_from_db(fields=["column_map"])
    chosen = {**columns_guess(columns), **report.column_map}
    problems = column_problems(columns, chosen)
    return {
        "name": described.name[:200],
        "columns": columns,
        "column_map": chosen,
        "row_count": size.rows,
        "all_rows": size.within_limit,
        "problems": problems,
        "state": TrackingReport.State.ATTENTION if problems else TrackingReport.State.READY,
    }


def _claim(due: QuerySet[Asked]) -> datetime | None:
    """Take the row, for as long as the questions may last. The lease, None where it was taken."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    lease = now + LEASE
    return lease if due.filter(free).update(lease_until=lease) else None


def _connection_of(epoch_pk: int) -> Connection:
    """The connection whose current org it is. Raises ReportError when it is another one now."""
    connection = (
        Connection.objects.select_related("epoch", "customer").filter(epoch=epoch_pk).first()
    )
    production_epoch(connection)
    if connection is None:
        raise ReportError(_("Production is not connected yet."))
    return connection


def _sentence(error: SalesforceError | ReportError) -> str:
    if isinstance(error, SalesforceError):
        log.warning("report_unasked", reason=error.code)
        if error.code in _CLOSED:
            return _("The integration user may not open this report, or it is gone.")
        return error.sentence[:500]
    return str(error)[:500]


def _our_mistake() -> str:
    """Said, so that it is not asked for again each minute."""
    return _("Asking failed because of a mistake of ours. UserGems looks into it.")


def _fix(error: SalesforceError | ReportError) -> str:
    if isinstance(error, SalesforceError) and error.code in _CLOSED:
        return _(
            "As administrator: Reports, All Folders, the report’s folder, Share: give the "
            "integration user View. Reports in somebody’s private folder cannot be shared: save a "
            "copy into a shared folder. The user also needs Run Reports."
        )
    return ""
