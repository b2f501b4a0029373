"""Reads of this floor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

    Finds a changed, removed, added or reordered event. That the newest events were cut off shows
    only against something kept elsewhere: an evidence pack (`pack_compare`).
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


def pack_compare(
    customer: Customer, pack: Mapping[str, Any], json_sha256: str
) -> list[tuple[str, str]]:
    """An evidence pack against the database: (place, sentence) for all that differs.

    Every event of the pack still stands as it was, none was cut off since, and the log says that
    this very file was made. That the pack itself holds is `accounts.verify_evidence`.
    """
    stored = dict(Event.objects.filter(customer=customer).values_list("sequence", "hash"))
    problems = []
    events = pack.get("events")
    for event in events if isinstance(events, list) else []:
        number, found = (
            (event.get("sequence"), event.get("hash")) if isinstance(event, dict) else (None, None)
        )
        where = f"event {number}"
        if type(number) is not int or number not in stored:
            problems.append((where, _("The database does not have it: it was cut off or removed.")))
        elif stored[number] != found:
            problems.append((where, _("The database has another event in its place.")))
    made = Event.objects.filter(customer=customer, action="evidence.made")
    if not made.filter(data__json_sha256=json_sha256).exists():
        problems.append(
            (_("the file as a whole"), _("No event “evidence.made” carries its SHA-256."))
        )
    return problems
