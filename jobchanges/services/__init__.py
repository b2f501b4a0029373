"""Everything that writes on this floor."""

from jobchanges.services.allowances import (
    test_run_allow,
    test_run_offer,
)
from jobchanges.services.approvals import test_run_approve
from jobchanges.services.batches import (
    batch_go_on,
    batch_pause,
    batch_release,
    batch_send_again,
    batch_stop,
)
from jobchanges.services.cleaning import (
    clean_up_again,
    clean_up_ask,
    clean_up_confirm,
    clean_up_withdraw,
)
from jobchanges.services.drafts import pick_draft_change, pick_draft_remove, pick_draft_save
from jobchanges.services.errors import BatchError, TestRunError
from jobchanges.services.imports import ImportRefused, imports_read
from jobchanges.services.regular import regular_batch_release
from jobchanges.services.reviews import comment_add, review_record
from jobchanges.services.schedules import schedule_go_on, schedule_set, schedule_stop
from jobchanges.services.sending import delivery_send_again, test_run_send
from jobchanges.services.settings import (
    SettingsError,
    settings_options,
    settings_save,
)
from jobchanges.services.test_runs import (
    test_run_close,
    test_run_create,
    test_run_picks_change,
    test_run_plan_request,
)
from jobchanges.services.withdrawing import (
    test_run_allowance_withdraw,
    test_run_offer_withdraw,
)

__all__ = [
    "BatchError",
    "ImportRefused",
    "SettingsError",
    "TestRunError",
    "batch_go_on",
    "batch_pause",
    "batch_release",
    "batch_send_again",
    "batch_stop",
    "clean_up_again",
    "clean_up_ask",
    "clean_up_confirm",
    "clean_up_withdraw",
    "comment_add",
    "delivery_send_again",
    "imports_read",
    "pick_draft_change",
    "pick_draft_remove",
    "pick_draft_save",
    "regular_batch_release",
    "review_record",
    "schedule_go_on",
    "schedule_set",
    "schedule_stop",
    "settings_options",
    "settings_save",
    "test_run_allow",
    "test_run_allowance_withdraw",
    "test_run_approve",
    "test_run_close",
    "test_run_create",
    "test_run_offer",
    "test_run_offer_withdraw",
    "test_run_picks_change",
    "test_run_plan_request",
    "test_run_send",
]
