"""Both Salesforce orgs of the customer: health, users, what they have, what they had before."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Environment
from integrations.models import ConnectAttempt
from integrations.oauth.hosts import login_url, own_login_host, shown_host
from portal.access import reader_here
from portal.checking.starting import org_check_start
from portal.pages import page
from portal.pages.check_asking import ASKED_A_MOMENT_AGO
from portal.selectors import epoch_line, epochs_before, org_cards
from portal.steps import journey_for
from portal.steps.connect import attempt_lost


@require_GET
@login_required
def org_list(request: HttpRequest) -> HttpResponse:
    """The orgs, each with what can be done about it."""
    reader = reader_here(request)
    journey = journey_for(reader.customer, person=reader.person)
    cards = org_cards(journey)
    before = epochs_before(cards)
    orgs = [
        {
            "card": card,
            "step": journey.step(f"{card.environment}.connect"),
            "history": [epoch_line(epoch) for epoch in before.get(card.environment, [])],
            "lost": card.attempt if card.attempt and attempt_lost(card.attempt) else None,
            # For signing in at the org's own address (integrations/_my_domain.html).
            "sandbox": card.environment == Environment.SANDBOX,
            "login_host": shown_host(login_url(card.environment)),
            "own_host": own_login_host(card.environment, card.connection.login_host)
            if card.connection
            else "",
            "waiting": card.attempt
            if card.attempt and card.attempt.state == ConnectAttempt.State.RETURNED
            else None,
        }
        for card in cards
    ]
    return page(request, reader, "portal/orgs/list.html", "orgs", {"orgs": orgs})


@require_POST
@login_required
def org_check(request: HttpRequest, environment: str) -> HttpResponse:
    """Have an org asked again in the background, by anybody of the customer."""
    reader = reader_here(request)
    if environment not in Environment.values:
        raise Http404
    run = org_check_start(reader.customer, environment, by=reader.person)
    if run is None:
        messages.warning(request, _("The org is not connected, so it cannot be asked."))
    elif run.ended_at is not None:
        messages.info(request, ASKED_A_MOMENT_AGO)
    else:
        messages.info(request, _("The org is being asked. Open this page again in a moment."))
    return redirect(f"{reverse('org_list')}#{environment}")
