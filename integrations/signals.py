"""What upper floors may listen to; nothing here knows them.

Each is sent inside the transaction of the change, so that a listener's rows stand or fall with it.
A listener that talks to anybody outside uses `transaction.on_commit`.
"""

from django.dispatch import Signal

# connection=Connection: confirmed by a person, for the first time or again.
connection_established = Signal()
# connection=Connection: its tokens are dead; `health_reason` says why.
connection_lost = Signal()
# epoch=OrgEpoch: another org took its place (a refreshed sandbox, or another org).
epoch_ended = Signal()
