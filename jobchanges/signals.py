"""What upper floors may listen to. Sent inside the transaction of the change: receivers that
leave the database (mail) use `transaction.on_commit`. Both are sent with `test_run=`."""

from django.dispatch import Signal

# Every job change of the run has an answer: both sides may review.
test_run_ready = Signal()
# Both sides approved exactly the same contents.
test_run_approved = Signal()
