"""Who of a company is what: the last admin stays, and what ends ends everywhere."""

import threading

import pytest
from django.contrib.sessions.models import Session
from django.db import connection as database

from accounts.models import Event, Membership, Role, SignupLink, User
from accounts.selectors import events_verify
from accounts.services import (
    ColleagueError,
    colleague_end,
    colleague_invite,
    colleague_role_change,
    signer_name,
)
from tests.factories import MembershipFactory, SignupLinkFactory, UserFactory

pytestmark = pytest.mark.django_db

SAM = {"email": "Sam.Admin@northwind.example", "full_name": " Sam  Admin "}


def of(person) -> Membership:
    return person.memberships.get()


def last_event(customer) -> tuple[str, dict]:
    event = Event.objects.filter(customer=customer).latest("sequence")
    assert "@" not in str(event.data)
    return event.action, event.data


@pytest.mark.parametrize("role", Role.values)
def test_an_admin_gives_any_of_the_three_roles(customer, admin_person, role):
    membership = colleague_invite(customer=customer, role=role, by=admin_person, **SAM)
    assert (membership.role, membership.user.email) == (role, "sam.admin@northwind.example")
    assert str(membership.user) == "Sam Admin"
    assert last_event(customer) == (
        "membership.given",
        {"membership": membership.pk, "role": role},
    )


def test_who_has_access_keeps_their_role_until_it_is_changed(customer, admin_person, reviewer):
    with pytest.raises(ColleagueError, match="Ravi Menon has access already, as reviewer"):
        colleague_invite(
            customer=customer, email=reviewer.email, full_name="R", role="admin", by=admin_person
        )
    assert of(reviewer).role == Role.REVIEWER


def test_only_an_admin_gives_and_ends(customer, admin_person, approver, reviewer, stranger):
    for by in (approver, stranger):
        with pytest.raises(ColleagueError, match="Only an admin"):
            colleague_invite(customer=customer, role="admin", by=by, **SAM)
        with pytest.raises(ColleagueError, match="Only an admin"):
            colleague_role_change(membership=of(reviewer), role="admin", by=by)
        with pytest.raises(ColleagueError, match="Only an admin"):
            colleague_end(membership=of(reviewer), by=by)
    assert not Event.objects.exists()


def test_a_role_is_changed_once(customer, admin_person, reviewer):
    assert colleague_role_change(membership=of(reviewer), role="approver", by=admin_person)
    assert not colleague_role_change(membership=of(reviewer), role="approver", by=admin_person)
    action, data = last_event(customer)
    assert (action, data["role"], data["before"]) == (
        "membership.role_changed",
        "approver",
        "reviewer",
    )
    assert Event.objects.count() == 1


def test_the_last_admin_stays(customer, admin_person, approver):
    for role in ("reviewer", "approver"):
        with pytest.raises(ColleagueError, match="Priya Shah is the only admin"):
            colleague_role_change(membership=of(admin_person), role=role, by=admin_person)
    with pytest.raises(ColleagueError, match="only admin"):
        colleague_end(membership=of(admin_person), by=admin_person)
    # One who cannot sign in does not count.
    gone = MembershipFactory(customer=customer, user=UserFactory(is_active=False))
    with pytest.raises(ColleagueError, match="only admin"):
        colleague_end(membership=of(admin_person), by=admin_person)
    gone.user.is_active = True
    gone.user.save(update_fields=["is_active"])
    colleague_end(membership=of(admin_person), by=admin_person)
    assert of(admin_person).left_at is not None
    assert last_event(customer)[0] == "membership.left"
    # Nor does one who has left.
    with pytest.raises(ColleagueError, match="only admin"):
        colleague_end(membership=gone, by=gone.user)
    with pytest.raises(ColleagueError, match="Only an admin"):
        colleague_role_change(membership=of(approver), role="admin", by=admin_person)


def test_everybody_else_may_leave(customer, reviewer):
    colleague_end(membership=of(reviewer), by=reviewer)
    assert of(reviewer).left_at is not None
    with pytest.raises(ColleagueError, match="no access any more"):
        colleague_end(membership=of(reviewer), by=reviewer)


def test_ending_ends_sessions_and_links_made_out_to_them(
    customer, admin_person, reviewer, signed_in
):
    browser = signed_in(reviewer)
    theirs = SignupLinkFactory(customer=customer, email="Ravi.Menon@northwind.example")
    another = SignupLinkFactory(customer=customer, email=admin_person.email)
    colleague_end(membership=of(reviewer), by=admin_person)
    assert browser.get("/")["Location"].startswith("/people/sign-in/")
    assert not Session.objects.exists()
    theirs.refresh_from_db()
    assert theirs.state == SignupLink.State.REVOKED
    another.refresh_from_db()
    assert another.state == SignupLink.State.ACTIVE
    actions = list(Event.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["membership.ended", "signup_link.revoked"]


def test_who_left_comes_back_by_name_with_the_role_given_now(customer, admin_person, reviewer):
    colleague_end(membership=of(reviewer), by=reviewer)
    colleague_invite(
        customer=customer, email=reviewer.email, full_name="", role="approver", by=admin_person
    )
    assert (of(reviewer).role, of(reviewer).left_at) == ("approver", None)


def test_staff_name_a_signer_only_where_nobody_may_sign(customer, manager, reviewer):
    membership, made = signer_name(
        customer=customer, email=reviewer.email, full_name="", role="approver", by=manager
    )
    assert (membership.user, membership.role, made) == (reviewer, "approver", False)
    event = Event.objects.latest("pk")
    assert (event.action, event.side, event.actor) == (
        "membership.role_changed",
        "vendor",
        manager,
    )
    with pytest.raises(ColleagueError, match="may sign again"):
        signer_name(customer=customer, role="admin", by=manager, **SAM)


def test_a_signer_whose_account_is_off_is_none(customer, manager, approver):
    User.objects.filter(pk=approver.pk).update(is_active=False)
    membership, _made = signer_name(customer=customer, role="admin", by=manager, **SAM)
    assert membership.role == "admin"


def test_staff_name_somebody_new_of_the_company(customer, manager):
    with pytest.raises(ColleagueError, match="a reviewer signs nothing"):
        signer_name(customer=customer, role="reviewer", by=manager, **SAM)
    elsewhere = {**SAM, "email": "sam@elsewhere.example"}
    with pytest.raises(ColleagueError, match="add it to the account first"):
        signer_name(customer=customer, role="admin", by=manager, **elsewhere)
    membership, made = signer_name(customer=customer, role="admin", by=manager, **SAM)
    assert (membership.role, made) == ("admin", True)


def at_once(*calls):
    start = threading.Barrier(len(calls))
    found = []

    def one(call):
        start.wait(timeout=30)
        try:
            found.append(call())
        except ColleagueError as error:
            found.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=one, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == len(calls)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_last_admins_who_leave_at_the_same_moment_one_stays(customer, admin_person):
    second = MembershipFactory(customer=customer)
    first = of(admin_person)
    found = at_once(
        lambda: colleague_end(membership=first, by=admin_person),
        lambda: colleague_role_change(membership=second, role="reviewer", by=second.user),
    )
    assert sum(isinstance(one, ColleagueError) for one in found) == 1
    assert Membership.objects.filter(customer=customer, role="admin", left_at=None).count() == 1
    assert events_verify(customer) == []


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_end_each_other_leave_one(customer, admin_person):
    second = MembershipFactory(customer=customer)
    first = of(admin_person)
    found = at_once(
        lambda: colleague_end(membership=first, by=second.user),
        lambda: colleague_end(membership=second, by=admin_person),
    )
    assert sum(isinstance(one, ColleagueError) for one in found) == 1
    assert Membership.objects.filter(customer=customer, left_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_name_a_signer_name_one(customer, manager, lead):
    found = at_once(
        *(
            lambda by=by, n=n: signer_name(
                customer=customer,
                email=f"sam{n}@northwind.example",
                full_name="Sam",
                role="approver",
                by=by,
            )
            for n, by in enumerate((manager, lead))
        )
    )
    assert sum(isinstance(one, ColleagueError) for one in found) == 1
    assert Membership.objects.filter(customer=customer, left_at=None).count() == 1
