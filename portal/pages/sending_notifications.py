"""The switch of UserGems' own notifications, as either side presses it."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from jobchanges.services.errors import BatchError
from portal.notifications import notifications_switch


def notifications_post(request: HttpRequest, customer: Customer, *, by: User, side: str) -> None:
    """Switch as the button said, and say what holds now."""
    on = request.POST.get("on") == "yes"
    try:
        notifications_switch(customer=customer, on=on, by=by, side=side)
    except BatchError as problem:
        messages.error(request, problem.sentence)
        return
    words = _("UserGems’ notifications are off.")
    if on:
        words = _("UserGems’ notifications are on.")
    messages.success(request, words)
