"""What people said about steps, the go-live summary with its signatures, signs of life."""

from portal.models.confirmations import Confirmation, Waiver
from portal.models.heartbeats import Heartbeat
from portal.models.mirror import Comparison
from portal.models.people import PeopleSource
from portal.models.signing import Signature, Summary

__all__ = [
    "Comparison",
    "Confirmation",
    "Heartbeat",
    "PeopleSource",
    "Signature",
    "Summary",
    "Waiver",
]
