"""Tracking reports of production: listed, chosen, mapped; their first rows shown and forgotten."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.limits import limited
from accounts.models import Environment, Role
from integrations.models import Connection, TrackingReport
from integrations.reports.asking import PREVIEW_ROWS, report_rows
from integrations.reports.columns import WANTED
from integrations.reports.errors import ReportError
from integrations.reports.selectors import reports_listed, tracking_reports
from integrations.reports.services import (
    report_listing_ask,
    tracking_report_ask_again,
    tracking_report_choose,
    tracking_report_map,
    tracking_report_remove,
)
from integrations.salesforce.reports import MAX_DETAIL_ROWS
from integrations.selectors import connection_find
from portal.access import Reader, reader_here
from portal.pages import page

PER_PAGE = 25
PRODUCTION = Environment.PRODUCTION.value


@require_GET
@login_required
@never_cache
def report_list(request: HttpRequest) -> HttpResponse:
    """The chosen reports, and those that may be chosen. No org is asked while anybody waits."""
    reader = reader_here(request)
    return page(request, reader, "portal/reports/page.html", "setup", _context(request, reader))


@require_GET
@login_required
@never_cache
def report_state(request: HttpRequest) -> HttpResponse:
    """The moving part of the page: asked for again while the org is being asked."""
    reader = reader_here(request)
    context = {"reader": reader, **_context(request, reader)}
    return render(request, "portal/reports/_live.html", context)


@require_POST
@login_required
def report_listing(request: HttpRequest) -> HttpResponse:
    """Ask production which reports there are, in the background."""
    reader = reader_here(request, roles={Role.ADMIN})
    try:
        report_listing_ask(connection=_production(reader))
    except ReportError as error:
        messages.warning(request, str(error))
    return redirect("tracking_reports")


@require_POST
@login_required
def report_choose(request: HttpRequest) -> HttpResponse:
    """Take a report of the list."""
    reader = reader_here(request, roles={Role.ADMIN})
    try:
        report = tracking_report_choose(
            connection=_production(reader),
            report_id=request.POST.get("report", ""),
            by=reader.person,
        )
    except ReportError as error:
        messages.warning(request, str(error))
        return redirect("tracking_reports")
    messages.success(request, _("Chosen. Your org is asked what “%s” shows.") % report.name)
    return redirect(f"{reverse('tracking_reports')}#report-{report.pk}")


@require_POST
@login_required
def report_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column is what."""
    reader = reader_here(request, roles={Role.ADMIN})
    report = _report(reader, pk)
    chosen = {key: request.POST.get(key, "") for key in WANTED}
    try:
        missing = tracking_report_map(report=report, columns=chosen, by=reader.person)
    except ReportError as error:
        messages.warning(request, str(error))
    else:
        if missing:
            messages.warning(request, _("Saved, but not all four columns are chosen yet."))
        else:
            messages.success(request, _("Saved. The report can be used."))
    return redirect(f"{reverse('tracking_reports')}#report-{report.pk}")


@require_POST
@login_required
def report_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Have production asked about a report again; anybody of the customer may."""
    reader = reader_here(request)
    report = _report(reader, pk)
    if not tracking_report_ask_again(report=report):
        messages.info(request, _("The org was asked a moment ago. Its answer is shown below."))
    return redirect(f"{reverse('tracking_reports')}#report-{report.pk}")


@require_POST
@login_required
def report_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a report back."""
    reader = reader_here(request, roles={Role.ADMIN})
    if tracking_report_remove(report=_report(reader, pk), by=reader.person):
        messages.info(request, _("Removed. In Salesforce nothing has changed."))
    return redirect("tracking_reports")


@require_POST
@login_required
@never_cache
@limited("report_preview")
def report_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows, on demand and for this page only: the one place that waits for the org,
    because what is shown is stored nowhere. A POST, so that no link or prefetch reads people.
    """
    reader = reader_here(request, roles={Role.ADMIN})
    report = _report(reader, pk)
    context: dict[str, object] = {
        "report": report,
        "headings": list(WANTED.values()),
        "first": PREVIEW_ROWS,
        "environment": PRODUCTION,
        "environment_label": report.epoch.name,
    }
    try:
        rows = report_rows(report=report)
        context["rows"] = [[cell.label for cell in row] for row in rows]
    except ReportError as error:
        context["why_not"] = str(error)
    return page(request, reader, "portal/reports/preview.html", "setup", context)


def _production(reader: Reader) -> Connection | None:
    return connection_find(reader.customer, PRODUCTION)


def _report(reader: Reader, pk: int) -> TrackingReport:
    """A report of this customer in the org connected now. Raises Http404."""
    connection = _production(reader)
    report = (
        TrackingReport.objects.select_related("epoch__connection", "customer")
        .filter(
            pk=pk,
            customer=reader.customer,
            removed_at=None,
            epoch=connection.epoch if connection else None,
        )
        .first()
    )
    if report is None or connection is None or connection.epoch is None:
        raise Http404
    return report


def _context(request: HttpRequest, reader: Reader) -> dict[str, object]:
    connection = _production(reader)
    epoch = connection.epoch if connection else None
    words = request.GET.get("q", "").strip()
    listed = reports_listed(epoch, words)
    chosen = tracking_reports(epoch)
    paginator = Paginator(listed.reports, PER_PAGE)
    asking = listed.asking or any(one.state == TrackingReport.State.ASKING for one in chosen)
    query = urlencode({"q": words, "page": request.GET.get("page", "1")})
    return {
        "connection": connection,
        "environment": PRODUCTION if epoch else "",
        "environment_label": epoch.name if epoch else "",
        "chosen": [_view(report) for report in chosen],
        "listed": listed,
        "found": paginator.get_page(request.GET.get("page")),
        "words": words,
        "limit": MAX_DETAIL_ROWS,
        "poll": f"{reverse('tracking_reports_state')}?{query}" if asking else "",
    }


def _view(report: TrackingReport) -> dict[str, object]:
    """A chosen report with its four columns, each with what may be chosen for it."""
    wrong = {problem["wanted"]: problem for problem in report.problems}
    return {
        "report": report,
        "wanted": [
            {
                "key": key,
                "label": label,
                "chosen": report.column_map.get(key, ""),
                "problem": wrong.get(key),
            }
            for key, label in WANTED.items()
        ],
        # What is wrong with the report as a whole.
        "problem": wrong.get(""),
        "people": [
            column["label"]
            for key in WANTED
            for column in report.columns
            if column["name"] == report.column_map.get(key)
        ],
    }
