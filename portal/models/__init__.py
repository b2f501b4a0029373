"""What people said about steps, the go-live summary with its signatures, signs of life."""

from portal.models.confirmations import Confirmation, Waiver
from portal.models.evidence import EvidenceFile, EvidencePack
from portal.models.heartbeats import Heartbeat
from portal.models.help import HelpText
from portal.models.mailing import BrowserZone, MailChoice, MailKind, OutgoingMail
from portal.models.mirror import Comparison
from portal.models.people import PeopleSource
from portal.models.signing import Signature, Summary
from portal.models.standing import Standing

__all__ = [
    "BrowserZone",
    "Comparison",
    "Confirmation",
    "EvidenceFile",
    "EvidencePack",
    "Heartbeat",
    "HelpText",
    "MailChoice",
    "MailKind",
    "OutgoingMail",
    "PeopleSource",
    "Signature",
    "Standing",
    "Summary",
    "Waiver",
]
