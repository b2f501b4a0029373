"""A batch as the customer follows it: pause, stop, go on, what needs a look, the files."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from jobchanges.models import Batch, Side
from jobchanges.services.batches import batch_go_on, batch_pause, batch_stop
from jobchanges.services.errors import TestRunError
from portal.access import reader_here
from portal.pages import page
from portal.pages.go_live_files import records_answer
from portal.pages.go_live_forms import StopForm
from portal.pages.go_live_here import SIGNERS, back, batch_asked, batch_here, show, urls_here
from portal.pages.go_live_page import exceptions_shown, progress_answer
from portal.pages.go_live_panel import panel_for
from portal.signoff.covering import batch_signed


@login_required
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause: nothing new is begun until either side lets it go on."""
    return _act(
        request,
        lambda batch, by: batch_pause(batch=batch, side=Side.CUSTOMER, by=by),
        _("Sending is paused."),
    )


@login_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Stop sending, with a reason: only the customer can let it go on."""
    reader = reader_here(request, roles=SIGNERS)
    batch = batch_here(reader)
    form = StopForm(request.POST)
    if not form.is_valid():
        return show(request, reader, stop=form, status=422)
    try:
        batch_stop(
            batch=batch, side=Side.CUSTOMER, by=reader.person, reason=form.cleaned_data["reason"]
        )
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("Sending is stopped. Only your company can let it go on."))
    return back()


@login_required
@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """Go on where it was halted; what waits for our look waits on."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        batch = batch_go_on(batch=batch_here(reader), side=Side.CUSTOMER, by=reader.person)
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        if batch.state == Batch.State.PAUSED:
            messages.info(request, _("It stays paused: UserGems looks at the reason first."))
        else:
            messages.success(request, _("Sending goes on."))
    return back()


@never_cache
@login_required
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """The numbers again, for a page that is open; the whole page once the state is another."""
    reader = reader_here(request)
    batch = batch_here(reader)
    panel = panel_for(
        batch,
        side=Side.CUSTOMER,
        may_act=reader.may_sign,
        urls=urls_here(),
        signed=batch_signed(batch),
    )
    return progress_answer(request, panel)


@never_cache
@login_required
@require_GET
def exceptions(request: HttpRequest) -> HttpResponse:
    """What did not get there: who, why, and who fixes it."""
    reader = reader_here(request)
    batch = batch_asked(reader.customer, request.GET.get("batch", ""))
    shown = exceptions_shown(batch, request.GET.get("page"))
    context = {**shown, "environment": "production", "environment_label": batch.epoch.name}
    return page(request, reader, "portal/go_live/exceptions.html", "go_live", context)


@never_cache
@login_required
@require_GET
def records(request: HttpRequest) -> HttpResponseBase:
    """Created records and previous values, as one long file."""
    reader = reader_here(request)
    return records_answer(batch_here(reader))


def _act(
    request: HttpRequest, act: Callable[[Batch, User], object], done: str
) -> HttpResponseRedirect:
    """Call the service and say what happened, on the page."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        act(batch_here(reader), reader.person)
    except TestRunError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, done)
    return back()


urlpatterns = [
    path("progress/", progress, name="go_live_progress"),
    path("pause/", pause, name="batch_pause"),
    path("stop/", stop, name="batch_stop"),
    path("go-on/", go_on, name="batch_go_on"),
    path("exceptions/", exceptions, name="go_live_exceptions"),
    path("records.csv", records, name="go_live_records_csv"),
]
