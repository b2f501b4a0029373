"""Going live on the desk: the customer's own page with our levers. States follow from services."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import fresh_factor_required, person_of
from accounts.models import Customer
from jobchanges.models import Side
from portal.managers import go_live_batch
from portal.managers.access import customer_here
from portal.managers.go_live_here import LOOK, back, page_for, show
from portal.models import Summary
from portal.pages.go_live_files import record_answer
from portal.pages.go_live_forms import ReleaseForm
from portal.pages.go_live_page import origin_of, sign_form
from portal.signoff.errors import SignOffError
from portal.signoff.selectors import sign_off_view
from portal.signoff.services import (
    forecast_ask_again,
    launch_release,
    summary_freeze,
    summary_sign,
    summary_withdraw,
)
from portal.signoff.standing import summary_standing

FREEZE = "portal.add_summary"
SIGN = "portal.add_signature"
RELEASE = "jobchanges.add_batch"


@never_cache
@require_GET
def go_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Where going live stands, and what a manager can do about it."""
    return show(request, customer_here(request, pk, *LOOK))


@require_POST
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the summary: the moment is the intake cut-off."""
    customer = customer_here(request, pk, FREEZE)
    try:
        summary_freeze(customer=customer, by=person_of(request))
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The summary is being prepared: the org is asked now."))
    return back(customer)


@require_POST
def forecast(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the forecast again after it failed."""
    customer = customer_here(request, pk, FREEZE)
    try:
        forecast_ask_again(summary=_standing(customer), by=person_of(request))
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    return back(customer)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the summary back before its release."""
    customer = customer_here(request, pk, FREEZE)
    try:
        summary_withdraw(summary=_standing(customer), by=person_of(request))
    except SignOffError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The summary is withdrawn. Prepare a new one at any time."))
    return back(customer)


@require_POST
@fresh_factor_required
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the summary for UserGems."""
    customer = customer_here(request, pk, SIGN)
    shown = page_for(request, customer)
    summary = shown.view.summary
    if summary is None:
        messages.error(request, _("There is nothing to sign any more. This is where it stands."))
        return back(customer)
    form = sign_form(shown.view, request.POST, asks_window=False)
    if form.is_valid():
        origin = origin_of(request)
        try:
            summary_sign(
                summary=summary,
                side=Side.VENDOR,
                by=person_of(request),
                seen_hash=form.cleaned_data["seen_hash"],
                accepted=form.cleaned_data["agree"],
                address=origin.address,
                browser=origin.browser,
            )
        except SignOffError as problem:
            form.add_error(None, problem.sentence)
        else:
            messages.success(request, _("You signed go-live for UserGems."))
            return back(customer)
    return show(request, customer, sign=form, status=422)


@require_POST
@fresh_factor_required
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the batch go: the first 20, then the rest."""
    customer = customer_here(request, pk, RELEASE)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            launch_release(
                summary=_standing(customer),
                wait_after_first=form.cleaned_data["wait_after_first"],
                failure_limit=form.cleaned_data["failure_limit"],
                by=person_of(request),
            )
        except SignOffError as problem:
            form.add_error(None, problem.sentence)
        else:
            messages.success(request, _("The batch is released. Its progress shows here."))
            return back(customer)
    return show(request, customer, release=form, status=422)


@never_cache
@require_GET
def record(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """What is (to be) signed, as a file to keep."""
    customer = customer_here(request, pk, *LOOK)
    return record_answer(sign_off_view(customer, person=person_of(request)), kind)


def _standing(customer: Customer) -> Summary:
    """The summary that stands. Raises SignOffError when there is none any more."""
    summary = summary_standing(customer)
    if summary is None:
        raise SignOffError(_("There is no summary any more. This is where it stands."))
    return summary


def url_patterns(page: Callable[..., Any]) -> list[URLPattern]:
    """The addresses below a customer's page; `page` is the admin site's own wrapper."""
    levers: dict[str, Callable[..., HttpResponseBase]] = {
        "freeze": freeze,
        "forecast": forecast,
        "withdraw": withdraw,
        "sign": sign,
        "release": release,
        "progress": go_live_batch.progress,
        "pause": go_live_batch.pause,
        "stop": go_live_batch.stop,
        "go_on": go_live_batch.go_on,
        "send_again": go_live_batch.send_again,
        "exceptions": go_live_batch.exceptions,
    }
    base = "<int:pk>/go-live/"
    name = "accounts_customer_go_live"
    return [
        path(base, page(go_live), name=name),
        *(
            path(f"{base}{word.replace('_', '-')}/", page(view), name=f"{name}_{word}")
            for word, view in levers.items()
        ),
        path(f"{base}record.<str:kind>/", page(record), name=f"{name}_record"),
        path(f"{base}records.csv", page(go_live_batch.records), name=f"{name}_records_csv"),
    ]
