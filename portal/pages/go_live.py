"""Going live, for the customer: one address from "not open yet" to "you are live".

Preparing, reading and signing the summary; the batch that follows is in `go_live_batch`.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import code_proven_recently, fresh_code_required
from jobchanges.models import Side
from portal.access import Reader, reader_here
from portal.models import Summary
from portal.pages import go_live_batch
from portal.pages.go_live_files import record_answer
from portal.pages.go_live_here import SIGNERS, TYPED, TYPED_KEY, back, page_for, show
from portal.pages.go_live_page import origin_of, sign_form
from portal.signoff.errors import SignOffError
from portal.signoff.selectors import sign_off_view
from portal.signoff.services import (
    forecast_ask_again,
    summary_freeze,
    summary_sign,
    summary_withdraw,
)
from portal.signoff.standing import summary_standing


@never_cache
@login_required
@require_GET
def go_live(request: HttpRequest) -> HttpResponse:
    """Where going live stands, and what the reader can do about it."""
    return show(request, reader_here(request))


@login_required
@require_POST
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze the summary: the moment is the intake cut-off."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        summary_freeze(customer=reader.customer, by=reader.person)
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The summary is being prepared: the org is asked now."))
    return back()


@login_required
@require_POST
def forecast(request: HttpRequest) -> HttpResponse:
    """Make the forecast again after it failed."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        forecast_ask_again(summary=_standing(reader), by=reader.person)
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    return back()


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the summary back before its release, with the signatures it has."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        summary_withdraw(summary=_standing(reader), by=reader.person)
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The summary is withdrawn. Prepare a new one at any time."))
    return back()


@login_required
@require_POST
def sign(request: HttpRequest) -> HttpResponseBase:
    """Sign the summary for the customer; what was typed outlives a code that ran out."""
    reader_here(request, roles=SIGNERS)
    if not code_proven_recently(request):
        request.session[TYPED_KEY] = {name: request.POST.get(name, "")[:40] for name in TYPED}
    return _sign(request)


@fresh_code_required
def _sign(request: HttpRequest) -> HttpResponse:
    reader = reader_here(request, roles=SIGNERS)
    shown = page_for(request, reader)
    summary = shown.view.summary
    if summary is None:
        messages.error(request, _("There is nothing to sign any more. This is where it stands."))
        return back()
    form = sign_form(shown.view, request.POST)
    if form.is_valid():
        origin = origin_of(request)
        try:
            summary_sign(
                summary=summary,
                side=Side.CUSTOMER,
                by=reader.person,
                seen_hash=form.cleaned_data["seen_hash"],
                accepted=form.cleaned_data["agree"],
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                address=origin.address,
                browser=origin.browser,
            )
        except SignOffError as problem:
            form.add_error(None, problem.sentence)
        else:
            messages.success(
                request,
                _("You signed go-live for %(company)s.") % {"company": reader.customer.name},
            )
            return back()
    return show(request, reader, sign=form, status=422)


@never_cache
@login_required
@require_GET
def record(request: HttpRequest, kind: str) -> HttpResponse:
    """What is (to be) signed, as a file to keep."""
    reader = reader_here(request)
    return record_answer(sign_off_view(reader.customer, person=reader.person), kind)


def _standing(reader: Reader) -> Summary:
    """The summary that stands. Raises SignOffError when there is none any more."""
    summary = summary_standing(reader.customer)
    if summary is None:
        raise SignOffError(_("There is no summary any more. This is where it stands."))
    return summary


urlpatterns = [
    path("", go_live, name="go_live"),
    path("freeze/", freeze, name="go_live_freeze"),
    path("forecast/", forecast, name="go_live_forecast"),
    path("withdraw/", withdraw, name="go_live_withdraw"),
    path("sign/", sign, name="go_live_sign"),
    path("record.<str:kind>/", record, name="go_live_record"),
    *go_live_batch.urlpatterns,
]
