"""Who gets a mail about a customer: its people and the staff who look after it. Nobody else, ever.

`may_read` is asked again for every mail right before it goes out, of the rows as they are then:
whoever left, lost the customer or was erased meanwhile gets nothing.
"""

from collections.abc import Iterable

from accounts.groups import LEADS
from accounts.models import Customer, Membership, Role, SignupLink, User
from accounts.selectors import people_of
from portal.steps import step_find

# What follows the last step is stopped, let go on and signed for by those who may sign.
SIGN = (Role.ADMIN, Role.APPROVER)


def may_read(person: User, customer: Customer | None) -> bool:
    """Whether a mail about this customer may go to this person now.

    Staff: the customer's manager and the leads. Others: with a standing membership. Without a
    customer (the digest): whoever has any of that; what it lists is looked at one by one.
    """
    if not person.is_active or not person.email or person.email.endswith(".invalid"):
        return False
    if person.is_staff:
        return (
            customer is None or customer.implementation_manager_id == person.pk or is_lead(person)
        )
    standing = Membership.objects.filter(user=person, left_at=None)
    return (standing if customer is None else standing.filter(customer=customer)).exists()


def may_be_invited(link: SignupLink) -> bool:
    """Whether the invitation of a sign-up link may go to the address it was made for, now."""
    row = SignupLink.objects.filter(pk=link.pk).first()
    return row is not None and row.state == SignupLink.State.ACTIVE


def is_lead(person: User) -> bool:
    """Whether the person leads the implementation managers."""
    return person.is_active and person.is_staff and person.groups.filter(name=LEADS).exists()


def leads() -> list[User]:
    """Those who lead the implementation managers."""
    rows = User.objects.filter(groups__name=LEADS, is_staff=True, is_active=True)
    return list(rows.select_related("browser_zone").order_by("pk"))


def everyone_of(customer: Customer) -> list[User]:
    """The customer's people who may sign in today."""
    return list(people_of(customer).order_by("pk"))


def with_roles(customer: Customer, roles: Iterable[str]) -> list[User]:
    """The customer's people in these roles, the longest there first."""
    rows = Membership.objects.select_related("user").filter(
        customer=customer, left_at=None, role__in=list(roles), user__is_active=True
    )
    return [row.user for row in rows.order_by("created_at", "pk") if not row.user.is_staff]


def signers_of(customer: Customer) -> list[User]:
    """Those who allow and sign for the customer."""
    return with_roles(customer, SIGN)


def admins_of(customer: Customer) -> list[User]:
    """Those who connect orgs for the customer."""
    return with_roles(customer, [Role.ADMIN])


def who_may_do(customer: Customer, step: str) -> list[User]:
    """The customer's people who do a step, the one whom pages name first."""
    return _admins_first(with_roles(customer, _roles_of(customer, step)), admins_of(customer))


def _roles_of(customer: Customer, step: str) -> Iterable[str]:
    found = step_find(customer.path, step)
    return found.roles if found else SIGN


def _admins_first(people: list[User], admins: list[User]) -> list[User]:
    named = {person.pk for person in admins}
    return sorted(people, key=lambda person: person.pk not in named)


class PeopleOf:
    """The people of some customers, loaded in one go: asking for ten thousand of them one by one
    takes minutes. It answers as the functions of this module do.
    """

    def __init__(self, customers: Iterable[Customer]) -> None:
        """Load them with their time zones."""
        self._members: dict[int, list[Membership]] = {}
        rows = Membership.objects.select_related("user__browser_zone").filter(
            customer__in=[customer.pk for customer in customers],
            left_at=None,
            user__is_active=True,
            user__is_staff=False,
        )
        for row in rows.order_by("created_at", "pk"):
            self._members.setdefault(row.customer_id, []).append(row)

    def with_roles(self, customer: Customer, roles: Iterable[str]) -> list[User]:
        """See `with_roles`."""
        wanted = set(roles)
        return [row.user for row in self._members.get(customer.pk, ()) if row.role in wanted]

    def who_may_do(self, customer: Customer, step: str) -> list[User]:
        """See `who_may_do`."""
        people = self.with_roles(customer, _roles_of(customer, step))
        return _admins_first(people, self.with_roles(customer, [Role.ADMIN]))


def manager_of(customer: Customer) -> list[User]:
    """The implementation manager, while they work here."""
    manager = customer.implementation_manager
    return [manager] if manager is not None and manager.is_active else []


def staff_of(customer: Customer) -> list[User]:
    """Who acts for us: the manager; the leads where there is none who works here."""
    return manager_of(customer) or leads()
