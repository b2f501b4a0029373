"""Everything that writes on this floor."""

from accounts.hashing import content_hash
from accounts.services.colleagues import ColleagueError, colleague_ensure
from accounts.services.customers import (
    HoldError,
    customer_hold,
    customer_hold_lift,
    customer_save,
)
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
from accounts.services.notes import NoteError, note_add, note_change, note_remove
from accounts.services.people import person_change, person_ensure
from accounts.services.roles import (
    colleague_end,
    colleague_invite,
    colleague_invited_again,
    colleague_role_change,
    is_last_admin,
    signer_name,
    signers_of,
)
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
    "HoldError",
    "NoteError",
    "SecondFactorError",
    "SignupLinkError",
    "app_set",
    "authenticator_keys_rotate",
    "colleague_end",
    "colleague_ensure",
    "colleague_invite",
    "colleague_invited_again",
    "colleague_role_change",
    "content_hash",
    "customer_hold",
    "customer_hold_lift",
    "customer_save",
    "event_record",
    "is_last_admin",
    "note_add",
    "note_change",
    "note_remove",
    "person_change",
    "person_ensure",
    "recovery_codes_renew",
    "second_factor_reset",
    "session_end",
    "sessions_end",
    "signer_name",
    "signers_of",
    "signup_link_create",
    "signup_link_mark_mailed",
    "signup_link_prove",
    "signup_link_replace",
    "signup_link_revoke",
    "signup_link_spend",
]
