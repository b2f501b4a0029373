"""What upper floors may listen to. Sent inside the transaction of the change: receivers that
leave the database (mail) use `transaction.on_commit`."""

from django.dispatch import Signal

# test_run=: every job change of the run has an answer: both sides may review.
test_run_ready = Signal()
# test_run=: both sides approved exactly the same contents.
test_run_approved = Signal()
# test_run=: a production test is shown to the customer, who is asked to allow it.
test_run_offered = Signal()
# allowance=: the customer allowed the production test.
test_run_allowed = Signal()
# allowance=: the customer took it back before anything was sent by it.
test_run_allowance_withdrawn = Signal()
# batch=: sending began, halted (paused or stopped; `batch.halt_reason`), goes on, is through.
batch_released = Signal()
batch_halted = Signal()
batch_resumed = Signal()
batch_ended = Signal()
# customer=, environment=: where job changes go was saved.
settings_saved = Signal()
# schedule=: a regular batch is due, or would be, and people have to act first (`held_reason`).
schedule_held = Signal()
# schedule=: a person stopped it (`stop_reason`), or let it go on.
schedule_stopped = Signal()
schedule_resumed = Signal()
# comment=: somebody wrote into the thread of a job change.
comment_added = Signal()
