"""Reads of this floor."""

from jobchanges.selectors.candidates import candidates
from jobchanges.selectors.deliveries import delivery_view, test_run_deliveries
from jobchanges.selectors.runs import run_open, run_trouble, runs_by_customer
from jobchanges.selectors.standing import run_standing, test_run_progress
from jobchanges.selectors.types import (
    AttemptView,
    Chip,
    CommentView,
    CoverageLine,
    DeliveryView,
    ErrorView,
    Fact,
    FieldRow,
    Progress,
    RecordTab,
    RunSummary,
    Standing,
    VerdictView,
)

__all__ = [
    "AttemptView",
    "Chip",
    "CommentView",
    "CoverageLine",
    "DeliveryView",
    "ErrorView",
    "Fact",
    "FieldRow",
    "Progress",
    "RecordTab",
    "RunSummary",
    "Standing",
    "VerdictView",
    "candidates",
    "delivery_view",
    "run_open",
    "run_standing",
    "run_trouble",
    "runs_by_customer",
    "test_run_deliveries",
    "test_run_progress",
]
