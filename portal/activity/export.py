"""What happened as a CSV file: the same lines as on the page, all of them, with their hashes."""

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import UTC, tzinfo

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Event
from jobchanges.imports.export import csv_safe
from portal.activity.filters import SIDES
from portal.activity.lines import lines_of, step_titles
from portal.mail.messages import site_url

EVENTS_AT_ONCE = 500


def events_csv(events: QuerySet[Event], *, desk: bool) -> Iterator[str]:
    """The file in pieces, newest first; memory does not grow with the number of events.

    Cells that a spreadsheet would run are made safe. Times are the reader's, and in UTC beside.
    """
    # Now, while the page is answered: the pieces are made when the reader's zone is put back.
    return _pieces(events, zone=timezone.get_current_timezone(), desk=desk)


def _pieces(events: QuerySet[Event], *, zone: tzinfo, desk: bool) -> Iterator[str]:
    titles, sides = step_titles(), dict(SIDES)
    # Excel takes a file without the mark for another encoding.
    yield "\ufeff" + _row(
        _("Company"),
        _("Number"),
        _("When"),
        _("When (UTC)"),
        _("Who"),
        _("Side"),
        _("What happened"),
        _("Org"),
        _("Org ID"),
        _("Page"),
        _("Action"),
        _("Hash"),
    )
    rows = events.select_related("customer", "actor").iterator(chunk_size=EVENTS_AT_ONCE)
    while some := list(itertools.islice(rows, EVENTS_AT_ONCE)):
        with timezone.override(zone):
            lines = lines_of(some, steps=titles, desk=desk)
        yield "".join(
            _row(
                event.customer.name,
                event.sequence,
                event.created_at.astimezone(zone).isoformat(" ", "seconds"),
                event.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
                event.actor or "",
                sides.get(event.side, event.side),
                line.what,
                event.environment,
                event.org_id,
                site_url(line.link.href) if line.link else "",
                event.action,
                event.hash,
            )
            for event, line in zip(some, lines, strict=True)
        )


def events_answer(events: QuerySet[Event], *, desk: bool, name: str) -> StreamingHttpResponse:
    """The file as a download; `name` is whose it is."""
    answer = StreamingHttpResponse(
        events_csv(events, desk=desk), content_type="text/csv; charset=utf-8"
    )
    stamp = timezone.now().strftime("%Y-%m-%d")
    answer["Content-Disposition"] = f'attachment; filename="{name}-activity-{stamp}.csv"'
    return answer


def _row(*cells: object) -> str:
    piece = io.StringIO(newline="")
    csv.writer(piece).writerow([csv_safe(cell) for cell in cells])
    return piece.getvalue()
