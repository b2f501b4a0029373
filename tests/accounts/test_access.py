"""Strangers get 404, colleagues without the role 403."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.access import (
    STAFF,
    customer_for,
    customers_managed_by,
    membership_choose,
    membership_current,
    side_of,
)
from accounts.models import Membership, Role
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(rf: RequestFactory):
    def make(user):
        request = rf.get("/")
        request.user = user
        request.session = {}
        return request

    return make


@pytest.mark.parametrize(
    "who", ["admin_person", "reviewer", "approver", "manager", "lead", "operator"]
)
def test_who_belongs_to_the_customer_sees_it(request, customer, who):
    assert customer_for(request.getfixturevalue(who), "northwind") == customer


@pytest.mark.parametrize("who", ["stranger", "other_manager", "staff_without_rights"])
def test_strangers_do_not_learn_that_the_customer_exists(request, customer, who):
    with pytest.raises(Http404):
        customer_for(request.getfixturevalue(who), "northwind")


def test_nobody_signed_in_is_a_stranger(customer):
    with pytest.raises(Http404):
        customer_for(AnonymousUser(), "northwind")


def test_a_slug_of_nobody_is_not_found(lead):
    with pytest.raises(Http404):
        customer_for(lead, "nobody")


@pytest.mark.parametrize("who", ["reviewer", "approver", "manager"])
def test_who_lacks_the_role_is_refused(request, customer, who):
    with pytest.raises(PermissionDenied):
        customer_for(request.getfixturevalue(who), "northwind", roles={Role.ADMIN})


def test_a_stranger_is_not_found_even_when_a_role_is_asked_for(customer, stranger):
    with pytest.raises(Http404):
        customer_for(stranger, "northwind", roles={Role.ADMIN})


def test_managing_staff_may_where_staff_are_named(customer, manager):
    assert customer_for(manager, "northwind", roles={Role.ADMIN, STAFF}) == customer


def test_who_left_is_a_stranger(customer, reviewer):
    Membership.objects.filter(user=reviewer).update(left_at=timezone.now())
    with pytest.raises(Http404):
        customer_for(reviewer, "northwind")


def test_a_switched_off_account_is_a_stranger(customer, reviewer, manager):
    for user in (reviewer, manager):
        user.is_active = False
        with pytest.raises(Http404):
            customer_for(user, "northwind")
    assert not customers_managed_by(manager).exists()


def test_a_manager_sees_their_own_customers(customer, other_customer, manager):
    assert list(customers_managed_by(manager)) == [customer]


@pytest.mark.parametrize("who", ["lead", "operator"])
def test_leads_and_operators_see_all(request, customer, other_customer, who):
    assert set(customers_managed_by(request.getfixturevalue(who))) == {customer, other_customer}


@pytest.mark.parametrize("who", ["staff_without_rights", "admin_person"])
def test_others_manage_nobody(request, customer, who):
    assert not customers_managed_by(request.getfixturevalue(who)).exists()


def test_each_person_speaks_for_one_side(customer, admin_person, manager, lead):
    assert side_of(admin_person, customer) == "customer"
    assert side_of(manager, customer) == "vendor"
    assert side_of(lead, customer) == "vendor"


def test_staff_speak_for_the_vendor_even_with_a_membership(customer, manager):
    MembershipFactory(customer=customer, user=manager)
    assert side_of(manager, customer) == "vendor"


def test_a_person_without_a_customer_finds_nothing(request_of, staff_without_rights):
    with pytest.raises(Http404):
        membership_current(request_of(staff_without_rights))


def test_a_person_of_two_customers_sees_the_one_they_chose(
    request_of, admin_person, other_customer, customer
):
    second = MembershipFactory(customer=other_customer, user=admin_person)
    request = request_of(admin_person)
    assert membership_current(request) == second
    membership_choose(request, admin_person.memberships.get(customer=customer))
    assert membership_current(request).customer == customer


def test_a_chosen_customer_that_was_left_is_forgotten(request_of, admin_person, other_customer):
    second = MembershipFactory(customer=other_customer, user=admin_person)
    request = request_of(admin_person)
    membership_choose(request, second)
    Membership.objects.filter(pk=second.pk).update(left_at=timezone.now())
    assert membership_current(request).customer.slug == "northwind"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC"), ("../etc", "UTC")],
)
def test_times_are_in_the_persons_zone_and_in_utc_for_an_unknown_one(
    rf, admin_person, stored, shown
):
    from accounts.middleware import TimeZoneMiddleware

    def zone(_request):
        return HttpResponse(timezone.get_current_timezone_name())

    request = rf.get("/")
    request.user = admin_person
    admin_person.time_zone = stored
    assert TimeZoneMiddleware(zone)(request).content.decode() == shown
