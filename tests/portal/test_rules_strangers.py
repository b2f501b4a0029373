"""Rule 7: a customer's people see only their customer; strangers get 404.

Every address is asked in tests/access. Here: the functions that hand out objects, and the lists
that admin pages and pickers start from, so that a new page built on them cannot leak.
"""

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from accounts.access import customer_for
from accounts.models import Role, User
from integrations.access import attempt_for, connection_for
from jobchanges.access import delivery_for
from jobchanges.access import test_run_for as run_for
from jobchanges.models import SettingsTemplate
from jobchanges.selectors import candidates, runs_by_customer
from portal.managers.access import customer_here, link_here, run_here
from portal.models import HelpText
from tests.factories import (
    AllowanceFactory,
    BatchFactory,
    ConfirmationFactory,
    ConnectAttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    EventFactory,
    ImportRunFactory,
    JobChangeFactory,
    OutgoingMailFactory,
    SignatureFactory,
    SignupLinkFactory,
    SummaryFactory,
    TestRunFactory,
    WaiverFactory,
)

pytestmark = pytest.mark.django_db

# Of nobody in particular: every manager reads them, leads write them.
COMMON = {HelpText, SettingsTemplate}


@pytest.fixture
def northwind(customer, admin_person):
    """Something of everything; by name."""
    connection = ConnectionFactory(customer=customer, connected_by=admin_person)
    run = TestRunFactory(customer=customer, epoch=connection.epoch)
    link = SignupLinkFactory(customer=customer)
    EventFactory(customer=customer)
    ImportRunFactory(customer=customer)
    ConfirmationFactory(customer=customer, by=admin_person)
    WaiverFactory(customer=customer)
    OutgoingMailFactory(customer=customer)
    AllowanceFactory(test_run=run, by=admin_person)
    BatchFactory(customer=customer, customer_signer=admin_person)
    SignatureFactory(summary=SummaryFactory(customer=customer), by=admin_person)
    return {
        "customer": customer,
        "connection": connection,
        "run": run,
        "delivery": DeliveryFactory(test_run=run),
        "link": link,
        "attempt": ConnectAttemptFactory(customer=customer, link=link, user=admin_person),
    }


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


# name → which object, and how a person asks for it
HANDED_OUT = {
    "customer_for": ("customer", lambda who, it, **v: customer_for(who, it.slug, **v)),
    "connection_for": ("connection", lambda who, it, **v: connection_for(who, it.pk, **v)),
    "run_for": ("run", lambda who, it, **v: run_for(who, it.pk, **v)),
    "delivery_for": ("delivery", lambda who, it, **v: delivery_for(who, it.pk, **v)),
}
ON_THE_DESK = {
    "customer_here": ("customer", lambda who, it: customer_here(request_of(who), it.pk)),
    "link_here": ("link", lambda who, it: link_here(request_of(who), it.pk)),
    "run_here": ("run", lambda who, it: run_here(request_of(who), it.pk)),
}


@pytest.fixture
def outsiders(stranger, other_manager, staff_without_rights, reviewer, customer):
    """Who has nothing to do with Northwind (any more)."""
    former = User.objects.create(email="fay@elsewhere.example", full_name="Fay Former")
    former.memberships.create(customer=customer, role=Role.ADMIN, left_at=customer.created_at)
    switched_off = User.objects.create(email="off@northwind.example", is_active=False)
    switched_off.memberships.create(customer=customer, role=Role.ADMIN)
    return [stranger, other_manager, staff_without_rights, former, switched_off]


@pytest.mark.parametrize("name", [*HANDED_OUT, *ON_THE_DESK])
def test_rule_7_outsiders_get_404(northwind, outsiders, name):
    thing, ask = (HANDED_OUT | ON_THE_DESK)[name]
    for person in outsiders:
        with pytest.raises(Http404):
            ask(person, northwind[thing])


@pytest.mark.parametrize("name", HANDED_OUT)
def test_rule_7_colleagues_without_the_role_get_403(northwind, reviewer, name):
    thing, ask = HANDED_OUT[name]
    assert ask(reviewer, northwind[thing]) == northwind[thing]
    with pytest.raises(PermissionDenied):
        ask(reviewer, northwind[thing], roles=[Role.ADMIN])


@pytest.mark.parametrize("name", ON_THE_DESK)
def test_rule_7_the_desk_is_for_the_customers_own_manager(northwind, manager, name):
    thing, ask = ON_THE_DESK[name]
    assert ask(manager, northwind[thing]) == northwind[thing]


def test_rule_7_an_attempt_is_its_persons_alone(
    northwind, admin_person, reviewer, manager, outsiders
):
    attempt = northwind["attempt"]
    assert attempt_for(admin_person, attempt.pk) == attempt
    for person in [reviewer, manager, *outsiders]:
        with pytest.raises(Http404):
            attempt_for(person, attempt.pk)


@pytest.mark.parametrize(
    "model",
    [model for model in admin.site._registry if model not in {User, *COMMON}],
    ids=lambda model: model.__name__,
)
def test_rule_7_admin_lists_start_from_the_managers_own_customers(
    northwind, other_customer, manager, other_manager, staff_without_rights, model
):
    lists = admin.site._registry[model]
    mine, theirs, nobodys = (
        set(lists.get_queryset(request_of(person)).values_list("pk", flat=True))
        for person in (manager, other_manager, staff_without_rights)
    )
    assert mine, "Make a row of it in `northwind`, so that the list has something to hide."
    assert not mine & theirs
    assert not nobodys


def test_rule_7_what_may_be_picked_is_the_customers_own(northwind, other_customer):
    JobChangeFactory(customer=other_customer)
    for customer in (northwind["customer"], other_customer):
        for environment in ("sandbox", "production"):
            owners = candidates(customer, environment).values_list("customer", flat=True)
            assert set(owners) <= {customer.pk}


def test_rule_7_runs_are_listed_for_their_customer_only(northwind, other_customer):
    TestRunFactory(customer=other_customer)
    found = runs_by_customer([northwind["customer"]])
    assert [run.pk for run in found[northwind["customer"].pk]] == [northwind["run"].pk]
