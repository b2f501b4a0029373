"""See as the customer: staff read a customer's pages exactly as an admin of it sees them.

Begun by a POST on the desk, kept in the staff member's session, and over after an hour, on
leaving, at sign-out, and when the customer is somebody else's to manage. Beginning and end are
events of the customer.

Nobody becomes anybody else. While a page of the customer is shown, `request.user` is a stand-in:
an unsaved person with no rights, no address and no account, whom `accounts.access.role_at` takes
for an admin of this one customer. What needs a person - a code, a signature, an OAuth start, any
row written "by" somebody - fails for it by construction, and every form is refused before its
view runs. The desk and the staff member's own pages stay theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.contrib import messages
from django.contrib.auth import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import ResolverMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, Event, User
from accounts.services import event_record

SESSION_KEY = "sees_customer"
LASTS = timedelta(minutes=60)
RIGHT = "accounts.view_customer"
BEGUN, ENDED = "customer.viewed_as", "customer.viewing_ended"
# A stand-in has a key that no row has: looking things up by it finds nothing.
NOBODY = -1

# Not the customer's pages: the staff member's own, what anybody opens, and what programs call.
OWN = frozenset(
    {
        "mail_unsubscribe",
        "my_settings",
        "usersessions_list",
        "intake_job_changes",
        "intake_openapi",
    }
)
OWN_BEGIN = ("admin:", "account_", "mfa_", "demo_", "health")
# Never for staff, not even to read: these are one person's way in, or to Salesforce.
NEVER = frozenset({"signup", "connection_disconnect"})
NEVER_BEGIN = ("connect_", "colleague_")


@dataclass(frozen=True)
class Viewing:
    """Who looks at which customer's pages, and until when at the latest."""

    person: User
    customer: Customer
    until: datetime


def viewing_of(request: HttpRequest) -> Viewing | None:
    """What the reader of this request looks at; None for everybody but staff on such a page."""
    found: Viewing | None = getattr(request, "viewing", None)
    return found


def viewing_start(request: HttpRequest, customer: Customer) -> None:
    """Begin to look; another look that was on ends. `customer`: one that the person manages."""
    viewing_end(request, why="left")
    person, until = person_of(request), timezone.now() + LASTS
    with transaction.atomic():
        event = event_record(
            customer=customer,
            action=BEGUN,
            by=person,
            side="vendor",
            data={"until": until.isoformat(timespec="seconds")},
        )
    request.session[SESSION_KEY] = {
        "customer": customer.pk,
        "person": person.pk,
        "until": until.isoformat(),
        "event": event.sequence,
    }


def viewing_end(request: HttpRequest, *, why: str) -> Customer | None:
    """End the look of this session, if one is on; the customer it was at.

    `why`: left, time, sign_out or lost (the customer is no longer theirs to manage).
    """
    kept = request.session.pop(SESSION_KEY, None)
    customer = Customer.objects.filter(pk=kept["customer"]).first() if kept else None
    if kept is None or customer is None:
        return None
    _end_record(customer, kept["person"], kept["event"], why)
    return customer


def viewings_close(*, dry_run: bool = False) -> int:
    """Record the end of looks whose hour passed in a browser that was closed; how many."""
    now, found = timezone.now(), 0
    for begun in Event.objects.filter(
        action=BEGUN, created_at__gte=now - timedelta(days=3)
    ).select_related("customer"):
        until = parse_datetime(begun.data["until"])
        if until is None or until > now or begun.actor_id is None:
            continue
        if dry_run:
            found += not _ended(begun.customer, begun.sequence)
        else:
            found += _end_record(begun.customer, begun.actor_id, begun.sequence, "time")
    return found


def _end_record(customer: Customer, person_pk: int, started: int, why: str) -> bool:
    with transaction.atomic():
        # Two pages may notice at once: the second waits here and finds it done.
        Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)
        if _ended(customer, started):
            return False
        event_record(
            customer=customer,
            action=ENDED,
            by=User.objects.get(pk=person_pk),
            side="vendor",
            data={"started": started, "why": why},
        )
    return True


def _ended(customer: Customer, started: int) -> bool:
    return customer.events.filter(
        sequence__gt=started, action=ENDED, data__started=started
    ).exists()


@receiver(user_logged_out)
def _signed_out(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Signing out ends it: the session's key goes with the session."""
    if request is not None and hasattr(request, "session"):
        viewing_end(request, why="sign_out")


class SeeAsMiddleware:
    """Shows the customer's pages to staff who look at them, and lets nothing be sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; `process_view` has the say. Logs name the member of staff."""
        response = self.get_response(request)
        viewing = viewing_of(request)
        if viewing is not None:
            request.user = viewing.person
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponseBase | None:
        """Put the stand-in in place, refuse what is not to be read, end what is over."""
        user = request.user
        if not user.is_authenticated or not user.is_staff:
            return None
        kept = request.session.get(SESSION_KEY)
        if kept is None:
            return None
        name = _name(request.resolver_match)
        viewing = _standing(user, kept)
        theirs = name not in OWN and not name.startswith(OWN_BEGIN)
        if viewing is None:
            answer = _over(request, user, kept)
            return answer if theirs else None
        if not theirs:
            return None
        request.viewing = viewing  # type: ignore[attr-defined]
        request.user = stand_in(viewing.customer)
        structlog.contextvars.bind_contextvars(sees_customer=viewing.customer.pk)
        if request.method not in {"GET", "HEAD"}:
            return _refused(request)
        if name in NEVER or name.startswith(NEVER_BEGIN):
            return _refused(request)
        return None


def _name(match: ResolverMatch | None) -> str:
    return match.view_name if match else ""


def _standing(user: User, kept: dict[str, Any]) -> Viewing | None:
    """The look, while it may go on: in time, by the same person, at a customer of theirs."""
    until = parse_datetime(kept["until"])
    if until is None or until <= timezone.now() or kept["person"] != user.pk:
        return None
    if not user.has_perm(RIGHT):
        return None
    customer = (
        customers_managed_by(user)
        .select_related("implementation_manager")
        .filter(pk=kept["customer"])
        .first()
    )
    return Viewing(user, customer, until) if customer else None


def _over(request: HttpRequest, user: User, kept: dict[str, Any]) -> HttpResponse:
    """Note the end and lead back to the desk."""
    until = parse_datetime(kept["until"])
    in_time = until is not None and until > timezone.now()
    customer = viewing_end(request, why="lost" if in_time else "time")
    where = reverse("admin:index")
    if customer is not None and customers_managed_by(user).filter(pk=customer.pk).exists():
        where = reverse("admin:accounts_customer_change", args=[customer.pk])
        messages.info(
            request,
            _("You looked at the pages of %(name)s for an hour: that has ended.")
            % {"name": customer.name},
        )
    # A page that asks for itself would take the desk for its own fragment.
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(where)
    return HttpResponseRedirect(where)


def stand_in(customer: Customer) -> User:
    """An admin of the customer who is nobody: no row, no address, no rights."""
    person = User(pk=NOBODY, full_name=_("Admin of %(company)s") % {"company": customer.name})
    person.sees_customer = customer.pk
    return person


def _refused(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/see_as/refused.html", status=403)
