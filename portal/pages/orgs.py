"""Both Salesforce orgs of the customer: health, users, what they have, what they had before."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from integrations.models import ConnectAttempt
from portal.access import reader_here
from portal.pages import page
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
            "waiting": card.attempt
            if card.attempt and card.attempt.state == ConnectAttempt.State.RETURNED
            else None,
        }
        for card in cards
    ]
    return page(request, reader, "portal/orgs/list.html", "orgs", {"orgs": orgs})
