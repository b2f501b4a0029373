"""The setup page: where the customer is, the one next thing, and whose turn it is."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import memberships_of, person_of
from accounts.models import Environment, Role
from portal.access import Reader, reader_here, step_for
from portal.checking.starting import org_check_start
from portal.help.selectors import step_help
from portal.pages import page
from portal.pages.check_asking import ASKED_A_MOMENT_AGO
from portal.pages.check_list import step_checks
from portal.pages.permission_words import permission_words
from portal.see_as import viewing_of
from portal.selectors import live_card, org_cards
from portal.services import StepError, step_confirm, step_confirmation_withdraw
from portal.steps import Journey, StepView, journey_for


@require_GET
@login_required
@never_cache
def setup(request: HttpRequest) -> HttpResponseBase:
    """The customer's home. Staff belong to the managers' desk; others are told what is missing."""
    person = person_of(request)
    if person.is_staff:
        return redirect("admin:index")
    if viewing_of(request) is None and not memberships_of(person).exists():
        return render(request, "portal/setup/nobody.html")
    return home_page(request, reader_here(request))


@require_GET
@login_required
@never_cache
def step_list(request: HttpRequest) -> HttpResponse:
    """The steps alone: what the page asks for again while something is being checked."""
    reader = reader_here(request)
    journey = journey_for(reader.customer, person=reader.person)
    context = _steps_context(request, reader, journey)
    return render(request, "portal/setup/steps.html", context)


@require_POST
@login_required
def step_confirm_page(request: HttpRequest, key: str) -> HttpResponse:
    """An admin vouches for a step: ticked, or told next to the box that it is not."""
    reader = reader_here(request, roles={Role.ADMIN})
    step_for(reader, key)
    if request.POST.get("agree") != "yes":
        return home_page(request, reader, unticked=key, status=422)
    try:
        step_confirm(customer=reader.customer, step=key, by=reader.person)
    except StepError as error:
        messages.error(request, str(error))
    return redirect("setup")


@require_POST
@login_required
def step_withdraw_page(request: HttpRequest, key: str) -> HttpResponse:
    """An admin takes a confirmation back."""
    reader = reader_here(request, roles={Role.ADMIN})
    step_for(reader, key)
    try:
        withdrawn = step_confirmation_withdraw(customer=reader.customer, step=key, by=reader.person)
    except StepError as error:
        messages.error(request, str(error))
    else:
        if withdrawn:
            messages.info(request, _("Taken back. The step is open again."))
    return redirect(_step_address(key))


@require_POST
@login_required
def step_check_page(request: HttpRequest, key: str) -> HttpResponse:
    """Have the org asked again, in the background; the page shows the answers when they come."""
    reader = reader_here(request)
    step = step_for(reader, key)
    run = org_check_start(reader.customer, step.environment, by=reader.person)
    if run is None:
        messages.warning(request, _("The org is not connected, so it cannot be asked."))
    elif run.ended_at is not None:
        messages.info(request, ASKED_A_MOMENT_AGO)
    return redirect(_step_address(key))


def home_page(
    request: HttpRequest, reader: Reader, *, unticked: str = "", status: int = 200
) -> HttpResponse:
    """The page itself. `unticked`: the key of a step that was sent without its answer."""
    journey = journey_for(reader.customer, person=reader.person)
    facts, here = journey.facts, journey.stage
    environment = here.key if here.key in Environment.values else Environment.PRODUCTION.value
    epoch = facts.epoch(environment)
    context = _steps_context(request, reader, journey, unticked=unticked) | {
        "earlier": [stage for stage in journey.stages if not stage.later and stage.key != here.key],
        "org_cards": org_cards(journey),
        "live": live_card(journey),
        "environment": environment if epoch else "",
        "environment_label": epoch.name if epoch else "",
    }
    return page(request, reader, "portal/setup/page.html", "setup", context, status=status)


def _steps_context(
    request: HttpRequest, reader: Reader, journey: Journey, *, unticked: str = ""
) -> dict[str, object]:
    """What `portal/setup/steps.html` takes, for the page and for the poll alike."""
    wanted = unticked or request.GET.get("step", "")
    opened = _opened(journey, wanted)
    checks = step_checks(opened)
    return {
        "journey": journey,
        "reader": reader,
        "opened": opened,
        "step_checks": checks,
        "step_help": step_help(journey, opened, answered=checks is not None),
        "permissions": SimpleLazyObject(lambda: permission_words(reader.customer.permission_list)),
        "unticked": unticked,
        "poll": f"{reverse('step_list')}?{request.GET.urlencode()}" if journey.checking else "",
    }


def _opened(journey: Journey, wanted: str) -> StepView | None:
    """The step shown with its body: the one asked for, else the next thing."""
    step = journey.step(wanted) if wanted else None
    return step if step is not None and step.openable else journey.next_step


def _step_address(key: str) -> str:
    """The setup page with one step opened."""
    address = f"{reverse('setup')}?{urlencode({'step': key})}"
    return f"{address}#step-{key.replace('.', '-').replace('_', '-')}"
