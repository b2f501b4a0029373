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
from integrations.models import Connection
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.services import org_open
from jobchanges.services import SettingsError, settings_options, settings_save
from jobchanges.services.settings import Options
from portal.managers.access import customer_here, desk_page, environment_here
from portal.pages.settings_form import SettingsForm, initial_of
from portal.steps import journey_for


@never_cache
@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest, pk: int, environment: str) -> HttpResponse:
    """Choose from what the connected org offers; nothing is saved that does not hold there."""
    customer = customer_here(request, pk, "jobchanges.change_environmentsettings")
    environment = environment_here(environment)
    journey = journey_for(customer, person=person_of(request))
    connection = journey.facts.connection(environment)
    org, options, why_not = _offer(connection)
    form = None
    if options is not None:
        saved = journey.facts.environment_settings.get(environment)
        form = SettingsForm(
            request.POST or None, options=options, initial=initial_of(journey.facts.output, saved)
        )
    if request.method == "POST":
        if form is None:
            messages.error(request, _("Nothing was saved, because the org could not be asked."))
        elif form.is_valid() and _save(request, customer, environment, form, org):
            messages.success(request, _("Saved. Every choice was found valid in the org."))
            return redirect("admin:accounts_customer_settings", customer.pk, environment)
    step = journey.step(f"{environment}.settings")
    context: dict[str, Any] = {
        "title": _("Where job changes go"),
        "opts": Customer._meta,
        "customer": customer,
        "environment": environment,
        "environment_label": Environment(environment).label,
        "epoch": connection.epoch if connection else None,
        "form": form,
        "why_not": why_not,
        "chosen": step.detail.get("facts", ()) if step else (),
        "problems": step.detail.get("problems", ()) if step else (),
        "saved": journey.facts.environment_settings.get(environment),
    }
    return desk_page(
        request,
        "admin/accounts/customer/settings.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _offer(connection: Connection | None) -> tuple[Org | None, Options | None, str]:
    """The org and what it offers, or why it cannot be asked. At most four calls."""
    if connection is None or connection.epoch is None:
        return None, None, ""
    try:
        org = org_open(connection)
        return org, settings_options(org), ""
    except SalesforceError as error:
        return None, None, error.sentence


def _save(
    request: HttpRequest, customer: Customer, environment: str, form: SettingsForm, org: Org | None
) -> bool:
    """Validate in the org and save; problems go next to the fields."""
    try:
        settings_save(
            customer=customer,
            environment=environment,
            values=form.values(),
            by=person_of(request),
            org=org,
        )
    except SettingsError as error:
        form.problems_add(error.problems)
    except SalesforceError as error:
        form.add_error(None, error.sentence)
    else:
        return True
    return False
