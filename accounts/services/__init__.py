"""Everything that writes on this floor."""

from accounts.hashing import content_hash
from accounts.services.customers import customer_save
from accounts.services.events import event_record
from accounts.services.links import (
    SignupLinkError,
    signup_link_create,
    signup_link_mark_mailed,
    signup_link_prove,
    signup_link_replace,
    signup_link_revoke,
    signup_link_spend,
)
from accounts.services.people import person_ensure

__all__ = [
    "SignupLinkError",
    "content_hash",
    "customer_save",
    "event_record",
    "person_ensure",
    "signup_link_create",
    "signup_link_mark_mailed",
    "signup_link_prove",
    "signup_link_replace",
    "signup_link_revoke",
    "signup_link_spend",
]
