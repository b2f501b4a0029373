"""What both sides take away: the record of what is signed, and what was written."""

from collections.abc import Callable, Mapping

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from jobchanges.exports import records_csv
from jobchanges.models import Batch
from portal.models import Summary
from portal.signoff.record import summary_json, summary_pdf
from portal.signoff.types import SignOffView

FORMATS: Mapping[str, tuple[str, Callable[[Summary], bytes]]] = {
    "pdf": ("application/pdf", summary_pdf),
    "json": ("application/json", summary_json),
}


def record_answer(view: SignOffView, kind: str) -> HttpResponse:
    """The standing summary with its signatures. Raises Http404 before it is complete."""
    if kind not in FORMATS or view.summary is None or not view.summary.ready:
        raise Http404
    content_type, made_by = FORMATS[kind]
    answer = HttpResponse(made_by(view.summary), content_type=content_type)
    name = f"{view.summary.customer.slug}-go-live-{view.summary.frozen_at:%Y-%m-%d}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def records_answer(batch: Batch) -> StreamingHttpResponse:
    """Created records and previous values in the batch's org; streamed, however many there are."""
    answer = StreamingHttpResponse(
        records_csv(batch.customer, batch.epoch.org_id), content_type="text/csv; charset=utf-8"
    )
    name = f"{batch.customer.slug}-records-{timezone.now():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
