"""New job changes after go-live, for the customer: how often they go, what waits, what went."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from jobchanges.models import Side
from jobchanges.selectors.schedules import schedule_of
from jobchanges.services.errors import BatchError
from jobchanges.services.schedules import schedule_go_on, schedule_set, schedule_stop
from portal.access import Reader, reader_here
from portal.pages import page
from portal.pages.go_live_here import SIGNERS
from portal.pages.sending_forms import ScheduleForm, ScheduleStopForm
from portal.pages.sending_notifications import notifications_post
from portal.pages.sending_page import sending_page


@never_cache
@login_required
@require_GET
def sending(request: HttpRequest) -> HttpResponse:
    """When new job changes go, and what waits."""
    return _show(request, reader_here(request))


@login_required
@require_POST
def sending_set(request: HttpRequest) -> HttpResponse:
    """Choose how often."""
    reader = reader_here(request, roles=SIGNERS)
    form = ScheduleForm(request.POST, schedule=schedule_of(reader.customer), auto_id="schedule-%s")
    if form.is_valid():
        try:
            schedule_set(
                customer=reader.customer, by=reader.person, side=Side.CUSTOMER, **form.cleaned_data
            )
        except BatchError as problem:
            messages.error(request, problem.sentence)
        else:
            messages.success(request, _("Saved."))
        return _back()
    return _show(request, reader, form=form, status=422)


@login_required
@require_POST
def sending_stop(request: HttpRequest) -> HttpResponse:
    """Stop the regular batches, with a reason: only the customer lets them go on."""
    reader = reader_here(request, roles=SIGNERS)
    form = ScheduleStopForm(request.POST, auto_id="stop-%s")
    if form.is_valid():
        try:
            schedule_stop(
                customer=reader.customer,
                side=Side.CUSTOMER,
                by=reader.person,
                reason=form.cleaned_data["reason"],
            )
        except BatchError as problem:
            messages.error(request, problem.sentence)
        else:
            messages.success(
                request, _("The regular batches are stopped. Only your company lets them go on.")
            )
        return _back()
    return _show(request, reader, stop=form, status=422)


@login_required
@require_POST
def sending_notifications(request: HttpRequest) -> HttpResponse:
    """Switch UserGems' own notifications on or off."""
    reader = reader_here(request, roles=SIGNERS)
    notifications_post(request, reader.customer, by=reader.person, side=Side.CUSTOMER)
    return _back()


@login_required
@require_POST
def sending_go_on(request: HttpRequest) -> HttpResponse:
    """Let them go on, from the next time on."""
    reader = reader_here(request, roles=SIGNERS)
    try:
        schedule_go_on(customer=reader.customer, side=Side.CUSTOMER, by=reader.person)
    except BatchError as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, _("The regular batches go on."))
    return _back()


def _show(
    request: HttpRequest,
    reader: Reader,
    *,
    form: ScheduleForm | None = None,
    stop: ScheduleStopForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = sending_page(
        customer=reader.customer,
        side=Side.CUSTOMER,
        may_act=reader.may_sign,
        urls={
            "page": reverse("sending"),
            "set": reverse("sending_set"),
            "stop": reverse("sending_stop"),
            "go_on": reverse("sending_go_on"),
            "notifications": reverse("sending_notifications"),
            "go_live": reverse("go_live"),
            "exceptions": reverse("go_live_exceptions"),
            "setup": reverse("setup"),
            "checks": reverse("org_checks", args=["production"]),
        },
        form=form,
        stop=stop,
    )
    context = {
        "sending": shown,
        "environment": "production" if shown.epoch else "",
        "environment_label": shown.epoch.name if shown.epoch else "",
    }
    return page(request, reader, "portal/sending/page.html", "sending", context, status=status)


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("sending"))


urlpatterns = [
    path("", sending, name="sending"),
    path("set/", sending_set, name="sending_set"),
    path("stop/", sending_stop, name="sending_stop"),
    path("go-on/", sending_go_on, name="sending_go_on"),
    path("notifications/", sending_notifications, name="sending_notifications"),
]
