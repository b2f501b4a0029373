"""The proof that nothing was overwritten, as both sides get it (jobchanges/overwriting)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Customer
from accounts.numbers import row_number
from jobchanges.models import Delivery, RecordWrite
from jobchanges.overwriting import Sums, Touched, overwrites, overwrites_csv, overwrites_of
from jobchanges.overwriting.ledger import places_newest
from jobchanges.overwriting.shown import WriteView, writes_shown
from portal.access import reader_here

RECORDS_A_PAGE = 20
# Violations that the page shows above the list; the file has all of them.
VIOLATIONS_SHOWN = 50
# Going through 30,000 job changes takes seconds: counted anew when something was written since,
# and of a large ledger only when somebody asks.
SUMS_SECONDS = 600
COUNTED_AT_ONCE = 3_000


@dataclass(frozen=True)
class Gone:
    """What going through the whole ledger gave."""

    sums: Sums
    violations: Sequence[Touched]


@dataclass(frozen=True)
class OverwritesPage:
    """The proof on a page: the sum, what is wrong, and the records, newest first."""

    customer: Customer
    sums: Sums | None  # None: not counted yet
    violations: Sequence[WriteView]
    records: Sequence[WriteView]
    page: Page
    unanswered: int

    @property
    def counts(self) -> list[tuple[str, int]]:
        """The verdicts in words, those that occur."""
        return [(words, number) for _verdict, words, number in self.sums.lines] if self.sums else []

    @property
    def sentence(self) -> str:
        """What going through the ledger means."""
        if not self.page.paginator.count:
            return _("No existing record was touched.")
        if self.sums is None:
            return _("The whole ledger was not gone through yet.")
        return self.sums.sentence


def overwrites_page(customer: Customer, page: str | None, *, count: bool) -> OverwritesPage:
    """Put the page together; `count`: go through all of it, however large it is."""
    found = Paginator(places_newest(customer), RECORDS_A_PAGE).get_page(row_number(page or ""))
    gone = _gone_through(customer, count or found.paginator.count <= COUNTED_AT_ONCE)
    order = {(row[0], row[1]): place for place, row in enumerate(found.object_list)}
    touched = overwrites_of(customer, list(order))
    touched.sort(key=lambda one: order[one.org_id, one.record_id])
    return OverwritesPage(
        customer=customer,
        sums=gone.sums if gone else None,
        violations=writes_shown(gone.violations if gone else ()),
        records=writes_shown(touched),
        page=found,
        unanswered=Delivery.objects.filter(
            job_change__customer=customer, state=Delivery.State.UNKNOWN
        ).count(),
    )


def _gone_through(customer: Customer, count: bool) -> Gone | None:
    last = RecordWrite.objects.filter(attempt__delivery__job_change__customer=customer).aggregate(
        last=Max("pk"), read=Max("settled_at")
    )
    key = f"portal:overwrites:1:{customer.pk}:{last['last']}:{last['read']}".replace(" ", "_")
    kept: Gone | None = cache.get(key)
    if kept is not None or not count:
        return kept
    sums = Sums()
    violations: list[Touched] = []
    for one in overwrites(customer):
        sums.add(one)
        if one.violations and len(violations) < VIOLATIONS_SHOWN:
            violations.append(one)
    gone = Gone(sums, violations)
    cache.set(key, gone, SUMS_SECONDS)
    return gone


def overwrites_answer(customer: Customer) -> StreamingHttpResponse:
    """Every existing record touched, in any org, field by field; streamed."""
    answer = StreamingHttpResponse(
        overwrites_csv(overwrites(customer)), content_type="text/csv; charset=utf-8"
    )
    name = f"{customer.slug}-existing-records-{timezone.now():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
@require_GET
def overwrites_file(request: HttpRequest) -> HttpResponseBase:
    """The reader's own customer's, as a file."""
    return overwrites_answer(reader_here(request).customer)
