"""Who: users, customers, memberships, sign-up links, the event log."""

from accounts.models.customers import Customer, Environment, Membership, Path, Plan, Role
from accounts.models.events import Event
from accounts.models.links import SignupLink
from accounts.models.notes import CustomerNote
from accounts.models.users import User

__all__ = [
    "Customer",
    "CustomerNote",
    "Environment",
    "Event",
    "Membership",
    "Path",
    "Plan",
    "Role",
    "SignupLink",
    "User",
]
