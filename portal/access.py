"""Who reads a page of the portal, and in which role."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.access import membership_current, person_of
from accounts.models import Customer, Membership, Role, User
from portal.steps import Step, step_find

# The reader is asked for by the view and again by the templates: kept on the request.
_KEPT = "portal_reader"


@dataclass(frozen=True)
class Reader:
    """The signed-in person with the customer whose pages they read."""

    person: User
    customer: Customer
    membership: Membership

    @property
    def is_admin(self) -> bool:
        """Whether they connect orgs, confirm steps and choose settings (product.md, section 1)."""
        return self.membership.role == Role.ADMIN


def reader_here(request: HttpRequest, *, roles: Collection[str] | None = None) -> Reader:
    """The reader of this request.

    Raises Http404 for a person without a customer (staff too: their place is the managers' desk),
    PermissionDenied for a colleague without one of `roles`.
    """
    reader: Reader | None = getattr(request, _KEPT, None)
    if reader is None:
        membership = membership_current(request)
        reader = Reader(person_of(request), membership.customer, membership)
        setattr(request, _KEPT, reader)
    if roles is not None and reader.membership.role not in roles:
        raise PermissionDenied
    return reader


def step_for(reader: Reader, key: str) -> Step:
    """A step of the reader's journey by its key. Raises Http404 when the path has no such step."""
    step = step_find(reader.customer.path, key)
    if step is None:
        raise Http404
    return step
