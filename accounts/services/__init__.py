"""Everything that writes on this floor."""

from accounts.hashing import content_hash
from accounts.services.colleagues import ColleagueError, colleague_ensure
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
from accounts.services.second_factor import (
    SecondFactorError,
    app_set,
    authenticator_keys_rotate,
    recovery_codes_renew,
    second_factor_reset,
)
from accounts.services.sessions import session_end, sessions_end

__all__ = [
    "ColleagueError",
    "SecondFactorError",
    "SignupLinkError",
    "app_set",
    "authenticator_keys_rotate",
    "colleague_ensure",
    "content_hash",
    "customer_save",
    "event_record",
    "person_ensure",
    "recovery_codes_renew",
    "second_factor_reset",
    "session_end",
    "sessions_end",
    "signup_link_create",
    "signup_link_mark_mailed",
    "signup_link_prove",
    "signup_link_replace",
    "signup_link_revoke",
    "signup_link_spend",
]
