"""Who reads a page of the portal, and in which role."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.access import membership_current, person_of
from accounts.models import Customer, Membership, Role, User
from portal.see_as import viewing_of
from portal.steps import Step, step_find

# The reader is asked for by the view and again by the templates: kept on the request.
_KEPT = "portal_reader"


@dataclass(frozen=True)
class Reader:
    """Whoever reads, with the customer whose pages they read.

    `viewing`: a member of staff looks at them as an admin of the customer sees them. `person` is
    then a stand-in who belongs to nobody, and there is no membership (`portal/see_as.py`): a page
    may not write anything, ask an org or show what is one person's own.
    """

    person: User
    customer: Customer
    membership: Membership | None
    viewing: bool = False

    @property
    def role(self) -> str:
        """A `Role` value."""
        return self.membership.role if self.membership else Role.ADMIN.value

    @property
    def is_admin(self) -> bool:
        """Whether they connect orgs, confirm steps and choose settings (product.md, section 1)."""
        return self.role == Role.ADMIN

    @property
    def may_sign(self) -> bool:
        """Whether the role allows, signs and stops for the customer."""
        return self.role in {Role.ADMIN, Role.APPROVER}


def reader_here(request: HttpRequest, *, roles: Collection[str] | None = None) -> Reader:
    """The reader of this request.

    Raises Http404 for a person without a customer (staff too: their place is the managers' desk,
    unless they look at a customer's pages from there), PermissionDenied for a colleague without
    one of `roles`.
    """
    reader: Reader | None = getattr(request, _KEPT, None)
    if reader is None:
        reader = _reader(request)
        setattr(request, _KEPT, reader)
    if roles is not None and reader.role not in roles:
        raise PermissionDenied
    return reader


def _reader(request: HttpRequest) -> Reader:
    viewing = viewing_of(request)
    if viewing is not None:
        return Reader(person_of(request), viewing.customer, None, viewing=True)
    membership = membership_current(request)
    return Reader(person_of(request), membership.customer, membership)


def step_for(reader: Reader, key: str) -> Step:
    """A step of the reader's journey by its key. Raises Http404 when the path has no such step."""
    step = step_find(reader.customer.path, key)
    if step is None:
        raise Http404
    return step
