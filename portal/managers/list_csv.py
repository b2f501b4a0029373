"""Any list of the desk as a CSV file: its columns, filtered, searched and ordered as it stands."""

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst

from jobchanges.imports.export import csv_safe

ASKED = "csv"
ROWS_AT_ONCE = 200


class CsvList(admin.ModelAdmin):
    """A list of the desk that can be taken along."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with a link to its file; or the file."""
        asked = request.GET.copy()
        if asked.pop(ASKED, None):
            if not self.has_view_or_change_permission(request):
                raise PermissionDenied
            # What the list itself reads: an unknown word there is a mistake.
            request.GET = asked  # type: ignore[assignment]
            return _answer(self.get_changelist_instance(request))
        asked[ASKED] = "1"
        context = {"csv_url": f"?{asked.urlencode()}", **(extra_context or {})}
        return super().changelist_view(request, context)


def _answer(changes: ChangeList) -> HttpResponse:
    # Now, while the page is answered: the pieces are made when the reader's zone is put back.
    pieces = _pieces(changes, timezone.get_current_timezone())
    answer: Any = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    name = f"{changes.opts.model_name}-{timezone.localdate().isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast(HttpResponse, answer)


def _pieces(changes: ChangeList, zone: tzinfo) -> Iterator[str]:
    """Line by line; memory does not grow with the list. Cells that a spreadsheet would run are
    made safe."""
    columns = [name for name in changes.list_display if name != "action_checkbox"]
    labels = [label_for_field(name, changes.model, changes.model_admin) for name in columns]
    # Excel takes a file without the mark for another encoding.
    yield "\ufeff" + _row(capfirst(str(label)) for label in labels)
    rows = changes.queryset.iterator(chunk_size=ROWS_AT_ONCE)
    # A list may know more of its rows than their columns.
    prepare = getattr(changes, "rows_prepare", list)
    while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
        with timezone.override(zone):
            lines = [_row(_words(row, name, changes) for name in columns) for row in prepare(some)]
        yield "".join(lines)


def _words(row: Any, name: Any, changes: ChangeList) -> str:
    """A cell as the list says it, without its markup."""
    try:
        field, _attr, value = lookup_field(name, row, changes.model_admin)
    except (ObjectDoesNotExist, FieldDoesNotExist):
        return ""
    if field is not None and value is not None:
        value = getattr(row, field.name) if field.is_relation else value
        value = value if field.is_relation else display_for_field(value, field, "")
    words = "" if value is None else str(value)
    return " ".join(strip_tags(words.replace("<br>", " · ")).split())


def _row(cells: Any) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([csv_safe(cell) for cell in cells])
    return line.getvalue()
