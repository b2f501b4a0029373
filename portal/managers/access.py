"""Who may do what on a page of the managers' desk that is not one of Django's own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse

from accounts.access import customers_managed_by, person_of
from accounts.models import Customer, Environment, SignupLink
from accounts.numbers import row_number
from jobchanges.access import test_run_for
from jobchanges.models import TestRun


def right_check(request: HttpRequest, *permissions: str) -> None:
    """Raises PermissionDenied when the person's groups do not give all of the permissions."""
    if not person_of(request).has_perms(permissions):
        raise PermissionDenied


def customer_here(request: HttpRequest, pk: int, *permissions: str) -> Customer:
    """A customer that the person manages: Http404 for others', 403 without the permissions."""
    customer = (
        customers_managed_by(request.user)
        .select_related("implementation_manager")
        .filter(pk=pk)
        .first()
    )
    if customer is None:
        raise Http404
    right_check(request, *permissions)
    return customer


def environment_here(name: str) -> str:
    """One of the two environments. Raises Http404 for any other word."""
    if name not in Environment.values:
        raise Http404
    return name


def link_here(request: HttpRequest, pk: int, *permissions: str) -> SignupLink:
    """A sign-up link of a customer that the person manages."""
    link = (
        SignupLink.objects.select_related("customer__implementation_manager")
        .filter(pk=pk, customer__in=customers_managed_by(request.user))
        .first()
    )
    if link is None:
        raise Http404
    right_check(request, *permissions)
    return link


def run_here(request: HttpRequest, pk: object, *permissions: str) -> TestRun:
    """A test run of a customer that the person manages."""
    number = row_number(str(pk))
    if number is None:
        raise Http404
    run = test_run_for(request.user, number, roles=["staff"])
    right_check(request, *permissions)
    return run


def desk_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """A page of the desk: `context` with what every page of the admin needs."""
    everywhere = admin.site.each_context(request)
    return TemplateResponse(request, template, {**everywhere, **context}, status=status)
