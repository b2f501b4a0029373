"""Importing job changes on the desk: a file goes in, a report of every row comes out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer
from accounts.numbers import row_number
from jobchanges.imports.reading import LARGEST_FILE
from jobchanges.imports.report import report_csv
from jobchanges.models import ImportRow, ImportRun
from jobchanges.services import ImportRefused, imports_read
from portal.managers.access import desk_page, right_check
from portal.managers.base import CustomerFilter, LookOnlyAdmin

ROWS_A_PAGE = 100
VIEW, ADD = "jobchanges.view_importrun", "jobchanges.add_importrun"


class UploadForm(forms.Form):
    """Whose job changes, and the file."""

    customer: forms.ModelChoiceField[Customer] = forms.ModelChoiceField(
        label=gettext_lazy("Customer"),
        queryset=Customer.objects.none(),
        empty_label=gettext_lazy("Choose a customer"),
    )
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab; columns in any order. "
            "Every row is checked before anything is written, and a known ID is never changed."
        ),
    )

    def __init__(self, *args: Any, customers: QuerySet[Customer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        field = self.fields["customer"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (for the type checker)
        field.queryset = customers

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is read."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(size)d MB. Split it and import the parts."),
                params={"size": LARGEST_FILE // (1024 * 1024)},
            )
        return upload


@admin.register(ImportRun)
class ImportRunAdmin(LookOnlyAdmin):
    """What was imported, by whom, and what became of it."""

    list_display = [
        "file_name",
        "customer",
        "created_at",
        "by",
        "client",
        "rows_total",
        "rows_added",
        "rows_unchanged",
        "rows_conflicting",
        "rows_rejected",
    ]
    list_filter = [CustomerFilter]
    search_fields = ["file_name", "customer__name"]
    list_select_related = ["customer", "by"]
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Managers import for their customers."""
        return person_of(request).has_perm(ADD)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Upload a file and go to its report."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return upload_page(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The report, row by row."""
        return report_page(request, import_here(request, object_id))

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and the report as a file."""
        return [
            path(
                "<int:pk>/report.csv",
                self.admin_site.admin_view(report_file),
                name="jobchanges_importrun_report",
            ),
            *super().get_urls(),
        ]


def import_here(request: HttpRequest, pk: object) -> ImportRun:
    """An import of a customer that the person manages. Raises Http404, PermissionDenied."""
    number = row_number(str(pk))
    if number is None:
        raise Http404
    run = (
        ImportRun.objects.select_related("customer", "by")
        .filter(pk=number, customer__in=customers_managed_by(request.user))
        .first()
    )
    if run is None:
        raise Http404
    right_check(request, VIEW)
    return run


def upload_page(request: HttpRequest) -> HttpResponse:
    """The upload form; a file refused as a whole is said next to the field."""
    customers = customers_managed_by(request.user)
    asked = request.GET.get("customer", "")
    initial = {"customer": customers.filter(slug=asked).first()} if asked else {}
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, customers=customers)
        run = _read(request, form) if form.is_valid() else None
        if run is not None:
            messages.success(request, _("The file was read. Every row is reported below."))
            return HttpResponseRedirect(reverse("admin:jobchanges_importrun_change", args=[run.pk]))
    else:
        form = UploadForm(customers=customers, initial=initial)
    return desk_page(
        request,
        "admin/jobchanges/importrun/upload.html",
        {"title": _("Import job changes"), "opts": ImportRun._meta, "form": form},
        status=422 if request.method == "POST" else 200,
    )


def _read(request: HttpRequest, form: UploadForm) -> ImportRun | None:
    upload: UploadedFile = form.cleaned_data["file"]
    try:
        return imports_read(
            customer=form.cleaned_data["customer"],
            file_name=upload.name or "",
            content=upload.read(),
            by=person_of(request),
        )
    except ImportRefused as refused:
        form.add_error("file", str(refused))
        return None


def report_page(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Totals, and the rows of one outcome or of all."""
    outcomes = {
        ImportRow.Outcome.ADDED: run.rows_added,
        ImportRow.Outcome.UNCHANGED: run.rows_unchanged,
        ImportRow.Outcome.CONFLICT: run.rows_conflicting,
        ImportRow.Outcome.REJECTED: run.rows_rejected,
    }
    asked = request.GET.get("outcome", "")
    rows = run.rows.select_related("job_change").order_by("line")
    if asked in outcomes:
        rows = rows.filter(outcome=asked)
    tabs = [{"label": _("All rows"), "url": "?", "current": asked not in outcomes}]
    tabs[0]["count"] = run.rows_total
    tabs += [
        {
            "label": outcome.label,
            "url": f"?outcome={outcome.value}",
            "current": asked == outcome,
            "count": count,
        }
        for outcome, count in outcomes.items()
    ]
    return desk_page(
        request,
        "admin/jobchanges/importrun/report.html",
        {
            "title": _("Import of %(file)s") % {"file": run.file_name},
            "opts": ImportRun._meta,
            "run": run,
            "tabs": tabs,
            "removed": _removed_words(run),
            "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        },
    )


def _removed_words(run: ImportRun) -> str:
    """Why a report has counts and no rows; "" for one whose time is not over."""
    if not run.rows_total or run.rows.exists():
        return ""
    return ngettext(
        "The rows were removed %(days)d day after the import, as everything of its file is. "
        "The counts stay, and so do the job changes themselves.",
        "The rows were removed %(days)d days after the import, as everything of its file is. "
        "The counts stay, and so do the job changes themselves.",
        settings.RETENTION_IMPORT_DAYS,
    ) % {"days": settings.RETENTION_IMPORT_DAYS}


@require_GET
def report_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The report for a spreadsheet; cells that could be formulas are made harmless."""
    run = import_here(request, pk)
    response = HttpResponse(
        # The mark lets spreadsheets read names in other scripts.
        "\ufeff" + report_csv(run),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-report.csv"'
    return response
