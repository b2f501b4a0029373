"""The life of a sign-up link."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Environment, Event, Membership, Path, Role, SignupLink
from accounts.selectors import signup_link_find
from accounts.services import (
    SignupLinkError,
    signup_link_create,
    signup_link_prove,
    signup_link_replace,
    signup_link_revoke,
    signup_link_spend,
)
from tests.factories import MembershipFactory, SignupLinkFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(customer, manager) -> tuple[SignupLink, str]:
    return signup_link_create(
        customer=customer,
        environment=Environment.SANDBOX,
        person_name="Priya Shah",
        email="Priya.Shah@Northwind.example",
        by=manager,
    )


@pytest.fixture
def link(made) -> SignupLink:
    return made[0]


@pytest.fixture
def priya() -> object:
    return UserFactory(full_name="Priya Shah", email="priya.shah@northwind.example")


def actions(customer) -> list[str]:
    return list(Event.objects.filter(customer=customer).values_list("action", flat=True))


def test_the_token_opens_the_link_and_is_stored_nowhere(made):
    link, token = made
    assert signup_link_find(token) == link
    row = SignupLink.objects.filter(pk=link.pk).values().get()
    assert not [name for name, value in row.items() if token in str(value)]


def test_every_link_has_a_token_of_its_own(customer, manager, made):
    _other, token = signup_link_create(
        customer=customer,
        environment=Environment.PRODUCTION,
        person_name="Priya Shah",
        email="priya.shah@northwind.example",
        by=manager,
    )
    assert token != made[1]
    assert len(token) >= 43


def test_a_wrong_token_opens_nothing(made):
    assert signup_link_find(made[1] + "x") is None


def test_making_a_link_is_an_event_without_personal_data(customer, link):
    event = Event.objects.get(customer=customer)
    assert (event.action, event.data) == ("signup_link.created", {"link": link.pk})


def test_a_sandbox_link_needs_the_sandbox_path(customer, manager):
    customer.path = Path.PRODUCTION_ONLY
    with pytest.raises(SignupLinkError, match="goes to production without a sandbox"):
        signup_link_create(
            customer=customer,
            environment=Environment.SANDBOX,
            person_name="Priya",
            email="priya@northwind.example",
            by=manager,
        )


def test_a_production_link_needs_no_sandbox_path(customer, manager):
    customer.path = Path.PRODUCTION_ONLY
    link, _token = signup_link_create(
        customer=customer,
        environment=Environment.PRODUCTION,
        person_name="Priya",
        email="priya@northwind.example",
        by=manager,
    )
    assert link.state == SignupLink.State.ACTIVE


@pytest.mark.parametrize("email", ["", "priya", "priya@", "a@b"])
def test_a_link_needs_a_real_address(customer, manager, email):
    with pytest.raises(SignupLinkError, match="not an e-mail address"):
        signup_link_create(
            customer=customer,
            environment=Environment.SANDBOX,
            person_name="Priya",
            email=email,
            by=manager,
        )


def test_a_link_ends_after_its_days(link):
    with time_machine.travel(timezone.now() + datetime.timedelta(days=14, seconds=1)):
        assert link.state == SignupLink.State.EXPIRED


def test_sending_again_makes_a_new_token_and_ends_the_old(made, manager):
    link, token = made
    new, new_token = signup_link_replace(link=link, by=manager)
    assert link.state == SignupLink.State.REPLACED
    assert (new.email, new.person_name, new.environment) == (
        link.email,
        link.person_name,
        link.environment,
    )
    assert new.state == SignupLink.State.ACTIVE
    assert signup_link_find(token).state == SignupLink.State.REPLACED
    assert signup_link_find(new_token) == new


def test_an_expired_link_may_be_sent_again(customer, manager):
    link = SignupLinkFactory(customer=customer, expires_at=timezone.now())
    new, _token = signup_link_replace(link=link, by=manager)
    assert new.state == SignupLink.State.ACTIVE


def test_sending_the_same_link_again_twice_leaves_one_active(customer, link, manager):
    stale = SignupLink.objects.get(pk=link.pk)
    signup_link_replace(link=link, by=manager)
    with pytest.raises(SignupLinkError, match="sent again already"):
        signup_link_replace(link=stale, by=manager)
    active = [each for each in SignupLink.objects.all() if each.state == SignupLink.State.ACTIVE]
    assert len(active) == 1


def test_a_used_link_is_not_sent_again(link, priya, manager):
    signup_link_spend(link=link, by=priya)
    with pytest.raises(SignupLinkError, match="was used"):
        signup_link_replace(link=link, by=manager)
    assert SignupLink.objects.count() == 1


def test_revoking_ends_a_link_and_says_who_did_it(customer, link, manager):
    signup_link_revoke(link=link, by=manager)
    assert (link.state, link.revoked_by) == (SignupLink.State.REVOKED, manager)
    assert actions(customer)[-1] == "signup_link.revoked"


def test_a_link_is_revoked_once(link, manager):
    signup_link_revoke(link=link, by=manager)
    with pytest.raises(SignupLinkError, match="ended already"):
        signup_link_revoke(link=link, by=manager)


def test_proving_makes_the_person_an_admin(customer, link, priya):
    membership = signup_link_prove(link=link, user=priya)
    assert (membership.customer, membership.user, membership.role) == (customer, priya, Role.ADMIN)
    assert link.proven_by == priya
    assert actions(customer) == ["signup_link.created", "signup_link.proven"]


def test_proving_again_changes_nothing(customer, link, priya):
    first = signup_link_prove(link=link, user=priya)
    assert signup_link_prove(link=link, user=priya) == first
    assert actions(customer).count("signup_link.proven") == 1


def test_a_colleague_on_the_customers_domain_may_prove_a_forwarded_link(link):
    colleague = UserFactory(email="sam.lee@northwind.example")
    assert signup_link_prove(link=link, user=colleague).role == Role.ADMIN


@pytest.mark.parametrize(
    "email",
    [
        "sam@elsewhere.example",
        "sam@sub.northwind.example",
        "sam@notnorthwind.example",
        "sam@northwind.example.evil.example",
    ],
)
def test_nobody_outside_the_customers_domains_proves_a_link(customer, link, email):
    with pytest.raises(SignupLinkError, match="not one of its addresses"):
        signup_link_prove(link=link, user=UserFactory(email=email))
    assert not Membership.objects.exists()


def test_the_invited_address_may_be_outside_the_domains(customer, manager):
    link = SignupLinkFactory(customer=customer, email="priya@agency.example")
    user = UserFactory(email="priya@agency.example")
    assert signup_link_prove(link=link, user=user).customer == customer


def test_staff_never_prove_a_link(customer, manager):
    link = SignupLinkFactory(customer=customer, email=manager.email)
    with pytest.raises(SignupLinkError, match="staff"):
        signup_link_prove(link=link, user=manager)


@pytest.mark.parametrize("ended", ["expires_at", "revoked_at", "used_at"])
def test_a_link_that_ended_is_not_proven(customer, priya, ended):
    link = SignupLinkFactory(customer=customer, **{ended: timezone.now()})
    with pytest.raises(SignupLinkError, match="has ended"):
        signup_link_prove(link=link, user=priya)
    assert not Membership.objects.exists()


def test_proving_brings_back_a_person_who_had_left(customer, link, priya):
    MembershipFactory(customer=customer, user=priya, role=Role.REVIEWER, left_at=timezone.now())
    membership = signup_link_prove(link=link, user=priya)
    assert (membership.role, membership.left_at) == (Role.ADMIN, None)
    assert Membership.objects.count() == 1


def test_who_left_does_not_come_back_by_a_forwarded_link(customer, link):
    former = UserFactory(email="former.colleague@northwind.example")
    MembershipFactory(customer=customer, user=former, left_at=timezone.now())
    with pytest.raises(SignupLinkError, match="You left Northwind Traders"):
        signup_link_prove(link=link, user=former)
    assert Membership.objects.get(user=former).left_at is not None
    link.refresh_from_db()
    assert link.proven_at is None


def test_a_link_is_spent_once(customer, link, priya):
    stale = SignupLink.objects.get(pk=link.pk)
    signup_link_spend(link=link, by=priya)
    assert link.state == SignupLink.State.SPENT
    with pytest.raises(SignupLinkError, match="has ended"):
        signup_link_spend(link=stale, by=priya)
    assert actions(customer).count("signup_link.spent") == 1
