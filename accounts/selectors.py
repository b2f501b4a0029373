"""Reads of this floor."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Customer, Event, SignupLink, User
from accounts.services.events import event_hash
from accounts.services.links import token_hash


def signup_link_find(token: str) -> SignupLink | None:
    """The link with this token, in whatever state; None when nobody made it."""
    return (
        SignupLink.objects.select_related("customer__implementation_manager", "created_by")
        .filter(token_hash=token_hash(token))
        .first()
    )


def people_of(customer: Customer) -> QuerySet[User]:
    """The customer's people who may sign in today."""
    return User.objects.filter(
        memberships__customer=customer, memberships__left_at=None, is_active=True
    )


@dataclass(frozen=True)
class EventProblem:
    """One place where a customer's chain of events does not hold."""

    sequence: int
    sentence: str


def events_verify(customer: Customer) -> list[EventProblem]:
    """Recompute the customer's chain; empty when it holds.

    Finds a changed, removed, added or reordered event. It cannot find that the newest events
    were cut off: for that, compare the newest hash with one written down elsewhere.
    """
    problems = []
    expected_sequence = 1
    previous_hash = ""
    for event in Event.objects.filter(customer=customer).order_by("sequence").iterator():
        if event.sequence != expected_sequence:
            problems.append(
                EventProblem(
                    event.sequence,
                    _("Event %(wanted)d is missing before it.") % {"wanted": event.sequence - 1},
                )
            )
        if event.previous_hash != previous_hash:
            problems.append(
                EventProblem(event.sequence, _("It does not follow the event before it."))
            )
        if event.hash != event_hash(event):
            problems.append(EventProblem(event.sequence, _("Its contents were changed.")))
        expected_sequence = event.sequence + 1
        previous_hash = event.hash
    return problems
