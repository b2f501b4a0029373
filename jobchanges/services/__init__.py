"""Everything that writes on this floor."""

from jobchanges.services.approvals import test_run_approve
from jobchanges.services.errors import TestRunError
from jobchanges.services.imports import ImportRefused, imports_read
from jobchanges.services.reviews import comment_add, review_record
from jobchanges.services.settings import (
    SettingsError,
    settings_options,
    settings_save,
    settings_validate,
)
from jobchanges.services.test_runs import (
    delivery_send_again,
    test_run_close,
    test_run_create,
    test_run_picks_change,
    test_run_plan_request,
    test_run_send,
)

__all__ = [
    "ImportRefused",
    "SettingsError",
    "TestRunError",
    "comment_add",
    "delivery_send_again",
    "imports_read",
    "review_record",
    "settings_options",
    "settings_save",
    "settings_validate",
    "test_run_approve",
    "test_run_close",
    "test_run_create",
    "test_run_picks_change",
    "test_run_plan_request",
    "test_run_send",
]
