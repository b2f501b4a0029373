"""A batch on the desk: pause, stop, go on, send again, what needs a look, the files."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import person_of
from accounts.models import Customer, User
from accounts.numbers import row_number
from jobchanges.models import Batch, Delivery, Side
from jobchanges.services.batches import batch_go_on, batch_pause, batch_send_again, batch_stop
from jobchanges.services.errors import TestRunError
from portal.managers.access import customer_here, desk_page
from portal.managers.go_live_here import LOOK, SEND, back, batch_of, show, urls_of
from portal.pages.go_live_files import records_answer
from portal.pages.go_live_forms import StopForm
from portal.pages.go_live_here import batch_asked
from portal.pages.go_live_page import exceptions_shown, progress_answer
from portal.pages.go_live_panel import panel_for
from portal.signoff.covering import batch_signed

# Sent again in one go: a request stays short.
AT_ONCE = 200


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause: nothing new is begun until either side lets it go on."""
    return _act(
        request,
        pk,
        lambda batch, by: batch_pause(batch=batch, side=Side.VENDOR, by=by),
        _("Sending is paused."),
    )


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop sending, with a reason: only we can let it go on."""
    customer = customer_here(request, pk, SEND)
    batch = batch_of(customer)
    form = StopForm(request.POST)
    if not form.is_valid():
        return show(request, customer, stop=form, status=422)
    try:
        batch_stop(
            batch=batch,
            side=Side.VENDOR,
            by=person_of(request),
            reason=form.cleaned_data["reason"],
        )
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("Sending is stopped. Only UserGems can let it go on."))
    return back(customer)


@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on where it was halted."""
    return _act(
        request,
        pk,
        lambda batch, by: batch_go_on(batch=batch, side=Side.VENDOR, by=by),
        _("Sending goes on."),
    )


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one job change again after a correction, or all that Salesforce refused."""
    customer = customer_here(request, pk, SEND)
    which = request.GET.get("batch", "")
    batch = batch_asked(customer, which)
    refused = batch.deliveries.select_related("batch__customer", "job_change").order_by("pk")
    chosen = request.POST.get("delivery", "")
    if chosen:
        number = row_number(chosen)
        deliveries = list(refused.filter(pk=number)) if number is not None else []
        if not deliveries:
            raise Http404
    else:
        deliveries = list(refused.filter(state=Delivery.State.REFUSED)[:AT_ONCE])
    sent = 0
    for delivery in deliveries:
        try:
            batch_send_again(delivery=delivery, by=person_of(request))
        except TestRunError as problem:
            messages.error(request, problem.sentence)
            break
        sent += 1
    if sent:
        messages.success(
            request,
            ngettext(
                "%(count)d job change is being sent again.",
                "%(count)d job changes are being sent again.",
                sent,
            )
            % {"count": sent},
        )
    return HttpResponseRedirect(urls_of(customer)["exceptions"] + _of(which))


@never_cache
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers again, for a page that is open."""
    customer = customer_here(request, pk, *LOOK)
    batch = batch_of(customer)
    panel = panel_for(
        batch,
        side=Side.VENDOR,
        may_act=person_of(request).has_perm(SEND),
        urls=urls_of(customer),
        signed=batch_signed(batch),
    )
    return progress_answer(request, panel)


@never_cache
@require_GET
def exceptions(request: HttpRequest, pk: int) -> HttpResponse:
    """What did not get there, and sending it again."""
    customer = customer_here(request, pk, *LOOK)
    number = request.GET.get("batch", "")
    batch = batch_asked(customer, number)
    urls = urls_of(customer)
    may_send = person_of(request).has_perm(SEND)
    refused = batch.deliveries.filter(state=Delivery.State.REFUSED).count() if may_send else 0
    context = {
        **exceptions_shown(batch, request.GET.get("page")),
        "title": _("What needs a look"),
        "opts": Customer._meta,
        "customer": customer,
        "urls": urls,
        "again_url": urls["send_again"] + _of(number) if may_send else "",
        "refused": refused,
        "again_title": ngettext(
            "Send %(count)d refused job change again?",
            "Send %(count)d refused job changes again?",
            min(refused, AT_ONCE),
        )
        % {"count": min(refused, AT_ONCE)},
    }
    return desk_page(request, "admin/accounts/customer/go_live/exceptions.html", context)


@never_cache
@require_GET
def records(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Created records and previous values, as one long file."""
    return records_answer(batch_of(customer_here(request, pk, *LOOK)))


def _of(number: str) -> str:
    """What an address says of the batch it is about; nothing for the latest."""
    return f"?{urlencode({'batch': number})}" if number else ""


def _act(
    request: HttpRequest, pk: int, act: Callable[[Batch, User], object], done: str
) -> HttpResponseRedirect:
    """Call the service and say what happened, on the page."""
    customer = customer_here(request, pk, SEND)
    try:
        act(batch_of(customer), person_of(request))
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, done)
    return back(customer)
