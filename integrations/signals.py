"""What upper floors may listen to; nothing here knows them.

Each is sent inside the transaction of the change, so that a listener's rows stand or fall with it.
A listener that talks to anybody outside uses `transaction.on_commit`.
"""

from django.dispatch import Signal

# connection=Connection: confirmed by a person, for the first time or again.
connection_established = Signal()
# connection=Connection: its tokens are dead; `health_reason` says why.
connection_lost = Signal()
# connection=Connection, code=str: a token is not renewed because of our own app, or for a reason we
# do not know (`health_reason`). The connection stays; staff have to act.
connection_refused = Signal()
# connection=Connection, ends_at=datetime: its refresh token rests and could not be used for long.
connection_idle = Signal()
# epoch=OrgEpoch: another org took its place (a refreshed sandbox, or another org).
epoch_ended = Signal()
# attempt=ConnectAttempt, holder=Connection: somebody signed in to an org that another customer
# has connected; the sign-up was refused.
org_contested = Signal()
# attempt=ConnectAttempt: a sign-up ended by something that is ours to mend (`error_code`).
attempt_failed_on_us = Signal()
# connection=Connection: an org is about to be checked; a receiver answers the CheckContext with
# what the floors above know (settings, waiting job changes).
check_context_wanted = Signal()
# run=CheckRun: a round of checks ended or failed; its results and snapshot are stored.
check_run_ended = Signal()
