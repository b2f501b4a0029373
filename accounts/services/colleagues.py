"""Giving a person of a company access to the portal, with one of the three roles."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Customer, Membership, Role, User
from accounts.services.events import SideName, event_record
from accounts.services.links import LONGEST_EMAIL, LONGEST_NAME
from accounts.services.people import person_ensure

# Who signs for the company is not given away together with a list of things to mend.
ROLES_TO_GIVE = (Role.REVIEWER, Role.ADMIN)


class ColleagueError(Exception):
    """Why a person gets no access; `sentence` is for the reader."""

    def __init__(self, sentence: str | Promise) -> None:
        self.sentence = str(sentence)
        super().__init__(self.sentence)


def colleague_ensure(
    *, customer: Customer, email: str, full_name: str, role: str, by: User
) -> tuple[Membership, bool]:
    """The membership of a person whom an admin of the customer names, and whether it is new.

    A standing membership stays as it is, with its role; one that ended comes back with the role
    given now. The person signs in by a code to that address, so nothing secret is handed out.
    Raises ColleagueError for a broken address, one outside the customer's e-mail domains, an
    account of staff or one that is switched off, and for a role that is not given this way.
    """
    email = email.strip().lower()
    standing = membership_standing(customer, email)
    if standing is not None:
        return standing, False
    if role not in ROLES_TO_GIVE:
        raise ColleagueError(_("A colleague becomes a reviewer or an admin."))
    with transaction.atomic():
        return access_give(customer, email=email, full_name=full_name, role=role, by=by)


def access_give(
    customer: Customer, *, email: str, full_name: str, role: str, by: User
) -> tuple[Membership, bool]:
    """Make the membership, or let one that ended come back; whether it is new.

    Part of the caller's transaction. Raises ColleagueError as `colleague_ensure` does.
    """
    _address_check(customer, email, by)
    person = person_ensure(email=email, full_name=" ".join(full_name.split())[:LONGEST_NAME])
    if person.is_staff or not person.is_active:
        raise ColleagueError(
            _("This address cannot be given access here: its account is switched off.")
            if by.is_staff
            else _(
                "This address cannot be given access here. Ask your implementation manager about "
                "it."
            )
        )
    membership, made = Membership.objects.get_or_create(
        customer=customer, user=person, defaults={"role": role}
    )
    if not made:
        # They left and are asked back by name, or a colleague was quicker a moment ago.
        made = bool(
            Membership.objects.filter(pk=membership.pk)
            .exclude(left_at=None)
            .update(role=role, left_at=None)
        )
        membership.refresh_from_db()
    if made:
        event_record(
            customer=customer,
            action="membership.given",
            by=by,
            side=side_for(by),
            data={"membership": membership.pk, "role": membership.role},
        )
    return membership, made


def side_for(by: User) -> SideName:
    """For whom a person who gives or ends access does so."""
    return "vendor" if by.is_staff else "customer"


def membership_standing(customer: Customer, email: str) -> Membership | None:
    """The membership of somebody who may sign in today."""
    return (
        Membership.objects.select_related("user")
        .filter(customer=customer, left_at=None, user__email=email, user__is_active=True)
        .first()
    )


def _address_check(customer: Customer, email: str, by: User) -> None:
    """Raises ColleagueError for what is no address, or none of the customer's."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise ColleagueError(
            _("“%(email)s” is not an e-mail address.") % {"email": email}
        ) from error
    if len(email) > LONGEST_EMAIL:
        raise ColleagueError(
            _("The e-mail address is longer than %(longest)d characters.")
            % {"longest": LONGEST_EMAIL}
        )
    domains = [str(each).strip().lower().lstrip("@") for each in customer.email_domains]
    if not domains and by.is_staff:
        raise ColleagueError(
            _("No e-mail domains of %(customer)s are known yet. Add them to the account first.")
            % {"customer": customer.name}
        )
    if not domains:
        raise ColleagueError(
            _(
                "No e-mail domains of %(customer)s are known yet. Your implementation manager adds "
                "them, then a colleague can be named here."
            )
            % {"customer": customer.name}
        )
    if email.rpartition("@")[2] not in domains and by.is_staff:
        raise ColleagueError(
            _(
                "%(email)s is not on %(domains)s. If the domain is theirs, add it to the account "
                "first."
            )
            % {"email": email, "domains": ", ".join(domains)}
        )
    if email.rpartition("@")[2] not in domains:
        raise ColleagueError(
            _(
                "%(email)s is not an address of %(customer)s. A colleague has one on %(domains)s; "
                "your implementation manager can add another domain."
            )
            % {"email": email, "customer": customer.name, "domains": ", ".join(domains)}
        )
