"""Where job changes go: chosen from what the connected org offers, valid there before saved."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Environment, Role
from integrations.selectors import connection_find
from portal.access import reader_here
from portal.pages import page
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
from portal.steps import Facts, Journey, journey_for


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def settings(request: HttpRequest) -> HttpResponse:
    """The settings of one org. Admins choose, everybody of the customer reads."""
    reader = reader_here(request)
    if request.method == "POST" and not reader.is_admin:
        raise PermissionDenied
    journey = journey_for(reader.customer, person=reader.person)
    environment = _environment(request, journey)
    tested = tested_settings(journey.facts, environment)
    connection = journey.facts.connection(environment)
    offer = offer_of(connection, ask=reader.is_admin and not reader.viewing)
    form = choice_form(journey.facts, environment, request.POST or None, offer)
    saves = request.method == "POST" and not is_tried(request)
    if saves and form is None:
        messages.error(request, _("Nothing was saved, because the org has not answered yet."))
    elif saves and form is not None:
        saved = choice_save(
            customer=reader.customer,
            environment=environment,
            form=form,
            offer=offer,
            by=reader.person,
        )
        if saved:
            messages.success(request, SAVED)
            if tested is not None and shared_changed(form):
                messages.warning(request, TESTED_CHANGED)
            return redirect(f"{reverse('settings')}?environment={environment}")
    context = _context(journey, environment, offer, form) | {"tested": tested}
    if not reader.is_admin:
        # They read what is saved, and what comes of it.
        context |= {"form": None, "offer": Offer()}
    status = 422 if saves else 200
    return page(request, reader, "portal/settings/page.html", "setup", context, status=status)


@require_POST
@login_required
def settings_ask(request: HttpRequest, environment: str) -> HttpResponse:
    """Have the org asked again what there is to choose from."""
    reader = reader_here(request, roles={Role.ADMIN})
    if environment not in Environment.values:
        raise Http404
    offer_of(connection_find(reader.customer, environment), anew=True)
    return redirect(f"{reverse('settings')}?environment={environment}")


def _environment(request: HttpRequest, journey: Journey) -> str:
    """The org asked for; else the one of the stage the customer is in, if it is connected."""
    asked = request.GET.get("environment", "")
    if asked in Environment.values:
        return asked
    here = journey.stage.key
    if here in Environment.values and journey.facts.epoch(here):
        return here
    first = [Environment.SANDBOX, Environment.PRODUCTION]
    if here not in Environment.values:
        first.reverse()
    for environment in first:
        if journey.facts.epoch(environment):
            return environment.value
    return here if here in Environment.values else Environment.PRODUCTION.value


def _context(
    journey: Journey, environment: str, offer: Offer, form: SettingsForm | None
) -> dict[str, object]:
    facts = journey.facts
    epoch = facts.epoch(environment)
    step = journey.step(f"{environment}.settings")
    return {
        "form": form,
        "offer": offer,
        "example": choice_example(facts, environment, offer, form),
        "side": side_by_side(facts),
        "step": step,
        "chosen": step.detail.get("facts", []) if step else [],
        "problems": step.detail.get("problems", []) if step else [],
        "environment": environment if epoch else "",
        "environment_label": epoch.name if epoch else "",
        "asked_environment": environment,
        "connected": epoch is not None,
        "tabs": _tabs(facts, environment),
        "saved": facts.environment_settings.get(environment),
        "journey_path": journey.path,
        "in_summary": in_summary(facts),
        "is_live": is_live(facts),
    }


def _tabs(facts: Facts, environment: str) -> list[dict[str, object]]:
    """A choice between the two orgs, once both have been connected."""
    both = [one for one in Environment if facts.epoch(one)]
    if len(both) < len(Environment):
        return []
    return [
        {
            "label": one.label,
            "url": f"{reverse('settings')}?environment={one.value}",
            "current": one.value == environment,
        }
        for one in both
    ]
