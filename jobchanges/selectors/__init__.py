"""Reads of this floor."""

from jobchanges.selectors.allowances import (
    AllowanceStanding,
    allowance_content,
    allowance_standing,
)
from jobchanges.selectors.batches import (
    batch_current,
    batch_exceptions,
    batch_progress,
    delivery_exception_rows,
)
from jobchanges.selectors.candidates import candidates
from jobchanges.selectors.deliveries import delivery_view, test_run_deliveries
from jobchanges.selectors.runs import run_open, run_trouble, runs_by_customer
from jobchanges.selectors.standing import run_standing, test_run_progress
from jobchanges.selectors.types import (
    AttemptView,
    BatchProgress,
    Chip,
    CommentView,
    CoverageLine,
    DeliveryView,
    ErrorView,
    ExceptionRow,
    Fact,
    FieldRow,
    Progress,
    RecordTab,
    RunSummary,
    Standing,
    VerdictView,
)

__all__ = [
    "AllowanceStanding",
    "AttemptView",
    "BatchProgress",
    "Chip",
    "CommentView",
    "CoverageLine",
    "DeliveryView",
    "ErrorView",
    "ExceptionRow",
    "Fact",
    "FieldRow",
    "Progress",
    "RecordTab",
    "RunSummary",
    "Standing",
    "VerdictView",
    "allowance_content",
    "allowance_standing",
    "batch_current",
    "batch_exceptions",
    "batch_progress",
    "candidates",
    "delivery_exception_rows",
    "delivery_view",
    "run_open",
    "run_standing",
    "run_trouble",
    "runs_by_customer",
    "test_run_deliveries",
    "test_run_progress",
]
