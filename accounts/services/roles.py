"""Who of a company is what: inviting, changing a role, ending access, leaving.

A customer's admin names people, changes roles and ends access; everybody may leave. Staff name
somebody only where nobody of the company may sign any more (identity-and-state).

Who decides about a role holds the customer's row first, as `event_record` does anyway: of two who
leave at the same moment, the second one sees that the first has left.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.deadlocks import deadlock_retried
from accounts.models import Customer, Membership, Role, SignupLink, User
from accounts.services.colleagues import (
    ColleagueError,
    access_give,
    membership_standing,
    side_for,
)
from accounts.services.events import event_record
from accounts.services.links import signup_link_revoke
from accounts.services.sessions import sessions_end

SIGNERS = (Role.ADMIN, Role.APPROVER)


def colleague_invite(
    *, customer: Customer, email: str, full_name: str, role: str, by: User
) -> Membership:
    """Give a named person of the company one of the three roles.

    Raises ColleagueError as `colleague_ensure` does, and for somebody who has access already:
    what is asked for here is a role, and theirs would silently stay another one.
    """
    email = email.strip().lower()
    if role not in Role.values:
        raise ColleagueError(_("Choose what they may do."))
    with transaction.atomic():
        _lock(customer)
        _admin_check(customer, by)
        membership = membership_standing(customer, email)
        made = False
        if membership is None:
            membership, made = access_give(
                customer, email=email, full_name=full_name, role=role, by=by
            )
        if not made:
            raise ColleagueError(
                _("%(name)s has access already, as %(role)s. Change the role in the list.")
                % {"name": membership.user, "role": membership.get_role_display().lower()}
            )
    return membership


def colleague_invited_again(*, membership: Membership, by: User) -> None:
    """Record that the invitation was mailed again. Raises ColleagueError where none is due."""
    with transaction.atomic():
        _lock(membership.customer)
        _admin_check(membership.customer, by)
        current = _current(membership)
        if current.user.last_login is not None:
            raise ColleagueError(
                _("%(name)s has signed in already, so there is nothing to send again.")
                % {"name": current.user}
            )
        event_record(
            customer=current.customer,
            action="membership.invited_again",
            by=by,
            side=side_for(by),
            data={"membership": current.pk},
        )


@deadlock_retried
def colleague_role_change(*, membership: Membership, role: str, by: User) -> bool:
    """Give somebody another role; False where they have it already.

    Raises ColleagueError for what is no role, for somebody who has left, and for the last admin.
    """
    if role not in Role.values:
        raise ColleagueError(_("Choose what they may do."))
    with transaction.atomic():
        _lock(membership.customer)
        _admin_check(membership.customer, by)
        current = _current(membership)
        if current.role == role:
            return False
        _last_admin_check(current)
        _role_set(current, role=role, by=by)
    membership.refresh_from_db()
    return True


@deadlock_retried
def colleague_end(*, membership: Membership, by: User) -> None:
    """End somebody's access, or leave (`by` is the person); what they signed and said stays.

    They are signed out everywhere, and sign-up links made out to them open nothing any more.
    Raises ColleagueError for somebody who has left already, and for the last admin.
    """
    leaves = membership.user_id == by.pk
    with transaction.atomic():
        _lock(membership.customer)
        if not leaves:
            _admin_check(membership.customer, by)
        current = _current(membership)
        _last_admin_check(current)
        ended = Membership.objects.filter(pk=current.pk, left_at=None).update(
            left_at=timezone.now()
        )
        if not ended:
            raise _left(current)
        event_record(
            customer=current.customer,
            action="membership.left" if leaves else "membership.ended",
            by=by,
            side="customer",
            data={"membership": current.pk, "role": current.role},
        )
        _links_end(current, by)
    sessions_end(user=membership.user)
    membership.refresh_from_db()


def signer_name(
    *, customer: Customer, email: str, full_name: str, role: str, by: User
) -> tuple[Membership, bool]:
    """Staff name an admin or approver where nobody of the company may sign any more.

    Returns the membership and whether the person had no access before. A colleague who had
    another role gets this one. Raises ColleagueError while somebody may sign: the company gives
    roles itself then.
    """
    email = email.strip().lower()
    if role not in SIGNERS:
        raise ColleagueError(_("Name an admin or an approver: a reviewer signs nothing."))
    with transaction.atomic():
        _lock(customer)
        if signers_of(customer).exists():
            raise ColleagueError(
                _("Somebody at %(customer)s may sign again, so nobody is named from here.")
                % {"customer": customer.name}
            )
        membership = membership_standing(customer, email)
        if membership is None:
            return access_give(customer, email=email, full_name=full_name, role=role, by=by)
        _role_set(membership, role=role, by=by)
    membership.refresh_from_db()
    return membership, False


def signers_of(customer: Customer) -> QuerySet[Membership]:
    """Who may sign for the customer today."""
    return (
        Membership.objects.select_related("user")
        .filter(customer=customer, left_at=None, user__is_active=True, role__in=SIGNERS)
        .order_by("created_at", "pk")
    )


def is_last_admin(membership: Membership) -> bool:
    """Whether nobody else of the customer is an admin who can sign in."""
    return (
        membership.role == Role.ADMIN
        and membership.left_at is None
        and not Membership.objects.filter(
            customer=membership.customer_id,
            role=Role.ADMIN,
            left_at=None,
            user__is_active=True,
        )
        .exclude(pk=membership.pk)
        .exists()
    )


def _role_set(membership: Membership, *, role: str, by: User) -> None:
    changed = Membership.objects.filter(
        pk=membership.pk, left_at=None, role=membership.role
    ).update(role=role)
    if not changed:
        raise _left(membership)
    event_record(
        customer=membership.customer,
        action="membership.role_changed",
        by=by,
        side=side_for(by),
        data={"membership": membership.pk, "role": role, "before": membership.role},
    )


def _links_end(membership: Membership, by: User) -> None:
    """A link made out to somebody is an invitation: it would let them in again."""
    open_links = SignupLink.objects.filter(
        email__iexact=membership.user.email,
        customer=membership.customer,
        used_at=None,
        revoked_at=None,
        replaced_by=None,
        expires_at__gt=timezone.now(),
    )
    for link in open_links.select_related("customer"):
        signup_link_revoke(link=link, by=by)


def _lock(customer: Customer) -> None:
    """Take turns with everybody else who decides about this customer's roles.

    SQLite has no row locks; there BEGIN IMMEDIATE (settings) lets one writer in at a time.
    """
    Customer.objects.select_for_update(no_key=True).only("pk").get(pk=customer.pk)


def _admin_check(customer: Customer, by: User) -> None:
    """Asked again under the lock: their own role may have been taken a moment ago."""
    if not Membership.objects.filter(
        customer=customer, user=by, role=Role.ADMIN, left_at=None
    ).exists():
        raise ColleagueError(_("Only an admin of the company gives and ends access."))


def _current(membership: Membership) -> Membership:
    """The membership as it is now. Raises ColleagueError for one that has ended."""
    current = Membership.objects.select_related("customer", "user").get(pk=membership.pk)
    if current.left_at is not None:
        raise _left(current)
    return current


def _left(membership: Membership) -> ColleagueError:
    return ColleagueError(
        _("%(name)s has no access any more. Invite them again if they need it.")
        % {"name": membership.user}
    )


def _last_admin_check(membership: Membership) -> None:
    if is_last_admin(membership):
        raise ColleagueError(
            _(
                "%(name)s is the only admin, and somebody has to be able to connect orgs and give "
                "access. Make another colleague an admin first."
            )
            % {"name": membership.user}
        )
