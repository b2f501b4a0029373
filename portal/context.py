"""What every page of the portal knows."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Customer, Environment
from jobchanges.models import Batch, TestRun
from portal.access import reader_here
from portal.see_as import viewing_of


def portal_context(request: HttpRequest) -> dict[str, Any]:
    """The reader's customer, whom to ask, and whether this is the demo.

    Lazy: a page that shows none of it costs no query, and at most two are made.
    """
    customer = SimpleLazyObject(lambda: _customer(request))
    return {
        "demo": settings.DEMO,
        "viewing": viewing_of(request),
        "customer": customer,
        "help_email": SimpleLazyObject(lambda: _manager_email(customer)),
        "places": SimpleLazyObject(lambda: _places(customer)),
    }


def _customer(request: HttpRequest) -> Customer | None:
    """The customer whose pages the signed-in person reads; one query, nobody's for staff."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_staff:
        return None
    try:
        return reader_here(request).customer
    except Http404:
        return None


def _manager_email(customer: Any) -> str:
    """Where questions go."""
    manager = customer.implementation_manager if customer else None
    return manager.email if manager else ""


def _places(customer: Any) -> dict[str, bool]:
    """Pages that the menu shows from some moment on; one query.

    Go live: the production test is approved. New job changes: a batch is through.
    """
    if not customer:
        return {"go_live": False, "sending": False}
    tested = TestRun.objects.filter(
        customer=OuterRef("pk"),
        environment=Environment.PRODUCTION,
        state=TestRun.State.APPROVED,
    )
    through = Batch.objects.filter(customer=OuterRef("pk"), state=Batch.State.ENDED)
    row = Customer.objects.filter(pk=customer.pk)
    found = row.values(go_live=Exists(tested), sending=Exists(through)).get()
    return {name: bool(is_open) for name, is_open in found.items()}
