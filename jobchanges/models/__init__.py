"""What is sent: job changes, settings, test runs, batches, deliveries, the ledger, reviews."""

from jobchanges.models.allowances import Allowance
from jobchanges.models.batches import Batch
from jobchanges.models.cleanups import CleanUp, CleanUpItem
from jobchanges.models.deliveries import (
    Attempt,
    ChangedBy,
    Delivery,
    OrgLease,
    RecordWrite,
    WriteRole,
)
from jobchanges.models.drafts import PickDraft
from jobchanges.models.imports import ImportRow, ImportRun
from jobchanges.models.jobchange import JobChange, Kind
from jobchanges.models.offers import OrgOffer
from jobchanges.models.output import (
    EnvironmentSettings,
    LeadOwnerRule,
    OutputSettings,
    OwnerRule,
    RecordMode,
)
from jobchanges.models.person_keys import PersonKey
from jobchanges.models.reviews import Comment, Review, RunApproval, Side, Verdict
from jobchanges.models.runs import TestRun
from jobchanges.models.schedules import SendingSchedule
from jobchanges.models.templates import SettingsTemplate

__all__ = [
    "Allowance",
    "Attempt",
    "Batch",
    "ChangedBy",
    "CleanUp",
    "CleanUpItem",
    "Comment",
    "Delivery",
    "EnvironmentSettings",
    "ImportRow",
    "ImportRun",
    "JobChange",
    "Kind",
    "LeadOwnerRule",
    "OrgLease",
    "OrgOffer",
    "OutputSettings",
    "OwnerRule",
    "PersonKey",
    "PickDraft",
    "RecordMode",
    "RecordWrite",
    "Review",
    "RunApproval",
    "SendingSchedule",
    "SettingsTemplate",
    "Side",
    "TestRun",
    "Verdict",
    "WriteRole",
]
