"""The only way to fetch this floor's objects for a person.

Strangers get 404, so that nobody learns who else is a customer; colleagues without the role get
403, because they know the thing exists (style examples, 18).
"""

import functools
import time
from collections.abc import Callable, Collection
from typing import Concatenate, Literal, ParamSpec
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Customer, Membership, Role, User

# Beside the customer's roles: the staff who manage the customer.
STAFF = "staff"

# Which customer a person of several customers is looking at.
CUSTOMER_SESSION_KEY = "customer"

# How far the clocks of two web servers may differ.
CLOCK_SKEW_SECONDS = 30

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person_of(request: HttpRequest) -> User:
    """The signed-in person, for views behind `login_required`. Raises Http404 for nobody."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def memberships_of(user: User) -> QuerySet[Membership]:
    """The person's standing memberships, newest first."""
    return (
        Membership.objects.select_related("customer__implementation_manager")
        .filter(user=user, left_at=None)
        .order_by("-created_at", "-pk")
    )


def membership_current(request: HttpRequest) -> Membership:
    """The membership the signed-in person acts with: the chosen customer's, else the newest.

    Raises Http404 for a person without any. Not signed in: `login_required` comes before.
    """
    memberships = list(memberships_of(person_of(request)))
    chosen = request.session.get(CUSTOMER_SESSION_KEY)
    for membership in memberships:
        if membership.customer_id == chosen:
            return membership
    if not memberships:
        raise Http404
    return memberships[0]


def membership_choose(request: HttpRequest, membership: Membership) -> None:
    """Remember which customer the person looks at from now on."""
    request.session[CUSTOMER_SESSION_KEY] = membership.customer_id


def customers_managed_by(user: User | AnonymousUser) -> QuerySet[Customer]:
    """Operators and leads: all customers. Other staff: their own. Anybody else: none."""
    if not user.is_authenticated or not user.is_active or not user.is_staff:
        return Customer.objects.none()
    if user.is_superuser or user.has_perm("accounts.view_all_customers"):
        return Customer.objects.all()
    return Customer.objects.filter(implementation_manager=user)


def customer_for(
    user: User | AnonymousUser, slug: str, *, roles: Collection[str] | None = None
) -> Customer:
    """The customer with this slug, for a member or for staff who manage it.

    `roles` names who may (`Role` values, and `STAFF` for the staff who manage the customer);
    without it everybody of the customer and its managing staff may. Raises Http404 for strangers,
    PermissionDenied for those who may see the customer but not do this.
    """
    customer = Customer.objects.select_related("implementation_manager").filter(slug=slug).first()
    if customer is None:
        raise Http404
    role_check(user, customer, roles=roles)
    return customer


def role_check(
    user: User | AnonymousUser, customer: Customer, *, roles: Collection[str] | None = None
) -> str:
    """What the person is to the customer: a `Role` value or `STAFF`. For upper floors' access.

    Raises Http404 for strangers, PermissionDenied when `roles` does not name what they are.
    """
    role = role_at(user, customer)
    if role is None:
        raise Http404
    if roles is not None and role not in roles:
        raise PermissionDenied
    return role


def role_at(user: User | AnonymousUser, customer: Customer) -> str | None:
    """A `Role` value for the customer's person, `STAFF` for managing staff, None for strangers."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.sees_customer is not None:
        # A member of staff reads this customer's pages as an admin does; nothing can be sent.
        return Role.ADMIN if user.sees_customer == customer.pk else None
    if user.is_staff:
        return STAFF if customers_managed_by(user).filter(pk=customer.pk).exists() else None
    membership = memberships_of(user).filter(customer=customer).first()
    return membership.role if membership else None


def side_of(user: User, customer: Customer) -> Literal["customer", "vendor"]:
    """For whom a person speaks. Staff never speak for a customer. Raises Http404 for strangers."""
    return "vendor" if role_check(user, customer) == STAFF else "customer"


def _proven_recently(request: HttpRequest, user: User, method: str) -> bool:
    """Whether the session notes this way of proving oneself in the last `CODE_FRESH_SECONDS`."""
    proven = [
        record["at"]
        for record in get_authentication_records(request, user)
        if record.get("method") == method
    ]
    if not proven:
        return False
    # Another web server may have noted the time, by a clock that is a little ahead of ours.
    return -CLOCK_SKEW_SECONDS <= time.time() - max(proven) <= settings.CODE_FRESH_SECONDS


def code_proven_recently(request: HttpRequest) -> bool:
    """Whether the signed-in person typed an e-mailed code in the last `CODE_FRESH_SECONDS`.

    Connecting, allowing and signing need it (identity-and-state).
    """
    if not request.user.is_authenticated or request.user.is_staff:
        return False
    return _proven_recently(request, request.user, "code")


def factor_proven(request: HttpRequest) -> bool:
    """Whether this session of a member of staff was opened with their second factor.

    Reads the session only. Taking a factor away ends the person's sessions instead
    (`second_factor_reset`), and the last one cannot be removed by oneself.
    """
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def factor_proven_recently(request: HttpRequest) -> bool:
    """Whether a signed-in member of staff proved the second factor in `CODE_FRESH_SECONDS`.

    Signing and releasing for the vendor need it (identity-and-state).
    """
    if not request.user.is_authenticated or not request.user.is_staff:
        return False
    return _proven_recently(request, request.user, "mfa")


def password_proven_recently(request: HttpRequest) -> bool:
    """Whether a signed-in member of staff typed their password in `CODE_FRESH_SECONDS`."""
    if not request.user.is_authenticated or not request.user.is_staff:
        return False
    return _proven_recently(request, request.user, "password")


def code_page(next_url: str) -> str:
    """The address where a signed-in person proves their e-mail again and comes back."""
    return f"{reverse('account_prove')}?{urlencode({'next': next_url})}"


def _back_to(request: HttpRequest) -> str:
    """Where to go on after the code: this page, or the page whose form was sent."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        parts = urlsplit(referer)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return "/"


def fresh_code_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only a person through who proved their e-mail by a code recently; others prove it first.

    After the code they are back on the page they came from; a form is sent again by themselves.
    Nobody signed in: the sign-in page. Staff never pass: a password is no code.
    """

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            query = urlencode({"next": _back_to(request)})
            return HttpResponseRedirect(f"{reverse('account_request_login_code')}?{query}")
        if request.user.is_staff:
            raise PermissionDenied
        if not code_proven_recently(request):
            return HttpResponseRedirect(code_page(_back_to(request)))
        return view(request, *args, **kwargs)

    return wrapped


def fresh_factor_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only staff through who proved their second factor recently; others prove it first.

    After that they are back on the page they came from; a form is sent again by themselves.
    Nobody signed in: the staff's sign-in page. Customers' people never pass.
    """

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        query = urlencode({"next": _back_to(request)})
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('account_login')}?{query}")
        if not request.user.is_staff:
            raise PermissionDenied
        if not factor_proven_recently(request):
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{query}")
        return view(request, *args, **kwargs)

    return wrapped
