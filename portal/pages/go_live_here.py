"""What the views of the customer's go-live page share: the page, its addresses, its batch."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.access import code_page, code_proven_recently
from accounts.models import Customer, Role
from accounts.numbers import row_number
from jobchanges.models import Batch, Side
from jobchanges.selectors.batches import batch_current
from jobchanges.selectors.schedules import batch_numbered
from portal.access import Reader
from portal.pages import page
from portal.pages.check_note import is_opened
from portal.pages.go_live_forms import SignForm, StopForm
from portal.pages.go_live_page import GoLivePage, go_live_page

SIGNERS = (Role.ADMIN, Role.APPROVER)
# What was typed while the code was out of date, until the person is back from proving it.
TYPED_KEY = "go_live_typed"
TYPED = ("starts_at", "ends_at", "agree")


def show(
    request: HttpRequest,
    reader: Reader,
    *,
    sign: SignForm | None = None,
    stop: StopForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the page; `sign` and `stop` are forms with what was typed."""
    shown = page_for(request, reader, sign=sign, stop=stop)
    context = {
        "nav": "go_live",
        "live": shown,
        "form": sign or stop,
        "environment": "production" if shown.epoch else "",
        "environment_label": shown.epoch.name if shown.epoch else "",
    }
    return page(request, reader, "portal/go_live/page.html", "go_live", context, status=status)


def page_for(
    request: HttpRequest,
    reader: Reader,
    *,
    sign: SignForm | None = None,
    stop: StopForm | None = None,
) -> GoLivePage:
    """The page as the reader finds it."""
    proven = code_proven_recently(request)
    shows_form = request.method == "GET" and proven
    return go_live_page(
        customer=reader.customer,
        person=reader.person,
        side=Side.CUSTOMER,
        may_act=reader.may_sign,
        proven=proven,
        prove_url=code_page(reverse("go_live")),
        urls=urls_here(),
        sign=sign,
        stop=stop,
        typed=request.session.pop(TYPED_KEY, None) if shows_form else None,
        freshen=is_opened(request),
    )


def batch_here(reader: Reader) -> Batch:
    """The latest batch. Raises Http404 before there is one."""
    return batch_asked(reader.customer, "")


def batch_asked(customer: Customer, number: str) -> Batch:
    """The batch with this number, as an address names it; the latest where it names none.

    Raises Http404 for any other.
    """
    wanted = row_number(number) if number else None
    batch = None
    if not number:
        batch = batch_current(customer)
    elif wanted is not None:
        batch = batch_numbered(customer, wanted)
    if batch is None:
        raise Http404
    return batch


def urls_here() -> dict[str, str]:
    """The addresses of the page's parts, by the names that its templates use."""
    return {
        "page": reverse("go_live"),
        "setup": reverse("setup"),
        "freeze": reverse("go_live_freeze"),
        "forecast": reverse("go_live_forecast"),
        "withdraw": reverse("go_live_withdraw"),
        "sign": reverse("go_live_sign"),
        "progress": reverse("go_live_progress"),
        "pause": reverse("batch_pause"),
        "stop": reverse("batch_stop"),
        "go_on": reverse("batch_go_on"),
        "exceptions": reverse("go_live_exceptions"),
        "pdf": reverse("go_live_record", args=["pdf"]),
        "json": reverse("go_live_record", args=["json"]),
        "csv": reverse("go_live_records_csv"),
        "proof": reverse("overwrites_csv"),
        "evidence": reverse("evidence"),
        "sending": reverse("sending"),
    }


def back() -> HttpResponseRedirect:
    """To the page, where the outcome shows."""
    return HttpResponseRedirect(reverse("go_live"))
