"""Where a customer's job changes go, chosen by the manager: the customer's own form and service."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person_of
from accounts.models import Customer, Environment
from accounts.numbers import row_number
from jobchanges.models import SettingsTemplate
from portal.managers.access import customer_here, desk_page, environment_here
from portal.pages.settings_form import SettingsForm, shared_changed
from portal.settings_choice import (
    SAVED,
    TESTED_CHANGED,
    Offer,
    choice_example,
    choice_form,
    choice_save,
    in_summary,
    is_live,
    is_tried,
    offer_of,
    tested_settings,
)
from portal.settings_side import side_by_side
from portal.settings_start import Start, settings_start
from portal.steps import Facts, journey_for


@never_cache
@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """Choose from what the connected org offers; nothing is saved that does not hold there."""
    customer = customer_here(request, pk, "jobchanges.change_environmentsettings")
    environment = environment_here(environment)
    journey = journey_for(customer, person=person_of(request))
    connection = journey.facts.connection(environment)
    tested = tested_settings(journey.facts, environment)
    offer = offer_of(connection, anew="ask" in request.POST)
    if "ask" in request.POST:
        return redirect("admin:accounts_customer_settings", customer.pk, environment)
    form = choice_form(journey.facts, environment, request.POST or None, offer)
    saves = request.method == "POST" and not is_tried(request)
    if saves and form is None:
        messages.error(request, _("Nothing was saved, because the org has not answered yet."))
    elif saves and form is not None:
        by = person_of(request)
        if choice_save(customer=customer, environment=environment, form=form, offer=offer, by=by):
            messages.success(request, SAVED)
            if tested is not None and shared_changed(form):
                messages.warning(request, TESTED_CHANGED)
            return redirect("admin:accounts_customer_settings", customer.pk, environment)
    start = _start(request, journey.facts, environment, form, offer)
    if start is not None:
        form = choice_form(journey.facts, environment, None, offer, started=start.initial)
    step = journey.step(f"{environment}.settings")
    context: dict[str, Any] = {
        "title": _("Where job changes go"),
        "opts": Customer._meta,
        "customer": customer,
        "environment": environment,
        "environment_label": Environment(environment).label,
        "epoch": connection.epoch if connection else None,
        "form": form,
        "tested": tested,
        "offer": offer,
        "example": choice_example(journey.facts, environment, offer, form),
        "side": side_by_side(journey.facts),
        "why_not": offer.why_not,
        "chosen": step.detail.get("facts", ()) if step else (),
        "problems": step.detail.get("problems", ()) if step else (),
        "saved": journey.facts.environment_settings.get(environment),
        "start": start,
        "templates": SettingsTemplate.objects.filter(is_offered=True) if form else (),
        "may_keep": person_of(request).has_perm("jobchanges.add_settingstemplate"),
        "in_summary": in_summary(journey.facts),
        "is_live": is_live(journey.facts),
    }
    return desk_page(
        request,
        "admin/accounts/customer/settings.html",
        context,
        status=422 if saves else 200,
    )


def _start(
    request: HttpRequest,
    facts: Facts,
    environment: str,
    form: SettingsForm | None,
    offer: Offer,
) -> Start | None:
    """What the template named in the address would change; None where none is asked for."""
    pk = row_number(request.GET.get("template", ""))
    epoch = facts.epoch(environment)
    if request.method != "GET" or pk is None or form is None:
        return None
    template = SettingsTemplate.objects.filter(pk=pk, is_offered=True).first()
    if template is None or epoch is None or offer.options is None:
        return None
    return settings_start(template, form.shown(), offer.options, epoch)
