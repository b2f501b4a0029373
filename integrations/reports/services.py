"""Choosing tracking reports; the org is asked in the background (`asking`)."""

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Environment, User
from accounts.services import event_record
from accounts.waking import task_wake
from integrations import tasks
from integrations.models import Connection, ReportListing, TrackingReport
from integrations.reports.asking import ASK_AGAIN, production_epoch
from integrations.reports.columns import WANTED, column_problems
from integrations.reports.errors import ReportError

MOST_CHOSEN = 20
State = TrackingReport.State


def report_listing_ask(*, connection: Connection | None) -> ReportListing:
    """Have the list of reports asked for in the background. Raises ReportError.

    Asked a moment ago: nothing happens, the answer is on its way.
    """
    epoch = production_epoch(connection)
    now = timezone.now()
    with transaction.atomic():
        listing, made = ReportListing.objects.get_or_create(epoch=epoch, defaults={"asked_at": now})
        asked = made or ReportListing.objects.filter(
            pk=listing.pk, asked_at__lte=now - ASK_AGAIN
        ).update(asked_at=now, error="")
        if asked:
            transaction.on_commit(partial(task_wake, tasks.report_listing_ask, epoch.pk))
    listing.refresh_from_db()
    return listing


def tracking_report_choose(
    *, connection: Connection | None, report_id: str, by: User
) -> TrackingReport:
    """Take a report as a list of people; what it shows is asked for in the background.

    `report_id` is one of the listing. Choosing it twice keeps the first. Raises ReportError.
    """
    epoch = production_epoch(connection)
    listing = ReportListing.objects.filter(epoch=epoch).first()
    named = next(
        (one for one in (listing.reports if listing else []) if one["id"] == report_id), None
    )
    if named is None:
        raise ReportError(
            _("This report is not in the list. Ask for the list again, and look at its folder.")
        )
    customer = epoch.connection.customer
    with transaction.atomic():
        standing = TrackingReport.objects.filter(epoch=epoch, removed_at=None)
        if standing.count() >= MOST_CHOSEN:
            raise ReportError(
                _("%(most)d reports are chosen already. Remove one first.") % {"most": MOST_CHOSEN}
            )
        try:
            with transaction.atomic():
                report = TrackingReport.objects.create(
                    customer=customer,
                    epoch=epoch,
                    report_id=named["id"],
                    name=named["name"][:200],
                    folder=named["folder"][:200],
                    asked_at=timezone.now(),
                    chosen_by=by,
                )
        except IntegrityError:
            return standing.get(report_id=named["id"])
        _event("tracking_report.chosen", report, by)
        transaction.on_commit(partial(task_wake, tasks.tracking_report_ask, report.pk))
    return report


def tracking_report_map(*, report: TrackingReport, columns: dict[str, str], by: User) -> list[str]:
    """Say which column is what. Returns the words without a column; those are said next to them.

    A column that the report does not have is as good as none. One column serves one purpose.
    """
    there = {column["name"] for column in report.columns}
    chosen = {key: columns.get(key, "") for key in WANTED if columns.get(key, "") in there}
    doubled = [name for name in chosen.values() if list(chosen.values()).count(name) > 1]
    if doubled:
        raise ReportError(_("One column cannot be two things. Choose another one."))
    problems = column_problems(report.columns, chosen)
    with transaction.atomic():
        changed = TrackingReport.objects.filter(pk=report.pk, removed_at=None).update(
            column_map=chosen,
            problems=problems,
            state=State.ATTENTION if problems else State.READY,
        )
        if changed:
            _event("tracking_report.mapped", report, by)
    report.refresh_from_db()
    return [problem["wanted"] for problem in problems]


def tracking_report_ask_again(*, report: TrackingReport) -> bool:
    """Have the report looked at again; False a moment after the last time, or when it is gone."""
    now = timezone.now()
    with transaction.atomic():
        asked = TrackingReport.objects.filter(
            Q(asked_at=None) | Q(asked_at__lte=now - ASK_AGAIN), pk=report.pk, removed_at=None
        ).update(asked_at=now, state=State.ASKING)
        if asked:
            transaction.on_commit(partial(task_wake, tasks.tracking_report_ask, report.pk))
    return bool(asked)


def tracking_report_remove(*, report: TrackingReport, by: User) -> bool:
    """Take a report back; nothing in Salesforce changes. Returns whether it was chosen still."""
    with transaction.atomic():
        removed = TrackingReport.objects.filter(pk=report.pk, removed_at=None).update(
            removed_at=timezone.now()
        )
        if removed:
            _event("tracking_report.removed", report, by)
    return bool(removed)


def _event(action: str, report: TrackingReport, by: User) -> None:
    event_record(
        customer=report.customer,
        action=action,
        by=by,
        side="customer",
        environment=Environment.PRODUCTION.value,
        org_id=report.epoch.org_id,
        data={"id": report.pk, "report_id": report.report_id},
    )
