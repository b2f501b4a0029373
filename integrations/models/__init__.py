"""Connections to Salesforce orgs, their epochs, and the attempts that led to them."""

from integrations.models.attempts import ConnectAttempt
from integrations.models.connections import Connection, Health, OrgCallSlot, OrgEpoch, OrgKind

__all__ = ["ConnectAttempt", "Connection", "Health", "OrgCallSlot", "OrgEpoch", "OrgKind"]
