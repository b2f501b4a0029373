"""Connections to Salesforce orgs, their epochs, the attempts that led to them, what they said."""

from integrations.models.attempts import ConnectAttempt
from integrations.models.checks import CheckResult, CheckRun, Outcome, Snapshot
from integrations.models.connections import Connection, Health, OrgCallSlot, OrgEpoch, OrgKind
from integrations.models.reports import ReportListing, TrackingReport

__all__ = [
    "CheckResult",
    "CheckRun",
    "ConnectAttempt",
    "Connection",
    "Health",
    "OrgCallSlot",
    "OrgEpoch",
    "OrgKind",
    "Outcome",
    "ReportListing",
    "Snapshot",
    "TrackingReport",
]
