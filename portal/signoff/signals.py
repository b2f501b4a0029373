"""What others may listen to. Sent inside the transaction of the change: listeners that leave the
database (mail) use `transaction.on_commit`."""

from django.dispatch import Signal

# summary=: the forecast is there: both sides may read and sign it.
summary_ready = Signal()
# signature=: one side signed.
summary_signed = Signal()
# summary=: what was signed changed (`summary.differences`), or a person took it back
# (`summary.voided_by`). Sent for summaries that somebody signed, and for none that is replaced.
summary_voided = Signal()
